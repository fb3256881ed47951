import { AppError, sleep } from '@loopwell/kit';
import { bulkhead, ConsecutiveBreaker, circuitBreaker, handleWhen, type IPolicy, wrap } from 'cockatiel';

export type Limits = {
  /** Requests per second towards one receiver; undefined: as fast as concurrency allows. */
  requestsPerSecond?: number;
  concurrency?: number;
  /** Tries of a request that may be repeated. */
  attempts?: number;
  baseMs?: number;
  /** Longest pause between two tries here; who asks for a longer one is asked again later, by the ledger. */
  maxMs?: number;
};

/**
 * Manners towards one receiver: a few requests at a time, spaced, repeated with growing and jittered pauses where that
 * is safe, never before the receiver wants (Retry-After), and left alone for a while when it keeps failing.
 */
export type Manners = { once: <T>(work: () => Promise<T>) => Promise<T>; repeated: <T>(work: () => Promise<T>) => Promise<T> };

const isUnavailable = (error: unknown): error is AppError =>
  error instanceof AppError && error.retryable && error.code !== 'OUTCOME_UNKNOWN';

/** @param signal ends pauses between tries, so that nobody who stops has to wait for them */
export function createManners(limits: Limits, signal?: AbortSignal): Manners {
  const width = bulkhead(limits.concurrency ?? 8, 100_000);
  const breaker = circuitBreaker(handleWhen(isUnavailable), { halfOpenAfter: 5_000, breaker: new ConsecutiveBreaker(20) });
  const inner: IPolicy = wrap(breaker, width);
  const spaced = createSpacing(limits.requestsPerSecond, signal);
  const once = <T>(work: () => Promise<T>): Promise<T> =>
    (
      inner.execute(async () => {
        await spaced();
        return work();
      }) as Promise<T>
    ).catch(translate);
  return {
    once,
    async repeated(work) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await once(work);
        } catch (error) {
          const pauseMs = pauseAfter(error, attempt, limits);
          if (pauseMs === undefined || signal?.aborted) throw error;
          await sleep(pauseMs, signal);
          if (signal?.aborted) throw error;
        }
      }
    },
  };
}

/** Milliseconds until the next try, or undefined when this was the last one here. */
function pauseAfter(error: unknown, attempt: number, limits: Limits): number | undefined {
  if (!isUnavailable(error) || error.facts.leftAlone === true || attempt >= (limits.attempts ?? 4)) return undefined;
  // A page that is gone does not come back: it is asked once more, in case another node has it.
  if (error.facts.pageGone === true && attempt >= 2) return undefined;
  const maxMs = limits.maxMs ?? 10_000;
  const asked = typeof error.facts.retryAfterMs === 'number' ? error.facts.retryAfterMs : 0;
  if (asked > maxMs) return undefined;
  const growing = Math.min(maxMs, (limits.baseMs ?? 500) * 2 ** attempt) * (0.5 + Math.random() / 2);
  return Math.max(asked, growing);
}

function createSpacing(perSecond: number | undefined, signal?: AbortSignal): () => Promise<void> {
  if (perSecond === undefined) return async () => {};
  const gapMs = 1_000 / perSecond;
  let next = 0;
  return async () => {
    const now = Date.now();
    const at = Math.max(now, next);
    next = at + gapMs;
    if (at > now) await sleep(at - now, signal);
  };
}

/** The breaker's own refusal, in our words. */
function translate(error: unknown): never {
  if (error instanceof AppError) throw error;
  if (error instanceof Error && /breaker|circuit|bulkhead/i.test(error.message)) {
    throw new AppError('REMOTE_UNAVAILABLE', 'The other server keeps failing and is left alone for a while', {
      facts: { neverSent: true, leftAlone: true, retryAfterMs: 5_000 },
    });
  }
  throw error;
}

/** Milliseconds of a Retry-After header (seconds or an HTTP date, RFC 9110 10.2.3), at most an hour. */
export function retryAfterMs(header: string | null, now: Date): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - now.getTime();
  return Number.isNaN(ms) ? undefined : Math.min(3_600_000, Math.max(0, ms));
}
