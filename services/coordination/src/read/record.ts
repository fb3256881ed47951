import type { fhir4 } from '@loopwell/fhir';
import {
  type AgeStanding,
  ageStanding,
  type PatientStanding,
  patientStanding,
} from '@loopwell/sdoh';
import { ehrResources, quarantinedPapers, type ReferralRow, type Tx } from '@loopwell/store';
import { type ReviewDeps, todayOf } from '../reviewer.ts';

/**
 * The record's standing and age, as the gates read them: whether anything may be sent for the
 * person, and whether a policy may approve.
 */
export type RecordView = { standing: PatientStanding; age: AgeStanding };

/** What somebody has to know of a record before they decide. */
export type RecordConcern = 'unclear' | 'minor' | 'ageUnknown';

/** Gives the point of a record that somebody has to know; undefined if there is none. */
export function recordConcern({ standing, age }: RecordView): RecordConcern | undefined {
  if (standing === 'unclear') return 'unclear';
  if (age === 'minor') return 'minor';
  return age === 'unknown' ? 'ageUnknown' : undefined;
}

/** Reads the record of one referral's person. */
export async function readRecord(
  tx: Tx,
  deps: Pick<ReviewDeps, 'clock' | 'minorAge'>,
  row: Owned,
): Promise<RecordView> {
  return (await readRecords(tx, deps, [row])).get(row.person) ?? recordOf(undefined, deps);
}

type Owned = Pick<ReferralRow, 'person' | 'connection'>;

/**
 * Reads the records of the people of some referrals, by person, with two queries, however many they
 * are.
 */
export async function readRecords(
  tx: Tx,
  deps: Pick<ReviewDeps, 'clock' | 'minorAge'>,
  rows: readonly Owned[],
): Promise<ReadonlyMap<string, RecordView>> {
  const people = [...new Set(rows.map((row) => row.person))];
  if (people.length === 0) return new Map();
  const kept = Map.groupBy(
    await ehrResources.ehrResourcesOfPeople(tx, people, ['Patient']),
    (one) => one.person,
  );
  const papers = await quarantinedPapers(
    tx,
    [...new Set(rows.map((row) => row.connection))],
    people,
  );
  const unread = new Set(
    papers
      .filter((one) => one.type === 'Patient')
      .map((one) => `${one.connection} ${one.source_id}`),
  );
  return new Map(
    rows.map(({ person, connection }) => {
      const resource = kept.get(person)?.[0];
      const isUnread = resource !== undefined && unread.has(`${connection} ${resource.source_id}`);
      return [
        person,
        recordOf(
          resource && !isUnread ? (JSON.parse(resource.body) as fhir4.Patient) : undefined,
          deps,
        ),
      ];
    }),
  );
}

const recordOf = (
  patient: fhir4.Patient | undefined,
  deps: Pick<ReviewDeps, 'clock' | 'minorAge'>,
): RecordView => ({
  standing: patientStanding(patient),
  age: ageStanding(patient, todayOf(deps), deps.minorAge ?? 18),
});
