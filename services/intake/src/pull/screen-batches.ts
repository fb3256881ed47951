import { newId, sleep } from '@loopwell/kit';
import type { PullStageDeps } from './ports.ts';

/** For how long people who become due share a batch, in milliseconds. */
const gatherMs = 250;

/** The batches of people whose record changed, who become due for `screen`. */
export type ScreenBatches = {
  /** The batch of people who become due now. */
  current: () => string;
  /** Nudges a batch when its last people are due. Call it after each commit with people of it. */
  nudgeLater: (batch: string) => Promise<void>;
};

/**
 * Gathers people who become due within a quarter of a second into one batch, since each batch costs
 * a nudge and a claim. If a nudge gets lost, the reconciler finds the rows. DECISIONS D141.
 */
export function createScreenBatches(
  deps: Pick<PullStageDeps, 'coalesceMs' | 'nudge' | 'signal' | 'log'>,
): ScreenBatches {
  let open = { batch: newId(), until: 0 };
  const commits = new Map<string, number>();
  return {
    current() {
      const now = performance.now();
      if (now >= open.until) open = { batch: newId(), until: now + gatherMs };
      return open.batch;
    },
    async nudgeLater(batch) {
      const count = (commits.get(batch) ?? 0) + 1;
      commits.set(batch, count);
      await sleep(deps.coalesceMs, deps.signal);
      if (commits.get(batch) !== count) return;
      commits.delete(batch);
      if (deps.signal.aborted) return;
      const nudged = deps.nudge([{ stage: 'screen', batch }]);
      await nudged.catch((error) => deps.log.error('A nudge was not taken', error));
    },
  };
}
