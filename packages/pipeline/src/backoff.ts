import { errorRecord, type Facts } from '@loopwell/kit';
import type { Row, Settlement } from './ledger-port.ts';
import { heldUpBy } from './stages.ts';

/**
 * How failures are retried. `awayAttempts` counts for a server that is away, which comes back
 * without us; it is as `attempts` when left out.
 */
export type RetryPolicy = {
  baseMs: number;
  maxMs: number;
  attempts: number;
  awayAttempts?: number;
};

/**
 * The policy of all stages: pauses grow from one second to five minutes; a server that is away is
 * asked without end.
 */
export const defaultRetry: RetryPolicy = {
  baseMs: 1_000,
  maxMs: 300_000,
  attempts: 8,
  awayAttempts: Number.POSITIVE_INFINITY,
};

/**
 * The pause of rows that need another LOOPWELL_SECRET_KEY. The right key brings them back by
 * themselves.
 */
const keyAgainMs = 15_000;

/**
 * Counts the earlier failures of the same cause. A failure of another cause says nothing about this
 * one.
 */
const failuresOf = ({ attempts, cause }: Pick<Row, 'attempts' | 'cause'>, code: string): number =>
  cause === null || cause === code ? attempts : 0;

/**
 * Makes the settlement of a failure: the row is tried again with growing pauses while that can
 * help, and then waits for an operator. A server that is away may be asked without end, since it
 * comes back without help here. Until then the row shows that it fails, and how often.
 *
 * An attempt that was not made is no failure: a server that is left alone now, a process that
 * stops, a key that does not fit.
 *
 * @param row its failures so far, without this one
 */
export function parkOf(
  thrown: unknown,
  row: Pick<Row, 'stage' | 'attempts' | 'cause'>,
  policy: RetryPolicy,
): Settlement {
  const record = errorRecord(thrown);
  const { code } = record;
  const untried = untriedOf(record.facts, row.stage);
  if (untried) return untried;
  const attempts = failuresOf(row, code);
  const facts = { ...record.facts, rule: record.message };
  if (!record.retryable || attempts + 1 >= attemptsAtMost(code, policy))
    return { kind: 'park', code, facts, waitsFor: 'operator' };
  const delayMs = Math.max(askedDelayMs(record.facts), backoffMs(attempts, policy));
  const retry: Settlement = { kind: 'park', code, facts, delayMs, waitsFor: 'worker' };
  return isTheirs(code) ? { ...retry, owedBy: heldUpBy(row.stage) } : retry;
}

/** Returns how many attempts an error code may have. */
function attemptsAtMost(code: string, policy: RetryPolicy): number {
  const isAway = code === 'REMOTE_UNAVAILABLE';
  return isAway ? (policy.awayAttempts ?? policy.attempts) : policy.attempts;
}

/** Returns the pause after so many failures, in milliseconds. */
const backoffMs = (attempts: number, { baseMs, maxMs }: RetryPolicy) =>
  Math.min(maxMs, baseMs * 2 ** Math.min(attempts, 30));

/** Returns the pause that the other server asked for (Retry-After), in milliseconds. */
const askedDelayMs = ({ retryAfterMs }: Facts) =>
  typeof retryAfterMs === 'number' ? retryAfterMs : 0;

/** Tells whether a failure is the other server's doing. */
export const isTheirs = (code: string): boolean => code.startsWith('REMOTE_');

/** Makes the settlement of a row that was not tried; undefined where it was tried. */
function untriedOf(
  { leftAlone, lockedOut, neverSent, code, waitsFor, retryAfterMs }: Facts,
  stage: string,
): Settlement | undefined {
  const quietly = { kind: 'wait', quiet: true, unresolved: true, owedBy: heldUpBy(stage) } as const;
  // The end of a lock-out is shown on the row.
  if (leftAlone === true && lockedOut !== true)
    return {
      ...quietly,
      outcome: 'left-alone',
      waitsFor: 'worker',
      delayMs: Number(retryAfterMs ?? 0),
    };
  if (code === 'stopped' && neverSent !== undefined)
    return { ...quietly, outcome: 'given-back', waitsFor: 'worker', delayMs: 0 };
  if (waitsFor === 'secret-key')
    return { ...quietly, outcome: 'waits:key', waitsFor: 'operator', delayMs: keyAgainMs };
  return undefined;
}
