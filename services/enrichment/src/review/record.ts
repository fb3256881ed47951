import type { fhir4 } from '@loopwell/fhir';
import { type AgeStanding, ageStanding, type PatientStanding, patientStanding } from '@loopwell/sdoh';
import { pulled, type ReferralRow, type Tx } from '@loopwell/store';
import { type ReviewDeps, todayOf } from './reviewer.ts';

/** Whether anything may go out for the person, and whether a policy may approve: as the gates read the record. */
export type RecordView = { standing: PatientStanding; age: AgeStanding };

export async function readRecord(tx: Tx, deps: Pick<ReviewDeps, 'clock' | 'minorAge'>, row: ReferralRow): Promise<RecordView> {
  const [kept] = await pulled.pulledOfPeople(tx, [row.person], ['Patient']);
  const papers = await pulled.quarantinedPapers(tx, [row.connection], [row.person]);
  const isUnread = papers.some((one) => one.type === 'Patient' && one.source_id === kept?.source_id);
  const patient = kept && !isUnread ? (JSON.parse(kept.body) as fhir4.Patient) : undefined;
  return { standing: patientStanding(patient), age: ageStanding(patient, todayOf(deps), deps.minorAge ?? 18) };
}
