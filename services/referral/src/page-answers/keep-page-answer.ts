import { fingerprint } from '@loopwell/kit';
import type { Nudge } from '@loopwell/pipeline';
import { type AnswerButton, buttonRow, isFinal, noAnswersAmong } from '@loopwell/sdoh';
import { pageAnswers, readNow, type Tx } from '@loopwell/store';
import { writeToInbox } from '../answers/write-inbox.ts';
import { takeWaiting } from '../track/take-waiting.ts';
import { checkButton, checkFields, findFaster } from './check-answer.ts';
import { holdTask } from './hold-task.ts';
import {
  type KeptAnswer,
  type PageSettings,
  type PressedForm,
  pageDoor,
  saidAnswer,
} from './page-answer.ts';
import { lockPageTask } from './page-task.ts';
import { answerOfButton } from './statement-of-button.ts';

/**
 * Keeps what a helper says by a button. A yes, and whatever goes on, counts at once. What ends the
 * Task, and a try, which takes from the person's budget, is held until it cannot be undone any more:
 * until then the Task stays as it was, and nothing follows. DECISIONS D198.
 *
 * @returns what became of it, and the nudges to give after the commit
 * @throws AppError NOT_FOUND where the partner has no such Task; RequestProblems naming the field
 *   and the rule, never what was typed
 */
export async function keepPageAnswer(
  tx: Tx,
  settings: PageSettings,
  form: PressedForm,
): Promise<KeptAnswer & { nudges: Nudge[] }> {
  const button = checkButton(form);
  const locked = await lockPageTask(tx, form.task, form.partner);
  const now = await readNow(tx);
  const nudges: Nudge[] = [{ stage: 'track', batch: locked.batch }];
  const message = { door: pageDoor, message_id: messageOf(form) };
  const repeated = await pageAnswers.findMessage(tx, message);
  if (repeated) return { kind: 'repeated', answer: saidAnswer(repeated), nudges };
  const fields = checkFields(button, form, { now, settings });
  const faster = findFaster(locked, button, form, { now, settings });
  if (faster) return { kind: 'said', answer: saidAnswer(faster), nudges };
  const heldUntil = heldUntilOf(button, now, settings);
  const pressed = { button, fields, helper: form.helper.id, heldUntil };
  await writeToInbox(tx, [answerOfButton(locked, form, { pressed, now, ...message })]);
  if (heldUntil) await holdTask(tx, locked, pressed);
  else {
    const clock = { now: () => now, timeZone: settings.timeZone };
    nudges.push(...(await takeWaiting(tx, { clock }, [form.task])).nudges);
  }
  const kept = await pageAnswers.findMessage(tx, message);
  const kind = locked.task.live ? 'kept' : 'after-end';
  if (kept) return { kind, answer: saidAnswer(kept), nudges };
  // It says what the last answer about the Task says, and is noted there.
  const [last] = locked.earlier.slice(-1);
  if (last) return { kind: 'repeated', answer: saidAnswer(last), nudges };
  throw new Error('An answer was neither written nor found');
}

/** Makes the id of the message. A key of one Task says nothing about another. */
const messageOf = ({ task, partner, formKey }: PressedForm): string =>
  fingerprint(JSON.stringify([partner, task, formKey]));

/** Gives until when a button can be undone; undefined where it counts at once. */
function heldUntilOf(
  button: AnswerButton,
  now: Date,
  { undoForMs }: PageSettings,
): Date | undefined {
  const canBeUndone = isFinal(buttonRow(button).to) || noAnswersAmong([button]) > 0;
  return canBeUndone && undoForMs > 0 ? new Date(now.getTime() + undoForMs) : undefined;
}
