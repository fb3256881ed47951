/** Readers for what a partner's system wrote: they take every shape and never throw. */

export type Loose = Readonly<Record<string, unknown>>;

/** A list as it is, one thing as a list of one, nothing as an empty list. */
export const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

/** Text without the null characters that PostgreSQL refuses; undefined for what is no text or is blank. */
export function writtenIn(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const clean = value.replaceAll('\u0000', '\uFFFD').trim();
  return clean === '' ? undefined : clean;
}

/** Longest piece of text that is kept of another system's words, in characters. */
export const longestText = 10_000;

/** Cut at the limit, and said so. */
export function cut(text: string): string {
  return text.length <= longestText
    ? text
    : `${text.slice(0, longestText)} … (cut: ${text.length} characters came)`;
}

const deepest = 30;
const longestList = 200;

/** A copy that the database takes: no null characters, every text cut, lists and depth bounded. */
export function bounded(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cut(value.replaceAll('\u0000', '\uFFFD'));
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) return null;
  if (Array.isArray(value))
    return value.slice(0, longestList).map((one) => bounded(one, depth + 1));
  const entries = Object.entries(value).slice(0, longestList);
  return Object.fromEntries(
    entries.map(([key, inner]) => [
      cut(key.replaceAll('\u0000', '\uFFFD')),
      bounded(inner, depth + 1),
    ]),
  );
}

/** The same text for the same content, in whatever order a server writes the members of its objects. */
export function canonical(value: unknown, depth = 0): string {
  if (typeof value !== 'object' || value === null || depth > deepest)
    return JSON.stringify(typeof value === 'object' ? null : value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map((one) => canonical(one, depth + 1)).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner, depth + 1)}`).join(',')}}`;
}
