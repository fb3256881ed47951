import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultTryBudget } from '../../terminology/try-budget-text.ts';
import { type ReachChoice, reachWays } from '../reach/reach-choice.ts';
import { type DecidedNo, noOfDecision } from './decided-no.ts';
import { type ContactFacts, mayContact } from './may-contact.ts';
import { findNo, isPlaceRefused, noKinds, type PersonNo } from './person-no.ts';
import { type ContactTry, dayAfter } from './try-budget.ts';

const categories = ['food-insecurity', 'housing-instability', 'transportation-insecurity'];
const partners = ['pantry', 'hub', 'clinic-kitchen'];
const choice: ReachChoice = {
  ways: [],
  phone: { number: '+16125550100' },
  phoneOwner: 'self',
  voicemail: true,
  mayBeSaid: 'aboutHelp',
  reading: 'reads',
  forPartners: false,
};
const firstDay = '2026-11-30';

/** A source of choices that fast-check has made, so that it can look for the shortest failure. */
type Dice = {
  next: () => number;
  pick: <T>(list: readonly T[]) => T;
  chance: (of: number) => boolean;
};

function diceOf(numbers: readonly number[]): Dice {
  let place = 0;
  const next = () => {
    place += 1;
    return (numbers[place % numbers.length] ?? 0) / 1_000_000;
  };
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  return { next, pick, chance: (of) => next() < of };
}

/** A no or a contact, kept with one Patient; a human has those of all their Patients. */
type Event =
  | { what: 'no'; patient: number; no: PersonNo; day: number }
  | { what: 'contact'; patient: number; channel: string; day: number; by: 'us' | 'partner' }
  | { what: 'brought-up'; no: PersonNo; day: number; help: string | undefined };

/** What happened in one made-up world, and how often something was against a no or the budget. */
type World = {
  /** The human of each Patient, as links say now. */
  humanOf: number[];
  nos: { patient: number; no: PersonNo }[];
  tries: { patient: number; made: ContactTry }[];
  log: Event[];
  day: number;
  contacts: number;
  wrong: string[];
};

const dayOf = (day: number) => dayAfter(firstDay, day);
const sameHuman = (world: World, patient: number) => (other: { patient: number }) =>
  world.humanOf[other.patient] === world.humanOf[patient];

function sayNo(world: World, patient: number, dice: Dice): void {
  const kind = dice.pick(noKinds);
  const category = kind === 'not-this-help' || dice.chance(0.6) ? dice.pick(categories) : null;
  const no: PersonNo = {
    id: String(world.log.length),
    kind,
    category,
    partner: kind === 'not-this-place' ? dice.pick(partners) : null,
    until: kind === 'not-now' ? dayOf(world.day + 1 + Math.floor(dice.next() * 40)) : null,
    saidOn: dayOf(world.day),
    saidBy: 'person',
    saidTo: dice.pick(['Bo', 'Ana', 'partner:pantry']),
    broughtUpOn: null,
  };
  world.nos.push({ patient, no });
  world.log.push({ what: 'no', patient, no: { ...no }, day: world.day });
}

/** Staff refuse, or take a yes back, with or without saying which no it was. */
function refuse(world: World, patient: number, dice: Dice): void {
  const kind = dice.chance(0.5) ? dice.pick(noKinds) : undefined;
  const decided = noOfDecision(
    dice.pick(['refuse', 'withdrawAgreement'] as const),
    {
      reason: dice.pick(['Declined', 'has a car', 'The person does not want help with this']),
      kind,
      partner: kind === 'not-this-place' ? dice.pick(partners) : undefined,
      until: kind === 'not-now' ? dayOf(world.day + 1 + Math.floor(dice.next() * 40)) : undefined,
    },
    { category: dice.pick(categories), today: dayOf(world.day) },
  );
  if (decided) addNo(world, patient, { ...noParts(decided), saidBy: decided.saidBy });
}

/** A partner says that the person said no thank you. */
function partnerDeclines(world: World, patient: number, dice: Dice): void {
  const category = dice.pick(categories);
  addNo(world, patient, {
    ...{ kind: 'not-this-help', category, partner: null, until: null },
    ...{ saidBy: 'person', saidTo: `partner:${dice.pick(partners)}` },
  });
}

/** A partner reports that it tried: nobody asked the rule before. */
function partnerTried(world: World, patient: number): void {
  const made: ContactTry = { day: dayOf(world.day), channel: 'call', outcome: 'no-answer' };
  world.tries.push({ patient, made });
  world.log.push({ what: 'contact', patient, channel: 'call', day: world.day, by: 'partner' });
}

const noParts = ({ kind, category, partner, until }: DecidedNo) => ({
  kind,
  category: category ?? null,
  partner: partner ?? null,
  until: until ?? null,
});

type NoParts = Pick<PersonNo, 'kind' | 'category' | 'partner' | 'until' | 'saidBy'>;

function addNo(world: World, patient: number, parts: NoParts & { saidTo?: string }): void {
  const id = String(world.log.length);
  const said = { saidOn: dayOf(world.day), saidTo: 'Bo', broughtUpOn: null };
  const no: PersonNo = { id, ...said, ...parts };
  world.nos.push({ patient, no });
  world.log.push({ what: 'no', patient, no: { ...no }, day: world.day });
}

/** Only the person, by somebody who writes it down, ends a no: for one help, or in whole. */
function bringUp(world: World, patient: number, dice: Dice): void {
  const theirs = world.nos.filter(sameHuman(world, patient));
  if (theirs.length === 0) return;
  const { no } = dice.pick(theirs);
  const help = no.category === null && dice.chance(0.6) ? dice.pick(categories) : undefined;
  if (help === undefined) no.broughtUpOn ??= dayOf(world.day);
  else no.except = [...(no.except ?? []), help];
  world.log.push({ what: 'brought-up', no: { ...no }, day: world.day, help });
}

