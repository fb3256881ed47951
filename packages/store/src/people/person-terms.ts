import type { SearchTerm } from '@loopwell/sdoh';
import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';

/** The terms by which a Patient is found; `patient` is its derived id. */
export type PatientTerms = { patient: string; terms: readonly SearchTerm[] };

/** Replaces the terms by which some Patients are found. Terms that stay are not written again. */
export async function saveTerms(tx: Tx, patients: readonly PatientTerms[]): Promise<void> {
  if (patients.length === 0) return;
  const rows = patients.flatMap(({ patient, terms }) =>
    terms.map(({ kind, term }) => [tx.tenant, kind, term, patient] as const),
  );
  await tx.query(
    `delete from person_term t where t.tenant = $tenant and t.patient = any($1::uuid[])
        and not exists (select 1 from unnest($2::text[], $3::text[], $4::uuid[])
            as n(kind, term, patient)
          where n.patient = t.patient and n.kind = t.kind and n.term = t.term)`,
    [
      patients.map(({ patient }) => patient),
      rows.map(([, kind]) => kind),
      rows.map(([, , term]) => term),
      rows.map(([, , , patient]) => patient),
    ],
  );
  await insertRows(
    tx,
    'person_term',
    ['tenant', 'kind', 'term', 'patient'],
    rows.toSorted((a, b) => (a.join('\n') < b.join('\n') ? -1 : 1)),
    'on conflict do nothing',
  );
}
