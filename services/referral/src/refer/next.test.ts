import type { ReferralRow, TaskRow } from '@loopwell/store';
import { expect, it } from 'vitest';
import type { ReferralSettings } from '../settings.ts';
import type { ConsentDecision, Partner, ReferralFacts } from './model.ts';
import { whoIsNext } from './partner-turns.ts';
import { decide } from './refer.ts';

const names = ['pantry', 'shelter', 'kitchen'];
const partnerOf = (id: string): Partner => ({
  id,
  name: id,
  address: `https://${id}.example`,
  channel: 'fhir-rest',
});
const permit: ConsentDecision = { kind: 'permit', consentId: 'c', version: '1' };

const consents: readonly ConsentDecision[] = [
  permit,
  { kind: 'denied' },
  { kind: 'none' },
  { kind: 'none', lapsed: true },
  { kind: 'needs-person' },
];
const reasons = [
  null,
  'never-arrived',
  'consent-expired',
  'not-accepted-in-time',
  'refused:403',
  'person-declined',
  'handed-over',
];

/** The same situations in every run (mulberry32). */
function dice(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const pick = <T>(some: readonly T[]): T => some[Math.floor(next() * some.length)] as T;
  return {
    pick,
    coin: () => next() < 0.5,
    some: <T>(all: readonly T[]) => all.filter(() => next() < 0.6),
  };
}

const situationOf = ({ pick, coin, some }: ReturnType<typeof dice>) => ({
  tasks: some([1, 2, 3]).map(() => ({
    partner: pick(names),
    status: pick(['rejected', 'cancelled', 'failed']),
    reason: pick(reasons),
  })),
  partners: some(names),
  consent: names.map(() => pick(consents)),
  held: some(names),
  approved: coin(),
  agreed: coin(),
  hasService: coin(),
  send: coin(),
  recipient: pick([null, null, ...names]),
  handedTo: pick([undefined, ...names]),
});
type Situation = ReturnType<typeof situationOf>;

function factsOf(one: Situation): ReferralFacts {
  const referral = {
    state: 'waiting',
    gate: 'review',
    approval: one.approved ? 'approved' : null,
    approved_by: 'person:rea',
    unambiguous: true,
    sensitive: false,
    restriction: null,
    recipient: one.recipient,
    agreement_withdrawn_at: null,
    agreement_source: null,
    given_up_by: null,
  } as unknown as ReferralRow;
  return {
    referral,
    tasks: one.tasks.map(
      (task) => ({ ...task, address: partnerOf(task.partner).address, live: false }) as TaskRow,
    ),
    agreement: one.agreed ? { source: 'Goal/1', on: '2026-11-01' } : undefined,
    ehrOrder: undefined,
    isOrderTakenBack: false,
    isAgreementTakenBack: false,
    standing: 'stands',
    age: 'adult',
    whyNotYet: () => undefined,
    isConsentWithdrawnHere: false,
    sentUnder: () => undefined,
    consentFor: ({ id }) => one.consent[names.indexOf(id)] ?? { kind: 'none', lapsed: true },
    scopeOf: () => undefined,
    consentDocument: () => undefined,
    partners: one.partners.map(partnerOf),
    serviceCode: one.hasService ? { system: 's', code: '1', display: '' } : undefined,
    isHeld: ({ id }) => one.held.includes(id),
    handedTo: one.handedTo,
  };
}

it('whom a preview names is whom the sender asks once the gates in front of it open', () => {
  const thrown = dice(10);
  let opened = 0;
  for (let run = 0; run < 3_000; run += 1) {
    const one = situationOf(thrown);
    const facts = factsOf(one);
    const next = whoIsNext(facts);
    const decision = decide(facts, { send: one.send } as ReferralSettings);
    if (decision.kind === 'send') expect(next?.partner).toEqual(decision.partner);
    if (decision.kind !== 'wait') continue;
    if (decision.gate === 'withoutHelp') expect(next).toBeUndefined();
    if (decision.gate === 'hold' || decision.gate === 'send') expect(next?.consent).toBeDefined();
    if (!next) continue;
    const open = factsOf({ ...one, approved: true, agreed: true, hasService: true, held: [] });
    const consentFor = (partner: Partner) =>
      partner.id === next.partner.id ? permit : facts.consentFor(partner);
    expect(decide({ ...open, consentFor }, { send: true } as ReferralSettings)).toMatchObject({
      kind: 'send',
      partner: next.partner,
    });
    opened += 1;
  }
  expect(opened).toBeGreaterThan(500);
});

const handed = situationOf(dice(1));
const handOver = {
  ...handed,
  tasks: [{ partner: 'pantry', status: 'cancelled', reason: 'handed-over' }],
  ...{ partners: names, held: [], approved: true, agreed: true, hasService: true, send: true },
  ...{ consent: [permit, permit, permit], recipient: null, handedTo: 'kitchen' },
};

it('a referral that was handed over goes to the partner that was named, by our own send', () => {
  const decision = decide(factsOf(handOver), { send: true } as ReferralSettings);
  expect(decision).toMatchObject({ kind: 'send', partner: { id: 'kitchen' } });
});

it.each<[string, Partial<Situation>]>([
  ['consent does not cover it', { consent: [permit, permit, { kind: 'denied' }] }],
  ['consent is not there yet', { consent: [permit, permit, { kind: 'none' }] }],
  ['it is not in the directory', { handedTo: 'elsewhere' }],
  ['nobody was named', { handedTo: undefined }],
  ['it had its turn', { handedTo: 'pantry' }],
  ['whoever approved named another one', { recipient: 'shelter' }],
])('a person looks where a referral was handed over and %s', (_what, more) => {
  const facts = factsOf({ ...handOver, ...more });
  expect(decide(facts, { send: true } as ReferralSettings)).toEqual({
    ...{ kind: 'wait', gate: 'withoutHelp', why: 'handed-over' },
  });
  expect(whoIsNext(facts)).toBeUndefined();
});
