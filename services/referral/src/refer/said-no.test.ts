import type { PersonNo } from '@loopwell/sdoh';
import type { LedgerRow, ReferralRow, TaskRow } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import { allowedBy } from '../grants/allowed.ts';
import type { ReferralSettings } from '../settings.ts';
import type { ConsentDecision, Partner, ReferralFacts } from './model.ts';
import { whoIsNext } from './partner-turns.ts';
import { approvalsOf } from './record/record-approval.ts';
import { type Outcome, settleAtOnce } from './record/record-decisions.ts';
import { decide } from './refer.ts';
import { saidNoOf } from './said-no.ts';

const now = new Date('2026-11-30T15:00:00Z');
const clock = { now: () => now, timeZone: 'America/Chicago' };
const category = 'food-insecurity';
const settings = { send: true, approve: 'unambiguous' } as ReferralSettings;
const referral = {
  ...{ id: 'r', state: 'waiting', gate: 'review', category, given_up_by: null },
  ...{ approval: 'approved', approved_by: 'person:rea', unambiguous: true, sensitive: false },
  ...{ agreement_on: null, agreement_source: null, agreement_withdrawn_at: null },
} as unknown as ReferralRow;
const partnerOf = (id: string): Partner => ({
  id,
  name: id,
  address: `https://${id}.example`,
  channel: 'fhir-rest',
});
const permit: ConsentDecision = { kind: 'permit', consentId: 'c', version: '1' };
const no = (more: Partial<PersonNo> = {}): PersonNo => ({
  ...{ id: 'n', kind: 'not-this-help', category, partner: null, until: null },
  ...{ saidOn: '2026-11-08', saidBy: 'person', saidTo: 'Rea', broughtUpOn: null },
  ...more,
});
const factsOf = (nos: readonly PersonNo[], more: Partial<ReferralFacts> = {}): ReferralFacts => ({
  ...{ referral, tasks: [], standing: 'stands', age: 'adult' },
  ...{ whyNotYet: () => undefined, sentUnder: () => undefined, isHeld: () => false },
  ...{ isConsentWithdrawnHere: false, isOrderTakenBack: false, isAgreementTakenBack: false },
  agreement: { source: 'ServiceRequest/s', on: '2026-11-01' },
  ...{ consentFor: () => permit, scopeOf: () => undefined, consentDocument: () => undefined },
  partners: [partnerOf('pantry'), partnerOf('kitchen')],
  serviceCode: { system: 's', code: '1', display: 'Help' },
  saidNo: saidNoOf(nos, category, clock),
  ...more,
});
const taskOf = (more: Partial<TaskRow> = {}) =>
  ({
    ...{ id: 't', partner: 'pantry', address: 'https://pantry.example', channel: 'fhir-rest' },
    ...{ live: true, status: 'accepted', remote_id: 'x', reason: null },
    ...more,
  }) as TaskRow;

const notNow = no({ kind: 'not-now', until: '2026-12-01' });
const notThere = no({ kind: 'not-this-place', partner: 'pantry' });

