import { newId } from '@loopwell/kit';
import type { Nudge } from '@loopwell/pipeline';
import { type DueRow, ledger, type Tx } from '@loopwell/store';
import { type Followed, requireFollowed } from '../answers/followed-tasks.ts';
import type { InboxAnswer, InboxContext, InboxOutcome } from '../answers/inbox-answer.ts';
import { writeToInbox } from '../answers/write-inbox.ts';
import { takeWaiting } from './take-waiting.ts';

/**
 * Accepts answers of partners, one for each Task at most: writes them into the inbox and lets
 * `track` take them in this transaction. The rows of the ledger are locked before Tasks, so a
 * caller that locks Tasks itself calls this first. A move that the Task may not make is refused by
 * the door before; here it waits for a person.
 *
 * @returns what became of each answer by Task, and the nudges to give after the commit
 * @throws AppError NOT_FOUND when there is no such Task
 */
export async function acceptAnswers(
  tx: Tx,
  context: InboxContext,
  brought: readonly InboxAnswer[],
): Promise<{ outcomes: Map<string, InboxOutcome>; nudges: Nudge[] }> {
  if (brought.length === 0) return { outcomes: new Map(), nudges: [] };
  const ids = brought.map(({ task }) => task);
  const batch = newId();
  const followed = await lockFollowed(tx, ids, batch);
  const written = await writeToInbox(tx, brought);
  const { nudges } = await takeWaiting(tx, context, ids);
  const outcomes = new Map<string, InboxOutcome>();
  for (const [id, { task }] of followed) {
    const outcome = task.live ? 'accepted' : 'after-end';
    outcomes.set(id, written.get(id) === 'written' ? outcome : 'same');
  }
  return { outcomes, nudges: [...nudges, { stage: 'track', batch }] };
}

/**
 * Makes `track` due for Tasks, which locks their rows of the ledger: nobody else takes or writes an
 * answer about them until the transaction ends. A caller that judges an answer itself reads the
 * Task after this.
 *
 * @throws AppError NOT_FOUND when there is no such Task
 */
export async function lockFollowed(
  tx: Tx,
  ids: readonly string[],
  batch: string,
): Promise<Map<string, Followed>> {
  const followed = await requireFollowed(tx, ids);
  const due = [...followed.values()].map((subject) => trackDue(subject, batch));
  await ledger.due(tx, due);
  return followed;
}

/** Makes the row of the ledger that is locked while an answer about a Task is written. */
function trackDue({ task, referral }: Followed, batch: string): DueRow {
  const { tenant, id, person } = task;
  return {
    tenant,
    stage: 'track',
    subject: id,
    person,
    waitsFor: 'partner',
    batch,
    trace: referral.trace,
  };
}
