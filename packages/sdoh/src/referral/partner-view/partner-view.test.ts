import { type fhir4, localExtensions } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import type { ConsentScope } from '../consent/consent-scope.ts';
import { needsAddress } from './address-needs.ts';
import { coversNameCheck, type RequestFacts, requestView } from './partner-view.ts';

const patient: fhir4.Patient = {
  resourceType: 'Patient',
  extension: [
    { url: localExtensions.householdSize, valueInteger: 4 },
    {
      url: 'http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired',
      valueBoolean: true,
    },
  ],
  name: [{ given: ['Hodan', 'Amina'], family: 'Warsame' }],
  communication: [{ language: { coding: [{ code: 'so', display: 'Somali' }] } }],
  address: [{ line: ['12 Elm St'], city: 'Minneapolis', state: 'MN', postalCode: '55408' }],
};

const reach: RequestFacts['reach'] = {
  contact: { system: 'sms', value: '+16125550142' },
  care: { noVoicemail: true, personOnly: true, hours: 'mornings' },
};

const facts: RequestFacts = {
  status: 'requested',
  isEnding: false,
  category: 'utility-insecurity',
  kind: 'other',
  answerBy: '2026-12-01T23:00:00Z',
  mustBy: '2026-12-04',
  patient,
  reach,
};

/** Every text by which somebody could tell who the person is, or where they live. */
const telling = /Hodan|Amina|Warsame|612|Elm|Minneapolis|55408|so|Somali|mornings/;

describe('a request', () => {
  it.each(['requested', 'received'])('shows nothing of the person before a yes: %s', (status) => {
    const view = requestView({ ...facts, status });
    expect(view).toEqual({
      stage: 'asked',
      category: 'utility-insecurity',
      isLegal: false,
      answerBy: '2026-12-01T23:00:00Z',
      mustBy: '2026-12-04',
      householdSize: 4,
      person: undefined,
    });
    expect(JSON.stringify(view)).not.toMatch(telling);
  });

  it.each(['accepted', 'in-progress', 'on-hold'])('shows the person after a yes: %s', (status) => {
    expect(requestView({ ...facts, status })).toEqual({
      stage: 'accepted',
      category: 'utility-insecurity',
      isLegal: false,
      answerBy: undefined,
      mustBy: '2026-12-04',
      householdSize: 4,
      person: {
        firstName: 'Hodan',
        lastName: 'Warsame',
        contact: { way: 'sms', address: '+16125550142' },
        care: { noVoicemail: true, personOnly: true, hours: 'mornings' },
        language: { code: 'so', text: 'Somali' },
        needsInterpreter: true,
        address: ['12 Elm St', 'Minneapolis, MN 55408'],
      },
    });
  });

  it.each(['completed', 'rejected', 'failed', 'cancelled', 'entered-in-error'])(
    'shows nothing of the person once it has ended: %s',
    (status) => {
      const view = requestView({ ...facts, status });
      expect(view.stage).toBe('over');
      expect(JSON.stringify(view)).not.toMatch(telling);
      expect(view.householdSize).toBeUndefined();
    },
  );

  it('has no address where the help needs none, nor once its end is said', () => {
    const accepted = { ...facts, status: 'accepted' };
    const food = requestView({ ...accepted, category: 'food-insecurity' });
    expect(food.person?.address).toBeUndefined();
    expect(food.person?.firstName).toBe('Hodan');
    expect(requestView({ ...accepted, isEnding: true }).person?.address).toBeUndefined();
  });

  it('shows only what the grants show', () => {
    const nothing = { ...facts, status: 'accepted', patient: undefined, reach: undefined };
    expect(requestView(nothing).person).toBeUndefined();
    const bare: fhir4.Patient = { resourceType: 'Patient', address: [{ postalCode: '55408' }] };
    const { person } = requestView({ ...nothing, patient: bare });
    expect(person).toEqual({ needsInterpreter: false });
  });

  it('takes a name that is written as words', () => {
    const named: fhir4.Patient = { resourceType: 'Patient', name: [{ text: 'Pa Houa Vang' }] };
    const { person } = requestView({ ...facts, status: 'accepted', patient: named });
    expect(person).toMatchObject({ firstName: 'Pa', lastName: 'Houa Vang' });
  });

  it('is told apart where its partner gives legal help', () => {
    expect(requestView({ ...facts, kind: 'legal' }).isLegal).toBe(true);
  });
});

it('needs an address for rides, bills and repairs alone', () => {
  const categories = ['transportation-insecurity', 'utility-insecurity', 'inadequate-housing'];
  expect(categories.every(needsAddress)).toBe(true);
  expect(['food-insecurity', 'homelessness', 'stress', ''].some(needsAddress)).toBe(false);
});

it.each<[string, ConsentScope | undefined, boolean]>([
  ['a consent in words', undefined, false],
  ['the partner and the name', { places: ['p'], except: [], elements: ['name'] }, true],
  ['the partner without the name', { places: ['p'], except: [], elements: ['contact'] }, false],
  ['another partner', { places: ['q'], except: [], elements: ['name'] }, false],
  ['a kind of place', { kind: 'food-insecurity', except: [], elements: ['name'] }, false],
  ['the partner left out', { places: ['p'], except: ['p'], elements: ['name'] }, false],
])('lets a name be checked only where the consent covers it: %s', (_name, scope, covers) => {
  expect(coversNameCheck(scope, 'p')).toBe(covers);
});
