export type Loose = Record<string, unknown>;

/** Tells whether a JSON value is an object, not a list or null. */
export const isObject = (json: unknown): json is Loose =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

/**
 * Tells whether a concept says nothing: its code, display, codings and text are missing or empty.
 */
export function isSilent(concept: Loose, kind: string): boolean {
  if (kind !== 'CodeableConcept' && kind !== 'Coding') return false;
  const telling = kind === 'Coding' ? ['code', 'display'] : ['coding', 'text'];
  return !Object.keys(concept).some(
    (key) =>
      key === 'extension' ||
      key.startsWith('_') ||
      (telling.includes(key) && !isEmpty(concept[key])),
  );
}

/**
 * Tells whether a content is an empty text, list or object, which FHIR does not have, or a list of
 * Codings that say nothing.
 */
function isEmpty(content: unknown): boolean {
  if (Array.isArray(content))
    return content.every((one) => isObject(one) && isSilent(one, 'Coding'));
  if (isObject(content)) return isSilent(content, 'Coding');
  return typeof content === 'string' && content.trim() === '';
}

/** Names the type of a JSON value, in words for a sentence. */
export function nameOf(json: unknown): string {
  if (json === null) return 'null';
  if (Array.isArray(json)) return 'a list';
  return (
    { string: 'text', number: 'a number', boolean: 'true or false', object: 'an object' }[
      typeof json as string
    ] ?? 'something else'
  );
}
