import { fingerprint } from '@loopwell/kit';
import type { Nudge } from '@loopwell/pipeline';
import { type AnswerButton, buttonRow, isFinal, noAnswersAmong } from '@loopwell/sdoh';
import { type InboxRow, pageAnswers, readNow, type Tx } from '@loopwell/store';
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
import { lockPageTask, type PageTask } from './page-task.ts';
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
  const { key, repeated } = await findForm(tx, form, [button]);
  if (repeated) return { kind: 'repeated', answer: saidAnswer(repeated), nudges };
  const fields = checkFields(button, form, { now, settings });
  const faster = findFaster(locked, button, form, { now, settings });
  if (faster && !isNewNo(button, locked))
    return { kind: 'said', answer: saidAnswer(faster), nudges };
  const heldUntil = heldUntilOf(button, now, settings);
  const pressed = { button, fields, helper: form.helper.id, heldUntil };
  await writeToInbox(tx, [answerOfButton(locked, form, { pressed, now, ...key })]);
  if (heldUntil) await holdTask(tx, locked, pressed);
  else {
    const clock = { now: () => now, timeZone: settings.timeZone };
    nudges.push(...(await takeWaiting(tx, { clock }, [form.task])).nudges);
  }
  const kept = await pageAnswers.findMessage(tx, key);
  const kind = kindOf(locked, faster);
  if (kept) return { kind, answer: saidAnswer(kept), nudges };
  // It says what the last answer about the Task says, and is noted there.
  const [last] = locked.earlier.slice(-1);
  if (last) return { kind: 'repeated', answer: saidAnswer(last), nudges };
  throw new Error('An answer was neither written nor found');
}

/** Tells whether this is the person's first no, which is kept whatever was said before it. */
const isNewNo = (button: AnswerButton, { earlier }: PageTask): boolean =>
  button === 'saidNo' && earlier.every((row) => row.button !== button);

function kindOf({ task }: PageTask, faster: InboxRow | undefined): KeptAnswer['kind'] {
  if (!task.live) return 'after-end';
  return faster ? 'beside' : 'kept';
}

/**
 * Finds what was taken from a form before, and makes the id of its message. A key of one Task or
 * one button says nothing about another, and a form whose answer was undone may be sent again.
 */
async function findForm(
  tx: Tx,
  form: PressedForm,
  sent: readonly string[],
): Promise<{ key: Pick<InboxRow, 'door' | 'message_id'>; repeated: InboxRow | undefined }> {
  const { task, partner, formKey } = form;
  const message_id = fingerprint(JSON.stringify([partner, task, formKey, ...sent]));
  const key = { door: pageDoor, message_id };
  const taken = await pageAnswers.findMessage(tx, key);
  if (!taken?.undone_at) return { key, repeated: taken };
  return findForm(tx, form, [...sent, String(taken.id)]);
}

/** Gives until when a button can be undone; undefined where it counts at once. */
function heldUntilOf(
  button: AnswerButton,
  now: Date,
  { undoForMs }: PageSettings,
): Date | undefined {
  const canBeUndone = isFinal(buttonRow(button).to) || noAnswersAmong([button]) > 0;
  return canBeUndone && undoForMs > 0 ? new Date(now.getTime() + undoForMs) : undefined;
}
