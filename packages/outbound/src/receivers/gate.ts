import { AppError, sleep } from '@loopwell/kit';

export type GateOptions = {
  /** Most requests at a time; the gate widens up to it as the receiver answers well. */
  width: number;
  /** Longest pause here, in ms; for a longer one the caller comes again later. */
  longestMs: number;
  /** Pauses after one lock-out after the other that do not say for how long. */
  lockMs: readonly number[];
  requestsPerSecond?: number | undefined;
  signal?: AbortSignal | undefined;
  now?: () => number;
  pause?: (ms: number) => Promise<void>;
  /**
   * Called when a lock-out begins, with its end, and without one when the receiver answers again.
   */
  onWait?: ((until: Date | undefined) => void) | undefined;
};

/**
 * The way to one receiver. It begins with one request at a time and widens by one after two good
 * answers for each place. A lock-out shuts it for all callers until its end; then one request goes
 * first, and both width and pace come back slowly.
 * DECISIONS D102.
 */
export type Gate = {
  /**
   * Waits for a turn. @throws AppError REMOTE_UNAVAILABLE, with nothing sent, while a long lock-out
   * lasts
   */
  enter: () => Promise<void>;
  leave: () => void;
  /** Notes that the receiver has answered. */
  succeed: () => void;
  /**
   * Shuts the gate for a lock-out.
   *
   * @returns when the receiver is asked again
   */
  lock: (askedMs: number | undefined) => { until: Date; leftMs: number };
};

/**
 * How many good answers after a lock-out widen the way by one, and take a third off the pause
 * between two requests.
 */
const perStep = 20;
const [firstGapMs, longestGapMs, shortestGapMs] = [250, 10_000, 20];

/** Creates the gate to one receiver; `Gate` says how it behaves. */
export function createGate(options: GateOptions): Gate {
  const { width: most, longestMs, lockMs, onWait } = options;
  const now = options.now ?? Date.now;
  const pause = options.pause ?? ((ms: number) => sleep(ms, options.signal));
  const fixedGapMs =
    options.requestsPerSecond === undefined ? 0 : 1_000 / options.requestsPerSecond;
  const turns = createTurns();
  let [width, good, sinceWider, strikes, gapMs, next, lockedUntil] = [1, 0, 0, 0, 0, 0, 0];
  /** True once the receiver has locked us out: the way is widened more slowly from then on. */
  let isWary = false;

  const space = async () => {
    const gap = Math.max(fixedGapMs, gapMs);
    const at = Math.max(now(), next);
    next = at + gap;
    if (at > now()) await pause(at - now());
  };
  return {
    async enter() {
      while (true) {
        await turns.take();
        if (lockedUntil <= now()) await space();
        // A lock-out that began during the pause counts, too.
        const leftMs = lockedUntil - now();
        if (leftMs <= 0) return;
        turns.giveBack();
        if (leftMs > longestMs || options.signal?.aborted) throw leftAlone(leftMs, lockedUntil);
        await pause(leftMs);
      }
    },
    leave: turns.giveBack,
    succeed() {
      // The request left before the lock-out began: its answer says nothing about the end.
      if (now() < lockedUntil) return;
      if (strikes > 0) onWait?.(undefined);
      strikes = 0;
      good += 1;
      sinceWider += 1;
      if (width < most && sinceWider >= (isWary ? perStep : 2 * width))
        [width, sinceWider] = [width + 1, 0];
      if (good % perStep === 0) gapMs = gapMs * 0.7 < shortestGapMs ? 0 : gapMs * 0.7;
      turns.widen(width);
    },
    lock(askedMs) {
      const at = now();
      // Requests that were under way when it began are refused too: that is one lock-out.
      if (strikes === 0 || at >= lockedUntil) {
        strikes += 1;
        gapMs = Math.min(longestGapMs, Math.max(firstGapMs, 2 * gapMs));
      }
      const ownPauseMs = lockMs[Math.min(strikes, lockMs.length) - 1] ?? 0;
      // A server that asks for too short a wait again and again is not believed any more.
      const atLeastMs = strikes > 2 ? ownPauseMs : 0;
      const ms = askedMs === undefined ? ownPauseMs : Math.max(askedMs, atLeastMs);
      lockedUntil = Math.max(lockedUntil, at + ms);
      [width, isWary, good, sinceWider] = [1, true, 0, 0];
      turns.widen(width);
      const until = new Date(lockedUntil);
      onWait?.(until);
      return { until, leftMs: lockedUntil - at };
    },
  };
}

/**
 * Creates places for so many at a time. Callers that wait get the next one that is free, in order.
 */
function createTurns() {
  const queue: (() => void)[] = [];
  let [active, width] = [0, 1];
  const handOver = () => {
    while (active < width && queue.length > 0) {
      active += 1;
      queue.shift()?.();
    }
  };
  return {
    async take(): Promise<void> {
      if (active < width && queue.length === 0) active += 1;
      else await new Promise<void>((resolve) => queue.push(resolve));
    },
    giveBack(): void {
      active -= 1;
      handOver();
    },
    widen(to: number): void {
      width = to;
      handOver();
    },
  };
}

const leftAlone = (leftMs: number, until: number) =>
  new AppError(
    'REMOTE_UNAVAILABLE',
    'The other server asks to be left alone until its lock-out ends',
    {
      facts: {
        neverSent: true,
        leftAlone: true,
        lockedOut: true,
        retryAfterMs: leftMs,
        until: new Date(until).toISOString(),
      },
    },
  );
