import { type Clock, sleep } from '@loopwell/kit';
import type { Database, Tx } from '@loopwell/store';

/** What `--once` watches: work for a worker or the EHR, and when a Task last changed. */
export type Pulse = { open: number; liveTasks: number; lastTaskChange: Date | null; now: Date };

/**
 * Ends when no row waits for a worker or the EHR and no Task has changed for `settleMs`; or at the timeout.
 *
 * @returns whether it settled, rather than running into the timeout or being stopped
 */
export async function untilSettled(
  pulse: () => Promise<Pulse>,
  options: { settleMs: number; timeoutMs: number; clock: Clock; signal: AbortSignal },
): Promise<'settled' | 'timeout' | 'stopped'> {
  const started = options.clock.now().getTime();
  let quietSince: number | undefined;
  while (!options.signal.aborted) {
    const { open, liveTasks, lastTaskChange, now } = await pulse();
    quietSince = open > 0 ? undefined : (quietSince ?? now.getTime());
    if (quietSince !== undefined) {
      // Without a live Task nobody outside can change anything: a short second look is enough.
      const pauseMs = liveTasks > 0 ? options.settleMs : Math.min(1_000, options.settleMs);
      const changed =
        liveTasks > 0 ? Math.max(quietSince, lastTaskChange?.getTime() ?? 0) : quietSince;
      if (now.getTime() - changed >= pauseMs) return 'settled';
    }
    if (options.clock.now().getTime() - started >= options.timeoutMs) return 'timeout';
    await sleep(Math.min(500, options.settleMs), options.signal);
  }
  return 'stopped';
}

/**
 * Reads the pulse. Rows without live Tasks need no settling pause for partners; a row that a person must look at does
 * not keep a run alive.
 */
export async function readPulse(db: Database, tenant: string): Promise<Pulse> {
  return db.tx(async (tx: Tx) => {
    const { rows } = await tx.query<{ open: number; live: number; last: Date | null; now: Date }>(
      `select (select count(*) from ledger where tenant = $1 and waits_for in ('worker', 'ehr')) as open,
              (select count(*) from task where tenant = $1 and live) as live,
              (select max(changed_at) from task where tenant = $1) as last, clock_timestamp() as now`,
      [tenant],
    );
    const [row] = rows;
    return {
      open: Number(row?.open ?? 0),
      liveTasks: Number(row?.live ?? 0),
      lastTaskChange: row?.last ?? null,
      now: row?.now ?? new Date(),
    };
  });
}
