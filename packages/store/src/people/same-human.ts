import { AppError } from '@loopwell/kit';
import type { Tx } from '../database/database.ts';

/**
 * Selects in SQL, for each Patient of a list, all Patients of the same person as `asked` and
 * `patient`, itself included.
 *
 * @param place the list of the Patients' derived ids, such as `$1`
 */
export const samePeople = (place: string): string =>
  `select a.asked, coalesce(o.patient, a.asked) as patient
     from unnest(${place}::uuid[]) as a(asked)
     left join patient_link l on l.tenant = $tenant and l.patient = a.asked
     left join patient_link o on o.tenant = $tenant and o.person = l.person`;

/**
 * Locks the person of a Patient until the transaction ends, so that of two who record something of
 * the same person the later sees what the first has done.
 *
 * @throws AppError NOT_FOUND for a Patient that was not pulled
 */
export async function lockHuman(tx: Tx, patient: string): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    `select p.id from patient_link l
       join person p on p.tenant = $tenant and p.id = l.person
      where l.tenant = $tenant and l.patient = $1 for update of p`,
    [patient],
  );
  const [row] = rows;
  if (row === undefined) throw new AppError('NOT_FOUND', 'There is no such person');
  return row.id;
}
