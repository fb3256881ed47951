import type { Tx } from '../database/database.ts';

/**
 * The numbers that `--once` watches: work for a worker or the EHR, alerts of which nobody was told
 * yet, and when a Task last changed.
 */
export type RunPulse = {
  open: number;
  liveTasks: number;
  lastTaskChange: Date | null;
  now: Date;
};

/**
 * Reads the pulse of a run. Rows without live Tasks need no settling pause for partners; a row that
 * a person must look at does not keep a run alive.
 */
export async function readPulse(tx: Tx, tenant: string): Promise<RunPulse> {
  const { rows } = await tx.query<{ open: number; live: number; last: Date | null; now: Date }>(
    `select (select count(*) from ledger where tenant = $1 and waits_for in ('worker',
      'ehr'))
              + (select count(*) from duty_alert where tenant = $1 and next_at <= loopwell_now()
                  and told_at is null and problem is null) as open,
            (select count(*) from task where tenant = $1 and live) as live,
            (select max(changed_at) from task where tenant = $1) as last, loopwell_now() as now`,
    [tenant],
  );
  const [row] = rows;
  return {
    open: Number(row?.open ?? 0),
    liveTasks: Number(row?.live ?? 0),
    lastTaskChange: row?.last ?? null,
    now: row?.now ?? new Date(),
  };
}
