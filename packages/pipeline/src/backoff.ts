import { errorRecord } from '@loopwell/kit';
import type { Settlement } from './ports.ts';

export type RetryPolicy = { baseMs: number; maxMs: number; attempts: number };

export const defaultRetry: RetryPolicy = { baseMs: 1_000, maxMs: 300_000, attempts: 8 };

/**
 * The ledger row of a failure: tried again with growing pauses while that can help, then a person's. A server that is away
 * is asked for ever: it comes back without anybody's help here, and until then the row shows that it fails, and how often.
 *
 * @param attempts failures so far, without this one
 */
export function parkOf(thrown: unknown, attempts: number, policy: RetryPolicy): Settlement {
  const record = errorRecord(thrown);
  const retryAfterMs = typeof record.facts.retryAfterMs === 'number' ? record.facts.retryAfterMs : 0;
  const facts = { ...record.facts, rule: record.message };
  const isAway = record.code === 'REMOTE_UNAVAILABLE';
  if (!record.retryable || (!isAway && attempts + 1 >= policy.attempts)) {
    return { kind: 'park', code: record.code, facts, waitsFor: 'operator' };
  }
  const delayMs = Math.max(retryAfterMs, Math.min(policy.maxMs, policy.baseMs * 2 ** Math.min(attempts, 30)));
  return { kind: 'park', code: record.code, facts, delayMs, waitsFor: 'worker' };
}
