import { AppError } from '@loopwell/kit';
import type { Nudge } from '@loopwell/pipeline';
import { pageAnswers, readNow, type Tx } from '@loopwell/store';
import { releaseTask } from './hold-task.ts';
import { type PageHelper, pageDoor, type SaidAnswer, saidAnswer } from './page-answer.ts';
import { lockPageTask, pendingAnswer } from './page-task.ts';

/** An answer that a helper wants to undo, by its number. */
export type UndoForm = { answer: number; partner: string; helper: PageHelper };

/** `too-late`: it counts already, and the partner has to call. `repeated`: it was undone before. */
export type UndoneAnswer = { kind: 'undone' | 'too-late' | 'repeated'; answer: SaidAnswer };

/**
 * Undoes an answer of the same partner, by any of its helpers, while it is held. The row is marked
 * and stays. DECISIONS D198.
 *
 * @returns what became of it, and the nudges to give after the commit
 * @throws AppError NOT_FOUND where this partner gave no such answer by a button
 */
export async function undoPageAnswer(
  tx: Tx,
  { answer, partner, helper }: UndoForm,
): Promise<UndoneAnswer & { nudges: Nudge[] }> {
  const isNumber = Number.isSafeInteger(answer) && answer > 0;
  const row = isNumber ? await pageAnswers.findAnswer(tx, answer) : undefined;
  if (row?.door !== pageDoor || row.who !== `partner:${partner}` || row.button === null)
    throw new AppError('NOT_FOUND', 'There is no such answer');
  const locked = await lockPageTask(tx, row.task, partner);
  const nudges: Nudge[] = [{ stage: 'track', batch: locked.batch }];
  const isUndone = await pageAnswers.undoHeld(tx, answer, helper.name);
  const after = (await pageAnswers.findAnswer(tx, answer)) ?? row;
  const shown = saidAnswer(after);
  if (!isUndone) return { kind: shown.isUndone ? 'repeated' : 'too-late', answer: shown, nudges };
  const now = await readNow(tx);
  const heldMs = now.getTime() - after.received_at.getTime();
  const others = locked.earlier.filter(({ id }) => id !== row.id);
  const isStillHeld = pendingAnswer(others, now) !== undefined;
  await releaseTask(tx, locked, { button: row.button, heldMs, isStillHeld });
  return { kind: 'undone', answer: shown, nudges };
}
