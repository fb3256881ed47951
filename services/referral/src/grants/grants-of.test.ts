import type { TaskRow } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import type { ReferralFacts } from '../refer/model.ts';
import { type GrantFacts, grantsOf } from './grants-of.ts';

const now = new Date('2026-11-30T12:00:00Z');
const hours = (count: number) => new Date(now.getTime() + count * 3_600_000);
const task = (more: Partial<TaskRow> = {}) =>
  ({
    ...{ id: 'task', tenant: 'o', partner: 'pantry', referral: 'referral', person: 'person' },
    ...{ address: 'https://pantry.example/fhir', channel: 'fhir-rest', remote_id: 'r' },
    ...{ live: true, reason: null, ended_at: null, changed_at: now, status: 'accepted' },
    ...more,
  }) as TaskRow;
const factsOf = (more: object = {}, referral: object = {}) =>
  ({
    referral: { approval: 'approved', service_request: 'order', restriction: null, ...referral },
    standing: 'stands',
    isAgreementTakenBack: false,
    isConsentWithdrawnHere: false,
    consentFor: () => ({ kind: 'permit', consentId: 'c', version: '1' }),
    sentUnder: () => ({ state: 'stands', since: 0 }),
    scopeOf: () => undefined,
    ...more,
  }) as unknown as ReferralFacts;
const subject = {
  ...{ organization: 'us', device: 'device', consent: 'copy', conditions: ['condition'] },
  ...{ procedures: ['procedure'], mayShowContact: false },
};
const granted = (facts: ReferralFacts, ofTask = task(), more: Partial<GrantFacts> = {}) =>
  grantsOf(
    { now, facts, later: [], consentUntil: undefined, readAfterEndMs: 3_600_000, ...more },
    ofTask,
    subject,
  );
const namesOf = (grants: ReturnType<typeof granted>) =>
  grants.map(({ type, id, elements }) => `${type}/${id} ${elements}`).sort();

const record = [
  'Organization/pantry all',
  'Organization/us all',
  'Procedure/procedure all',
  'ServiceRequest/order all',
  'Task/task all',
];
const personal = [
  'Condition/condition all',
  'Consent/copy all',
  'Device/device all',
  'Patient/person name age place language',
];
const status = ['Task/task status'];
const none = () => ({ kind: 'none', lapsed: true });
const lapsed = { consentFor: none, sentUnder: () => ({ state: 'lapsed', since: 0 }) };
const ended = (hoursAgo: number, more: Partial<TaskRow> = {}) =>
  task({ live: false, status: 'completed', ended_at: hours(-hoursAgo), ...more });

describe('which grants stand for a Task', () => {
  it.each<[string, ReferralFacts, TaskRow, string[]]>([
    ['an open one', factsOf(), task(), [...personal, ...record].sort()],
    [
      'one that may not have arrived',
      factsOf(),
      task({ remote_id: null }),
      [...personal, ...record].sort(),
    ],
    ['one whose consent has run out', factsOf(lapsed), task(), record],
    ['one that its partner ended a while ago', factsOf(), ended(0.5), record],
    ['one that ended long ago', factsOf(), ended(1), []],
    ['one that was taken back', factsOf(), ended(0.5, { reason: 'consent-revoked' }), status],
    ['one that was taken back long ago', factsOf(), ended(2, { reason: 'refused' }), []],
    ['one that never arrived', factsOf(), ended(0, { remote_id: null }), []],
    ['one of a need that was refused', factsOf({}, { approval: 'refused' }), task(), status],
    [
      'one of an agreement taken back',
      factsOf({}, { agreement_withdrawn_at: now }),
      task(),
      status,
    ],
    ['one of an order taken back', factsOf({ isOrderTakenBack: true }), task(), status],
    [
      'one of a consent that says no',
      factsOf({ consentFor: () => ({ kind: 'denied' }) }),
      task(),
      status,
    ],
    [
      'one of an unclear consent',
      factsOf({ consentFor: () => ({ kind: 'needs-person' }) }),
      task(),
      status,
    ],
    ['one of a person who has died', factsOf({ standing: 'died' }), task(), status],
    ['one of an unclear record', factsOf({ standing: 'unclear' }), task(), status],
    ['one with a label since', factsOf({}, { restriction: 'one-recipient' }), task(), status],
    [
      'one that ended, of a consent taken back since',
      factsOf({ isConsentWithdrawnHere: true, ...lapsed }),
      ended(0.5),
      status,
    ],
  ])('%s', (_what, facts, ofTask, expected) => {
    expect(namesOf(granted(facts, ofTask))).toEqual(expected);
  });

  it('shows the contact only where it may be used', () => {
    const facts = { now, facts: factsOf(), later: [], consentUntil: undefined, readAfterEndMs: 0 };
    const names = namesOf(grantsOf(facts, task(), { ...subject, mayShowContact: true }));
    expect(names).toContain('Patient/person name age place language contact');
  });

  it.each<[string[], boolean, string]>([
    [['name'], true, 'name'],
    [['name', 'contact'], true, 'name contact'],
    [['name', 'contact'], false, 'name'],
    [['birth-date', 'address', 'household', 'name'], true, 'name household address birth-date'],
  ])('shows of the person exactly what a consent permits: %o', (elements, mayShow, expected) => {
    const facts = factsOf({ scopeOf: () => ({ except: [], elements }) });
    const grantFacts = { now, facts, later: [], consentUntil: undefined, readAfterEndMs: 0 };
    const grants = grantsOf(grantFacts, task(), { ...subject, mayShowContact: mayShow });
    expect(grants.find((grant) => grant.type === 'Patient')?.elements).toBe(expected);
  });
});

describe('until when grants stand', () => {
  const untils = (more: Partial<GrantFacts>, facts = factsOf(), ofTask = task()) => {
    const grants = granted(facts, ofTask, more);
    const until = (type: string) => grants.find((one) => one.type === type)?.until ?? null;
    return [until('Patient'), until('ServiceRequest')];
  };
  const permit = { kind: 'permit', consentId: 'c', version: '1', until: hours(2).toISOString() };
  it.each<[string, unknown, [Date | null, Date | null]]>([
    ['without any limit', untils({}), [null, null]],
    ['the limit that was kept at the send', untils({ consentUntil: hours(3) }), [hours(3), null]],
    [
      'the earlier end of the Consent',
      untils({ consentUntil: hours(3) }, factsOf({ consentFor: () => permit })),
      [hours(2), null],
    ],
    [
      'a Consent that will run out',
      untils({ later: [{ at: hours(1), facts: factsOf(lapsed) }] }),
      [hours(1), null],
    ],
    [
      'a no that begins later',
      untils({
        later: [{ at: hours(4), facts: factsOf({ consentFor: () => ({ kind: 'denied' }) }) }],
      }),
      [hours(4), hours(4)],
    ],
    ['the time after its end', untils({}, factsOf(), ended(0.5)), [null, hours(0.5)]],
  ])('%s', (_what, shown, expected) => {
    expect(shown).toEqual(expected);
  });
});
