import { AppError } from '@loopwell/kit';
import { people, type Tx } from '@loopwell/store';
import { uuid } from './decide/form-data.ts';

/** A human being: the id of `/people/<id>`, and the derived ids of all their Patients. */
export type PersonSubject = { person: string; patients: readonly string[] };

/**
 * Finds the human being that an id means: their own, or that of any of their Patients.
 *
 * @throws AppError NOT_FOUND where nobody has this id
 */
export async function findSubject(tx: Tx, id: string): Promise<PersonSubject> {
  const patients = uuid.test(id) ? await people.patientsOfSamePerson(tx, id) : [];
  const [first] = patients;
  if (first === undefined) throw new AppError('NOT_FOUND', 'There is no such person');
  return { person: first.person, patients: patients.map(({ patient }) => patient) };
}
