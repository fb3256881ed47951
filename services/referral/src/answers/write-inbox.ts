import { answers, installation, type NewAnswer, type TaskRow, type Tx } from '@loopwell/store';
import { type Followed, loadFollowed, requireFollowed } from './followed-tasks.ts';
import type { InboxAnswer } from './inbox-answer.ts';
import { inboxRow } from './inbox-rows.ts';
import { copyHash, type LearnedAnswer } from './keep-answers.ts';
import { withoutLegalWords } from './legal-ends.ts';

/**
 * Writes answers into the inbox without letting `track` take them: for a caller that makes `track`
 * due, or that holds its lease and lets it take them next.
 *
 * @returns the result of each answer by Task
 */
export async function writeToInbox(
  tx: Tx,
  brought: readonly InboxAnswer[],
): Promise<Map<string, answers.Written>> {
  if (brought.length === 0) return new Map();
  const ids = brought.map(({ task }) => task);
  const followed = await requireFollowed(tx, ids);
  const identifierSystem = await installation.identifierSystem(tx);
  const rows: NewAnswer[] = [];
  for (const answer of brought) {
    const subject = followed.get(answer.task);
    if (!subject) continue;
    const serviceRequest = subject.referral.service_request;
    rows.push(inboxRow(subject.task, answer, { identifierSystem, serviceRequest }));
  }
  const results = await answers.writeAnswers(tx, rows);
  return new Map(
    rows.map((row) => [row.task, results.get(answers.answerKeyOf(row)) ?? 'repeated']),
  );
}

/** A version of a partner's copy of a Task that was not read before. */
export type NewCopy = { task: Pick<TaskRow, 'id' | 'partner'>; answer: LearnedAnswer };

/**
 * Makes the answer that a new version of a copy is. A partner may come back to what it said before,
 * so a version is known by the number of the answer before it, too.
 */
export function copyAnswer({ task, answer }: NewCopy, before: number): InboxAnswer {
  const { door, body, outputs, isPartial } = answer;
  return {
    task: task.id,
    door,
    messageId: `${task.id}/${before}/${copyHash(answer)}`,
    who: `partner:${task.partner}`,
    recordedBy: 'system:referral',
    status: body.status,
    outputs,
    body,
    isPartial,
  };
}

/**
 * Writes new versions of partners' copies into the inbox, as the door of their channel. A version
 * that was noted before is left out. The caller makes `track` due or holds its lease, and notes the
 * versions by `noteCopies` once it has locked the ledger's rows.
 */
export async function writeCopies(tx: Tx, copies: readonly NewCopy[]): Promise<void> {
  if (copies.length === 0) return;
  const ids = copies.map(({ task }) => task.id);
  const followed = await loadFollowed(tx, ids);
  const before = await answers.lastAnswerIds(tx, ids);
  const isNew = ({ task, answer }: NewCopy) =>
    followed.get(task.id)?.task.answer_hash !== copyHash(answer);
  const brought: InboxAnswer[] = [];
  for (const copy of copies.filter(isNew)) {
    const answer = copyAnswer(copy, before.get(copy.task.id) ?? 0);
    const subject = followed.get(answer.task);
    brought.push(subject ? await withoutWhy(tx, subject, answer) : answer);
  }
  await writeToInbox(tx, brought);
}

/** Leaves out of a copy why legal help ended. Its key stays, so that it is read once. */
async function withoutWhy(tx: Tx, subject: Followed, answer: InboxAnswer): Promise<InboxAnswer> {
  if (answer.body === undefined) return answer;
  const body = await withoutLegalWords(tx, subject, answer.body);
  return body === answer.body ? answer : { ...answer, body, outputs: [] };
}

/** Notes which version of each copy was read last. It locks the Tasks. */
export async function noteCopies(tx: Tx, copies: readonly NewCopy[]): Promise<void> {
  const versions = copies.map(({ task, answer }) => ({ task: task.id, hash: copyHash(answer) }));
  await answers.noteCopies(tx, versions);
}
