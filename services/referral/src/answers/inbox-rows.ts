import { fingerprint } from '@loopwell/kit';
import {
  answerContent,
  boundedOutputs,
  isTaskStatus,
  keptBody,
  type Oddity,
  odditiesOf,
  readAnswer,
  shownOutput,
} from '@loopwell/sdoh';
import type { NewAnswer, TaskRow } from '@loopwell/store';
import type { InboxAnswer } from './inbox-answer.ts';

/** The ids by which our Task is told from another's. */
export type OwnIds = { identifierSystem: string; serviceRequest: string | null };

/** Makes the row of the inbox for an answer about a Task. */
export function inboxRow(task: TaskRow, answer: InboxAnswer, ids: OwnIds): NewAnswer {
  const { outputs = [], body } = answer;
  const words = wordsOf(answer);
  const shown = outputs.map(shownOutput);
  const oddities = body === undefined ? [] : odditiesIn(task, body, ids);
  const { status, reason, note, businessStatus, codes } = words;
  const texts = [reason, note, businessStatus];
  const content = answerContent({ ...words, outputs: shown, oddities });
  return {
    ...aboutTask(task),
    ...broughtBy(answer),
    ...pressedIn(answer),
    status,
    known_status: isTaskStatus(status) ? status : null,
    codes: JSON.stringify(codes),
    oddities: JSON.stringify(oddities),
    with_words: shown.length > 0 || texts.some((text) => text !== null),
    reason,
    note,
    business_status: businessStatus,
    outputs: JSON.stringify(shown),
    read_outputs: JSON.stringify(boundedOutputs(outputs)),
    body: body === undefined ? null : keptBody(body),
    content: fingerprint(content),
    is_partial: answer.isPartial ?? false,
  };
}

const aboutTask = ({ tenant, id, referral, person }: TaskRow) => ({
  tenant,
  task: id,
  referral,
  person,
});

/** Gives the columns that say who brought an answer, by which door, and when it was said. */
const broughtBy = (answer: InboxAnswer) => ({
  door: answer.door,
  message_id: answer.messageId,
  who: answer.who,
  said_by: answer.saidBy ?? null,
  recorded_by: answer.recordedBy ?? answer.who,
  said_at: answer.at ?? null,
});

/** Gives the columns of a button. Its words beside the note are kept as they were typed. */
function pressedIn({ pressed }: InboxAnswer): Partial<NewAnswer> {
  if (pressed === undefined) return {};
  const { note: _, ...fields } = pressed.fields;
  return {
    button: pressed.button,
    fields: JSON.stringify(fields),
    helper: pressed.helper,
    held_until: pressed.heldUntil ?? null,
  };
}

type Words = ReturnType<typeof readAnswer>;

/** Reads what an answer says: from the Task that was shown, or as the door gave it. */
function wordsOf({ body, status, reason, note, pressed }: InboxAnswer): Words {
  if (body === undefined) return readAnswer({ status, statusReason: reason, note });
  // What is typed beside a button never stands in a Task.
  const words = readAnswer(body);
  return pressed ? { ...words, note: pressed.fields.note ?? null } : words;
}

function odditiesIn(task: TaskRow, body: unknown, ids: OwnIds): Oddity[] {
  const { person, partner, receipt_key: receiptKey } = task;
  return odditiesOf(body, { person, partner, receiptKey, ...ids });
}
