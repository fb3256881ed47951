import { isObject } from '../../fhir-json/tolerant-readers.ts';
/** Readers for what a partner's system wrote: they take every shape and never throw. */

/**
 * JSON of any shape that a partner's system wrote. The readers in this file take every shape and
 * never throw.
 */
export type Loose = Readonly<Record<string, unknown>>;

/** Returns a list as it is, anything else as a list of one member, nothing as an empty list. */
export function listOf(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json;
  return json === undefined || json === null ? [] : [json];
}

/**
 * Returns text without the null characters that PostgreSQL refuses; undefined for what is no text
 * or is blank.
 */
export function writtenIn(json: unknown): string | undefined {
  if (typeof json !== 'string') return undefined;
  const clean = withoutNulls(json).trim();
  return clean === '' ? undefined : clean;
}

const withoutNulls = (text: string) => text.replaceAll('\u0000', '\uFFFD');

/** Lists the texts among members, each without null characters. */
export const textsAmong = (members: readonly unknown[]): string[] =>
  members.map(writtenIn).filter((text) => text !== undefined);

/** Longest piece of text that is kept of another system's words, in characters. */
export const longestText = 10_000;

/** Cuts text at `longestText`, and says so in it. */
export function cut(text: string): string {
  return text.length <= longestText
    ? text
    : `${text.slice(0, longestText)} … (cut: ${text.length} characters came)`;
}

const deepest = 30;
const longestList = 200;

/**
 * Copies JSON as the database takes it: no null characters, every text cut, lists and depth
 * bounded.
 */
export function bounded(json: unknown, depth = 0): unknown {
  if (typeof json === 'string') return cut(withoutNulls(json));
  if (typeof json !== 'object' || json === null) return json;
  if (depth >= deepest) return null;
  if (Array.isArray(json))
    return json.slice(0, longestList).map((member) => bounded(member, depth + 1));
  const members = Object.entries(json).slice(0, longestList);
  return Object.fromEntries(
    members.map(([key, member]) => [cut(withoutNulls(key)), bounded(member, depth + 1)]),
  );
}

/**
 * Writes the same text for the same content, in whatever order a server writes the members of its
 * objects.
 */
export function canonical(json: unknown, depth = 0): string {
  if (typeof json !== 'object' || json === null) return JSON.stringify(json) ?? 'null';
  if (depth > deepest) return 'null';
  if (Array.isArray(json))
    return `[${json.map((member) => canonical(member, depth + 1)).join(',')}]`;
  const sorted = Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1));
  const members = sorted.map(
    ([key, member]) => `${JSON.stringify(key)}:${canonical(member, depth + 1)}`,
  );
  return `{${members.join(',')}}`;
}

/** Returns an element of a later FHIR version, as its extension for R4 brings it. */
export function backported(task: Loose, element: string): unknown {
  const extension = listOf(task.extension)
    .filter(isObject)
    .find(({ url }) => writtenIn(url)?.endsWith(`Task.${element}`));
  return extension && valueOf(extension)?.value;
}

/** Returns the `value[x]` of an extension, an output or an answer, with its name. */
export function valueOf(holder: Loose): { name: string; value: unknown } | undefined {
  const name = Object.keys(holder).find(
    (key) => /^value[A-Z]/.test(key) && holder[key] !== undefined && holder[key] !== null,
  );
  return name === undefined ? undefined : { name, value: holder[name] };
}

/** Lists the codings of a concept, a list of concepts, R5's CodeableReference, or a bare Coding. */
export function codingsOf(json: unknown): Loose[] {
  return listOf(json)
    .filter(isObject)
    .flatMap((part) => {
      const inner = [
        ...listOf(part.coding).filter(isObject),
        ...listOf(part.concept).flatMap(codingsOf),
      ];
      return typeof part.code === 'string' ? [part, ...inner] : inner;
    });
}
