import type { PersonNo } from '@loopwell/sdoh';
import type { LedgerRow, ReferralRow, TaskRow } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import type { ReferralSettings } from '../settings.ts';
import { policyFor } from './approval.ts';
import type { ConsentDecision, Decision, ReferralFacts, SaidNo } from './model.ts';
import { type Outcome, settleAtOnce } from './record/record-decisions.ts';
import { decide } from './refer.ts';

/** A decision that was undone, or can still be: where it leaves the referral. */
const now = new Date('2026-11-28T15:00:00Z');
const referralOf = (more: Partial<ReferralRow> = {}) =>
  ({
    ...{ id: 'r', state: 'waiting', gate: 'review', given_up_by: null },
    ...{ approval: 'approved', approved_by: 'person:rea', unambiguous: true, sensitive: false },
    ...{ agreement_on: null, agreement_source: null, agreement_withdrawn_at: null },
    ...{ undo_until: null, undone_at: null },
    ...more,
  }) as ReferralRow;
const unapproved = { approval: null, approved_by: null } as const;

const address = 'https://pantry.example';
const taskOf = (more: Partial<TaskRow> = {}) =>
  ({
    ...{ id: 't1', partner: 'pantry', address, channel: 'fhir-rest', status: 'requested' },
    ...{ live: true, remote_id: 'remote-1', reason: null },
    ...more,
  }) as TaskRow;

const permit: ConsentDecision = { kind: 'permit', consentId: 'c', version: '1' };
const none: ConsentDecision = { kind: 'none' };
const factsOf = ({
  consent = permit,
  ...more
}: Partial<ReferralFacts> & { consent?: ConsentDecision } = {}): ReferralFacts => ({
  ...{ referral: referralOf(), tasks: [], standing: 'stands', age: 'adult' },
  ...{ whyNotYet: () => undefined, sentUnder: () => undefined, isHeld: () => false },
  ...{ isConsentWithdrawnHere: false, isOrderTakenBack: false, isAgreementTakenBack: false },
  agreement: { source: 'ServiceRequest/s', on: '2026-11-01' },
  ...{ consentFor: () => consent, scopeOf: () => undefined, consentDocument: () => undefined },
  partners: [{ id: 'pantry', name: 'Pantry', address, channel: 'fhir-rest' }],
  serviceCode: { system: 's', code: '1', display: 'Help' },
  ...more,
});
const settings = { send: true, approve: 'unambiguous' } as ReferralSettings;

describe('a decision that can still be undone', () => {
  it('waits at the last gate, for a moment and for nobody', () => {
    const decision = decide(factsOf({ undoMs: 600_000 }), settings);
    expect(decision).toEqual({ kind: 'wait', gate: 'send', forMs: 600_000 });
    const row = { subject: 'r' } as LedgerRow;
    const outcome: Outcome = { settled: [], patches: [], nexts: [], ended: [], now };
    settleAtOnce(row, factsOf(), decision, outcome, settings);
    expect(outcome.settled[0]?.settlement).toEqual({
      kind: 'wait',
      outcome: 'waits:send',
      waitsFor: 'worker',
      delayMs: 600_000,
    });
    expect(outcome.nexts[0]?.patch).toMatchObject({ next_partner: 'pantry', send_off: false });
  });

  it.each<[string, Partial<ReferralFacts> & { consent?: ConsentDecision }, string]>([
    ['nobody approved it', { referral: referralOf(unapproved) }, 'review'],
    ['nobody agreed', { agreement: undefined }, 'agreement'],
    ['nobody signed', { consent: none }, 'consent'],
    ['a hold stands', { isHeld: () => true }, 'hold'],
  ])('hides no other gate: %s', (_what, facts, gate) => {
    const decision = decide(factsOf({ ...facts, undoMs: 1 }), settings);
    expect(decision).toEqual({ kind: 'wait', gate });
  });

  it.each<[string, Partial<ReferralRow>, Decision]>([
    ['a refusal', { approval: 'refused' }, { kind: 'withdraw', reason: 'refused' }],
    [
      'a withdrawal',
      { agreement_withdrawn_at: now },
      { kind: 'withdraw', reason: 'agreement-withdrawn' },
    ],
  ])('is stopped at once by %s', (_what, more, expected) => {
    const facts = factsOf({ referral: referralOf(more), undoMs: 600_000 });
    expect(decide(facts, settings)).toEqual(expected);
  });

  const no = { id: 'n' } as PersonNo;
  const nos = (more: Partial<SaidNo>): Partial<ReferralFacts> => ({
    saidNo: { no: undefined, endsInMs: undefined, refuses: () => false, ...more },
  });
  type Stop = Partial<ReferralFacts> & { consent?: ConsentDecision };
  const stops: [string, Stop, string][] = [
    ['a refusal', { referral: referralOf({ approval: 'refused' }) }, 'refused'],
    [
      'an agreement that was taken back',
      { referral: referralOf({ agreement_withdrawn_at: now }) },
      'agreement-withdrawn',
    ],
    ['a consent that was taken back', { consent: { kind: 'denied' } }, 'consent-revoked'],
    ['a no', nos({ no }), 'said-no'],
    ['a no to this place', nos({ refuses: () => true }), 'not-this-place'],
    ['a partner to keep out', { isKeptOut: () => true }, 'kept-out'],
    ['a person who is another one', { standing: 'merged' }, 'person-merged'],
    ['a person who died', { standing: 'died' }, 'person-died'],
  ];

  it.each(stops)('sends nothing while it waits, and nothing afterward: %s', (_what, stop) => {
    const partners = stop.isKeptOut ? { partners: [] } : {};
    const referral = stop.referral ?? referralOf({ gate: 'send' });
    for (const undoMs of [600_000, undefined]) {
      const facts = factsOf({ ...stop, ...partners, referral, undoMs });
      const decision = decide(facts, settings);
      expect(decision.kind === 'send' || decision).not.toBe(true);
      expect(decision).not.toMatchObject({ gate: 'send' });
    }
  });

  it.each(stops)(
    'takes back at once what is out, whatever can be undone: %s',
    (_w, stop, reason) => {
      const task = taskOf();
      for (const undoMs of [600_000, undefined])
        expect(decide(factsOf({ ...stop, tasks: [task], undoMs }), settings)).toEqual({
          ...{ kind: 'recall', task, reason },
        });
    },
  );
});

