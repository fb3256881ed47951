import type { NewNo, NoKind, NoSayer } from './person-no.ts';

/** What a decision about a need says of the person's no. Each field may be left out. */
export type DecidedNoFields = {
  reason?: string | undefined;
  kind?: NoKind | undefined;
  partner?: string | undefined;
  until?: string | undefined;
  saidOn?: string | undefined;
  /** `staff`: nobody said no; the decision is that of the staff alone. */
  saidBy?: NoSayer | 'staff' | undefined;
  saidTo?: string | undefined;
};

/** A no that a decision records. */
export type DecidedNo = NewNo & { kind: NoKind; saidBy: NoSayer };

/** The reason to refuse that is the person's own no. Pages offer it with the others. */
export const personsNoReason = 'The person does not want help with this';

/** Ways in which staff and partners write that somebody said no. */
const noWords: readonly RegExp[] = [
  /\b(do|does|did)(n['’]?t| not) want\b/,
  /\bnot want(ed|ing)?\b/,
  /\b(no longer wants?|wants? no|no quiere)\b/,
  /\bno,? thank/,
  /\bnot interested\b/,
  /\b(opted|opts) out\b/,
  /\bturned (it|this|us|that|help) down\b/,
  /\b((do|does)(n['’]?t| not)|never) (ask|call|contact)\b/,
  /\b(stop|quit) (asking|calling|contacting)\b/,
];

/** Somebody says no, declines or refuses; the words before it say who. */
const declines =
  /^([^.;,]*?(?:\b[a-z]{2,3}\.[^.;,]*?)?)\b((declin|refus)(e|es|ed|ing)\b|(said|says|say|told (us|me|her|him)) no(?=\s*($|[.,;:!]|(again|and|at|by|in|on|to|today|when)\b)))/;

/** Words for those who are not the person: what they decline is no no of the person. */
const others =
  /\b(we|us|it|i|agency|center|clinic|county|ehr|hospital|insurance|insurer|landlord|organization|pantry|partner|program|provider|shelf|shelter|site|staff|team)\b/;

/** Words that say that nobody said no. */
const noNo = /\b(did(n['’]?t| not)|never|has(n['’]?t| not)) (say|said|declined?|refused?)\b/;

/**
 * Tells whether the reason of a refusal, or a partner's words, say that the person said no. Words
 * that are not among these are the staff's or the partner's own reason. DECISIONS D160.
 */
export function saysPersonsNo(reason: string): boolean {
  const text = reason.toLowerCase();
  if (reason === personsNoReason) return true;
  if (noNo.test(text)) return false;
  const who = declines.exec(text)?.[1];
  if (who !== undefined && !others.test(who)) return true;
  return noWords.some((words) => words.test(text));
}

/**
 * Gives the no that a refusal, or an agreement that was taken back, records; undefined for a
 * refusal that is the staff's own. Without a kind it is a no to this help. *Don't ask again* and
 * *not this place* are about every help.
 *
 * @param about the category of the need, and the site's day
 */
export function noOfDecision(
  decision: 'refuse' | 'withdrawAgreement',
  fields: DecidedNoFields,
  { category, today }: { category: string; today: string },
): DecidedNo | undefined {
  const { reason = '', kind, partner, until, saidOn, saidBy, saidTo } = fields;
  if (saidBy === 'staff') return undefined;
  const isNamed = [kind, partner, until, saidOn, saidBy, saidTo].some((one) => one !== undefined);
  if (decision === 'refuse' && !isNamed && !saysPersonsNo(reason)) return undefined;
  const meant = kind ?? 'not-this-help';
  const isOfOneHelp = meant === 'not-this-help' || meant === 'not-now';
  return {
    kind: meant,
    category: isOfOneHelp ? category : undefined,
    partner,
    until,
    saidOn: saidOn ?? today,
    saidBy: saidBy ?? 'person',
  };
}

/**
 * Tells whether a referral ends with a no. It waits for the day of a *not now*, and it goes to
 * other places after a *not this place*.
 */
export const endsReferral = (kind: NoKind): boolean =>
  kind === 'not-this-help' || kind === 'dont-ask-again';
