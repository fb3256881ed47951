import type { Tx } from './database.ts';

/** `all`, `partner:<id>` or `ehr:<connection>`: what may not go out. Held until somebody releases it. */
export type HoldScope = string;

export async function addHold(
  tx: Tx,
  hold: { organisation: string; scope: HoldScope; principal: string; reason?: string },
): Promise<void> {
  await tx.query(
    `insert into hold (organisation, scope, principal, reason) values ($1, $2, $3, $4)
     on conflict (organisation, scope) do update set principal = excluded.principal, reason = excluded.reason, at = now()`,
    [hold.organisation, hold.scope, hold.principal, hold.reason ?? null],
  );
}

export async function removeHold(tx: Tx, organisation: string, scope: HoldScope): Promise<boolean> {
  const { rowCount } = await tx.query('delete from hold where organisation = $1 and scope = $2', [organisation, scope]);
  return (rowCount ?? 0) > 0;
}

export async function loadHolds(
  tx: Tx,
  organisation: string,
): Promise<{ scope: string; principal: string; at: Date; reason: string | null }[]> {
  const { rows } = await tx.query<{ scope: string; principal: string; at: Date; reason: string | null }>(
    'select scope, principal, at, reason from hold where organisation = $1 order by scope',
    [organisation],
  );
  return rows;
}