const undone = { undone_at: now };

describe('a decision that was undone', () => {
  const out: readonly [string, Partial<ReferralRow>, ConsentDecision][] = [
    ['approval', { ...undone, ...unapproved }, permit],
    ['consent', undone, none],
    ['agreement', { ...undone, agreement_on: null }, permit],
  ];

  it.each(out)('takes back the Task that is out, where it was the %s', (_what, more, consent) => {
    const task = taskOf();
    const referral = referralOf({ ...more, gate: 'review' });
    const facts = factsOf({ referral, tasks: [task], consent });
    expect(decide(facts, settings)).toEqual({ kind: 'recall', task, reason: 'undone' });
  });

  it('sends a Task that may not have arrived no second time', () => {
    const task = taskOf({ remote_id: null });
    const facts = factsOf({ referral: referralOf(undone), tasks: [task] });
    expect(decide(facts, settings)).toEqual({ kind: 'ask', task, resend: false });
  });

  it.each<[string, Partial<ReferralRow>, ConsentDecision, string]>([
    ['approval', unapproved, permit, 'review'],
    ['consent', {}, none, 'consent'],
  ])('waits for a person once it is back: %s', (_what, more, consent, gate) => {
    const tasks = [taskOf({ live: false, status: 'cancelled', reason: 'undone' })];
    const referral = referralOf({ ...undone, ...more });
    expect(decide(factsOf({ referral, tasks, consent }), settings)).toEqual({ kind: 'wait', gate });
  });

  it('asks the same partner again after a new decision', () => {
    const tasks = [taskOf({ live: false, status: 'cancelled', reason: 'undone' })];
    expect(decide(factsOf({ tasks }), settings)).toMatchObject({
      kind: 'send',
      partner: { id: 'pantry' },
    });
  });

  it('is approved by no policy', () => {
    expect(policyFor(referralOf(unapproved), settings, 'adult')).toBe('policy:unambiguous');
    const referral = referralOf({ ...undone, ...unapproved });
    expect(policyFor(referral, settings, 'adult')).toBeUndefined();
  });

  it.each<[string, Partial<ReferralFacts>, string]>([
    ['died', { standing: 'died' }, 'person-died'],
    ['refused it', { referral: referralOf({ ...undone, approval: 'refused' }) }, 'refused'],
  ])('does not hide that the person %s', (_what, more, reason) => {
    const task = taskOf();
    const facts = factsOf({ referral: referralOf(undone), tasks: [task], ...more });
    expect(decide(facts, settings)).toEqual({ kind: 'recall', task, reason });
  });
});
