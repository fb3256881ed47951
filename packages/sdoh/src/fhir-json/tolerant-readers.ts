/**
 * Pulled resources are other people's JSON: a number may stand where an object belongs, an object
 * where a list does. These readers never throw; what has the wrong shape reads as absent, and
 * whoever must not overlook it asks first.
 */
export const isObject = (json: unknown): json is Record<string, unknown> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

/** The well-formed members of a list; nothing where there is no list. */
export function objectsOf<T extends object>(list: readonly T[] | undefined): T[] {
  if (!Array.isArray(list)) return [];
  return (list as T[]).filter(isObject) as T[];
}

/** One object, or the objects of a list. */
export const objectsIn = (json: unknown): Record<string, unknown>[] =>
  (Array.isArray(json) ? json : [json]).filter(isObject);

/** True when absent, or a list of objects: nothing would be lost by reading it with `objectsOf`. */
export const isListOfObjects = (json: unknown): boolean =>
  json === undefined || (Array.isArray(json) && json.every(isObject));

/** A text that is not empty. */
export const textOf = (json: unknown): string | undefined =>
  typeof json === 'string' && json !== '' ? json : undefined;
