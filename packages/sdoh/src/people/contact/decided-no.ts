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

/** Ways in which staff write that somebody said no. */
const noWords: readonly RegExp[] = [
  /\b(do|does|did)(n['’]?t| not) want\b/,
  /\bnot want(ed|ing)?\b/,
  /\bno,? thank/,
  /\b(said|says|say|told (us|me|her|him)) no\b/,
  /^(declin|refus)(e|es|ed|ing)\b/,
  /\b(they|she|he|person|patient|client|pt|mother|father|parent|guardian|family)\b[^.;,]* (declin|refus)(e|es|ed|ing)\b/,
  /\bnot interested\b/,
  /\bturned (it|this|us|that|help) down\b/,
  /\b(do|does)(n['’]?t| not) (ask|call|contact)\b/,
];

/**
 * Tells whether the reason of a refusal says that the person said no. Words that are not among
 * these are the staff's own reason. DECISIONS D160.
 */
export function saysPersonsNo(reason: string): boolean {
  const text = reason.toLowerCase();
  return reason === personsNoReason || noWords.some((words) => words.test(text));
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
