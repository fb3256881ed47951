import { insertRows, type Tx } from '../database/database.ts';

/** A Patient of one EHR; `patient` is its derived id. */
export type PatientRow = { connection: string; patientId: string; patient: string };

/**
 * Adds Patients that were pulled: each that is new becomes a person of its own. One that is known
 * keeps its person, and counts as read.
 */
export async function savePatients(tx: Tx, rows: readonly PatientRow[]): Promise<void> {
  const sorted = rows.toSorted((a, b) => (a.patient < b.patient ? -1 : 1));
  await insertRows(
    tx,
    'person',
    ['tenant', 'id'],
    sorted.map((row) => [tx.tenant, row.patient]),
    'on conflict do nothing',
  );
  await insertRows(
    tx,
    'patient_link as l',
    ['tenant', 'connection', 'patient_id', 'patient', 'person'],
    sorted.map((row) => [tx.tenant, row.connection, row.patientId, row.patient, row.patient]),
    `on conflict (tenant, connection, patient_id) do update set unread = false
      where l.unread`,
  );
}

/** A stored Patient whose profile and links are to be read. */
export type UnreadPatient = {
  connection: string;
  patient_id: string;
  patient: string;
  base: string;
  body: string;
};

/**
 * Locks some Patients that were stored before their profile and links were read, and loads them.
 * Rows that another process has locked are passed over.
 */
export async function lockUnread(tx: Tx, limit: number): Promise<UnreadPatient[]> {
  const { rows } = await tx.query<UnreadPatient>(
    `select l.connection, l.patient_id, l.patient, c.base, p.body
       from patient_link l
       join connection c on c.tenant = l.tenant and c.id = l.connection
       join ehr_resource p on p.tenant = l.tenant and p.connection = l.connection
        and p.type = 'Patient' and p.source_id = l.patient_id
      where l.tenant = $tenant and l.unread
      order by l.connection, l.patient_id limit $1 for update of l skip locked`,
    [limit],
  );
  return rows;
}
