import { nowOnce } from '../database/clock-sql.ts';
import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';

/** What a Patient says, as JSON text; `patient` is the Patient's derived id. */
export type ProfileRow = { patient: string; body: string };

/** Saves profiles. A profile that says what it said before keeps its `changed_at`. */
export async function saveProfiles(tx: Tx, rows: readonly ProfileRow[]): Promise<void> {
  const sorted = rows.toSorted((a, b) => (a.patient < b.patient ? -1 : 1));
  await insertRows(
    tx,
    'person_profile as p',
    ['tenant', 'patient', 'body'],
    sorted.map((row) => [tx.tenant, row.patient, row.body]),
    `on conflict (tenant, patient) do update set body = excluded.body, changed_at = ${nowOnce}
      where p.body <> excluded.body`,
  );
}

/** Loads the profiles of some Patients in one query, by the Patients' derived ids. */
export async function profilesOf(
  tx: Tx,
  patients: readonly string[],
): Promise<Map<string, string>> {
  if (patients.length === 0) return new Map();
  const { rows } = await tx.query<ProfileRow>(
    'select patient, body from person_profile where tenant = $tenant and patient = any($1::uuid[])',
    [patients],
  );
  return new Map(rows.map((row) => [row.patient, row.body]));
}
