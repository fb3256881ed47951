import { errorRecord } from '@loopwell/kit';
import type { Settlement } from './ports.ts';

/** `awayAttempts`: for a server that is away, which comes back without us; as `attempts` when not said. */
export type RetryPolicy = { baseMs: number; maxMs: number; attempts: number; awayAttempts?: number };

export const defaultRetry: RetryPolicy = { baseMs: 1_000, maxMs: 300_000, attempts: 8, awayAttempts: Number.POSITIVE_INFINITY };

/**
 * The ledger row of a failure: tried again with growing pauses while that can help, then a person's. A server that is away
 * may be asked for ever: it comes back without anybody's help here, and until then the row shows that it fails, and how
 * often.
 *
 * @param attempts failures so far, without this one
 */
export function parkOf(thrown: unknown, attempts: number, policy: RetryPolicy): Settlement {
  const record = errorRecord(thrown);
  const retryAfterMs = typeof record.facts.retryAfterMs === 'number' ? record.facts.retryAfterMs : 0;
  const facts = { ...record.facts, rule: record.message };
  const most = record.code === 'REMOTE_UNAVAILABLE' ? (policy.awayAttempts ?? policy.attempts) : policy.attempts;
  if (!record.retryable || attempts + 1 >= most) {
    return { kind: 'park', code: record.code, facts, waitsFor: 'operator' };
  }
  const delayMs = Math.max(retryAfterMs, Math.min(policy.maxMs, policy.baseMs * 2 ** Math.min(attempts, 30)));
  return { kind: 'park', code: record.code, facts, delayMs, waitsFor: 'worker' };
}
