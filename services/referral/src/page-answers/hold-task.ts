import type { fhir4 } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import { answerPending } from '@loopwell/sdoh';
import {
  type HistoryLine,
  ledger,
  moveTasks,
  pageAnswers,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import type { PressedButton } from '../answers/inbox-answer.ts';
import type { PageTask } from './page-task.ts';
import { conceptOf } from './statement-of-button.ts';

/** Notes on a Task that an answer can still be undone. Its status stays. */
export async function holdTask(
  tx: Tx,
  locked: PageTask,
  { button }: Pick<PressedButton, 'button'>,
): Promise<void> {
  await sayBusinessStatus(tx, locked.task, conceptOf(answerPending));
  await ledger.appendHistory(tx, [lineOf(locked, 'answer-held', { button })]);
}

/**
 * Puts a Task back as it was before an answer that was undone. A partner gets the time back that
 * the answer took from its deadline. A Task about which another answer is held stays as it is.
 */
export async function releaseTask(
  tx: Tx,
  locked: PageTask,
  { button, heldMs, isStillHeld }: { button: string; heldMs: number; isStillHeld: boolean },
): Promise<void> {
  if (!isStillHeld) await putBack(tx, locked.task, heldMs);
  await ledger.appendHistory(tx, [lineOf(locked, 'answer-undone', { button })]);
}

async function putBack(tx: Tx, task: TaskRow, heldMs: number): Promise<void> {
  const before = await pageAnswers.bodyBefore(tx, task.id, answerPending.code);
  const body = before === undefined ? undefined : (JSON.parse(before) as fhir4.Task);
  await sayBusinessStatus(tx, task, body?.businessStatus);
  if (task.live && task.accept_by !== null) {
    const accept_by = new Date(task.accept_by.getTime() + heldMs);
    await tasks.patchTasks(tx, [{ id: task.id, patch: { accept_by } }]);
  }
}

async function sayBusinessStatus(
  tx: Tx,
  { id, status, live }: TaskRow,
  businessStatus: fhir4.CodeableConcept | undefined,
): Promise<void> {
  if (!live) return;
  const move = { task: id, from: { status }, to: status, by: 'target' as const };
  const outcome = (await moveTasks(tx, [{ ...move, statement: { businessStatus } }])).get(id);
  if (outcome?.kind === 'moved' || outcome?.kind === 'same') return;
  throw new AppError('CONFLICT', 'The Task was moved meanwhile', { retryable: true });
}

/** Makes a line of history. It names the button and the partner, and no words. */
const lineOf = (
  { task, referral }: PageTask,
  outcome: string,
  facts: { button: string },
): HistoryLine => ({
  tenant: task.tenant,
  stage: 'track',
  subject: task.id,
  person: task.person,
  outcome,
  attempt: 1,
  trace: referral.trace,
  principal: `partner:${task.partner}`,
  facts,
});
