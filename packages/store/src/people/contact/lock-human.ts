import { AppError } from '@loopwell/kit';
import type { Tx } from '../../database/database.ts';

/** A Patient and the human that it belongs to. A Patient without a link is a human alone. */
type Belonging = { patient: string; human: string };

/**
 * Locks the humans behind some Patients until the transaction ends, in one order. Whoever records a
 * no or takes a try holds this lock, so that of two at once the later one sees what the first has
 * written. It is taken after rows of the ledger, referrals and Tasks, and before grants.
 *
 * Links are not locked, since whoever moves one locks referrals after it. `requireSameHumans` says
 * at the end whether they are as they were.
 *
 * @returns the humans that are locked
 */
export async function lockHumans(tx: Tx, patients: readonly string[]): Promise<string[]> {
  const humans = await humansOf(tx, patients);
  for (const human of humans)
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 15))', [
      `human/${tx.tenant}/${human}`,
    ]);
  return humans;
}

/**
 * Requires that Patients belong to the humans that were locked.
 *
 * @throws AppError CONFLICT, to be tried again, where a link was moved meanwhile
 */
export async function requireSameHumans(
  tx: Tx,
  patients: readonly string[],
  locked: readonly string[],
): Promise<void> {
  const humans = await humansOf(tx, patients);
  if (humans.join() === locked.join()) return;
  throw new AppError('CONFLICT', 'The records of this person were linked anew meanwhile', {
    retryable: true,
  });
}

async function humansOf(tx: Tx, patients: readonly string[]): Promise<string[]> {
  if (patients.length === 0) return [];
  const { rows } = await tx.query<Belonging>(
    `select p.patient, coalesce(l.person, p.patient) as human
       from unnest($1::uuid[]) as p(patient)
       left join patient_link l on l.tenant = $tenant and l.patient = p.patient`,
    [[...new Set(patients)]],
  );
  return [...new Set(rows.map(({ human }) => human))].toSorted();
}

/**
 * Lists, for some Patients, all Patients of the same human, themselves included: the rows of a
 * human are those of all of them.
 */
export async function patientsOfHumans(
  tx: Tx,
  patients: readonly string[],
): Promise<Map<string, string[]>> {
  const ids = [...new Set(patients)];
  if (ids.length === 0) return new Map();
  const { rows } = await tx.query<{ asked: string; patient: string }>(
    `select p.patient as asked, coalesce(o.patient, p.patient) as patient
       from unnest($1::uuid[]) as p(patient)
       left join patient_link l on l.tenant = $tenant and l.patient = p.patient
       left join patient_link o on o.tenant = $tenant and o.person = l.person`,
    [ids],
  );
  const all = new Map<string, string[]>();
  for (const { asked, patient } of rows) all.set(asked, [...(all.get(asked) ?? []), patient]);
  return all;
}
