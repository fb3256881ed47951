/**
 * Reasons why a referral ended without help, as they are kept with it. Each of them waits for a
 * person.
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
  'handed-back',
  'handed-over',
  'person-declined',
  'wrong-contact',
  'unable-to-reach',
  'did-not-come',
  'given-up-by-operator',
  'outcome-doubted',
] as const;

export type WithoutHelp = (typeof withoutHelpReasons)[number];

/** Tells whether a text is one of those reasons. */
export const isWithoutHelp = (text: string | null): text is WithoutHelp =>
  withoutHelpReasons.some((reason) => reason === text);

/** Reasons of ours for which a Task ended before its partner had a say. */
const noTurn: readonly (string | null)[] = [
  'never-arrived',
  'consent-expired',
  'consent-unclear',
  'restricted',
  'kept-out',
  'undone',
  'partner-changed',
  'said-no',
  'not-this-place',
];

/**
 * Tells whether a partner had its turn with a Task, however it ended. Where we took the Task back
 * before that, the partner is asked again.
 */
export const hadTurn = ({ reason }: { reason: string | null }): boolean => !noTurn.includes(reason);

/** What is known of a Task that has ended: its status, and why, where that is known. */
type EndedTask = { status: string; reason: string | null };

/**
 * Returns the reason for which a person has to look before another partner is asked; undefined
 * where the next partner may be asked.
 *
 * @param tasks the referral's Tasks that have ended and had their turn, oldest first: the last one
 * says it. Its `reason` is one of ours where we ended it, or where the partner's answer was coded;
 * it is null where the partner gave none.
 */
export function needsPersonAfter(tasks: readonly EndedTask[]): WithoutHelp | undefined {
  const last = tasks.at(-1);
  if (!last) return undefined;
  if (isWithoutHelp(last.reason)) return last.reason;
  if (last.status === 'failed') return 'partner-failed';
  return last.status === 'cancelled' && last.reason === null ? 'cancelled-by-partner' : undefined;
}

/**
 * Tells whether a Task ended with help, or at least is said to: no further partner is asked. A
 * person judges what speaks against help.
 */
export const isEndedAsHelp = ({ status, reason }: EndedTask): boolean =>
  status === 'completed' && reason !== 'outcome-doubted';

/** Tells whether any partner has answered at all, once all had their turn. */
export const afterAllTurns = (tasks: readonly EndedTask[]): 'all-declined' | 'silent' =>
  tasks.length > 0 && tasks.every((one) => one.reason === 'not-accepted-in-time')
    ? 'silent'
    : 'all-declined';