/** Staff, a worker or a partner wants to contact someone: after an answer, before a visit, … */
function tryContact(world: World, patient: number, dice: Dice): void {
  const isTheirs = sameHuman(world, patient);
  const ways = reachWays.filter(() => dice.chance(0.7));
  const facts: ContactFacts = {
    nos: world.nos.filter(isTheirs).map(({ no }) => no),
    tries: world.tries.filter(isTheirs).map(({ made }) => made),
    budget: defaultTryBudget,
    reach: dice.chance(0.8) ? { ...choice, ways, forPartners: dice.chance(0.5) } : undefined,
    seeInPerson: undefined,
    standing: 'active',
  };
  const channel = dice.pick(reachWays);
  const ask = {
    channel,
    category: dice.chance(0.9) ? dice.pick(categories) : null,
    partner: dice.chance(0.4) ? dice.pick(partners) : undefined,
    by: dice.pick(['staff', 'machine', 'partner'] as const),
    hasDeclinedSafety: dice.chance(0.2),
    today: dayOf(world.day),
  };
  if (!mayContact(facts, ask).may) return;
  world.contacts += 1;
  judge(world, patient, ask);
  const outcome = dice.pick(['spoke', 'no-answer', null] as const);
  world.tries.push({ patient, made: { day: ask.today, channel, outcome } });
  world.log.push({ what: 'contact', patient, channel, day: world.day, by: 'us' });
}

type Ask = { channel: string; category: string | null; partner: string | undefined };

/** Counts anew, from what happened alone, whether a contact was against a no or over the budget. */
function judge(world: World, patient: number, ask: Ask): void {
  const isTheirs = sameHuman(world, patient);
  const ends = world.log.filter((e) => e.what === 'brought-up');
  const isLifted = (id: string) =>
    ends.some(({ no, help }) => no.id === id && (help === undefined || help === ask.category));
  for (const event of world.log) {
    if (event.what !== 'no' || !isTheirs(event) || isLifted(event.no.id)) continue;
    const { kind, category, partner, until } = event.no;
    const isOver = kind === 'not-now' && (until ?? '') <= dayOf(world.day);
    const isHelp = category === null || category === ask.category;
    const isPlace = kind !== 'not-this-place' || partner === ask.partner;
    if (!isOver && isHelp && isPlace) world.wrong.push(`against ${kind} on day ${world.day}`);
  }
  if (ask.channel === 'clinic') return;
  const before = world.log.filter((e) => e.what === 'contact' && isTheirs(e));
  const counted = before.filter((e) => e.what === 'contact' && e.channel !== 'clinic');
  const lately = counted.filter((e) => e.day > world.day - 14);
  if (lately.length >= 3) world.wrong.push(`over the budget on day ${world.day}`);
  if (counted.some((e) => e.day === world.day)) world.wrong.push(`twice on day ${world.day}`);
}

/** Moves a Patient to another human, or back to its own. */
function merge(world: World, patient: number, dice: Dice): void {
  const other = Math.floor(dice.next() * world.humanOf.length);
  world.humanOf[patient] = dice.chance(0.3) ? patient : (world.humanOf[other] ?? patient);
}

/** A new answer, form, visit or EHR opens the need again; whoever works it wants to call. */
function answerAnew(world: World, patient: number, dice: Dice): void {
  tryContact(world, patient, dice);
  tryContact(world, patient, dice);
}

const calls = [tryContact, tryContact, tryContact, tryContact, tryContact];
const noWays = [sayNo, refuse, partnerDeclines, bringUp, bringUp];
const moves = [...noWays, ...calls, merge, answerAnew, partnerTried];

function worldOf(numbers: readonly number[]): World {
  const dice = diceOf(numbers);
  const world: World = {
    humanOf: [0, 1, 2, 3],
    nos: [],
    tries: [],
    log: [],
    day: 0,
    contacts: 0,
    wrong: [],
  };
  for (let step = 0; step < numbers.length / 5; step += 1) {
    if (dice.chance(0.25)) world.day += Math.floor(dice.next() * 5);
    const patient = Math.floor(dice.next() * world.humanOf.length);
    dice.pick(moves)(world, patient, dice);
  }
  return world;
}

const numbers = fc.array(fc.nat({ max: 999_999 }), { minLength: 300, maxLength: 700 });

describe('random sequences of answers, visits, merges, staff, partners and days', () => {
  it('bring no contact against a no, and none over the budget', () => {
    const run = { contacts: 0, nos: 0, merged: 0 };
    fc.assert(
      fc.property(numbers, (chosen) => {
        const world = worldOf(chosen);
        run.contacts += world.contacts;
        run.nos += world.nos.length;
        run.merged += new Set(world.humanOf).size < 4 ? 1 : 0;
        expect(world.wrong).toEqual([]);
      }),
      { numRuns: 1_000, seed: 14 },
    );
    // Where nothing happens, nothing can go wrong.
    expect(run.contacts).toBeGreaterThan(2_000);
    expect(run.nos).toBeGreaterThan(8_000);
    expect(run.merged).toBeGreaterThan(300);
  });

  it('agree on whether a partner may be asked', () => {
    fc.assert(
      fc.property(numbers, fc.constantFrom(...categories), (chosen, category) => {
        const world = worldOf(chosen);
        const nos = world.nos.map(({ no }) => no);
        const today = dayOf(world.day);
        for (const partner of partners) {
          const no = findNo(nos, { category, partner, today });
          if (isPlaceRefused(nos, { category, partner, today })) expect(no).toBeDefined();
        }
      }),
      { numRuns: 200, seed: 14 },
    );
  });
});
