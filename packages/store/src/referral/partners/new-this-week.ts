import type { Tx } from '../../database/database.ts';

/**
 * Lets one transaction at a time decide about what is new for partners that take only so much a
 * week. It holds until the transaction ends.
 */
export async function lockIntakes(tx: Tx, partners: readonly string[]): Promise<void> {
  for (const partner of [...partners].sort())
    await tx.query(
      "select pg_advisory_xact_lock(hashtextextended('loopwell-intake ' || $tenant || ' ' || $1, 0))",
      [partner],
    );
}

/**
 * Counts the Tasks that partners got since a moment, by the ids of their Organizations. One whose
 * decision was undone is none.
 */
export async function countNewTasks(
  tx: Tx,
  partners: readonly string[],
  since: Date,
): Promise<Map<string, number>> {
  if (partners.length === 0) return new Map();
  const { rows } = await tx.query<{ partner: string; count: string }>(
    `select partner, count(*) as count from task
      where tenant = $tenant and direction = 'out' and partner = any($1) and requested_at >= $2
        and reason is distinct from 'undone'
      group by partner`,
    [partners, since],
  );
  return new Map(rows.map((row) => [row.partner, Number(row.count)]));
}
