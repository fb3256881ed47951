import type { fhir4 } from '@loopwell/fhir';
import { AppError, newId } from '@loopwell/kit';
import { withoutProcedureWords } from '@loopwell/sdoh';
import {
  ledger,
  ownResources,
  pageAnswers,
  partnerProcedures,
  referrals,
  removeWords,
  type Tx,
} from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';

/**
 * Removes the words of a partner's answer everywhere. The history keeps who did it, and no word.
 *
 * @throws AppError NOT_FOUND where the referral has no such answer
 */
export async function removeAnswerWords(
  deps: ReviewDeps,
  reviewer: Reviewer,
  { referral, answer }: { referral: string; answer: number },
): Promise<void> {
  const batch = newId();
  await deps.tx(async (tx) => {
    const row = (await referrals.loadReferrals(tx, [referral])).get(referral);
    if (row?.tenant !== reviewer.tenant) throw notThere();
    await requireVisible(tx, reviewer, [row.person], 'There is no such answer');
    const isNumber = Number.isSafeInteger(answer) && answer > 0;
    const line = isNumber ? await pageAnswers.findAnswer(tx, answer) : undefined;
    if (line?.referral !== referral) throw notThere();
    if (line.words_removed_at !== null) return;
    const { tenant, person, trace } = row;
    const subject = line.task;
    const followed = { tenant, stage: 'track' as const, subject, person, trace };
    await ledger.due(tx, [{ ...followed, batch, waitsFor: 'partner' }]);
    const answers = await removeWords(tx, line, reviewer.id);
    if (line.button === null) await removeFromPosted(tx, line.task);
    const principal = reviewer.id;
    await ledger.appendHistory(tx, [
      { ...followed, outcome: 'words-removed', attempt: 1, principal, facts: { answers } },
    ]);
  });
  await deps.nudge([{ stage: 'track', batch }]);
}

const notThere = () => new AppError('NOT_FOUND', 'There is no such answer');

/** Removes the words from the Procedures that a partner posted about a Task. */
async function removeFromPosted(tx: Tx, task: string): Promise<void> {
  const posted = (await partnerProcedures.proceduresOfTasks(tx, [task])).get(task) ?? [];
  await ownResources.rewordOwnResources(tx, posted, (body) =>
    JSON.stringify(withoutProcedureWords(JSON.parse(body) as fhir4.Procedure)),
  );
}
