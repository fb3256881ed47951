import { findNo, type PersonNo } from './person-no.ts';
import { type ContactChannel, type ContactTry, type TryBudget, tryStanding } from './try-budget.ts';

/** How the person's record stands: whatever is not active stops all that goes out. */
export type ContactStanding = 'active' | 'deceased' | 'inactive' | 'merged' | 'changed';

/** How the person chose to be reached, as far as this rule needs it. */
export type WaysToReach = {
  /** The ways that they chose. */
  ways: readonly ContactChannel[];
  /** They said that a machine may write to them. */
  machine: boolean;
};

/** What decides whether a person may be contacted, over all their records. */
export type ContactFacts = {
  nos: readonly PersonNo[];
  tries: readonly ContactTry[];
  budget: TryBudget;
  /** Undefined where they were not asked: staff may call once, naming only the clinic. */
  reach: WaysToReach | undefined;
  /** A call can be the danger. `safeWay`: what somebody who spoke with them alone recorded. */
  seeInPerson: { since: string; safeWay?: string | undefined } | undefined;
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
 * Whether a contact may be made. `onlyClinic`: they were not asked how to reach them, so the caller
 * names the clinic alone and leaves no message. `until`: the day from which it may be asked again.
 */
export type ContactAnswer =
  | { may: true; left: number; onlyClinic: boolean }
  | { may: false; rule: ContactRule; no?: PersonNo; until?: string };

/**
 * Decides whether a person may be contacted: the one rule of every door by which a person or a
 * machine calls, writes or visits. What is not known is no permission. DECISIONS D152.
 */
export function mayContact(facts: ContactFacts, ask: ContactAsk): ContactAnswer {
  if (!doesStandingAllow(facts.standing, ask.channel)) return { may: false, rule: ruleOf(facts) };
  if (!isSafe(facts.seeInPerson, ask)) return { may: false, rule: 'see-in-person' };
  const { category, partner, today } = ask;
  const no = findNo(facts.nos, { category, partner, today });
  if (no) return againstNo(no);
  const notReached = notChosen(facts, ask);
  if (notReached) return { may: false, rule: notReached };
  return withinBudget(facts, ask);
}

/** A new number is no number of theirs until they say so; a talk at the visit needs none. */
const doesStandingAllow = (standing: ContactStanding, channel: ContactChannel): boolean =>
  standing === 'active' || (standing === 'changed' && channel === 'in-person');

const ruleOf = ({ standing }: ContactFacts): ContactRule =>
  standing === 'active' ? 'changed' : standing;

/** A way in words is for people to read; a machine has to know the way for sure. */
function isSafe(seeInPerson: ContactFacts['seeInPerson'], ask: ContactAsk): boolean {
  if (seeInPerson === undefined || ask.channel === 'in-person') return true;
  return seeInPerson.safeWay === ask.channel;
}

function againstNo(no: PersonNo): ContactAnswer {
  const answer = { may: false, rule: 'said-no', no } as const;
  return no.kind === 'not-now' && no.until !== null ? { ...answer, until: no.until } : answer;
}

/** Names the rule against a way that the person has not chosen; undefined where it is theirs. */
function notChosen({ reach, tries }: ContactFacts, ask: ContactAsk): ContactRule | undefined {
  if (ask.channel === 'in-person') return undefined;
  if (reach !== undefined) {
    const isWay = reach.ways.includes(ask.channel);
    return isWay && (ask.by !== 'machine' || reach.machine) ? undefined : 'way-not-chosen';
  }
  const isFirst = tries.every(({ outcome }) => outcome === 'not-made');
  return ask.by === 'staff' && ask.channel === 'call' && isFirst ? undefined : 'not-asked-how';
}

function withinBudget({ tries, budget, reach }: ContactFacts, ask: ContactAsk): ContactAnswer {
  const standing = tryStanding(tries, budget, ask.today);
  const onlyClinic = reach === undefined;
  if (ask.channel === 'in-person')
    return { may: true, left: standing.may ? standing.left : 0, onlyClinic };
  if (!standing.may) return { may: false, rule: 'no-tries-left', until: standing.from };
  return { may: true, left: standing.left, onlyClinic };
}
