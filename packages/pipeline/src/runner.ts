import { type Log, sleep } from '@loopwell/kit';
import type { Flight } from './lease.ts';
import type { Claim } from './ledger-port.ts';
import type { Queues } from './queue/queue.ts';
import { type Stage, stages } from './stages.ts';

/**
 * A stage made ready to work: `work` works and settles what a claim gives, and returns how many
 * rows were claimed. A stage that talks to others calls `onClaim` as soon as it has claimed. From
 * then on the runner does not wait for a batch that only waits for slow servers, nor long for one
 * that takes its time.
 * DECISIONS D3.
 */
export type StageWork = {
  stage: Stage;
  concurrency?: number;
  work: (claim: Claim, onClaim?: (flight: Flight) => void) => Promise<number>;
};

export type RunnerOptions = {
  queues: Queues;
  works: readonly StageWork[];
  /**
   * The reconciler's interval. A row that has waited two of them unclaimed is worked without its
   * nudge.
   */
  intervalMs?: number;
  log: Log;
};

/** A runner at work; `close` ends it. */
export type Runner = { close: () => Promise<void> };

/**
 * Starts a BullMQ worker per stage and, beside it, the reconciler. The reconciler takes what is due
 * and has waited two intervals and works it itself, so that a queue that has gone quiet stops no
 * work. Stages that come due by the clock are looked at in each interval, since they get no nudges.
 */
export function startRunner(options: RunnerOptions): Runner {
  const intervalMs = options.intervalMs ?? 2_000;
  const stopping = new AbortController();
  const drains = new Map(
    options.works.map((work) => [work.stage, createDrain(work, options.log, stopping.signal)]),
  );
  const drain = async (stage: Stage, claim: Claim) => drains.get(stage)?.drain(claim);
  for (const { stage, concurrency } of options.works)
    options.queues.work(stage, concurrency ?? 1, ({ batch }) => drain(stage, { batch }));
  const loops = options.works.map(async ({ stage }) => {
    const waitedMs = stages[stage].clocked ? 0 : 2 * intervalMs;
    const report = (error: unknown) => {
      if (stopping.signal.aborted) return;
      options.log.error('The reconciler could not work', error, { stage });
    };
    while (!stopping.signal.aborted) {
      await drain(stage, { waitedMs }).catch(report);
      await sleep(intervalMs, stopping.signal);
    }
  });
  return {
    async close() {
      stopping.abort();
      const drained = [...drains.values()].map((each) => each.settled());
      const ended = Promise.all([...loops, ...drained]).then(() => true);
      if (await Promise.race([ended, sleep(closeMs).then(() => false)])) return;
      const message = 'Not everything ended in time; what is left goes on when its lease has ended';
      options.log.warn(message);
    },
  };
}

/**
 * How many rows of a stage may wait for slow servers beside what is being worked, and how often
 * that is looked at, in milliseconds.
 */
const [stuckAtMost, lookMs] = [2_000, 250];
/**
 * How long a batch may take before it is worked beside the next one, and how many such batches
 * there may be.
 */
const [longMs, longAtMost] = [5_000, 3];
/** How long closing waits for work in hand, in milliseconds. */
const closeMs = 10_000;

/** Makes the functions that work a stage until nothing of a claim is left. */
function createDrain({ stage, work }: StageWork, log: Log, signal: AbortSignal) {
  const aside = new Map<Promise<unknown>, Flight>();

  /** Tells whether a batch may go on beside the next one. */
  function mayWaitAside(flight: Flight, since: number): boolean {
    const others = [...aside.values()];
    if (flight.isStuck()) {
      const stuck = others.reduce((sum, other) => sum + other.left(), flight.left());
      return stuck <= stuckAtMost;
    }
    const moving = others.filter((other) => !other.isStuck());
    return performance.now() - since > longMs && moving.length < longAtMost;
  }

  /** Stops waiting for a batch. It ends by itself, and its requests end at their deadlines. */
  function setAside(done: Promise<unknown>, flight: Flight): void {
    const ended = done
      .catch((error) => {
        if (!signal.aborted)
          log.error('A batch that was worked beside others failed', error, { stage });
      })
      .finally(() => aside.delete(ended));
    aside.set(ended, flight);
  }

  /** Works one claim until it is done or set aside, and returns how many rows it claimed. */
  async function workOnce(claim: Claim): Promise<number> {
    let flight: Flight | undefined;
    const since = performance.now();
    const done = work(claim, (claimed) => {
      flight = claimed;
    });
    let ended: { count: number } | undefined;
    const counted = done.then((count) => {
      ended = { count };
    });
    while (!ended) {
      await Promise.race([counted, sleep(lookMs)]);
      if (ended || !flight || !mayWaitAside(flight, since)) continue;
      setAside(counted, flight);
      return flight.rows;
    }
    return (ended as { count: number }).count;
  }
  return {
    async drain(claim: Claim): Promise<void> {
      while (!signal.aborted && (await workOnce(claim)) > 0) {
        // Claim again until nothing of it is left.
      }
    },
    settled: async () => void (await Promise.all(aside.keys())),
  };
}
