import { AppError, sleep } from '@loopwell/kit';
import { bulkhead, circuitBreaker, ConsecutiveBreaker, DelegateBackoff, handleWhen, type IPolicy, retry, wrap } from 'cockatiel';

export type Limits = {
  /** Requests per second towards one receiver; undefined: as fast as concurrency allows. */
  requestsPerSecond?: number;
  concurrency?: number;
  /** Tries of a request that may be repeated. */
  attempts?: number;
  baseMs?: number;
  maxMs?: number;
};

/**
 * Manners towards one receiver: a few requests at a time, spaced, repeated with growing and jittered pauses where that
 * is safe, as long as the receiver asks (Retry-After), and left alone for a while when it keeps failing.
 */
export type Manners = { once: <T>(work: () => Promise<T>) => Promise<T>; repeated: <T>(work: () => Promise<T>) => Promise<T> };

const isUnavailable = (error: unknown) => error instanceof AppError && error.retryable && error.code !== 'OUTCOME_UNKNOWN';

export function createManners(limits: Limits): Manners {
  const [baseMs, maxMs] = [limits.baseMs ?? 500, limits.maxMs ?? 60_000];
  const width = bulkhead(limits.concurrency ?? 8, 100_000);
  const breaker = circuitBreaker(handleWhen(isUnavailable), { halfOpenAfter: 5_000, breaker: new ConsecutiveBreaker(20) });
  const pauses = new DelegateBackoff((context: { attempt: number; result?: unknown }) => {
    const error = context.result && typeof context.result === 'object' && 'error' in context.result ? context.result.error : undefined;
    const asked = error instanceof AppError && typeof error.facts.retryAfterMs === 'number' ? error.facts.retryAfterMs : 0;
    const growing = Math.min(maxMs, baseMs * 2 ** context.attempt) * (0.5 + Math.random() / 2);
    return Math.min(maxMs, Math.max(asked, growing));
  });
  const again = retry(handleWhen(isUnavailable), { maxAttempts: (limits.attempts ?? 4) - 1, backoff: pauses });
  const spaced = createSpacing(limits.requestsPerSecond);
  const inner: IPolicy = wrap(breaker, width);
  const run = <T>(policy: IPolicy, work: () => Promise<T>) =>
    policy.execute(async () => {
      await spaced();
      return work();
    }) as Promise<T>;
  return {
    once: (work) => run(inner, work).catch(translate),
    repeated: (work) => run(wrap(again, inner), work).catch(translate),
  };
}

function createSpacing(perSecond: number | undefined): () => Promise<void> {
  if (perSecond === undefined) return async () => {};
  const gapMs = 1_000 / perSecond;
  let next = 0;
  return async () => {
    const now = Date.now();
    const at = Math.max(now, next);
    next = at + gapMs;
    if (at > now) await sleep(at - now);
  };
}

/** The breaker's own refusal, in our words. */
function translate(error: unknown): never {
  if (error instanceof AppError) throw error;
  if (error instanceof Error && /breaker|circuit|bulkhead/i.test(error.message)) {
    throw new AppError('REMOTE_UNAVAILABLE', 'The other server keeps failing and is left alone for a while', {
      facts: { neverSent: true, retryAfterMs: 5_000 },
    });
  }
  throw error;
}

/** Milliseconds of a Retry-After header (seconds or an HTTP date), at most an hour. */
export function retryAfterMs(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - now.getTime();
  return Number.isNaN(ms) ? undefined : Math.min(3_600_000, Math.max(0, ms));
}
