import { AppError, newId } from '@loopwell/kit';
import { grants, judgeAnew, people } from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';
import { uuid } from './form-data.ts';

/**
 * Joins a Patient with another one that is the same person, or makes it a person alone again. What
 * is known of one record counts for the others from then on: partners read nothing until the gates
 * of all have judged it.
 *
 * @returns the Patient's person
 * @throws AppError NOT_FOUND for a Patient that was not pulled
 */
export async function choosePerson(
  deps: Pick<ReviewDeps, 'tx' | 'nudge'>,
  reviewer: Reviewer,
  patient: string,
  { samePersonAs }: { samePersonAs: string | null },
): Promise<string> {
  const ids = samePersonAs === null ? [patient] : [patient, samePersonAs];
  if (!ids.every((id) => uuid.test(id)))
    throw new AppError('NOT_FOUND', 'There is no such Patient');
  const principal = reviewer.id;
  const batch = newId();
  const person = await deps.tx(async (tx) => {
    await requireVisible(tx, reviewer, ids, 'There is no such Patient');
    const concerned = new Set<string>();
    const onMove = async (patients: readonly string[]) => {
      for (const moved of patients) concerned.add(moved);
      await judgeAnew(tx, patients, batch);
    };
    const chosen = await people.setPerson(tx, { patient, samePersonAs, principal }, onMove);
    // Grants are locked last.
    await grants.suspendGrantsOfPeople(tx, [...concerned]);
    return chosen;
  });
  await deps.nudge([{ stage: 'refer', batch }]);
  return person;
}
