import { type fhir4, systems } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../model.ts';
import { suggestGoalsAndOrders } from './goals-and-orders.ts';

const concept = (system: string, code: string) => ({ coding: [{ system, code }] });
const condition = (
  id: string,
  recordedDate: string,
  observation = 'Observation/o1',
): fhir4.Condition => ({
  resourceType: 'Condition',
  id,
  category: [concept(systems.usCoreCategory, 'sdoh'), concept(systems.sdohcc, 'food-insecurity')],
  subject: { reference: 'Patient/p' },
  recordedDate,
  evidence: [{ detail: [{ reference: observation }] }],
});
const reading = (observation: string, change: Partial<Finding> = {}) => ({
  finding: {
    rule: 'r',
    question: 'q',
    answers: [],
    categories: [],
    positive: true,
    label: '',
    sensitive: false,
    restricted: false,
    computed: false,
    ...change,
  },
  observation,
  isFromEhr: false,
  labels: [],
});
const nothing = { goals: new Set<string>(), orders: new Set<string>() };

function suggest(
  conditions: readonly fhir4.Condition[],
  readings = [reading('Observation/o1')],
  standing: readonly string[] = [],
) {
  const made = conditions.map((resource) => ({ id: resource.id ?? '', resource, sources: [] }));
  const ids = [...made.map((one) => one.id), ...standing];
  const needs = [
    {
      category: 'food-insecurity',
      conditions: ids,
      unambiguous: true,
      sensitive: false,
      since: '',
    },
  ];
  const deps = {
    deriveId: (...parts: string[]) => parts.join(' '),
    identifierSystem: 'https://clinic.example.org/loopwell',
  };
  return suggestGoalsAndOrders({ conditions: made, needs, readings }, nothing, deps);
}

describe('a suggestion', () => {
  it('is one for all needs of a category, of the time and by the name of the earliest', () => {
    const { goals, serviceRequests } = suggest([
      condition('b', '2026-05-04'),
      condition('c', '2026-05-04'),
      condition('a', '2026-06-01'),
    ]);
    const about = ['b', 'c', 'a'].map((id) => ({ reference: `Condition/${id}` }));
    expect(goals.map((one) => [one.id, one.resource.addresses])).toEqual([
      ['goal food-insecurity b', about],
    ]);
    expect(
      serviceRequests.map(({ id, resource }) => [
        id,
        resource.reasonReference,
        resource.authoredOn,
      ]),
    ).toEqual([['service-request food-insecurity b', about, '2026-05-04']]);
  });

  it.each([{ restricted: true }, { sensitive: true }])(
    'is not made of what is to be kept close (%j)',
    (change) => {
      const readings = [reading('Observation/o1', change), reading('Observation/o2')];
      expect(suggest([condition('a', '2026-05-04')], readings)).toEqual({
        goals: [],
        serviceRequests: [],
      });
      const { goals } = suggest(
        [condition('a', '2026-05-04'), condition('b', '2026-06-01', 'Observation/o2')],
        readings,
      );
      expect(goals.map((one) => one.resource.addresses)).toEqual([[{ reference: 'Condition/b' }]]);
    },
  );

  it('is nothing where another Condition of the category is on file: whoever put it there has decided what follows', () => {
    expect(suggest([condition('a', '2026-05-04')], undefined, ['Condition/c7'])).toEqual({
      goals: [],
      serviceRequests: [],
    });
  });

  it('is nothing without a Condition', () => {
    expect(suggest([])).toEqual({ goals: [], serviceRequests: [] });
  });
});
