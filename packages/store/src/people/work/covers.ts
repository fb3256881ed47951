import { newId } from '@loopwell/kit';
import type { Tx } from '../../database/database.ts';
import type { Rows } from '../../database/rows.generated.ts';

/** Who covers for whom, and until which day. */
export type CoverRow = Rows['work_cover'];

/** A cover that is recorded now. `until` is the last day of it at the site (YYYY-MM-DD). */
export type NewCover = { away: string; cover: string; until: string; by: string };

/** Records who covers for somebody. One that stands for them is replaced. */
export async function addCover(tx: Tx, entered: NewCover): Promise<string> {
  const id = newId();
  await tx.query(
    `update work_cover set ended_at = loopwell_now(), ended_by = $2
      where tenant = $tenant and away = $1 and ended_at is null`,
    [entered.away, entered.by],
  );
  await tx.query(
    `insert into work_cover (tenant, id, away, cover, until, recorded_by)
     values ($tenant, $1, $2, $3, $4, $5)`,
    [id, entered.away, entered.cover, entered.until, entered.by],
  );
  return id;
}

/** Ends a cover before its day. Gives false where it has ended, or there is none. */
export async function endCover(tx: Tx, id: string, by: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update work_cover set ended_at = loopwell_now(), ended_by = $2
      where tenant = $tenant and id = $1 and ended_at is null`,
    [id, by],
  );
  return (rowCount ?? 0) > 0;
}

/** Lists the covers that stand on a day; those of one person where a principal is named. */
export async function coversOn(tx: Tx, today: string, away?: string): Promise<CoverRow[]> {
  const { rows } = await tx.query<CoverRow>(
    `select * from work_cover
      where tenant = $tenant and ended_at is null and until >= $1
        and ($2::text is null or away = $2) order by away, until`,
    [today, away ?? null],
  );
  return rows;
}
