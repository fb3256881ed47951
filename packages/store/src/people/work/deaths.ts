import { newId } from '@loopwell/kit';
import type { Tx } from '../../database/database.ts';
import type { Rows } from '../../database/rows.generated.ts';
import { samePeople } from '../same-human.ts';

/** A death that somebody told us of. */
export type DeathRow = Rows['reported_death'];

/** Records that a person has died. Everything outgoing stops with this transaction. */
export async function reportDeath(
  tx: Tx,
  entered: { person: string; heardOn: string; by: string },
): Promise<void> {
  await tx.query(
    `insert into reported_death (tenant, id, person, heard_on, recorded_by)
     values ($tenant, $1, $2, $3, $4)`,
    [newId(), entered.person, entered.heardOn, entered.by],
  );
}

/** Finds the report of a person's death that stands; undefined where there is none. */
export async function deathOf(tx: Tx, patients: readonly string[]): Promise<DeathRow | undefined> {
  const { rows } = await tx.query<DeathRow>(
    `select * from reported_death
      where tenant = $tenant and person = any($1::uuid[]) and corrected_at is null
      order by recorded_at, id limit 1`,
    [patients],
  );
  return rows[0];
}

/** Takes back the reports of a person's death, which were wrong. Gives false where there is none. */
export async function correctDeath(
  tx: Tx,
  patients: readonly string[],
  by: string,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update reported_death set corrected_at = loopwell_now(), corrected_by = $2
      where tenant = $tenant and person = any($1::uuid[]) and corrected_at is null`,
    [patients, by],
  );
  return (rowCount ?? 0) > 0;
}

/** Lists those of some Patients whose human being was reported to have died. */
export async function reportedDead(tx: Tx, patients: readonly string[]): Promise<Set<string>> {
  if (patients.length === 0) return new Set();
  const { rows } = await tx.query<{ asked: string }>(
    `with same as (${samePeople('$1')})
     select distinct n.asked from same n
       join reported_death d on d.tenant = $tenant and d.person = n.patient
      where d.corrected_at is null`,
    [patients],
  );
  return new Set(rows.map((row) => row.asked));
}
