import { isObject, objectsIn } from './tolerant-readers.ts';

/**
 * A status as its word, in whatever writing it came: a code, a text (FHIR STU3), a concept with or
 * without system, words alone, a list of any of these, capital letters, blanks for hyphens.
 */
export function statusWords(json: unknown): string[] {
  if (typeof json === 'string') return [hyphenated(json)];
  if (Array.isArray(json)) return json.flatMap(statusWords);
  if (!isObject(json)) return [];
  const { coding, text, code, display } = json;
  const codings = objectsIn(coding);
  const codes = [code, ...codings.map((inner) => inner.code)].flatMap(statusWords);
  if (codes.length > 0) return codes;
  return [text, display, ...codings.map((inner) => inner.display)].flatMap(statusWords);
}

const hyphenated = (text: string) =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');

/**
 * Which of these statuses a concept names, by any of its codes, displays and texts: systems of a
 * site's own have codes that nobody here knows, and say it in words. Words with a "not" in them
 * name none.
 */
export function statusesNamed(json: unknown, statuses: readonly string[]): ReadonlySet<string> {
  const texts = textsIn(json).map(wordsIn);
  const positive = texts.filter((words) => !words.some((word) => negations.has(word)));
  const phrases = positive.map((words) => ` ${words.join(' ')} `);
  const isNamed = (status: string) =>
    phrases.some((phrase) => phrase.includes(` ${status.replaceAll('-', ' ')} `));
  return new Set(statuses.filter(isNamed));
}

const wordsIn = (text: string) =>
  text
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter(Boolean);

const negations: ReadonlySet<string> = new Set(['not', 'no', 'never', 'non']);

/** All that a status says in letters or digits, in whatever shape it came. */
export function textsIn(json: unknown): string[] {
  if (typeof json === 'string') return json.trim() === '' ? [] : [json];
  if (typeof json === 'number') return [String(json)];
  if (Array.isArray(json)) return json.flatMap(textsIn);
  if (!isObject(json)) return [];
  const { coding, text, code, display } = json;
  return [coding, text, code, display].flatMap(textsIn);
}
