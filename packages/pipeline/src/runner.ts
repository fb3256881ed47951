import { type Log, sleep } from '@loopwell/kit';
import type { Claim, Nudge } from './ports.ts';
import type { Queues } from './queue.ts';
import { type Stage, stages } from './stages.ts';

/** One stage made ready to work: what a claim gives, worked and settled. Returns how many rows were claimed. */
export type StageWork = { stage: Stage; concurrency?: number; work: (claim: Claim) => Promise<number> };

export type RunnerOptions = {
  queues: Queues;
  works: readonly StageWork[];
  /** The reconciler's interval. A row that has waited two of them unclaimed is worked without its nudge. */
  intervalMs?: number;
  log: Log;
};

export type Runner = { close: () => Promise<void> };

/**
 * Starts a BullMQ worker per stage and, beside it, the reconciler: it takes what is due and has waited two intervals
 * and works it itself, so that a queue that has gone quiet stops nobody. Stages that come due by the clock are looked
 * at in each interval, since nobody nudges for them.
 */
export function startRunner(options: RunnerOptions): Runner {
  const intervalMs = options.intervalMs ?? 2_000;
  const stopping = new AbortController();
  for (const one of options.works) {
    options.queues.work(one.stage, one.concurrency ?? 1, (nudge: Nudge) => drain(one, { batch: nudge.batch }, stopping.signal));
  }
  const loops = options.works.map(async (one) => {
    const waitedMs = stages[one.stage].clocked ? 0 : 2 * intervalMs;
    while (!stopping.signal.aborted) {
      await drain(one, { waitedMs }, stopping.signal).catch((error) => {
        if (!stopping.signal.aborted) options.log.error('The reconciler could not work', error, { stage: one.stage });
      });
      await sleep(intervalMs, stopping.signal);
    }
  });
  return {
    async close() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

async function drain(one: StageWork, claim: Claim, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await one.work(claim)) > 0) {
    // Claim again until nothing of it is left.
  }
}
