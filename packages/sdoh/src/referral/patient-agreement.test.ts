import { type fhir4, systems } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { agreementOf, isTakenBack } from './patient-agreement.ts';

const now = new Date('2026-11-24T12:00:00Z');
const category = [{ coding: [{ system: systems.sdohcc, code: 'food-insecurity' }] }];
const subject = { reference: 'Patient/p' };
const order = (more: object = {}) =>
  ({
    resourceType: 'ServiceRequest',
    id: 's',
    status: 'active',
    intent: 'order',
    category,
    subject,
    authoredOn: '2026-11-01',
    requester: { reference: 'Practitioner/dr' },
    ...more,
  }) as fhir4.ServiceRequest;
const goal = (more: object = {}) =>
  ({
    resourceType: 'Goal',
    id: 'g',
    lifecycleStatus: 'active',
    category,
    description: { text: 'Enough food' },
    subject,
    startDate: '2026-11-02',
    ...more,
  }) as fhir4.Goal;
const ours = [{ system: systems.loopwellId, value: '11111111-1111-5111-8111-111111111111' }];
const achieved = (code: string) => ({ achievementStatus: { coding: [{ code }] } });

const byOrder = (more: object) => agreementOf('food-insecurity', [], [order(more)], now);
const byGoal = (more: object) => agreementOf('food-insecurity', [goal(more)], [], now);

describe("a person's own agreement, brought by the EHR", () => {
  it('is an order of the category, with its date and who asked', () => {
    expect(byOrder({})).toEqual({
      source: 'ServiceRequest/s',
      on: '2026-11-01',
      askedBy: 'Practitioner/dr',
    });
  });

  it.each([
    {},
    { lifecycleStatus: 'accepted' },
    { startDate: undefined, statusDate: '2026-11-02' },
    achieved('improving'),
  ])('is a Goal that was confirmed (%j)', (more) => {
    expect(byGoal(more)).toEqual({ source: 'Goal/g', on: '2026-11-02' });
  });

  it.each([
    ['it is not dated', { authoredOn: undefined }],
    ['its date is no date', { authoredOn: 'soon' }],
    ['it is dated in the future', { authoredOn: '2026-12-01' }],
    ['it is a proposal', { intent: 'proposal' }],
    ['it is a plan', { intent: 'plan' }],
    ['it is a draft', { status: 'draft' }],
    ['it was revoked', { status: 'revoked' }],
    ['it asks not to be done', { doNotPerform: true }],
    [
      'it is for something else',
      { category: [{ coding: [{ system: systems.sdohcc, code: 'homelessness' }] }] },
    ],
    ['it has no category', { category: undefined }],
    ['we wrote it ourselves', { identifier: ours }],
  ])('is no ServiceRequest when %s', (_name, more) => expect(byOrder(more)).toBeUndefined());

  it.each([
    ['it is only proposed', { lifecycleStatus: 'proposed' }],
    ['it is only planned', { lifecycleStatus: 'planned' }],
    ['it was rejected', { lifecycleStatus: 'rejected' }],
    ['it was cancelled', { lifecycleStatus: 'cancelled' }],
    ['it is completed', { lifecycleStatus: 'completed' }],
    ['it is not dated', { startDate: undefined }],
    ['it starts in the future', { startDate: '2026-12-24' }],
    ['it is achieved', achieved('achieved')],
    ['it cannot be attained', achieved('not-attainable')],
    ['we suggested it', { identifier: ours }],
  ])('is no Goal when %s', (_name, more) => expect(byGoal(more)).toBeUndefined());

  it('is the latest of several', () => {
    expect(
      agreementOf(
        'food-insecurity',
        [goal()],
        [order(), order({ id: 's2', authoredOn: '2026-10-01' })],
        now,
      )?.source,
    ).toBe('Goal/g');
  });
});

describe('an agreement is taken back', () => {
  it.each(['revoked', 'entered-in-error'])('when its ServiceRequest is %s', (status) =>
    expect(isTakenBack('ServiceRequest/s', [], [order({ status })])).toBe(true),
  );
  it.each(['rejected', 'cancelled', 'entered-in-error'])('when its Goal is %s', (lifecycleStatus) =>
    expect(isTakenBack('Goal/g', [goal({ lifecycleStatus })], [])).toBe(true),
  );

  it.each<[string, string, fhir4.Goal[], fhir4.ServiceRequest[]]>([
    ['its ServiceRequest is done', 'ServiceRequest/s', [], [order({ status: 'completed' })]],
    ['its Goal is reached', 'Goal/g', [goal({ lifecycleStatus: 'completed' })], []],
    [
      'another one is revoked',
      'ServiceRequest/s',
      [],
      [order(), order({ id: 's2', status: 'revoked' })],
    ],
    [
      'it was a reviewer who recorded it',
      'reviewer',
      [goal({ lifecycleStatus: 'rejected' })],
      [order({ status: 'revoked' })],
    ],
    ['there was none', '', [], [order({ status: 'revoked' })]],
  ])('not when %s', (_name, source, goals, requests) =>
    expect(isTakenBack(source, goals, requests)).toBe(false),
  );
});
