import { timeZoneOf } from '@loopwell/kit';
import {
  type AnswerButton,
  buttonRow,
  buttonsFor,
  isAnswerButton,
  isFinal,
  isTaken,
} from '@loopwell/sdoh';
import { type InboxRow, pageAnswers, type TaskRow, type Tx } from '@loopwell/store';
import { buttonStateOf, pendingAnswer } from '../../../page-answers/page-task.ts';
import type { LastAnswer } from '../views/page-model.ts';

/** What helpers have said of a request by buttons, and what they can say now. */
export type AnswersSoFar = {
  latest: LastAnswer | undefined;
  /** An answer that ends the Task waits until it can be undone no more. */
  isEnding: boolean;
  /** The day from which the next try counts, where it is still ahead. */
  nextTry: string | undefined;
  buttons: readonly AnswerButton[];
};

/** Who looks and when, and what their partner is about. */
export type AnswersContext = {
  helper: string;
  kind: string;
  now: Date;
  timeZone: string | undefined;
  /** The page shows a way to reach the person, or will after a yes. */
  canReach: boolean;
};

/** Loads what helpers have said of a Task. */
export async function loadAnswers(
  tx: Tx,
  task: TaskRow,
  context: AnswersContext,
): Promise<AnswersSoFar> {
  const earlier = await pageAnswers.answersAbout(tx, task.id);
  const { now, kind, canReach } = context;
  const pending = pendingAnswer(earlier, now);
  const place = {
    now,
    timeZone: timeZoneOf(context),
    canReach,
  };
  const state = buttonStateOf({ task, earlier }, place);
  const latest = pending ?? earlier.findLast(({ button }) => isAnswerButton(button));
  return {
    latest: latest && saidAnswer(latest, context),
    isEnding: pending !== undefined && endsTask(pending),
    nextTry: isTaken(task.status) && canReach ? state.nextTry : undefined,
    buttons: pending ? [] : buttonsFor(state, kind),
  };
}

const endsTask = ({ button }: InboxRow): boolean =>
  isAnswerButton(button) && isFinal(buttonRow(button).to);

/** Shows an answer by a button as whoever looks may see it. */
export function saidAnswer(
  answer: InboxRow,
  { helper, now }: Pick<AnswersContext, 'helper' | 'now'>,
): LastAnswer | undefined {
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