describe('a person who said no', () => {
  it.each<[string, PersonNo, string]>([
    ['to this help', no(), 'saidNo'],
    ['to every help', no({ kind: 'dont-ask-again', category: null }), 'saidNo'],
    ['for now', notNow, 'saidNo'],
    ['and brought it up again', no({ broughtUpOn: '2026-11-20' }), 'kitchen or pantry'],
    ['for a time that is over', { ...notNow, until: '2026-11-30' }, 'kitchen or pantry'],
    ['to another help', no({ category: 'housing-instability' }), 'kitchen or pantry'],
  ])('%s: goes where', (_name, said, expected) => {
    const decision = decide(factsOf([said]), settings);
    const where = decision.kind === 'wait' ? decision.gate : 'kitchen or pantry';
    expect(where).toBe(expected);
    expect(whoIsNext(factsOf([said])) === undefined).toBe(expected === 'saidNo');
  });

  it('waits at that gate whatever else is missing, and nobody has to decide by a day', () => {
    const undecided = { ...referral, approval: null, approved_by: null } as ReferralRow;
    const facts = factsOf([no()], { referral: undecided, agreement: undefined });
    const decision = decide(facts, settings);
    expect(decision).toEqual({ kind: 'wait', gate: 'saidNo' });
    const outcome: Outcome = { settled: [], patches: [], nexts: [], ended: [], now };
    settleAtOnce({ subject: 'r' } as LedgerRow, facts, decision, outcome, settings);
    expect(outcome.settled[0]?.settlement).toEqual({
      ...{ kind: 'wait', outcome: 'waits:saidNo', waitsFor: 'reviewer' },
    });
    expect(outcome.patches[0]?.patch).toMatchObject({ gate: 'saidNo', decide_by: null });
  });

  it('is looked at again when the day of a not-now begins at the site', () => {
    const decision = decide(factsOf([notNow]), settings);
    expect(decision).toMatchObject({ gate: 'saidNo', forMs: 15 * 3_600_000 });
  });

  it('is approved by no policy', () => {
    const undecided = { ...referral, approval: null, approved_by: null } as ReferralRow;
    const approved = (nos: PersonNo[]) =>
      approvalsOf(
        settings,
        [{ subject: 'r' } as LedgerRow],
        new Map([['r', factsOf(nos, { referral: undecided })]]),
      ).policy.length;
    expect([approved([]), approved([no()])]).toEqual([1, 0]);
  });

  it.each<[string, PersonNo, Partial<TaskRow>, string]>([
    ['to this help', no(), {}, 'said-no'],
    ['for now', notNow, { status: 'requested' }, 'said-no'],
    ['to this place', notThere, {}, 'not-this-place'],
    ['to another place', { ...notThere, partner: 'kitchen' }, {}, 'at-partner'],
  ])('%s, while a partner has it: it comes back or stays', (_name, said, more, expected) => {
    const task = taskOf(more);
    const facts = factsOf([said], { tasks: [task] });
    const decision = decide(facts, settings);
    expect(decision.kind === 'recall' ? decision.reason : decision.kind).toBe(expected);
    expect(allowedBy(facts, task, false)).toBe(expected === 'at-partner' ? 'all' : 'nothing');
  });

  it('is not sent again where nobody knows whether it arrived', () => {
    const facts = factsOf([no()], { tasks: [taskOf({ remote_id: null, status: 'requested' })] });
    expect(decide(facts, settings)).toMatchObject({ kind: 'ask', resend: false });
  });
});

describe('a place that the person does not want', () => {
  it('is passed over, and after a recall the next one is asked', () => {
    expect(decide(factsOf([notThere]), settings)).toMatchObject({ partner: { id: 'kitchen' } });
    const back = taskOf({ live: false, status: 'cancelled', reason: 'not-this-place' });
    const facts = factsOf([notThere], { tasks: [back] });
    expect(decide(facts, settings)).toMatchObject({ partner: { id: 'kitchen' } });
  });

  it('is asked by no approval that names it, nor where it is the only one', () => {
    const named = { ...referral, recipient: 'pantry' } as ReferralRow;
    expect(decide(factsOf([notThere], { referral: named }), settings).kind).toBe('wait');
    expect(decide(factsOf([notThere], { partners: [partnerOf('pantry')] }), settings)).toEqual({
      ...{ kind: 'wait', gate: 'noPartner' },
    });
  });

  it('can be asked again once they brought it up', () => {
    const back = taskOf({ live: false, status: 'cancelled', reason: 'said-no' });
    const lifted = no({ broughtUpOn: '2026-11-29' });
    expect(decide(factsOf([lifted], { tasks: [back] }), settings)).toMatchObject({
      kind: 'send',
      partner: { id: 'pantry' },
    });
  });
});
