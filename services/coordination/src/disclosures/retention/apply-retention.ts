import { AppError, type Log } from '@loopwell/kit';
import { type Database, type KeepTimes, retention } from '@loopwell/store';

/** What the job needs: `keep` is what the site has set, as it counts now. */
export type RetentionDeps = { db: Database; keep: () => KeepTimes; log: Log };

/** People who are erased in one look at most, so that other work is not held up. */
const mostAtOnce = 50;

/**
 * Notes what will be deleted, and deletes what was noted 14 days ago. People about whom something
 * has happened meanwhile, and those with a legal demand, are passed over. DECISIONS D176.
 */
async function applyRetention({ db, keep, log }: RetentionDeps): Promise<void> {
  const { peopleMs, viewsMs } = keep();
  await db.tx((tx) => retention.noticeRetention(tx, { peopleMs, viewsMs }));
  if (viewsMs !== undefined) await db.tx((tx) => retention.deleteOldViews(tx, viewsMs));
  if (peopleMs === undefined) return;
  for (const person of await retention.peopleToErase(db, peopleMs, mostAtOnce))
    try {
      await db.tx((tx) => retention.eraseByRetention(tx, person));
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'CONFLICT') throw error;
      log.warn('A person could not be erased by the retention of the site yet');
    }
}

/** The job as the service starts and ends it. */
export type RetentionJob = { start: () => void; close: () => Promise<void> };

/** How often the job looks, in milliseconds. */
const everyMs = 3_600_000;

/** Makes the job that applies the retention of the site for as long as the process lives. */
export function createRetentionJob(deps: RetentionDeps): RetentionJob {
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<unknown> | undefined;
  let isClosed = false;
  const look = () => {
    working = applyRetention(deps)
      .catch((error: unknown) => {
        deps.log.error('The retention of the site could not be applied', error);
      })
      .then(() => {
        if (!isClosed) timer = setTimeout(look, everyMs).unref();
      });
  };
  return {
    start: () => {
      timer = setTimeout(look, 60_000).unref();
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await working;
    },
  };
}
