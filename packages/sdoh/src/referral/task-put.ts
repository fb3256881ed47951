import type { fhir4 } from '@loopwell/fhir';
import { isObject } from '../fhir-json/tolerant-readers.ts';
import { canonical } from './partner-answer/answer-words.ts';
import { statementElements, statementOf } from './partner-answer/task-body.ts';
import { canMoveTask, isTaskStatus } from './task-state-machine.ts';

/** What is wrong with a Task that a partner puts at our hub, and where. */
export type PutProblem = {
  status: 400 | 409 | 422;
  expression: string;
  text: string;
};

/** Elements that an answer may change. The server writes `meta` and `lastModified` itself. */
const mayDiffer: readonly string[] = ['status', ...statementElements, 'lastModified', 'meta'];

/**
 * Judges a Task that a partner puts at our hub against the one that it reads there.
 *
 * @param isCurrent the partner names the version that it has read, by If-Match
 * @returns the first problem; undefined when the answer may be taken
 */
export function judgePut(
  current: fhir4.Task,
  sent: unknown,
  isCurrent: boolean,
): PutProblem | undefined {
  if (!isObject(sent) || sent.resourceType !== 'Task')
    return {
      status: 400,
      expression: 'resourceType',
      text: 'The body is not a Task',
    };
  if (sent.id !== current.id)
    return {
      status: 400,
      expression: 'Task.id',
      text: 'The id is not that of the address',
    };
  const changed = changedElement(current, sent);
  if (changed !== undefined)
    return {
      status: isCurrent ? 422 : 409,
      expression: `Task.${changed}`,
      text: 'An answer may not change this element',
    };
  return (
    lostWords(current, sent) ??
    reasonProblem(sent) ??
    formProblem(sent) ??
    moveProblem(current, sent)
  );
}

/** Gives the first element beyond an answer in which two Tasks differ. */
function changedElement(current: object, sent: object): string | undefined {
  const ours = current as Record<string, unknown>;
  const theirs = sent as Record<string, unknown>;
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  return [...names].find(
    (name) => !mayDiffer.includes(name) && canonical(ours[name]) !== canonical(theirs[name]),
  );
}

/** Finds an earlier note or output that is gone. */
function lostWords(current: fhir4.Task, sent: Record<string, unknown>): PutProblem | undefined {
  for (const element of ['note', 'output'] as const) {
    const there = new Set(listIn(sent[element]).map((entry) => canonical(entry)));
    const isLost = listIn(current[element]).some((entry) => !there.has(canonical(entry)));
    if (isLost)
      return {
        status: 422,
        expression: `Task.${element}`,
        text: 'What was there before may not be taken away',
      };
  }
  return undefined;
}

const listIn = (json: unknown): readonly unknown[] => (Array.isArray(json) ? json : []);

/** Finds a reason that a person could not read. */
function reasonProblem({ statusReason }: Record<string, unknown>): PutProblem | undefined {
  if (statusReason === undefined) return undefined;
  const text = isObject(statusReason) ? statusReason.text : undefined;
  if (typeof text === 'string' && text.trim() !== '') return undefined;
  return {
    status: 422,
    expression: 'Task.statusReason.text',
    text: 'A reason needs a text',
  };
}

/** Finds an element, or an entry of a list, that could not be kept as it is written. */
function formProblem(sent: Record<string, unknown>): PutProblem | undefined {
  const read = statementOf(sent);
  const lost = statementElements.find((element) => {
    const written = sent[element];
    if (written === undefined) return false;
    const isList = element === 'note' || element === 'output';
    if (isList) return !Array.isArray(written) || written.length !== listIn(read[element]).length;
    return !isObject(written) || read[element] === undefined;
  });
  if (lost === undefined) return undefined;
  const text = 'This element does not have the form that FHIR R4 gives it';
  return { status: 422, expression: `Task.${lost}`, text };
}

/** Finds a move that the state machine does not allow to the target. */
function moveProblem(current: fhir4.Task, sent: Record<string, unknown>): PutProblem | undefined {
  const { status } = sent;
  if (status === current.status) return undefined;
  if (isTaskStatus(status) && canMoveTask(current.status, status, 'target')) return undefined;
  return {
    status: 422,
    expression: 'Task.status',
    text: 'The Task may not be moved so',
  };
}
