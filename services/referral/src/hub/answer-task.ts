import type { fhir4 } from '@loopwell/fhir';
import { RequestProblems } from '@loopwell/http';
import { AppError, type Clock, fingerprint } from '@loopwell/kit';
import type { Nudge } from '@loopwell/pipeline';
import { judgePut, statementOf } from '@loopwell/sdoh';
import {
  type HubTask,
  moveTasks,
  type Reader,
  type TaskMove,
  type Tx,
  tasks,
} from '@loopwell/store';
import { requireFollowed } from '../answers/followed-tasks.ts';
import { withoutLegalWords } from '../answers/legal-ends.ts';
import { acceptAnswers } from '../track/accept-answers.ts';
import { readPutOutputs } from './put-outputs.ts';
import { showTask } from './show-task.ts';

/** A Task that a partner puts, and the version that it names. */
export type Put = {
  sent: unknown;
  ifMatch: string | undefined;
};

/** Who puts a Task, our own address, and the clock. */
export type PutContext = {
  reader: Reader;
  base: string;
  clock: Clock;
};

/**
 * Takes the answer in a Task that a partner puts at our hub: it becomes a row of the inbox, and
 * `track` moves the Task in this transaction. The caller has locked the Task's row of `track`
 * before it read the Task. DECISIONS D142.
 *
 * @returns the nudges to give after the commit
 * @throws RequestProblems 400, 409, 412 or 422 with the element
 */
export async function answerTask(
  tx: Tx,
  { reader, base, clock }: PutContext,
  read: HubTask,
  { sent, ifMatch }: Put,
): Promise<readonly Nudge[]> {
  requireAnswerable(read, sent, ifMatch);
  const body = await takenBody(tx, read.id, sent as fhir4.Task);
  const answer = {
    task: read.id,
    door: 'hub',
    who: `partner:${read.partner}`,
    at: clock.now(),
    messageId: `${read.id}/${read.version}/${fingerprint(JSON.stringify(body)).slice(0, 32)}`,
    status: body.status,
    outputs: await readPutOutputs(tx, reader, body, base),
    body,
  };
  const { outcomes, nudges } = await acceptAnswers(tx, { clock }, [answer]);
  if (outcomes.get(read.id) === 'same') await restate(tx, read, body);
  await requireMoved(tx, read.id, body.status);
  return nudges;
}

/** Gives what is taken of a Task: of legal help that ends, its status alone. */
async function takenBody(tx: Tx, id: string, sent: fhir4.Task): Promise<fhir4.Task> {
  const followed = (await requireFollowed(tx, [id])).get(id);
  return followed ? withoutLegalWords(tx, followed, sent) : sent;
}

/** Writes what the inbox does not compare, such as a period, where an answer says the same. */
async function restate(tx: Tx, { id, status }: HubTask, body: fhir4.Task): Promise<void> {
  if (body.status !== status) return;
  const move: TaskMove = {
    task: id,
    from: { status },
    to: status,
    by: 'target',
    statement: statementOf(body),
  };
  await moveTasks(tx, [move]);
}

/**
 * Looks whether the Task is now as the partner says, so that nobody reads a success that was none.
 *
 * @throws AppError CONFLICT when `track` did not move it
 */
async function requireMoved(tx: Tx, id: string, status: string): Promise<void> {
  const task = (await tasks.loadTasks(tx, [id])).get(id);
  if (task?.status === status) return;
  throw new AppError('CONFLICT', 'The Task could not be moved now; call the site');
}

/** Refuses an answer that may not be taken. */
function requireAnswerable(read: HubTask, sent: unknown, ifMatch: string | undefined): void {
  const shown = showTask(read);
  const problem = judgePut(shown, sent, ifMatch !== undefined);
  if (problem?.status === 400) throw refusal(400, problem.expression, problem.text);
  if (read.door === 'copy') throw refusal(409, 'Task', 'Answer on your own copy');
  if (ifMatch !== undefined && !isVersion(ifMatch, read.version))
    throw refusal(412, 'Task.meta.versionId', 'The Task has changed since you read it');
  if (problem) throw refusal(problem.status, problem.expression, problem.text);
  // Of a Task that was taken back only the status is shown, so nothing can be said about it.
  if (read.elements !== 'all') throw refusal(422, 'Task.status', 'The Task was taken back');
}

/** Tells whether an If-Match names a version, weak or strong. */
const isVersion = (ifMatch: string, version: number): boolean =>
  [`W/"${version}"`, `"${version}"`].includes(ifMatch.trim());

const refusal = (status: number, expression: string, text: string) =>
  new RequestProblems(
    text,
    [
      {
        path: expression,
        rule: rules[status] ?? 'form',
      },
    ],
    { status },
  );

/** The rule that each refusal names. */
const rules: Readonly<Record<number, string>> = {
  409: 'conflict',
  412: 'current-version',
  422: 'business-rule',
};
