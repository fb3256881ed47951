import type { TryBudget } from '../../terminology/try-budget-text.ts';
import type { ContactStanding } from '../reach/next-ask.ts';
import { type ReachChoice, reachPermission, type Saying } from '../reach/reach-choice.ts';
import { findNo, type PersonNo } from './person-no.ts';
import { type ContactChannel, type ContactTry, tryStanding } from './try-budget.ts';

/** Since when a contact can be the danger, and what was recorded since. */
export type SeenInPerson = {
  since: string;
  /** The safe way, in the words of whoever spoke with the person alone. */
  safeWay?: string | undefined;
  /** When a safe way was recorded last, also where a newer answer has blocked contact again. */
  safeWayAt?: Date | undefined;
  /** A clinician's decision for danger to life, which stands now. */
  override?: object | undefined;
};

/** What decides whether a person may be contacted, over all their records. */
export type ContactFacts = {
  nos: readonly PersonNo[];
  tries: readonly ContactTry[];
  budget: TryBudget;
  /** Undefined where they were not asked: staff may call once, naming only the clinic. */
  reach: ReachChoice | undefined;
  /** When they chose it, if they were alone then. Beside a safe way only a later one counts. */
  reachAloneAt?: Date | undefined;
  /** Set where nobody contacts them freely. */
  seeInPerson: SeenInPerson | undefined;
  standing: ContactStanding;
};

/** A contact that somebody is about to make. */
export type ContactAsk = {
  channel: ContactChannel;
  /** The category of help that it is about; null for none in particular. */
  category: string | null;
  /** The Organization whose help it is about, or which would contact the person. */
  partner?: string | undefined;
  by: 'staff' | 'machine' | 'partner';
  /** They declined the questions about safety; a machine that does not know writes nothing. */
  hasDeclinedSafety?: boolean | undefined;
  /** The site's day, YYYY-MM-DD. */
  today: string;
};

/** The rule that forbids a contact. */
export type ContactRule =
  | 'deceased'
  | 'inactive'
  | 'merged'
  | 'changed'
  | 'see-in-person'
  | 'said-no'
  | 'way-not-chosen'
  | 'not-asked-how'
  | 'no-tries-left';

/**
 * Whether a contact may be made. `onlyClinic`: whoever contacts them names the clinic alone.
 * `safeWay`: the only way that holds, in the words of the person. `until`: the day from which it may
 * be asked again.
 */
export type ContactAnswer =
  | { may: true; left: number; onlyClinic: boolean; mayLeaveMessage: boolean; safeWay?: string }
  | { may: false; rule: ContactRule; no?: PersonNo; until?: string };

/**
 * Decides whether a person may be contacted: the one rule of every door by which a person or a
 * machine calls, writes or visits. What is not known is no permission. DECISIONS D152.
 */
export function mayContact(stored: ContactFacts, ask: ContactAsk): ContactAnswer {
  const facts = { ...stored, reach: countedReach(stored) };
  if (!doesStandingAllow(facts.standing, ask.channel)) return { may: false, rule: ruleOf(facts) };
  if (!isSafe(facts.seeInPerson, ask)) return { may: false, rule: 'see-in-person' };
  const { category, partner, today } = ask;
  const no = findNo(facts.nos, { category, partner, today });
  if (no) return againstNo(no);
  const notReached = notChosen(facts, ask);
  if (notReached) return { may: false, rule: notReached };
  return withinBudget(facts, ask);
}

/**
 * Gives how somebody wants to be reached, as far as it counts. What they chose before they named a
 * safe way does not: it may be the very way that is unsafe. Nor does what they chose after it while
 * somebody was with them. DECISIONS D185. DECISIONS D188.
 */
export function countedReach({
  reach,
  reachAloneAt,
  seeInPerson,
}: Pick<ContactFacts, 'reach' | 'reachAloneAt' | 'seeInPerson'>): ReachChoice | undefined {
  const safeWayAt = seeInPerson?.safeWayAt;
  if (safeWayAt === undefined) return reach;
  return reachAloneAt !== undefined && reachAloneAt > safeWayAt ? reach : undefined;
}

/** Tells whether a contact is a talk at a visit in the clinic, which needs no number. */
const isAtVisit = (channel: ContactChannel): boolean => channel === 'clinic';

/** A new number is no number of theirs until they say so. */
const doesStandingAllow = (standing: ContactStanding, channel: ContactChannel): boolean =>
  standing === 'active' || (standing === 'changed' && isAtVisit(channel));

const ruleOf = ({ standing }: ContactFacts): ContactRule =>
  standing === 'active' ? 'changed' : standing;

/** A safe way is words, for people to read: no machine and no partner knows it. */
function isSafe(seeInPerson: ContactFacts['seeInPerson'], ask: ContactAsk): boolean {
  if (seeInPerson === undefined || isAtVisit(ask.channel)) return true;
  const { safeWay, override } = seeInPerson;
  return ask.by === 'staff' && (safeWay !== undefined || override !== undefined);
}

function againstNo(no: PersonNo): ContactAnswer {
  const answer = { may: false, rule: 'said-no', no } as const;
  return no.kind === 'not-now' && no.until !== null ? { ...answer, until: no.until } : answer;
}

/** Names the rule against a way that the person has not chosen; undefined where it is theirs. */
function notChosen(facts: ContactFacts, ask: ContactAsk): ContactRule | undefined {
  const { reach, tries, seeInPerson } = facts;
  if (isAtVisit(ask.channel)) return undefined;
  // The safe way is words for whoever calls. Nothing is written or left on the strength of them.
  if (reach === undefined && seeInPerson?.safeWay !== undefined)
    return ask.by === 'staff' && ask.channel === 'call' ? undefined : 'way-not-chosen';
  if (reach === undefined) {
    const isFirst = tries.every(({ outcome }) => outcome === 'not-made');
    return ask.by === 'staff' && ask.channel === 'call' && isFirst ? undefined : 'not-asked-how';
  }
  const isForThem = ask.by !== 'partner' || reach.forPartners;
  return isForThem && permissionOf(facts, ask).ways.includes(ask.channel)
    ? undefined
    : 'way-not-chosen';
}

/** A partner's people count as staff, where the person lets partners contact them. */
const permissionOf = ({ reach }: ContactFacts, ask: ContactAsk) =>
  reachPermission(reach, {
    by: ask.by === 'machine' ? 'machine' : 'staff',
    hasDeclinedSafety: ask.hasDeclinedSafety ?? true,
  });

function withinBudget(facts: ContactFacts, ask: ContactAsk): ContactAnswer {
  const { tries, budget, seeInPerson } = facts;
  const safeWay = seeInPerson?.safeWay;
  const standing = tryStanding(tries, budget, ask.today);
  const permission = permissionOf(facts, ask);
  const allowed = {
    onlyClinic: isOnlyClinic(facts, permission.mayBeSaid),
    mayLeaveMessage: permission.voicemail && seeInPerson === undefined,
    ...(safeWay === undefined ? {} : { safeWay }),
  };
  if (isAtVisit(ask.channel))
    return { may: true, left: standing.may ? standing.left : 0, ...allowed };
  if (!standing.may) return { may: false, rule: 'no-tries-left', until: standing.from };
  return { may: true, left: standing.left, ...allowed };
}

/** Whoever contacts somebody in a safe way says nothing of why, whatever was chosen. */
const isOnlyClinic = ({ reach, seeInPerson }: ContactFacts, mayBeSaid: Saying): boolean =>
  reach === undefined || seeInPerson?.safeWay !== undefined || mayBeSaid === 'clinicOnly';
