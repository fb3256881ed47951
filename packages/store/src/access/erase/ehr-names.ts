import type { Tx } from '../../database/database.ts';
import { type Named, namesPatient } from './names-patient.ts';
import type { RowCounts } from './rows-of-person.ts';

/** A Patient as the EHR names it. */
export type EhrPatient = { connection: string; patientId: string; patient: string };

/** Lists the Patients of a person as their EHRs name them. */
export async function ehrPatients(tx: Tx, patients: readonly string[]): Promise<EhrPatient[]> {
  const { rows } = await tx.query<EhrPatient>(
    `select connection, patient_id as "patientId", patient from patient_link
      where tenant = $tenant and patient = any($1::uuid[])
     union
     select connection, source_id, person from ehr_resource
      where tenant = $tenant and type = 'Patient' and person = any($1::uuid[])`,
    [patients],
  );
  return rows;
}

const cursorsOf = `select c.id from pull_cursor c
    join unnest($1::text[], $2::text[]) as e(connection, patient_id)
      on c.connection = e.connection and c.scope = e.patient_id
   where c.tenant = $tenant`;

const columnsOf = (named: readonly EhrPatient[]) => [
  named.map(({ connection }) => connection),
  named.map(({ patientId }) => patientId),
];

/** Locks the work of the cursors of some Patients, as a worker does before it stores a page. */
export async function lockCursors(tx: Tx, named: readonly EhrPatient[]): Promise<void> {
  await tx.query(
    `select 1 from ledger l where l.tenant = $tenant and l.stage = 'pull'
        and l.subject in (${cursorsOf}) order by l.subject collate "C" for update`,
    columnsOf(named),
  );
}

/**
 * Deletes rows that name a Patient as the EHR does: cursors with their work, links, and what was
 * put aside because it could not be read. EHRs are not asked for these Patients any more. A list of
 * Patients to read that gets empty would mean everyone, so that it keeps an id of nobody.
 */
export async function deleteEhrNames(tx: Tx, named: readonly EhrPatient[]): Promise<RowCounts> {
  const gone: RowCounts = {};
  const run = async (name: string, sql: string) => {
    const { rowCount } = await tx.query(sql, columnsOf(named));
    if (rowCount) gone[name] = (gone[name] ?? 0) + rowCount;
  };
  const pair = 'unnest($1::text[], $2::text[]) as e(connection, patient_id)';
  await run(
    'ledger',
    `delete from ledger where tenant = $tenant and stage = 'pull' and subject in (${cursorsOf})`,
  );
  await run(
    'history',
    `delete from history where tenant = $tenant and stage = 'pull' and subject in (${cursorsOf})`,
  );
  await run(
    'pull_cursor',
    `delete from pull_cursor where tenant = $tenant and id in (${cursorsOf})`,
  );
  await run(
    'patient_statement',
    `delete from patient_statement s using ${pair} where s.tenant = $tenant
      and s.connection = e.connection and e.patient_id in (s.patient_id, s.other_id)`,
  );
  const unread = await deleteUnread(tx, named);
  if (unread) gone.quarantine = unread;
  await run(
    'connection',
    `update connection c set patients = (select coalesce(jsonb_agg(p.id), '["erased"]')::text
         from jsonb_array_elements_text(c.patients::jsonb) p(id)
        where not exists (select 1 from ${pair}
          where e.connection = c.id and e.patient_id = p.id))
      where c.tenant = $tenant and c.patients <> '[]' and exists (select 1 from ${pair}
        where e.connection = c.id and c.patients::jsonb ? e.patient_id)`,
  );
  return gone;
}

/**
 * Deletes what was put aside: the Patients themselves, and resources that are about one of them.
 *
 * @returns how many
 */
async function deleteUnread(tx: Tx, named: readonly EhrPatient[]): Promise<number> {
  const { rows } = await tx.query<Named & { type: string; source: string; body: string | null }>(
    `select q.connection, q.type, q.source_id as source, q.body, e.patient_id as "patientId",
        c.base
       from quarantine q
       join unnest($1::text[], $2::text[]) as e(connection, patient_id)
         on e.connection = q.connection
       left join connection c on c.tenant = $tenant and c.id = q.connection
      where q.tenant = $tenant and ((q.type = 'Patient' and q.source_id = e.patient_id)
        or strpos(replace(q.body, '\\/', '/'), 'Patient/' || e.patient_id) > 0)`,
    columnsOf(named),
  );
  const about = rows.filter(
    ({ type, source, body, ...patient }) =>
      (type === 'Patient' && source === patient.patientId) ||
      (body !== null && namesPatient(body, patient)),
  );
  const { rowCount } = await tx.query(
    `delete from quarantine q using unnest($1::text[], $2::text[], $3::text[])
        as a(connection, type, source)
      where q.tenant = $tenant and q.connection = a.connection and q.type = a.type
        and q.source_id = a.source`,
    [about.map((row) => row.connection), about.map(({ type }) => type), about.map((r) => r.source)],
  );
  return rowCount ?? 0;
}
