import { sleep } from '@loopwell/kit';

type Waiting<T> = { subject: T; resolve: () => void; reject: (error: unknown) => void };

/**
 * Makes a function that runs subjects in batches: those that arrive during a run become one batch
 * after it. Reads or sends of many subjects then end in one transaction. When a batch fails, each
 * subject is tried by itself, and only the one to blame fails.
 *
 * @param gatherMs how long a batch waits for more subjects before it runs
 */
export function batchWhileBusy<T>(
  work: (subjects: readonly T[]) => Promise<void>,
  gatherMs = 0,
): (subject: T) => Promise<void> {
  const waiting: Waiting<T>[] = [];
  let isBusy = false;
  async function run(): Promise<void> {
    isBusy = true;
    while (waiting.length > 0) {
      // Subjects that arrive at the same moment join the batch.
      if (gatherMs > 0) await sleep(gatherMs);
      else await new Promise((resolve) => setImmediate(resolve));
      await workBatch(waiting.splice(0));
    }
    isBusy = false;
  }
  async function workBatch(batch: readonly Waiting<T>[]): Promise<void> {
    try {
      await work(batch.map(({ subject }) => subject));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const waiter of batch) await workBatch([waiter]);
    }
  }
  return (subject) =>
    new Promise((resolve, reject) => {
      waiting.push({ subject, resolve, reject });
      if (!isBusy) void run();
    });
}
