import { isObject, objectsOf } from './shapes.ts';

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
  const coded = [code, ...inner.map((one) => (one as { code?: unknown }).code)].flatMap(statusWords);
  if (coded.length > 0) return coded;
  return [text, display, ...inner.map((one) => (one as { display?: unknown }).display)].flatMap(statusWords);
}
