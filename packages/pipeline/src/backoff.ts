import { errorRecord, type Facts } from '@loopwell/kit';
import type { Row, Settlement } from './ledger-port.ts';
import { heldUpBy } from './stages.ts';

/**
 * `awayAttempts`: for a server that is away, which comes back without us; as `attempts` when not
 * said.
 */
export type RetryPolicy = {
  baseMs: number;
  maxMs: number;
  attempts: number;
  awayAttempts?: number;
};

export const defaultRetry: RetryPolicy = {
  baseMs: 1_000,
  maxMs: 300_000,
  attempts: 8,
  awayAttempts: Number.POSITIVE_INFINITY,
};

/**
 * How long rows wait that need another LOOPWELL_SECRET_KEY; the right one brings them back by
 * themselves.
 */
const keyAgainMs = 15_000;

/** Failures of one cause: what has failed in another way before says nothing about this one. */
const failuresOf = ({ attempts, cause }: Pick<Row, 'attempts' | 'cause'>, code: string): number =>
  cause === null || cause === code ? attempts : 0;

/**
 * The ledger row of a failure: tried again with growing pauses while that can help, then a
 * person's. A server that is away may be asked for ever: it comes back without anybody's help here,
 * and until then the row shows that it fails, and how often.
 *
 * No failure is what was not tried: a server that is left alone now, a process that stops, a key
 * that does not fit.
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

function attemptsAtMost(code: string, policy: RetryPolicy): number {
  const isAway = code === 'REMOTE_UNAVAILABLE';
  return isAway ? (policy.awayAttempts ?? policy.attempts) : policy.attempts;
}

const backoffMs = (attempts: number, { baseMs, maxMs }: RetryPolicy) =>
  Math.min(maxMs, baseMs * 2 ** Math.min(attempts, 30));

/** What the other server asked for (Retry-After). */
const askedDelayMs = ({ retryAfterMs }: Facts) =>
  typeof retryAfterMs === 'number' ? retryAfterMs : 0;

/** The other server's doing. */
export const isTheirs = (code: string): boolean => code.startsWith('REMOTE_');

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
