export type Loose = Record<string, unknown>;

export const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A concept that has none of what a concept has, or has it empty: nothing tells what was meant. */
export function isSilent(loose: Loose, kind: string): boolean {
  if (kind !== 'CodeableConcept' && kind !== 'Coding') return false;
  const said = kind === 'Coding' ? ['code', 'display'] : ['coding', 'text'];
  return !Object.keys(loose).some(
    (key) =>
      key === 'extension' || key.startsWith('_') || (said.includes(key) && !isEmpty(loose[key])),
  );
}

/** Empty texts, lists and objects, which FHIR does not have, and lists of Codings that say nothing. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((one) => isObject(one) && isSilent(one, 'Coding'));
  if (isObject(value)) return isSilent(value, 'Coding');
  return typeof value === 'string' && value.trim() === '';
}

/** What a value is, in words for a sentence. */
export function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return (
    { string: 'text', number: 'a number', boolean: 'true or false', object: 'an object' }[
      typeof value as string
    ] ?? 'something else'
  );
}
