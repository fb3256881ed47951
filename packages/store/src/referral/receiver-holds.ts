import type { Database, Tx } from '../database/database.ts';
import { keepHold } from './holds.ts';

/**
 * Servers that processes ended over, and the holds on them. A hold `receiver:<origin>` keeps
 * the processes of its tenant from asking it.
 * DECISIONS D75.
 */

const scopeOf = (origin: string) => `receiver:${origin}`;

/** How many ends put a hold on a server, and within how many days they count. */
const [endsAtMost, daysCounted] = [2, 7];

/**
 * Notes that this process ends while the answer of a server was being read. The second such end
 * since an operator last released the server puts a hold on it in the tenant of this process.
 *
 * @param origin undefined where no answer was being read
 */
export async function noteEnd(
  db: Pick<Database, 'tx'>,
  origin: string | undefined,
  code: string,
): Promise<void> {
  if (origin !== undefined) await db.tx((tx) => note(tx, origin, code));
}

/** Notes an end, and puts a hold on the server after the second one. */
async function note(tx: Tx, origin: string, code: string): Promise<void> {
  await tx.query('insert into receiver_end (origin, code) values ($1, $2)', [origin, code]);
  const { rows } = await tx.query<{ n: number }>(
    `select count(*) as n from receiver_end where origin = $1
      and at > loopwell_now() - $2 * interval '1 day'
       and at > coalesce((select max(at) from hold_decision where tenant = $tenant and scope = $3
         and decision = 'released'), '-infinity')`,
    [origin, daysCounted, scopeOf(origin)],
  );
  if (Number(rows[0]?.n ?? 0) < endsAtMost) return;
  const reason = `A process ended while its answer was read (${code})`;
  const scope = scopeOf(origin);
  await keepHold(tx, { tenant: tx.tenant, scope, principal: 'system:loopwell', reason });
}

/** Lists the origins that no process of this tenant may ask until an operator releases them. */
export async function heldReceivers(tx: Tx): Promise<Set<string>> {
  const { rows } = await tx.query<{ scope: string }>(
    "select scope from hold where tenant = $tenant and scope like 'receiver:%'",
  );
  return new Set(rows.map((row) => row.scope.slice('receiver:'.length)));
}
