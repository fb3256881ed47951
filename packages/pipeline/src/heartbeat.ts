import type { Clock } from '@loopwell/kit';
import type { Queues } from './queue.ts';
import type { StageWork } from './runner.ts';

/** Checks for `/ready`: each answers with a sentence when something is wrong, and with nothing otherwise. */

/** The queue only wakes people up, yet whoever runs it wants to know when it has gone. */
export async function queueAway(queues: Queues): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), 2_000);
  });
  return Promise.race([queues.counts(), late])
    .then(
      () => undefined,
      () => `The queue (${queues.backend}) does not answer; the reconciler goes on without it`,
    )
    .finally(() => clearTimeout(timer));
}

/**
 * Listens to the reconciler's heartbeat: it looks at each stage in each interval, so a stage that it has not looked at
 * for long is one whose loop hangs.
 *
 * @param patienceMs longer than the longest piece of work, since the reconciler works what it finds itself
 */
export function watchReconciler(works: readonly StageWork[], options: { patienceMs: number; clock: Clock }): { works: StageWork[]; stalled: () => Promise<string | undefined> } {
  const now = () => options.clock.now().getTime();
  const seen = new Map(works.map((one) => [one.stage, now()]));
  return {
    works: works.map((one) => ({
      ...one,
      work: (claim) => {
        if ('waitedMs' in claim) seen.set(one.stage, now());
        return one.work(claim);
      },
    })),
    async stalled() {
      const late = [...seen].filter(([, at]) => now() - at > options.patienceMs).map(([stage]) => stage);
      return late.length === 0 ? undefined : `The reconciler has not looked at ${late.join(', ')} for ${Math.round(options.patienceMs / 1_000)} s`;
    },
  };
}
