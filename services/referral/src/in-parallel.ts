import type { LedgerRow } from '@loopwell/store';

/** A request to the server at an address, for one row. */
export type Job = { row: LedgerRow; address: string; run: () => Promise<void> };

/** How many requests of a batch run at a time for each partner. */
const perPartner = 8;

/** Runs jobs a few at a time for each partner, so that no partner's work waits for another. */
export async function runByPartner(
  jobs: readonly Job[],
  waitAt: (rows: readonly LedgerRow[], address: string) => void,
): Promise<void> {
  const byPartner = [...Map.groupBy(jobs, (one) => one.address)].map(
    ([address, jobsOfPartner]) =>
      () => {
        waitAt(
          jobsOfPartner.map((one) => one.row),
          address,
        );
        return inParallel(
          jobsOfPartner.map((one) => one.run),
          perPartner,
        );
      },
  );
  await inParallel(byPartner, byPartner.length);
}

/**
 * Runs jobs a few at a time. A job that throws does not stop the others; the first error is thrown
 * at the end.
 */
export async function inParallel(
  jobs: readonly (() => Promise<void>)[],
  width: number,
): Promise<void> {
  const queue = [...jobs];
  const errors: unknown[] = [];
  const lane = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      await job().catch((error) => errors.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, jobs.length) }, lane));
  if (errors.length > 0) throw errors[0];
}
