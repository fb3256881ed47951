import { RequestProblems } from '@loopwell/http';
import { dayIn, timeZoneOf } from '@loopwell/kit';
import {
  type AnswerButton,
  type AnswerFields,
  buttonsFor,
  isAnswerButton,
  isButtonOf,
  readButtonFields,
} from '@loopwell/sdoh';
import type { InboxRow, TaskRow } from '@loopwell/store';
import type { PageSettings, PressedForm } from './page-answer.ts';
import { buttonStateOf, type PageTask, pendingAnswer } from './page-task.ts';

type Around = { now: Date; settings: PageSettings };

/** @throws RequestProblems for what is no button, or none of a partner of this kind */
export function checkButton({ button, kind }: PressedForm): AnswerButton {
  if (isAnswerButton(button) && isButtonOf(button, kind)) return button;
  throw refusal('Choose one of the answers on the page', 'button', 'unknown');
}

/** @throws RequestProblems with each field that cannot be taken, and its rule */
export function checkFields(
  button: AnswerButton,
  { typed }: PressedForm,
  { now, settings }: Around,
): AnswerFields {
  const today = dayIn(timeZoneOf(settings), now);
  const { fields, problems } = readButtonFields(button, typed, today);
  if (problems.length === 0) return fields;
  throw new RequestProblems(
    'Some of what was typed cannot be taken; nothing was recorded',
    problems.map(({ field, rule }) => ({ path: `/body/${field}`, rule })),
  );
}

/**
 * Finds the answer that somebody gave before this one, so that this one is not recorded: one that
 * can still be undone, one that ended the Task, or one after which the button is not offered any
 * more. Where we took the Task back, no answer was faster, and this one is kept.
 *
 * @throws RequestProblems 409 where the button is not offered and nobody has answered
 */
export function findFaster(
  { task, earlier }: PageTask,
  button: AnswerButton,
  { kind, canReach }: PressedForm,
  { now, settings }: Around,
): InboxRow | undefined {
  const pending = pendingAnswer(earlier, now);
  if (pending) return pending;
  const last = earlier.at(-1);
  if (!task.live) return isTakenBack(task) ? undefined : last;
  const place = { now, timeZone: settings.timeZone, canReach };
  if (buttonsFor(buttonStateOf({ task, earlier }, place), kind).includes(button)) return undefined;
  if (last) return last;
  throw refusal('This answer does not fit the request as it is now', 'button', 'not-offered', 409);
}

/** Tells whether we took a Task back before its partner ended it. */
const isTakenBack = ({ recalled_from, reason }: TaskRow): boolean =>
  recalled_from !== null || reason === 'not-accepted-in-time';

const refusal = (text: string, field: string, rule: string, status = 400) =>
  new RequestProblems(`${text}; nothing was recorded`, [{ path: `/body/${field}`, rule }], {
    status,
  });
