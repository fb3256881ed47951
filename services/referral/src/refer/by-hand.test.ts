import type { ReferralRow, TaskRow } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import type { ReferralSettings } from '../settings.ts';
import type { ConsentDecision, ReferralFacts } from './model.ts';
import { decide } from './refer.ts';

/** What somebody did by hand: where it leaves the referral. */
const referralOf = (more: Partial<ReferralRow> = {}) =>
  ({
    ...{ id: 'r', state: 'waiting', gate: 'review', given_up_by: null },
    ...{ approval: 'approved', approved_by: 'person:rea', unambiguous: true, sensitive: false },
    ...{ agreement_on: null, agreement_source: null, agreement_withdrawn_at: null },
    ...{ undo_until: null, undone_at: null, closed_for: null, list_given_at: null },
    ...more,
  }) as ReferralRow;
const places = ['pantry', 'shelf'].map((id) => ({
  ...{ id, name: id, address: `https://${id}.example`, channel: 'fhir-rest' },
}));
const taskOf = (more: Partial<TaskRow> = {}) =>
  ({
    ...{ id: 't1', partner: 'pantry', address: 'https://pantry.example', channel: 'fhir-rest' },
    ...{ status: 'accepted', live: true, remote_id: 'remote-1', reason: null },
    ...more,
  }) as TaskRow;
const permit: ConsentDecision = { kind: 'permit', consentId: 'c', version: '1' };
const factsOf = (more: Partial<ReferralFacts> = {}): ReferralFacts => ({
  ...{ referral: referralOf(), tasks: [], standing: 'stands', age: 'adult' },
  ...{ whyNotYet: () => undefined, sentUnder: () => undefined, isHeld: () => false },
  ...{ isConsentWithdrawnHere: false, isOrderTakenBack: false, isAgreementTakenBack: false },
  agreement: { source: 'ServiceRequest/s', on: '2026-11-01' },
  ...{ consentFor: () => permit, scopeOf: () => undefined, consentDocument: () => undefined },
  partners: places,
  serviceCode: { system: 's', code: '1', display: 'Help' },
  ...more,
});
const settings = { send: true, approve: 'unambiguous' } as ReferralSettings;

describe('a referral that was closed by hand', () => {
  it.each(['helped-elsewhere', 'no-longer-wanted', 'not-reached', 'moved'])(
    'because of %s comes back from a partner, and ends for that reason',
    (why) => {
      const referral = referralOf({ approval: 'refused', closed_for: why as 'moved' });
      expect(decide(factsOf({ referral, tasks: [taskOf()] }), settings)).toMatchObject({
        ...{ kind: 'recall', reason: why },
      });
      expect(decide(factsOf({ referral }), settings)).toEqual({ kind: 'withdraw', reason: why });
    },
  );
});

describe('a partner that was chosen by hand', () => {
  const referral = referralOf({ recipient: 'shelf' });

  it('gets it after it came back from the one that had it, which was not asked in vain', () => {
    const tasks = [taskOf()];
    expect(decide(factsOf({ referral, tasks }), settings)).toMatchObject({
      ...{ kind: 'recall', reason: 'partner-changed' },
    });
    const back = taskOf({ live: false, status: 'cancelled', reason: 'partner-changed' });
    expect(decide(factsOf({ referral, tasks: [back] }), settings)).toMatchObject({
      ...{ kind: 'send', partner: { id: 'shelf' } },
    });
    const pantryAgain = referralOf({ recipient: 'pantry' });
    expect(decide(factsOf({ referral: pantryAgain, tasks: [back] }), settings)).toMatchObject({
      ...{ kind: 'send', partner: { id: 'pantry' } },
    });
  });

  it('gets nothing without a consent for it, and never where the person keeps it out', () => {
    const consentFor: ReferralFacts['consentFor'] = ({ id }) =>
      id === 'pantry' ? permit : { kind: 'none' };
    expect(decide(factsOf({ referral, consentFor }), settings)).toMatchObject({ gate: 'consent' });
    const partners = places.filter(({ id }) => id !== 'shelf');
    expect(decide(factsOf({ referral, partners }), settings)).toMatchObject({ kind: 'wait' });
  });

  it('stays where it is, if that partner has it', () => {
    const atPantry = referralOf({ recipient: 'pantry' });
    expect(decide(factsOf({ referral: atPantry, tasks: [taskOf()] }), settings)).toEqual({
      kind: 'at-partner',
    });
  });
});

it('a list of places sends nothing, whatever else is there', () => {
  const referral = referralOf({ list_given_at: new Date('2026-11-30T12:00:00Z') });
  expect(decide(factsOf({ referral }), settings)).toEqual({ kind: 'wait', gate: 'listGiven' });
});
