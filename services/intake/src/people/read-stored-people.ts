import { type Database, people, type Tx } from '@loopwell/store';
import { savePeople } from './save-people.ts';

/** The number of Patients that one transaction reads. */
const batchSize = 200;

/**
 * Reads Patients that an earlier version stored, batch by batch, until each has its profile and its
 * links. Several processes may do it at the same time, and one that stops leaves the rest to the
 * next start.
 */
export async function readStoredPeople(
  db: Pick<Database, 'tx'>,
  signal: AbortSignal,
): Promise<void> {
  let count = 1;
  while (count > 0 && !signal.aborted) count = await db.tx(readBatch);
}

/** Reads one batch and returns how many Patients were in it. */
async function readBatch(tx: Tx): Promise<number> {
  const unread = await people.lockUnread(tx, batchSize);
  if (!unread) return 0;
  const { connection } = unread;
  const patients = unread.patients.map(({ patient_id: sourceId, patient, body, base }) => ({
    connection,
    sourceId,
    person: patient,
    body,
    base,
  }));
  await savePeople(tx, patients);
  return patients.length;
}
