import { AppError } from '@loopwell/kit';
import { people } from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';
import { uuid } from './form-data.ts';

/**
 * Joins a Patient with another one that is the same person, or makes it a person alone again.
 *
 * @returns the Patient's person
 * @throws AppError NOT_FOUND for a Patient that was not pulled
 */
export async function choosePerson(
  deps: Pick<ReviewDeps, 'tx'>,
  reviewer: Reviewer,
  patient: string,
  { samePersonAs }: { samePersonAs: string | null },
): Promise<string> {
  const ids = samePersonAs === null ? [patient] : [patient, samePersonAs];
  if (!ids.every((id) => uuid.test(id)))
    throw new AppError('NOT_FOUND', 'There is no such Patient');
  const principal = reviewer.id;
  return deps.tx(async (tx) => {
    await requireVisible(tx, reviewer, ids, 'There is no such Patient');
    return people.setPerson(tx, { patient, samePersonAs, principal });
  });
}
