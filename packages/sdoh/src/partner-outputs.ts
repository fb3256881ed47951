import { parseReference, systems } from '@loopwell/fhir';
import { codingsOf, wordsOf } from './partner-answer.ts';
import { bounded, cut, type Loose, listOf, writtenIn } from './partner-words.ts';
import { isObject } from './shapes.ts';

/** One entry of Task.output, and what its reference led to. */
export type ReadOutput = {
  type: unknown;
  /** `valueString`, `valueReference` …; null where it has no value. */
  valueName: string | null;
  value: unknown;
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
  const words = isObject(output.resource)
    ? resourceWords(output.resource)
    : output.valueName === 'valueReference'
      ? null
      : wordsOf(output.value);
  const reference = output.reference ?? (isObject(output.value) ? (writtenIn(output.value.reference) ?? null) : null);
  return {
    type: wordsOf(output.type),
    value: words ?? (isObject(output.value) ? (writtenIn(output.value.display) ?? null) : null),
    reference: reference === null ? null : cut(reference),
    resource: isObject(output.resource) ? keptResource(output.resource) : null,
    unread: output.unread,
  };
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
    technical.has(key) || (key === 'code' && typeof inner === 'string' && named !== undefined) ? [] : leavesOf(inner, depth + 1),
  );
}

/** True for an output that names what was done (guide, Task.output `resulting-activity`), by code or in words. */
const isActivity = (type: unknown): boolean =>
  codingsOf(type).some((one) => one.code === 'resulting-activity' && (one.system === undefined || one.system === systems.sdohcc));

/** What was done, given as a code in the output itself: a Procedure of that code, done when the Task was last changed. */
export function procedureOfCode(output: ReadOutput, task: unknown): Loose | undefined {
  if (!isActivity(output.type) || !isObject(output.value)) return undefined;
  const code =
    output.valueName === 'valueCoding'
      ? { coding: [output.value] }
      : output.valueName === 'valueCodeableConcept'
        ? output.value
        : undefined;
  if (code === undefined) return undefined;
  const { lastModified, meta } = isObject(task) ? task : {};
  const at = lastModified ?? (isObject(meta) ? meta.lastUpdated : undefined);
  return { resourceType: 'Procedure', status: 'completed', code, ...(typeof at === 'string' ? { performedDateTime: at } : {}) };
}

/** Whether an output says anything at all: what is there and could not be read is said by nobody. */
export const saysAnything = (output: ReadOutput): boolean =>
  output.unread === null && output.valueName !== null && listOf(output.value).length > 0;

/** Type and id that an output refers to, for lists of what could not be read. */
export function targetOf(output: ReadOutput): { type: string; id: string } | undefined {
  const parsed = parseReference(output.reference ?? undefined);
  return parsed && { type: parsed.type, id: parsed.id };
}
