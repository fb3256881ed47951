import type { fhir4 } from '@loopwell/fhir';
import { fingerprint, newId } from '@loopwell/kit';
import {
  linkStatements,
  patientStanding,
  personProfile,
  reachableText,
  searchTerms,
} from '@loopwell/sdoh';
import { type EhrResource, grants, judgeAnew, people, type Tx } from '@loopwell/store';

/** A Patient as it was stored, with the base of its EHR. */
export type StoredPatient = Pick<EhrResource, 'connection' | 'sourceId' | 'person' | 'body'> & {
  base: string;
};

/**
 * Writes the persons, links, profiles and search terms of Patients that were stored in this
 * transaction, and how they stand toward what goes out, and moves the links of those that were
 * replaced. DECISIONS D135.
 */
export async function savePeople(tx: Tx, patients: readonly StoredPatient[]): Promise<void> {
  const concerned: string[] = [];
  const byConnection = Map.groupBy(patients, (patient) => patient.connection);
  // EHRs are locked in a fixed order, as they are saved.
  for (const connection of [...byConnection.keys()].sort())
    concerned.push(...(await savePeopleOf(tx, connection, byConnection.get(connection) ?? [])));
  // What is known of one record of a person counts for the others from now on. Grants are locked
  // last.
  await grants.suspendGrantsOfPeople(tx, concerned);
}

/** @returns the Patients of all humans whose records were joined or parted */
async function savePeopleOf(
  tx: Tx,
  connection: string,
  patients: readonly StoredPatient[],
): Promise<string[]> {
  const read = patients.map(readPatient);
  const ids = read.map(({ patientId }) => patientId);
  const linkedBefore = await people.linkedAmong(tx, connection, ids);
  const areFree = read.every(({ statements }) => isWithoutLinks(statements));
  await people.lockLinks(tx, connection, areFree && linkedBefore.length === 0);
  const rows = read.map(({ patientId, patient, statements }) => ({
    connection,
    patientId,
    patient,
    unusable: statements.unusable ?? null,
  }));
  await people.savePatients(tx, rows);
  await people.saveProfiles(tx, read);
  await people.saveStandings(tx, read);
  await people.saveTerms(tx, read);
  const concerned = new Set<string>();
  const batch = newId();
  await people.followLinks(tx, connection, read, async (moved) => {
    for (const patient of moved) concerned.add(patient);
    await judgeAnew(tx, moved, batch);
  });
  return [...concerned];
}

function readPatient({ sourceId, person, body, base }: StoredPatient) {
  const resource = JSON.parse(body) as fhir4.Patient;
  const profile = personProfile(resource);
  return {
    patientId: sourceId,
    patient: person,
    body: JSON.stringify(profile),
    standing: patientStanding(resource),
    recordKey: fingerprint(reachableText(profile)),
    terms: searchTerms(resource, profile),
    statements: linkStatements(resource, base),
  };
}

const isWithoutLinks = ({ replacedBy, replaces, unusable }: ReturnType<typeof linkStatements>) =>
  replacedBy.length === 0 && replaces.length === 0 && unusable === undefined;
