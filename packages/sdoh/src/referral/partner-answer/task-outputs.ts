import { parseWritten, systems } from '@loopwell/fhir';
import { isObject, plainText } from '../../fhir-json/tolerant-readers.ts';
import {
  bounded,
  codingsOf,
  cut,
  type Loose,
  listOf,
  textsAmong,
  writtenIn,
} from './answer-words.ts';
import { unreadableWords, wordsOf } from './written-words.ts';

/** One entry of Task.output, and what its reference led to. DECISIONS D84. */
export type ReadOutput = {
  type: unknown;
  /** `valueString`, `valueReference` …; null where it has no value. */
  valueName: string | null;
  content: unknown;
  reference: string | null;
  /** The resource that was read or was contained; null where there was none. */
  resource: unknown;
  /** The reason why a reference led to nothing. */
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

/** Writes an output as a reviewer sees it. */
export function shownOutput(output: ReadOutput): ShownOutput {
  const { type, unread, resource } = output;
  const logical = isObject(output.content) ? identifierNumber(output.content.identifier) : null;
  const reference = output.reference ?? logical;
  return {
    type: wordsOf(type),
    value: outputWords(output),
    reference: reference === null ? null : cut(reference),
    resource: isObject(resource) ? keptResource(resource) : null,
    unread,
  };
}

/**
 * Returns the words of an output: those beside a reference, and those of the resource that it leads
 * to.
 */
function outputWords(output: ReadOutput): string | null {
  if (!isObject(output.resource) && output.valueName !== 'valueReference')
    return wordsOf(output.content);
  const words: string[] = [];
  const display = isObject(output.content) ? writtenIn(output.content.display) : undefined;
  if (display !== undefined) words.push(display);
  if (isObject(output.resource)) words.push(resourceWords(output.resource));
  return words.length > 0 ? cut(words.join('; ')) : null;
}

/**
 * Returns `system|value` of the first identifier: a logical reference names its target by that
 * alone.
 */
function identifierNumber(identifiers: unknown): string | null {
  const [identifier] = listOf(identifiers);
  if (!isObject(identifier)) return null;
  const parts = textsAmong([identifier.system, identifier.value]);
  return parts.length > 0 ? parts.join('|') : null;
}

/** Copies outputs as the database takes them, so that an outcome can be judged later. */
export const boundedOutputs = (outputs: readonly ReadOutput[]): readonly ReadOutput[] =>
  bounded(outputs) as readonly ReadOutput[];

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

/** Returns the words of a resource in its own order: its kind, its status, and every word in it. */
function resourceWords(resource: Loose): string {
  const words = [...new Set(leavesOf(resource, 0))];
  return cut([plainText(resource.resourceType ?? 'Resource'), ...words].join('; '));
}

function leavesOf(json: unknown, depth: number): string[] {
  if (depth > 20) return [];
  if (Array.isArray(json)) return json.flatMap((member) => leavesOf(member, depth + 1));
  if (typeof json === 'number' || typeof json === 'boolean') return [String(json)];
  if (!isObject(json)) return textsAmong([json]);
  const isNamed = writtenIn(json.display) !== undefined || writtenIn(json.text) !== undefined;
  const members = Object.entries(json).filter(
    ([key, member]) =>
      !technical.has(key) && !(key === 'code' && typeof member === 'string' && isNamed),
  );
  return members.flatMap(([, member]) => leavesOf(member, depth + 1));
}

/**
 * Tells whether an output names what was done (guide, Task.output `resulting-activity`), by code.
 */
const isActivity = (type: unknown): boolean =>
  codingsOf(type).some(
    (coding) =>
      coding.code === 'resulting-activity' &&
      (coding.system === undefined || coding.system === systems.sdohcc),
  );

/**
 * Builds a Procedure of a code that the output itself gives, done when the Task was last changed;
 * undefined for other outputs.
 */
export function procedureOfCode(output: ReadOutput, task: unknown): Loose | undefined {
  if (!isActivity(output.type) || !isObject(output.content)) return undefined;
  const code = conceptIn(output.valueName, output.content);
  if (code === undefined) return undefined;
  const { lastModified, meta } = isObject(task) ? task : {};
  const at = lastModified ?? (isObject(meta) ? meta.lastUpdated : undefined);
  const procedure = { resourceType: 'Procedure', status: 'completed', code };
  return typeof at === 'string' ? { ...procedure, performedDateTime: at } : procedure;
}

function conceptIn(valueName: string | null, coded: Loose): Loose | undefined {
  if (valueName === 'valueCoding') return { coding: [coded] };
  return valueName === 'valueCodeableConcept' ? coded : undefined;
}

/** Tells whether an output says anything at all. What could not be read says nothing. */
export function saysAnything(output: ReadOutput): boolean {
  if (output.unread !== null || output.valueName === null) return false;
  if (isObject(output.resource)) return true;
  const words = outputWords(output);
  // "No" and "false" tell of no help, and unreadable words tell of nothing.
  return words !== null && words !== unreadableWords && output.content !== false;
}

/** Returns the type and id that an output refers to, for lists of what could not be read. */
export function targetOf(output: ReadOutput): { type: string; id: string } | undefined {
  const { reference, resource } = output;
  const parsed = parseWritten(reference ?? undefined);
  if (parsed) return { type: parsed.type, id: parsed.id };
  if (!isObject(resource) || reference !== null) return undefined;
  const [type, id] = [writtenIn(resource.resourceType), writtenIn(resource.id)];
  return type !== undefined && id !== undefined ? { type, id } : undefined;
}
