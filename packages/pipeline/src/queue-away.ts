import type { Queues } from './queue.ts';

/** For `/ready`: a sentence when the queue is away. It only wakes people up, yet whoever runs it wants to know. */
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
