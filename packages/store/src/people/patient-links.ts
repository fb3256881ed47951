import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';

/** A Patient of one EHR; `patient` is its derived id. */
export type PatientRow = {
  connection: string;
  patientId: string;
  patient: string;
  /** Why what it says of its links cannot be followed. */
  unusable: string | null;
};

/**
 * Waits until no other transaction follows links of this EHR. Patients that say nothing of links
 * are saved side by side (`shared`); one that does sees all that were saved before it.
 */
export async function lockLinks(tx: Tx, connection: string, shared: boolean): Promise<void> {
  const lock = shared ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
  await tx.query(`select ${lock}(hashtextextended($1, 6))`, [
    `patient-links/${tx.tenant}/${connection}`,
  ]);
}

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
  const linkOf = ({ connection, patientId, patient, unusable }: PatientRow) => [
    ...[tx.tenant, connection, patientId],
    ...[patient, patient, unusable],
  ];
  await insertRows(
    tx,
    'patient_link as l',
    ['tenant', 'connection', 'patient_id', 'patient', 'person', 'unusable'],
    sorted.map(linkOf),
    `on conflict (tenant, connection, patient_id) do update
        set unread = false, unusable = excluded.unusable
      where l.unread or l.unusable is distinct from excluded.unusable`,
  );
}

/** A stored Patient whose profile and links are to be read. */
export type UnreadPatient = {
  patient_id: string;
  patient: string;
  base: string;
  body: string;
};

/**
 * Loads some Patients that were stored before their profile and links were read, all of one EHR,
 * whose links it locks.
 */
export async function lockUnread(
  tx: Tx,
  limit: number,
): Promise<{ connection: string; patients: UnreadPatient[] } | undefined> {
  const first = await tx.query<{ connection: string }>(
    `select connection from patient_link where tenant = $tenant and unread
      order by connection limit 1`,
  );
  const connection = first.rows[0]?.connection;
  if (connection === undefined) return undefined;
  await lockLinks(tx, connection, false);
  const { rows } = await tx.query<UnreadPatient>(
    `select l.patient_id, l.patient, c.base, p.body
       from patient_link l
       join connection c on c.tenant = l.tenant and c.id = l.connection
       join ehr_resource p on p.tenant = l.tenant and p.connection = l.connection
        and p.type = 'Patient' and p.source_id = l.patient_id
      where l.tenant = $tenant and l.connection = $1 and l.unread
      order by l.patient_id limit $2`,
    [connection, limit],
  );
  return { connection, patients: rows };
}

/** A Patient beside those that are the same person. */
export type SamePerson = Pick<
  Rows['patient_link'],
  'connection' | 'patient_id' | 'patient' | 'person' | 'problem'
>;

/**
 * Lists the Patients that are the same person as one, itself included. A Patient without a link
 * gives none.
 */
export async function patientsOfSamePerson(tx: Tx, patient: string): Promise<SamePerson[]> {
  const { rows } = await tx.query<SamePerson>(
    `select o.connection, o.patient_id, o.patient, o.person, o.problem
       from patient_link l join patient_link o on o.tenant = l.tenant and o.person = l.person
      where l.tenant = $tenant and l.patient = $1 order by o.connection, o.patient_id`,
    [patient],
  );
  return rows;
}

/** Finds the link of a Patient by its derived id. */
export async function findLink(
  tx: Tx,
  patient: string,
): Promise<Pick<Rows['patient_link'], 'connection' | 'patient_id' | 'person'> | undefined> {
  const { rows } = await tx.query<
    Pick<Rows['patient_link'], 'connection' | 'patient_id' | 'person'>
  >(
    `select connection, patient_id, person from patient_link
      where tenant = $tenant and patient = $1`,
    [patient],
  );
  return rows[0];
}
