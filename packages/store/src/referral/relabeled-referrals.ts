import type { Tx } from '../database/database.ts';
import type { Rows } from '../database/rows.generated.ts';

type RelabelingNeed = {
  id: string;
  conditions: string;
  restriction?: Rows['referral']['restriction'] | undefined;
};

/** Lists the open referrals among some needs whose restricting label or Conditions change. */
export async function relabeledAmong(tx: Tx, needs: readonly RelabelingNeed[]): Promise<string[]> {
  if (needs.length === 0) return [];
  const { rows } = await tx.query<{ id: string }>(
    `select r.id from referral r join unnest($1::uuid[], $2::text[], $3::text[])
        as n(id, restriction, conditions) on r.id = n.id
      where r.tenant = $tenant and r.state in ('waiting', 'partner') and (r.restriction,
      r.conditions) is distinct from
        (n.restriction, n.conditions)`,
    [
      needs.map((need) => need.id),
      needs.map((need) => need.restriction ?? null),
      needs.map((need) => need.conditions),
    ],
  );
  return rows.map((row) => row.id);
}
