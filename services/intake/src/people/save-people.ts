import type { fhir4 } from '@loopwell/fhir';
import { personProfile } from '@loopwell/sdoh';
import { type EhrResource, people, type Tx } from '@loopwell/store';

/** A Patient as it was stored, with the base of its EHR. */
export type StoredPatient = Pick<EhrResource, 'connection' | 'sourceId' | 'person' | 'body'> & {
  base: string;
};

/**
 * Writes the persons, links and profiles of Patients that were stored in this transaction.
 * DECISIONS D135.
 */
export async function savePeople(tx: Tx, patients: readonly StoredPatient[]): Promise<void> {
  if (patients.length === 0) return;
  const rows = patients.map(({ connection, sourceId, person }) => ({
    connection,
    patientId: sourceId,
    patient: person,
  }));
  await people.savePatients(tx, rows);
  await people.saveProfiles(tx, patients.map(profileRow));
}

function profileRow({ person, body }: StoredPatient) {
  const profile = personProfile(JSON.parse(body) as fhir4.Patient);
  return { patient: person, body: JSON.stringify(profile) };
}
