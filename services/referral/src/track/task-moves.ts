import type { fhir4 } from '@loopwell/fhir';
import { type ReadOutput, statementOf, type TaskStatement } from '@loopwell/sdoh';
import type { InboxRow, TaskMove, TaskRow } from '@loopwell/store';
import type { Recalled } from '../refer/model.ts';
import { silenceWords } from './our-words.ts';
import type { Outcome } from './outcome.ts';
import { procedureIdOf } from './record-outcomes.ts';
import type { Look } from './track.ts';

/**
 * Makes the move of a Task that an answer asks for; undefined if it moves nothing. An answer that
 * leaves the status as it is may still say something, which our Task then says, too.
 */
export function moveOfLook({ row, task, step, outcome }: Look): TaskMove | undefined {
  const stated = statementIn(row, task);
  // What is put at our hub leads to what was posted there, and stays as it was put.
  const statement = row.door === 'hub' ? stated : withOwnProcedures(stated, task, outcome);
  const by = row.door === 'manual' ? ('coordinator' as const) : ('target' as const);
  const move = { task: task.id, from: { status: task.status }, by, statement };
  switch (step.kind) {
    case 'moved':
      return { ...move, to: step.to };
    case 'declined':
      return { ...move, to: step.to, ...cancelledByUs(task, step.reason) };
    case 'ended':
      return { ...move, to: step.to, reason: step.why };
    case 'completed':
      return { ...move, to: 'completed', reason: outcome?.verdict ?? 'no-outcome' };
    case 'unchanged':
    case 'late':
      return row.status === task.status ? { ...move, to: task.status } : undefined;
    default:
      return undefined;
  }
}

/** Makes the move of a silent Task that was taken back from its partner. */
export function moveOfSilence(
  task: TaskRow,
  { status: to, answer }: Extract<Recalled, { kind: 'cancelled' }>,
): TaskMove {
  const theirs = answer ? statementOf(answer.body, task.address) : {};
  const move = { task: task.id, from: { status: task.status }, to, statement: theirs };
  if (to === 'rejected') return { ...move, by: 'target' };
  if (to !== 'cancelled' || answer?.body.status === to) return { ...move, by: 'requester' };
  const statement = { ...theirs, statusReason: { text: silenceWords } };
  return { ...move, statement, by: 'requester', reason: 'not-accepted-in-time' };
}

/**
 * Notes our own cancellation, read here before the worker that made it could record it. A recall
 * keeps the status before it, as its own record would. A silent Task keeps no such status, because
 * it was not taken.
 */
function cancelledByUs(
  { status }: TaskRow,
  reason: string | undefined,
): Pick<TaskMove, 'reason' | 'recalledFrom'> {
  if (reason === undefined) return {};
  return reason === 'not-accepted-in-time' ? { reason } : { reason, recalledFrom: status };
}

/** Reads what an answer says: the Task that was shown, or the words that a person passed on. */
function statementIn(row: InboxRow, task: TaskRow): TaskStatement {
  if (row.button) return statementOfButton(row, task);
  if (row.body !== null)
    return statementOf(JSON.parse(row.body), row.door === 'hub' ? undefined : task.address);
  const statement: TaskStatement = {};
  if (row.reason !== null) statement.statusReason = { text: row.reason };
  if (row.note !== null) statement.note = [...notesIn(task), noteIn(row, row.note)];
  const outputs = outputsIn(row);
  if (outputs.length > 0) statement.output = outputs;
  return statement;
}

/** Reads what a button says. What the Task says already beside it stays, such as an output. */
function statementOfButton({ body }: InboxRow, task: TaskRow): TaskStatement {
  const { statusReason, businessStatus, output } = statementOf(JSON.parse(body ?? '{}'));
  const statement: TaskStatement = { businessStatus };
  if (statusReason) statement.statusReason = statusReason;
  const before = (JSON.parse(task.body) as fhir4.Task).output ?? [];
  if (output) statement.output = [...before, ...output];
  return statement;
}

const notesIn = (task: TaskRow): readonly fhir4.Annotation[] =>
  (JSON.parse(task.body) as fhir4.Task).note ?? [];

const noteIn = (row: InboxRow, text: string): fhir4.Annotation => ({
  authorString: row.said_by ?? row.who,
  time: (row.said_at ?? row.received_at).toISOString(),
  text,
});

/** Gives the outputs of an answer that shows no Task. */
function outputsIn({ read_outputs }: InboxRow): fhir4.TaskOutput[] {
  const outputs = JSON.parse(read_outputs ?? '[]') as ReadOutput[];
  const written = outputs.map(({ type, valueName, content }) => ({
    type,
    [valueName ?? 'valueString']: content,
  }));
  return statementOf({ output: written }).output ?? [];
}

/**
 * Names our own Procedures in the outputs, where we have taken in what the partner shows. So our
 * Task stays whole when the partner's server is gone.
 */
function withOwnProcedures(
  statement: TaskStatement,
  task: TaskRow,
  outcome: Outcome | undefined,
): TaskStatement {
  const { output } = statement;
  if (output === undefined || outcome === undefined) return statement;
  const ours = new Map(
    outcome.procedures.map(({ sourceId }) => [
      `Procedure/${sourceId}`,
      `Procedure/${procedureIdOf(task, sourceId)}`,
    ]),
  );
  const renamed = output.map((shown) => {
    const theirs = /Procedure\/[^/]+$/.exec(shown.valueReference?.reference ?? '')?.[0];
    const reference = ours.get(theirs ?? '');
    return reference ? { ...shown, valueReference: { ...shown.valueReference, reference } } : shown;
  });
  return { ...statement, output: renamed };
}
