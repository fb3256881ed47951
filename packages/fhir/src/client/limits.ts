import { AppError, sleep } from '@loopwell/kit';
import { ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { createGate, type Gate } from './gate.ts';

export type Limits = {
  /** Requests per second towards one receiver; undefined: as fast as concurrency allows. */
  requestsPerSecond?: number;
  concurrency?: number;
  /** Tries of a request that may be repeated. */
  attempts?: number;
  baseMs?: number;
  /** Longest pause between two tries here; who asks for a longer one is asked again later, by the ledger. */
  maxMs?: number;
  /** Pauses after the first, second and later lock-out in a row that does not say for how long. */
  lockMs?: readonly number[];
};

/**
 * Manners towards one receiver: a few requests at a time, spaced, repeated with growing and jittered pauses where that
 * is safe, never before the receiver wants (Retry-After, or its words), and left alone for a while when it keeps failing.
 */
export type Manners = { once: <T>(work: () => Promise<T>) => Promise<T>; repeated: <T>(work: () => Promise<T>) => Promise<T> };

const isUnavailable = (error: unknown): error is AppError =>
  error instanceof AppError && error.retryable && error.code !== 'OUTCOME_UNKNOWN';

const isLockout = (error: unknown): error is AppError => error instanceof AppError && error.facts.lockedOut === true;

/** The longest window that servers are known to count in is a quarter of an hour. */
const lockMs = [4_000, 75_000, 900_000];

/**
 * @param signal ends pauses between tries, so that nobody who stops has to wait for them
 * @param onWait told when a lock-out begins, with its end, and without one when it is over
 */
export function createManners(limits: Limits, signal?: AbortSignal, onWait?: (until: Date | undefined) => void): Manners {
  const breaker = circuitBreaker(
    handleWhen((error) => isUnavailable(error) && !isLockout(error)),
    { halfOpenAfter: 5_000, breaker: new ConsecutiveBreaker(20) },
  );
  const longestMs = limits.maxMs ?? 10_000;
  const { requestsPerSecond } = limits;
  const width = limits.concurrency ?? 8;
  const gate = createGate({ width, longestMs, lockMs: limits.lockMs ?? lockMs, requestsPerSecond, signal, onWait });
  const once = async <T>(work: () => Promise<T>): Promise<T> => {
    await gate.enter();
    try {
      const result = await breaker.execute(work);
      gate.succeed();
      return result;
    } catch (error) {
      if (isLockout(error)) throw error.facts.leftAlone === true ? error : lockedOut(error, gate.lock(askedOf(error)));
      if (error instanceof AppError && error.code === 'REMOTE_REFUSED') gate.succeed();
      return translate(error);
    } finally {
      gate.leave();
    }
  };
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

const askedOf = ({ facts }: AppError) => (typeof facts.retryAfterMs === 'number' ? facts.retryAfterMs : undefined);

/** With the end that was decided on, for the ledger and for people. */
function lockedOut(error: AppError, { until, leftMs }: ReturnType<Gate['lock']>): AppError {
  const { code, message, retryable, facts } = error;
  return new AppError(code, message, { retryable, facts: { ...facts, retryAfterMs: leftMs, until: until.toISOString() }, cause: error });
}

/** Milliseconds until the next try, or undefined when this was the last one here. */
function pauseAfter(error: unknown, attempt: number, limits: Limits): number | undefined {
  if (!isUnavailable(error) || error.facts.leftAlone === true || attempt >= (limits.attempts ?? 4)) return undefined;
  // A page that is gone does not come back: it is asked once more, in case another node has it.
  if (error.facts.pageGone === true && attempt >= 2) return undefined;
  const maxMs = limits.maxMs ?? 10_000;
  const asked = askedOf(error) ?? 0;
  if (asked > maxMs) return undefined;
  if (isLockout(error)) return asked;
  const growing = Math.min(maxMs, (limits.baseMs ?? 500) * 2 ** attempt) * (0.5 + Math.random() / 2);
  return Math.max(asked, growing);
}

/** The breaker's own refusal, in our words. */
function translate(error: unknown): never {
  if (error instanceof AppError) throw error;
  if (error instanceof Error && /breaker|circuit/i.test(error.message)) {
    throw new AppError('REMOTE_UNAVAILABLE', 'The other server keeps failing and is left alone for a while', {
      facts: { neverSent: true, leftAlone: true, retryAfterMs: 5_000 },
    });
  }
  throw error;
}
