import { parseWritten, systems, withoutUndefined } from '@loopwell/fhir';
import { isObject } from '../../fhir-json/tolerant-readers.ts';
import { bounded, cut, type Loose, listOf, writtenIn } from './answer-words.ts';
import { codingsOf, unreadableWords, wordsOf } from './read-answer.ts';

/** One entry of Task.output, and what its reference led to. */
export type ReadOutput = {
  type: unknown;
  /** `valueString`, `valueReference` …; null where it has no value. */
  valueName: string | null;
  content: unknown;
  reference: string | null;
  /** What was read, or was contained; null where nothing was. */
  resource: unknown;
  /** Why a reference led to nothing. */
  unread: 'elsewhere' | 'not-there' | 'unreadable' | 'too-many' | null;
};

/** An output as a reviewer sees it. */
export type ShownOutput = {
  type: string | null;
  value: string | null;
  reference: string | null;
  /** The resource as it came, bounded. */
  resource: Readonly<Record<string, unknown>> | null;
  unread: ReadOutput['unread'];
};

export function shownOutput(output: ReadOutput): ShownOutput {
  const reference =
    output.reference ?? (isObject(output.content) ? numberOf(output.content.identifier) : null);
  return {
    type: wordsOf(output.type),
    value: outputWords(output),
    reference: reference === null ? null : cut(reference),
    resource: isObject(output.resource) ? keptResource(output.resource) : null,
    unread: output.unread,
  };
}

/** What an output says: the words beside a reference, and those of what it leads to. */
function outputWords(output: ReadOutput): string | null {
  if (!isObject(output.resource) && output.valueName !== 'valueReference')
    return wordsOf(output.content);
  const display = isObject(output.content) ? writtenIn(output.content.display) : undefined;
  const words = [
    ...(display === undefined ? [] : [display]),
    ...(isObject(output.resource) ? [resourceWords(output.resource)] : []),
  ];
  return words.length > 0 ? cut(words.join('; ')) : null;
}

/** A logical reference names a thing by its number alone. */
function numberOf(identifier: unknown): string | null {
  const [given] = listOf(identifier);
  if (!isObject(given)) return null;
  const parts = [given.system, given.value].flatMap((one) => writtenIn(one) ?? []);
  return parts.length > 0 ? parts.join('|') : null;
}

const longestResource = 50_000;

function keptResource(resource: Loose): Loose | null {
  const kept = bounded(resource) as Loose;
  return JSON.stringify(kept).length > longestResource ? null : kept;
}

/** Members that hold no words for a reader. */
const technical = new Set([
  'id',
  'meta',
  'system',
  'url',
  'reference',
  'resourceType',
  'contained',
  'identifier',
  'div',
  'data',
  'linkId',
  'questionnaire',
  'version',
  'use',
  'intent',
  'subject',
  'encounter',
  'basedOn',
  'extension',
]);

/** What a resource says, in the order in which it says it: its kind, its status, and every word in it. */
function resourceWords(resource: Loose): string {
  const words = [...new Set(leavesOf(resource, 0))];
  return cut([String(resource.resourceType ?? 'Resource'), ...words].join('; '));
}

function leavesOf(value: unknown, depth: number): string[] {
  if (depth > 20) return [];
  if (Array.isArray(value)) return value.flatMap((one) => leavesOf(one, depth + 1));
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  if (!isObject(value)) return [writtenIn(value) ?? []].flat();
  const named = writtenIn(value.display) ?? writtenIn(value.text);
  return Object.entries(value).flatMap(([key, inner]) =>
    technical.has(key) || (key === 'code' && typeof inner === 'string' && named !== undefined)
      ? []
      : leavesOf(inner, depth + 1),
  );
}

/** True for an output that names what was done (guide, Task.output `resulting-activity`), by code or in words. */
const isActivity = (type: unknown): boolean =>
  codingsOf(type).some(
    (coding) =>
      coding.code === 'resulting-activity' &&
      (coding.system === undefined || coding.system === systems.sdohcc),
  );

/** What was done, given as a code in the output itself: a Procedure of that code, done when the Task was last changed. */
export function procedureOfCode(output: ReadOutput, task: unknown): Loose | undefined {
  if (!isActivity(output.type) || !isObject(output.content)) return undefined;
  const code =
    output.valueName === 'valueCoding'
      ? { coding: [output.content] }
      : output.valueName === 'valueCodeableConcept'
        ? output.content
        : undefined;
  if (code === undefined) return undefined;
  const { lastModified, meta } = isObject(task) ? task : {};
  const at = lastModified ?? (isObject(meta) ? meta.lastUpdated : undefined);
  return {
    resourceType: 'Procedure',
    status: 'completed',
    code,
    ...withoutUndefined({ performedDateTime: typeof at === 'string' ? at : undefined }),
  };
}

/** Whether an output says anything at all: what is there and could not be read is said by nobody. */
export function saysAnything(output: ReadOutput): boolean {
  if (output.unread !== null || output.valueName === null) return false;
  if (isObject(output.resource)) return true;
  const words = outputWords(output);
  // "No" and "false" tell of no help, and what nobody can read tells of nothing.
  return words !== null && words !== unreadableWords && output.content !== false;
}

/** Type and id that an output refers to, for lists of what could not be read. */
export function targetOf(output: ReadOutput): { type: string; id: string } | undefined {
  const parsed = parseWritten(output.reference ?? undefined);
  const whole =
    isObject(output.resource) && output.reference === null ? output.resource : undefined;
  const [type, id] = [writtenIn(whole?.resourceType), writtenIn(whole?.id)];
  return parsed
    ? { type: parsed.type, id: parsed.id }
    : type !== undefined && id !== undefined
      ? { type, id }
      : undefined;
}
