import type { Queues } from './queue.ts';

/**
 * For `/ready`: a sentence when the queue is away. It only wakes people up, yet whoever runs it
 * wants to know.
 */
export async function queueAway(queues: Queues): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), 2_000);
  });
  return Promise.race([Promise.all([queues.counts(), queues.takesNone()]), late])
    .then(
      ([, none]) =>
        none &&
        `The queue (${queues.backend}) takes no nudge: ${none}; the reconciler goes on without it`,
      () => `The queue (${queues.backend}) does not answer; the reconciler goes on without it`,
    )
    .finally(() => clearTimeout(timer));
}

/**
 * For Prometheus: nudges that were not taken; each costs seconds, since the reconciler finds the
 * work.
 */
export function nudgeMeasures(
  queues: Queues,
): { name: string; help: string; labels: Record<string, string>; value: number }[] {
  const help = 'Nudges that the queue did not take since the start, by the code of the cause';
  const some = queues.refused();
  return (some.length > 0 ? some : [{ cause: 'none', count: 0 }]).map(({ cause, count }) => ({
    ...{ name: 'loopwell_nudges_refused', help, labels: { backend: queues.backend, cause } },
    value: count,
  }));
}
