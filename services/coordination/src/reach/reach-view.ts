import {
  type ContactStanding,
  type KeepOut,
  type NextAsk,
  nextAsk,
  type RecordedReach,
} from '@loopwell/sdoh';
import { people, type Tx } from '@loopwell/store';
import type { PersonSubject } from '../find-subject.ts';

/** How a person may be reached, and whom to keep out. */
export type ReachView = {
  person: string;
  recorded: RecordedReach | undefined;
  standing: ContactStanding;
  next: NextAsk;
  keepOuts: readonly KeepOut[];
};

/**
 * Gives the Patient under whose id something of a person is stored. The id of a person may be that
 * of a Patient who is somebody else by now.
 */
export const patientOf = ({ person, patients }: PersonSubject): string =>
  patients.includes(person) ? person : (patients[0] ?? person);

/** Reads how a person may be reached. */
export async function readReach(tx: Tx, subject: PersonSubject, now: Date): Promise<ReachView> {
  const [{ person }, patient] = [subject, patientOf(subject)];
  const reach = (await people.reachOf(tx, [patient])).get(patient);
  const { recorded, standing = 'inactive', recordKey = '' } = reach ?? {};
  const keepOuts = (await people.keepOutsOf(tx, [patient])).get(patient) ?? [];
  return { person, recorded, standing, next: nextAsk(recorded, { now, recordKey }), keepOuts };
}
