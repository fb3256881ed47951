import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { type ConsentScope, namesForPartTwo, patientElements } from './consent-scope.ts';
import { type ConsentAsk, consentQuestion, consentStanding } from './consent-standing.ts';
import { consentsOnFile } from './consents-on-file.ts';
import { type RecordedConsent, scopeFor } from './recorded-consent.ts';

const person = '11111111-1111-5111-8111-111111111111';
const base = 'https://ehr.example/fhir';
const recorded = (permits: Partial<ConsentScope>, more: Partial<RecordedConsent> = {}) => ({
  id: 'r1',
  dateTime: '2026-11-20',
  permits: { except: [], elements: ['name'] as const, ...permits },
  ...more,
});
const ofEhr: fhir4.Consent = {
  resourceType: 'Consent',
  id: 'ehr',
  status: 'active',
  scope: {
    coding: [
      { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' },
    ],
  },
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IDSCL' }] },
  ],
  patient: { reference: 'Patient/ada' },
  dateTime: '2026-06-01',
  policyRule: { text: 'form' },
};

function standing(
  consent: RecordedConsent,
  partner: { id: string; categories?: string[] },
  consents: fhir4.Consent[] = [],
) {
  const onFile = consentsOnFile({
    ...{ person, patient: undefined, base, quarantined: [] },
    consents,
    recorded: JSON.stringify(consent),
  });
  const ask: ConsentAsk = {
    ...{ person, patient: 'ada', base, longestDays: undefined, sitePolicy: undefined },
    recipient: partner,
    now: new Date('2026-11-24T12:00:00Z'),
  };
  const { state, answer } = consentStanding(onFile.consents, consentQuestion(onFile, ask));
  return answer.kind === 'permit' ? `${state} ${answer.consentId}` : state;
}

const food = ['food-insecurity'];
const pantry = { id: 'pantry', categories: food };
const hillside = { id: 'hillside', categories: food };
const shelter = { id: 'shelter', categories: ['homelessness'] };

describe('whom a structured consent lets know', () => {
  const anyFoodShelf = recorded({ kind: 'food-insecurity', except: ['hillside'] });
  it.each<[string, RecordedConsent, typeof pantry, string]>([
    ['the place that it names', recorded({ places: ['pantry'] }), pantry, 'permits r1'],
    ['a place that it does not name', recorded({ places: ['pantry'] }), hillside, 'none'],
    ['a place of its kind', anyFoodShelf, pantry, 'permits r1'],
    ['a place of another kind', anyFoodShelf, shelter, 'none'],
    ['a place that it excludes', anyFoodShelf, hillside, 'signed-no'],
    [
      'a named place that it excludes',
      recorded({ places: ['pantry', 'hillside'], except: ['hillside'] }),
      hillside,
      'signed-no',
    ],
    [
      'an excluded place after its end',
      { ...anyFoodShelf, until: '2026-11-21T00:00:00Z' },
      hillside,
      'signed-no',
    ],
    [
      'a place of its kind after its end',
      { ...anyFoodShelf, until: '2026-11-21T00:00:00Z' },
      pantry,
      'ran-out',
    ],
    [
      'a place of its kind once withdrawn',
      { ...anyFoodShelf, withdrawn: true },
      pantry,
      'withdrawn',
    ],
  ])('%s', (_what, consent, partner, expected) => {
    expect(standing(consent, partner)).toBe(expected);
  });

  it.each<[string, typeof pantry, string]>([
    ['counts before a Consent of the EHR', pantry, 'permits r1'],
    ['leaves the EHR’s Consent to count for another kind of place', shelter, 'permits ehr'],
    ['excludes a place that the EHR’s Consent permits', hillside, 'signed-no'],
  ])('%s', (_what, partner, expected) => {
    expect(standing(anyFoodShelf, partner, [ofEhr])).toBe(expected);
  });
});

describe('what partners read of a person', () => {
  it.each<[string, ConsentScope['elements'] | undefined, boolean, string]>([
    ['words alone', undefined, true, 'name age place language contact'],
    ['words alone, for somebody to be seen first', undefined, false, 'name age place language'],
    ['a name', ['name'], true, 'name'],
    ['a name and a contact', ['contact', 'name'], true, 'name contact'],
    ['a contact that may not be shown', ['name', 'contact'], false, 'name'],
    [
      'everything',
      ['birth-date', 'address', 'household', 'language', 'contact', 'name'],
      true,
      'name language contact household address birth-date',
    ],
  ])('%s', (_what, elements, mayShow, expected) => {
    const scope = elements && { except: [], elements };
    expect(patientElements(scope, mayShow).join(' ')).toBe(expected);
  });

  it.each<[string, RecordedConsent, string, boolean]>([
    ['the consent itself', recorded({ kind: 'x' }), 'r1', true],
    ['one that it replaced', recorded({ kind: 'x' }, { replaces: ['r0'] }), 'r0', true],
    ['one of the EHR', recorded({ kind: 'x' }), 'ehr', false],
    ['one that was taken back', recorded({ kind: 'x' }, { withdrawn: true }), 'r1', false],
    ['one in words alone', { id: 'r1', dateTime: '2026-11-20' }, 'r1', false],
  ])('comes from a decision on %s: %s', (_what, consent, consentId, isScoped) => {
    expect(scopeFor(consent, consentId) !== undefined).toBe(isScoped);
  });
});

it.each<[string, Partial<ConsentScope>, boolean]>([
  ['names the partner', { places: ['pantry'], partTwo: true }, true],
  ['is about other records', { places: ['pantry'] }, false],
  ['names another partner', { places: ['hillside'], partTwo: true }, false],
  ['names a kind of place', { kind: 'food-insecurity', partTwo: true }, false],
  ['excludes the partner', { places: ['pantry'], except: ['pantry'], partTwo: true }, false],
])('lets Part 2 data go where it %s: %s', (_what, permits, expected) => {
  expect(namesForPartTwo({ except: [], elements: ['name'], ...permits }, 'pantry')).toBe(expected);
});
