import { nowOnce } from '../database/clock-sql.ts';
import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';

/** What one Patient says of another one. */
export type StatementRow = Pick<
  Rows['patient_statement'],
  'connection' | 'patient_id' | 'type' | 'other_id'
>;

/**
 * Replaces what some Patients of one EHR say of others.
 *
 * @returns ids of the Patients that were named before
 */
export async function replaceStatements(
  tx: Tx,
  connection: string,
  patientIds: readonly string[],
  statements: readonly StatementRow[],
): Promise<string[]> {
  const { rows } = await tx.query<{ other_id: string }>(
    `delete from patient_statement
      where tenant = $tenant and connection = $1 and patient_id = any($2::text[])
      returning other_id`,
    [connection, patientIds],
  );
  await insertRows(
    tx,
    'patient_statement',
    ['tenant', 'connection', 'patient_id', 'type', 'other_id'],
    statements.map((row) => [tx.tenant, connection, row.patient_id, row.type, row.other_id]),
  );
  return [...new Set(rows.map((row) => row.other_id))];
}

/** Lists those of some Patients of one EHR that links say something of, or said. */
export async function linkedAmong(
  tx: Tx,
  connection: string,
  patientIds: readonly string[],
): Promise<string[]> {
  const { rows } = await tx.query<{ patient_id: string }>(
    `select n.patient_id from unnest($2::text[]) as n(patient_id)
      where exists (select 1 from patient_statement s where s.tenant = $tenant
              and s.connection = $1 and s.patient_id = n.patient_id)
         or exists (select 1 from patient_statement s where s.tenant = $tenant
              and s.connection = $1 and s.other_id = n.patient_id)
         or exists (select 1 from patient_link l where l.tenant = $tenant
              and l.connection = $1 and l.patient_id = n.patient_id
              and (l.person <> l.patient or l.problem is not null or l.unusable is not null))`,
    [connection, patientIds],
  );
  return rows.map((row) => row.patient_id);
}

/** A Patient as its links are followed. */
export type LinkRow = Pick<
  Rows['patient_link'],
  'patient_id' | 'patient' | 'person' | 'waits_for' | 'problem' | 'unusable' | 'set_against'
>;

/** Patients that links connect, and what they say. */
export type Connected = { links: LinkRow[]; statements: StatementRow[] };

/**
 * Loads all Patients of one EHR that links connect with some of them, directly or through others.
 *
 * @returns undefined where they are more than `most`
 */
export async function connectedPatients(
  tx: Tx,
  connection: string,
  patientIds: readonly string[],
  most: number,
): Promise<Connected | undefined> {
  const { rows } = await tx.query<{ id: string }>(
    `with recursive near(id) as (
       select unnest($2::text[])
       union
       select other.id from near n cross join lateral (
         select s.other_id as id from patient_statement s
          where s.tenant = $tenant and s.connection = $1 and s.patient_id = n.id
         union all
         select s.patient_id from patient_statement s
          where s.tenant = $tenant and s.connection = $1 and s.other_id = n.id) other)
     select id from near limit $3`,
    [connection, patientIds, most + 1],
  );
  if (rows.length > most) return undefined;
  const ids = rows.map((row) => row.id);
  return {
    links: await linksOf(tx, connection, ids),
    statements: await saidBy(tx, connection, ids),
  };
}

/** Loads the links of some Patients of one EHR. */
export async function linksOf(
  tx: Tx,
  connection: string,
  ids: readonly string[],
): Promise<LinkRow[]> {
  const { rows } = await tx.query<LinkRow>(
    `select patient_id, patient, person, waits_for, problem, unusable, set_against
       from patient_link
      where tenant = $tenant and connection = $1 and patient_id = any($2::text[])
      order by patient_id`,
    [connection, ids],
  );
  return rows;
}

async function saidBy(tx: Tx, connection: string, ids: readonly string[]): Promise<StatementRow[]> {
  const { rows } = await tx.query<StatementRow>(
    `select connection, patient_id, type, other_id from patient_statement
      where tenant = $tenant and connection = $1 and patient_id = any($2::text[])
      order by patient_id, type, other_id`,
    [connection, ids],
  );
  return rows;
}

/** What following its links says of a Patient. */
export type LinkState = Pick<LinkRow, 'patient' | 'problem' | 'waits_for' | 'set_against'>;

/**
 * Saves why links stay where they are, for which Patient they wait, and whether what a person has
 * set still counts.
 */
export async function saveLinkStates(tx: Tx, rows: readonly LinkState[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `update patient_link l
        set problem = n.problem, waits_for = n.waits_for, set_against = n.set_against,
            problem_since = case when n.problem is null then null
              else coalesce(l.problem_since, ${nowOnce}) end
       from unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
         as n(patient, problem, waits_for, set_against)
      where l.tenant = $tenant and l.patient = n.patient
        and (l.problem, l.waits_for, l.set_against)
          is distinct from (n.problem, n.waits_for, n.set_against)`,
    [
      rows.map((row) => row.patient),
      rows.map((row) => row.problem),
      rows.map((row) => row.waits_for),
      rows.map((row) => row.set_against),
    ],
  );
}
