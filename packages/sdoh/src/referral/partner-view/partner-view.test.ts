import { describe, expect, it } from 'vitest';
import type { ConsentScope } from '../consent/consent-scope.ts';
import { needsAddress } from './address-needs.ts';
import { coversNameCheck, requestView } from './partner-view.ts';

const person = { firstName: 'Hodan', address: ['12 Elm St', 'Minneapolis, MN 55408'] };

const facts = {
  status: 'requested',
  isEnding: false,
  category: 'utility-insecurity',
  kind: 'other',
  answerBy: '2026-12-01T23:00:00Z',
  mustBy: '2026-12-04',
  householdSize: 4,
  person,
};

const common = { category: 'utility-insecurity', isLegal: false, mustBy: '2026-12-04' };

describe('a request', () => {
  it.each(['requested', 'received'])('shows nothing of the person before a yes: %s', (status) => {
    const answerBy = '2026-12-01T23:00:00Z';
    const asked = { stage: 'asked', ...common, answerBy, householdSize: 4 };
    expect(requestView({ ...facts, status })).toEqual(asked);
  });

  it.each(['accepted', 'in-progress', 'on-hold'])('shows the person after a yes: %s', (status) => {
    const accepted = { stage: 'accepted', ...common, householdSize: 4, person };
    expect(requestView({ ...facts, status })).toEqual(accepted);
  });

  it.each(['completed', 'rejected', 'failed', 'cancelled', 'entered-in-error'])(
    'shows nothing of the person once it has ended: %s',
    (status) => expect(requestView({ ...facts, status })).toEqual({ stage: 'over', ...common }),
  );

  it('has no address where the help needs none, nor once its end is said', () => {
    const accepted = { ...facts, status: 'accepted' };
    const food = requestView({ ...accepted, category: 'food-insecurity' });
    expect(food.person).toEqual({ firstName: 'Hodan' });
    expect(requestView({ ...accepted, isEnding: true }).person?.address).toBeUndefined();
  });

  it('shows nobody where the grants show nobody', () => {
    const view = requestView({ ...facts, status: 'accepted', person: undefined });
    expect(view.person).toBeUndefined();
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
