import { timeZoneOf } from '@loopwell/kit';
import { type AnswerButton, buttonsFor, isAnswerButton } from '@loopwell/sdoh';
import { type InboxRow, pageAnswers, type TaskRow, type Tx } from '@loopwell/store';
import { buttonStateOf, pendingAnswer } from '../../../page-answers/page-task.ts';
import type { LastAnswer } from '../views/page-model.ts';

/** What helpers have said of a request by buttons, and what they can say now. */
export type AnswersSoFar = {
  latest: LastAnswer | undefined;
  /** An answer that ends the Task waits until it can be undone no more. */
  isEnding: boolean;
  buttons: readonly AnswerButton[];
};

/** Who looks and when, and what their partner is about. */
export type AnswersContext = {
  helper: string;
  kind: string;
  now: Date;
  timeZone: string | undefined;
};

/** Loads what helpers have said of a Task. */
export async function loadAnswers(
  tx: Tx,
  task: TaskRow,
  context: AnswersContext,
): Promise<AnswersSoFar> {
  const earlier = await pageAnswers.answersAbout(tx, task.id);
  const { now, kind } = context;
  const pending = pendingAnswer(earlier, now);
  const place = {
    now,
    timeZone: timeZoneOf(context),
  };
  const offered = pending ? [] : buttonsFor(buttonStateOf({ task, earlier }, place), kind);
  const latest = pending ?? earlier.findLast(({ button }) => isAnswerButton(button));
  return {
    latest: latest && saidAnswer(latest, context),
    isEnding: pending !== undefined,
    buttons: offered,
  };
}

function saidAnswer(answer: InboxRow, { helper, now }: AnswersContext): LastAnswer | undefined {
  const { id, button, helper: author, said_by: name, held_until: until } = answer;
  if (!isAnswerButton(button)) return undefined;
  const isHeld = until !== null && answer.consumed_at === null && until > now;
  const by = author === helper ? undefined : (name ?? undefined);
  return {
    id: String(id),
    button,
    by,
    undoUntil: isHeld ? until : undefined,
  };
}
