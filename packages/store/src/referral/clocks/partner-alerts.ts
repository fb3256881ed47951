import { newId } from '@loopwell/kit';
import { nowOnce } from '../../database/clock-sql.ts';
import type { Tx } from '../../database/database.ts';

/** How often people on duty are told of the clocks of partners at most: one message is for all. */
const every = "interval '1 hour'";

/**
 * Makes the alert due that partners need a look: half of the time of some is over, or some that
 * said yes say nothing more. An alert that is due already is for all. It is told once.
 * DECISIONS D201.
 */
export async function raisePartnerAlert(
  tx: Tx,
  kind: 'partner-half' | 'partner-late',
): Promise<void> {
  await tx.query(
    `insert into duty_alert (tenant, id, kind, source, next_at)
     select $tenant, $1, $2::text, $2::text, greatest(${nowOnce}, max(told_at) + ${every})
       from duty_alert where tenant = $tenant and kind = $2
     on conflict do nothing`,
    [newId(), kind],
  );
}
