import { isObject, objectsOf } from './tolerant-readers.ts';

/**
 * A status as its word, in whatever writing it came: a code, a text (FHIR STU3), a concept with or without system, words
 * alone, a list of any of these, capital letters, blanks for hyphens.
 */
export function statusWords(value: unknown): string[] {
  if (typeof value === 'string')
    return [
      value
        .trim()
        .toLowerCase()
        .replaceAll(/[\s_]+/g, '-'),
    ];
  if (Array.isArray(value)) return value.flatMap(statusWords);
  if (!isObject(value)) return [];
  const { coding, text, code, display } = value;
  const inner = Array.isArray(coding) ? objectsOf(coding) : isObject(coding) ? [coding] : [];
  const coded = [code, ...inner.map((one) => (one as { code?: unknown }).code)].flatMap(
    statusWords,
  );
  if (coded.length > 0) return coded;
  return [text, display, ...inner.map((one) => (one as { display?: unknown }).display)].flatMap(
    statusWords,
  );
}

/**
 * Which of these statuses a concept names, by any of its codes, displays and texts: systems of a site's own have codes that
 * nobody here knows, and say it in words. Words with a "not" in them name none.
 */
export function statusesNamed(value: unknown, known: readonly string[]): ReadonlySet<string> {
  const tokens = textsIn(value).map((one) =>
    one
      .toLowerCase()
      .split(/[^a-z]+/)
      .filter(Boolean),
  );
  const said = tokens
    .filter((some) => !some.some((word) => negations.has(word)))
    .map((some) => ` ${some.join(' ')} `);
  return new Set(
    known.filter((one) => said.some((words) => words.includes(` ${one.replaceAll('-', ' ')} `))),
  );
}

const negations: ReadonlySet<string> = new Set(['not', 'no', 'never', 'non']);

/** All that a status says in letters or digits, in whatever shape it came. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value];
  if (typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (!isObject(value)) return [];
  const { coding, text, code, display } = value;
  return [coding, text, code, display].flatMap(textsIn);
}
