import { AppError, sleep } from '@loopwell/kit';
import { createGate, type Gate } from './gate.ts';
import type { Receiver } from './receivers.ts';

export type Limits = {
  /** Requests per second toward one receiver; undefined: as fast as concurrency allows. */
  requestsPerSecond?: number;
  concurrency?: number;
  /** Tries of a request that may be repeated. */
  attempts?: number;
  baseMs?: number;
  /**
   * Longest pause between two tries here; a server that asks for a longer one is asked again later,
   * by the ledger.
   */
  maxMs?: number;
  /** Pauses after the first, second and later lock-out in a row that does not say for how long. */
  lockMs?: readonly number[];
};

/**
 * How one receiver is asked: a few requests at a time, spaced, and left alone for a while when it
 * keeps failing. Requests are repeated with growing and jittered pauses where that is safe, never
 * before the receiver wants (Retry-After, or its words).
 */
export type RequestPolicy = {
  once: <T>(work: () => Promise<T>) => Promise<T>;
  repeated: <T>(work: () => Promise<T>) => Promise<T>;
};

const isUnavailable = (error: unknown): error is AppError =>
  error instanceof AppError && error.retryable && error.code !== 'OUTCOME_UNKNOWN';

const isLockout = (error: unknown): error is AppError =>
  error instanceof AppError && error.facts.lockedOut === true;

/**
 * Pauses after lock-outs that do not say for how long. The longest window that servers are known to
 * count in is a quarter of an hour.
 */
const lockMs = [4_000, 75_000, 900_000];

export type RequestPolicyOptions = {
  limits: Limits;
  /** The state of the server, shared by all callers that talk to it. */
  receiver: Receiver;
  /** Ends pauses between tries, so that a stop need not wait for them. */
  signal: AbortSignal;
  /** Told when a lock-out begins, with its end, and without one when it is over. */
  onWait?: ((until: Date | undefined) => void) | undefined;
};

/** Creates the policy by which one receiver is asked. */
export function createRequestPolicy({
  limits,
  receiver,
  signal,
  onWait,
}: RequestPolicyOptions): RequestPolicy {
  const longestMs = limits.maxMs ?? 10_000;
  const { requestsPerSecond } = limits;
  const width = limits.concurrency ?? 8;
  const gate = createGate({
    width,
    longestMs,
    lockMs: limits.lockMs ?? lockMs,
    requestsPerSecond,
    signal,
    onWait,
  });
  const visit = async <T>(work: () => Promise<T>, since?: number): Promise<T> => {
    const leave = await receiver.enter(since);
    try {
      return await throughGate(gate, receiver, work);
    } finally {
      leave();
    }
  };
  return {
    once: (work) => visit(work),
    async repeated(work) {
      let since: number | undefined;
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await visit(work, since);
        } catch (error) {
          const pauseMs = pauseAfter(error, attempt, limits);
          if (pauseMs === undefined || signal.aborted) throw error;
          since ??= Date.now();
          const resume = receiver.pause(since);
          await sleep(pauseMs, signal).finally(resume);
          if (signal.aborted) throw error;
        }
      }
    },
  };
}

async function throughGate<T>(gate: Gate, receiver: Receiver, work: () => Promise<T>): Promise<T> {
  await gate.enter();
  try {
    const result = await work();
    gate.succeed();
    receiver.succeeded();
    return result;
  } catch (error) {
    if (isLockout(error))
      throw error.facts.leftAlone === true ? error : lockedOut(error, gate.lock(askedOf(error)));
    if (error instanceof AppError && error.code === 'REMOTE_REFUSED') gate.succeed();
    tell(receiver, error);
    throw error;
  } finally {
    gate.leave();
  }
}

/**
 * Tells the receiver's state what an error says of it: that it is in trouble, that it answered
 * after all, or nothing.
 */
function tell(receiver: Receiver, error: unknown): void {
  if (!(error instanceof AppError) || error.facts.leftAlone === true) return;
  const { code, facts } = error;
  if (facts.code === 'deadline') receiver.failed('deadline');
  else if (facts.code === 'stopped' || facts.code === 'memory' || code === 'CONFLICT') return;
  else if (code === 'REMOTE_UNAVAILABLE')
    receiver.failed(facts.neverSent === true ? 'unreachable' : 'unavailable');
  else if (code === 'REMOTE_REFUSED' && facts.interaction !== 'token') receiver.succeeded();
}

const askedOf = ({ facts }: AppError) =>
  typeof facts.retryAfterMs === 'number' ? facts.retryAfterMs : undefined;

/**
 * Returns the error with the end of the lock-out that was decided on, for the ledger and for
 * people.
 */
function lockedOut(error: AppError, { until, leftMs }: ReturnType<Gate['lock']>): AppError {
  const { code, message, retryable, facts } = error;
  return new AppError(code, message, {
    retryable,
    facts: { ...facts, retryAfterMs: leftMs, until: until.toISOString() },
    cause: error,
  });
}

/**
 * Error codes after which a request is not repeated here: it would only cost as much again. The
 * ledger comes back later.
 */
const notRepeated: readonly unknown[] = [
  'deadline',
  'too-large',
  'too-many',
  'encoding',
  'memory',
  'stopped',
];

/** Returns the milliseconds until the next try, or undefined when this was the last one here. */
function pauseAfter(error: unknown, attempt: number, limits: Limits): number | undefined {
  if (!isUnavailable(error) || error.facts.leftAlone === true || attempt >= (limits.attempts ?? 4))
    return undefined;
  if (notRepeated.includes(error.facts.code)) return undefined;
  // A page that is gone does not come back: it is asked once more, in case another node has it.
  if (error.facts.pageGone === true && attempt >= 2) return undefined;
  const maxMs = limits.maxMs ?? 10_000;
  const asked = askedOf(error) ?? 0;
  if (asked > maxMs) return undefined;
  if (isLockout(error)) return asked;
  const growing =
    Math.min(maxMs, (limits.baseMs ?? 500) * 2 ** attempt) * (0.5 + Math.random() / 2);
  return Math.max(asked, growing);
}
