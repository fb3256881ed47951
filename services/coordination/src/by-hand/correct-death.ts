import { AppError, newId } from '@loopwell/kit';
import { contact, ledger, referrals, work } from '@loopwell/store';
import { dueRows } from '../decide/own-referrals.ts';
import { findSubject } from '../find-subject.ts';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';

/**
 * Says that a report of a person's death was wrong. Referrals that ended by it stay ended, because
 * their partners were told; those that had not ended yet are looked at again.
 *
 * @throws AppError NOT_FOUND for a person that is not known, CONFLICT where there is no report
 */
export async function correctDeath(
  deps: ReviewDeps,
  reviewer: Reviewer,
  id: string,
): Promise<void> {
  const batch = newId();
  await deps.tx(async (tx) => {
    const { patients } = await findSubject(tx, id);
    await requireVisible(tx, reviewer, patients, 'There is no such person');
    const rows = await referrals.referralsOfPeople(tx, patients);
    const open = rows.filter(({ state }) => state === 'waiting' || state === 'partner');
    await ledger.due(tx, dueRows('refer', open, batch));
    await contact.lockHumans(tx, patients);
    if (!(await work.correctDeath(tx, patients, reviewer.id)))
      throw new AppError('CONFLICT', 'No report of a death stands; nothing was recorded');
  });
  await deps.nudge([{ stage: 'refer', batch }]);
}
