import { type fhir4, systems } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { agreementDoubts } from './agreement-doubts.ts';
import { agreementOf } from './patient-agreement.ts';

const now = new Date('2026-11-24T12:00:00Z');
const category = [{ coding: [{ system: systems.sdohcc, code: 'food-insecurity' }] }];
const order = (more: object = {}) =>
  ({
    resourceType: 'ServiceRequest',
    id: 's',
    status: 'active',
    intent: 'order',
    category,
    subject: { reference: 'Patient/p' },
    authoredOn: '2026-11-01',
    ...more,
  }) as fhir4.ServiceRequest;
const goal = (more: object = {}) =>
  ({
    resourceType: 'Goal',
    id: 'g',
    lifecycleStatus: 'active',
    category,
    description: { text: 'Enough food' },
    subject: { reference: 'Patient/p' },
    startDate: '2026-11-02',
    ...more,
  }) as fhir4.Goal;
const doubts = (
  goals: fhir4.Goal[],
  serviceRequests: fhir4.ServiceRequest[],
  unread: { type: string; id: string; path: string | null }[] = [],
) => agreementDoubts('food-insecurity', { goals, serviceRequests, unread }, now);
const modifierExtension = [{ url: 'urn:not', valueBoolean: true }];

describe('what would count as agreement, and does not', () => {
  it.each<[object, RegExp]>([
    [{ modifierExtension }, /^ServiceRequest\.modifierExtension may change what it means/],
    [{ implicitRules: 'urn:x' }, /^ServiceRequest\.implicitRules names rules/],
    [{ doNotPerform: true }, /^ServiceRequest\.doNotPerform says that it is not to be done/],
    [{ doNotPerform: 'false' }, /^ServiceRequest\.doNotPerform cannot be read/],
    [{ status: 'draft' }, /^ServiceRequest\.status is draft/],
    [{ status: 'revoked' }, /^ServiceRequest\.status is revoked/],
    [{ status: 'Active' }, /^ServiceRequest\.status holds a code/],
    [{ status: ['active'] }, /^ServiceRequest\.status is a list/],
    [
      {
        _status: {
          extension: [
            {
              url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
              valueCode: 'masked',
            },
          ],
        },
      },
      /^ServiceRequest\._status/,
    ],
    [{ intent: 'proposal' }, /^ServiceRequest\.intent is proposal/],
    [{ intent: 'plan' }, /^ServiceRequest\.intent is plan/],
    [{ intent: undefined }, /^ServiceRequest\.intent is missing/],
    [{ authoredOn: undefined }, /^ServiceRequest\.authoredOn is missing/],
    [{ authoredOn: '2026-12-01' }, /^ServiceRequest\.authoredOn is in the future/],
    [{ category: category[0] }, /^ServiceRequest\.category is one value/],
    [{ decision: 'no' }, /^ServiceRequest\.decision is no element of FHIR R4/],
  ])('an order with %j says why', (more, why) => {
    expect(agreementOf('food-insecurity', [], [order(more)], now)).toBeUndefined();
    expect(doubts([], [order(more)])).toEqual([
      { source: 'ServiceRequest/s', why: expect.stringMatching(why) },
    ]);
  });

  it.each<[object, RegExp]>([
    [{ modifierExtension }, /^Goal\.modifierExtension may change what it means/],
    [{ lifecycleStatus: 'proposed' }, /^Goal\.lifecycleStatus is proposed/],
    [{ lifecycleStatus: 'ACTIVE' }, /^Goal\.lifecycleStatus holds a code/],
    [{ achievementStatus: { coding: [{ code: 'achieved' }] } }, /^Goal\.achievementStatus/],
    [{ startDate: undefined }, /^Goal\.statusDate is missing/],
    [{ startDate: '2027-01-01' }, /^Goal\.startDate is in the future/],
    [{ target: {} }, /^Goal\.target is one value/],
  ])('a Goal with %j says why', (more, why) => {
    expect(agreementOf('food-insecurity', [goal(more)], [], now)).toBeUndefined();
    expect(doubts([goal(more)], [])).toEqual([
      { source: 'Goal/g', why: expect.stringMatching(why) },
    ]);
  });

  it('names what could not be kept, by its place', () => {
    expect(
      doubts([], [], [{ type: 'ServiceRequest', id: 'q', path: 'ServiceRequest.subject' }]),
    ).toEqual([
      {
        source: 'ServiceRequest/q',
        why: expect.stringMatching(/^ServiceRequest\.subject cannot be read/),
      },
    ]);
  });

  it('is silent about what counts, what is about something else, and what we wrote', () => {
    const other = [{ coding: [{ system: systems.sdohcc, code: 'homelessness' }] }];
    const ours = [{ system: systems.loopwellId, value: '11111111-1111-5111-8111-111111111111' }];
    expect(
      doubts(
        [goal()],
        [
          order(),
          order({ category: other, status: 'draft' }),
          order({ identifier: ours, status: 'completed' }),
        ],
      ),
    ).toEqual([]);
  });
});
