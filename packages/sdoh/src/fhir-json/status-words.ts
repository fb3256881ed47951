import { isObject, objectsIn } from './tolerant-readers.ts';

/**
 * Returns the words of a status in FHIR's writing (small letters, hyphens). It reads a code, a text
 * (FHIR STU3), a concept with or without system, or a list of any of these.
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
 * Returns which of these statuses a concept names, by any of its codes, displays and texts. Codes
 * of a site's own system are unknown, but their words can be read. Words with a "not" in them name
 * none.
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

/** Lists all codes, displays and texts of a status or concept, in whatever shape it came. */
export function textsIn(json: unknown): string[] {
  if (typeof json === 'string') return json.trim() === '' ? [] : [json];
  if (typeof json === 'number') return [String(json)];
  if (Array.isArray(json)) return json.flatMap(textsIn);
  if (!isObject(json)) return [];
  const { coding, text, code, display } = json;
  return [coding, text, code, display].flatMap(textsIn);
}
