import type { fhir4 } from '@loopwell/fhir';
import { omitUndefined } from '../../fhir-json/omit-undefined.ts';
import { isObject, objectsIn, textOf } from '../../fhir-json/tolerant-readers.ts';
import { backported, bounded, listOf, valueOf, writtenIn } from './answer-words.ts';

/**
 * What a partner says in a Task beside its status. Our Task follows it, so that it stays whole when
 * the partner's server is gone.
 * DECISIONS D131.
 */
export type TaskStatement = {
  [Element in (typeof statementElements)[number]]?: fhir4.Task[Element] | undefined;
};

/** The elements of a Task in which a partner speaks, beside its status. */
export const statementElements = [
  'statusReason',
  'businessStatus',
  'note',
  'output',
  'executionPeriod',
] as const satisfies readonly (keyof fhir4.Task)[];

/**
 * Reads what a Task of any shape says, as FHIR R4 writes it. Words stay words, and what has no
 * meaning in R4 is left out; an element that the Task lacks is undefined. References
 * become absolute, for they are relative to the partner's server.
 *
 * @param base the address of the partner's server; undefined when the Task was sent to us
 */
export function statementOf(copy: unknown, base?: string): TaskStatement {
  const task = isObject(copy) ? (bounded(copy) as Record<string, unknown>) : {};
  return {
    statusReason: conceptOf(task.statusReason ?? backported(task, 'statusReason')),
    businessStatus: conceptOf(task.businessStatus),
    note: filled(listOf(task.note).flatMap((note) => noteOf(note, base) ?? [])),
    output: filled(objectsIn(task.output).flatMap((output) => outputOf(output, base) ?? [])),
    executionPeriod: periodOf(task.executionPeriod),
  };
}

const filled = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined);

/** Returns a CodeableConcept; a bare text or Coding becomes one. */
function conceptOf(json: unknown): fhir4.CodeableConcept | undefined {
  const [first] = listOf(json);
  const text = writtenIn(first);
  if (text !== undefined) return { text };
  if (!isObject(first)) return undefined;
  if (first.text !== undefined || first.coding !== undefined) return first as fhir4.CodeableConcept;
  if (textOf(first.code) !== undefined) return { coding: [first as fhir4.Coding] };
  return isObject(first.concept) ? conceptOf(first.concept) : undefined;
}

/** Returns an Annotation; a bare text becomes one. */
function noteOf(json: unknown, base: string | undefined): fhir4.Annotation | undefined {
  const bare = writtenIn(json);
  if (bare !== undefined) return { text: bare };
  const text = isObject(json) ? writtenIn(json.text) : undefined;
  if (!isObject(json) || text === undefined) return undefined;
  const author = isObject(json.authorReference) ? json.authorReference : undefined;
  const authorReference = author && absolute(author, base);
  return omitUndefined<fhir4.Annotation>({
    authorReference,
    authorString: authorReference ? undefined : textOf(json.authorString),
    time: textOf(json.time),
    text,
  });
}

/** Returns an output that has a type and a value. */
function outputOf(
  json: Record<string, unknown>,
  base: string | undefined,
): fhir4.TaskOutput | undefined {
  const held = valueOf(json);
  const type = conceptOf(json.type);
  if (held === undefined || type === undefined) return undefined;
  const isReference = held.name === 'valueReference' && isObject(held.value);
  const content = isReference ? absolute(held.value as Record<string, unknown>, base) : held.value;
  return { type, [held.name]: content } as unknown as fhir4.TaskOutput;
}

/**
 * Returns a reference that leads to the same resource from everywhere. One to a contained resource
 * keeps its display alone, because the resource stays with the partner.
 */
function absolute(reference: Record<string, unknown>, base: string | undefined): fhir4.Reference {
  const to = textOf(reference.reference);
  if (to?.startsWith('#')) return { display: textOf(reference.display) ?? 'contained resource' };
  const isRelative = to !== undefined && /^[A-Z][A-Za-z]+\//.test(to);
  if (base === undefined || !isRelative) return reference as fhir4.Reference;
  return { ...reference, reference: `${base.replace(/\/$/, '')}/${to}` };
}

function periodOf(json: unknown): fhir4.Period | undefined {
  if (!isObject(json)) return undefined;
  const [start, end] = [textOf(json.start), textOf(json.end)];
  if (start === undefined && end === undefined) return undefined;
  return omitUndefined<fhir4.Period>({ start, end });
}

/**
 * Writes the body of a Task after a move. A reason belongs to the status that it was given for.
 *
 * @param statement what the mover said: an element that it does not name stays, and one that is
 *   undefined goes
 */
export function movedBody(
  body: fhir4.Task,
  status: fhir4.Task['status'],
  statement: TaskStatement = {},
): fhir4.Task {
  const reason = status === body.status ? {} : { statusReason: undefined };
  const moved = { ...body, ...reason, ...statement, resourceType: 'Task' as const, status };
  return omitUndefined<fhir4.Task>(moved);
}
