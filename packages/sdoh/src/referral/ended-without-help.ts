/**
 * Why nobody could help, as it is kept with the referral. Each of them waits for a person.
 *
 * `all-declined`, `silent`: every partner that serves the need had its turn; a new partner is asked
 * by itself. After the others no further partner is asked before a person has looked: what the
 * partner said is about the person.
 * DECISIONS D70.
 */
const withoutHelpReasons = [
  'all-declined',
  'silent',
  'partner-failed',
  'cancelled-by-partner',
  'rejected-after-acceptance',
  'person-declined',
  'wrong-contact',
  'unable-to-reach',
  'did-not-come',
  'given-up-by-operator',
  'outcome-doubted',
] as const;

export type WithoutHelp = (typeof withoutHelpReasons)[number];

export const isWithoutHelp = (text: string | null): text is WithoutHelp =>
  withoutHelpReasons.some((reason) => reason === text);

/** Reasons of ours for which a Task ended before its partner had a say. */
const noTurn: readonly (string | null)[] = [
  'never-arrived',
  'consent-expired',
  'consent-unclear',
  'restricted',
];

/**
 * A partner had its turn with a Task, however it ended; where we took it back before that, it is
 * asked again.
 */
export const hadTurn = ({ reason }: { reason: string | null }): boolean => !noTurn.includes(reason);

/** What is known of a Task that has ended: its status, and why, where that is known. */
type EndedTask = { status: string; reason: string | null };

/**
 * What ended so that a person has to look before anybody else is asked; undefined where the next
 * partner may be asked.
 *
 * @param tasks the referral's Tasks that have ended and had their turn, oldest first: the last one
 *   says it. Its `reason` is one of ours where we ended it, or where the partner's answer was
 *   coded; it is null where the partner gave none.
 */
export function needsPersonAfter(tasks: readonly EndedTask[]): WithoutHelp | undefined {
  const last = tasks.at(-1);
  if (!last) return undefined;
  if (isWithoutHelp(last.reason)) return last.reason;
  if (last.status === 'failed') return 'partner-failed';
  return last.status === 'cancelled' && last.reason === null ? 'cancelled-by-partner' : undefined;
}

/**
 * Ended with help, or at least said to be: no further partner is asked. What speaks against help is
 * a person's to judge.
 */
export const isEndedAsHelp = ({ status, reason }: EndedTask): boolean =>
  status === 'completed' && reason !== 'outcome-doubted';

/** All had their turn: whether anybody has answered at all. */
export const afterAllTurns = (tasks: readonly EndedTask[]): 'all-declined' | 'silent' =>
  tasks.length > 0 && tasks.every((one) => one.reason === 'not-accepted-in-time')
    ? 'silent'
    : 'all-declined';
