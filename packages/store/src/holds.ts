import type { Tx } from './database.ts';

/** `all`, `partner:<id>` or `ehr:<connection>`: what may not go out. Held until somebody releases it. */
export type HoldScope = string;

export async function addHold(tx: Tx, hold: { organisation: string; scope: HoldScope; principal: string; reason?: string }): Promise<void> {
  await tx.query(
    `insert into hold (organisation, scope, principal, reason) values ($1, $2, $3, $4)
     on conflict (organisation, scope) do update set principal = excluded.principal, reason = excluded.reason, at = now()`,
    [hold.organisation, hold.scope, hold.principal, hold.reason ?? null],
  );
  await recordDecision(tx, { ...hold, decision: 'held' });
}

/** @returns false when nothing of that scope was held (any more) */
export async function removeHold(
  tx: Tx,
  organisation: string,
  scope: HoldScope,
  by: { principal: string; reason?: string },
): Promise<boolean> {
  const { rowCount } = await tx.query('delete from hold where organisation = $1 and scope = $2', [organisation, scope]);
  if ((rowCount ?? 0) === 0) return false;
  await recordDecision(tx, { organisation, scope, decision: 'released', ...by });
  return true;
}

export type HoldDecision = { scope: string; decision: 'held' | 'released'; principal: string; at: Date; reason: string | null };

async function recordDecision(tx: Tx, one: Omit<HoldDecision, 'at' | 'reason'> & { organisation: string; reason?: string }): Promise<void> {
  await tx.query('insert into hold_decision (organisation, scope, decision, principal, reason) values ($1, $2, $3, $4, $5)', [
    one.organisation,
    one.scope,
    one.decision,
    one.principal,
    one.reason ?? null,
  ]);
}

/** The latest first. */
export async function recentDecisions(tx: Tx, organisation: string, limit = 20): Promise<HoldDecision[]> {
  const { rows } = await tx.query<HoldDecision>(
    'select scope, decision, principal, at, reason from hold_decision where organisation = $1 order by at desc, id desc limit $2',
    [organisation, limit],
  );
  return rows;
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
