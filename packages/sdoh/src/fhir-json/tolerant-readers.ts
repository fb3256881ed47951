/**
 * Tells whether a JSON value is an object, and no list. Like all readers of this file it never
 * throws. Resources come from other systems, and a value of the wrong shape reads as absent. A
 * caller that must not overlook such a value tests its shape first.
 */
export const isObject = (json: unknown): json is Record<string, unknown> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

/** Returns the members of a list that are objects; none where there is no list. */
export function objectsOf<T extends object>(list: readonly T[] | undefined): T[] {
  if (!Array.isArray(list)) return [];
  return (list as T[]).filter(isObject) as T[];
}

/** Returns the objects of a list, or a single object as a list of one. */
export const objectsIn = (json: unknown): Record<string, unknown>[] =>
  (Array.isArray(json) ? json : [json]).filter(isObject);

/** Tells whether a value is absent or a list of objects, so that `objectsOf` loses none of it. */
export const isListOfObjects = (json: unknown): boolean =>
  json === undefined || (Array.isArray(json) && json.every(isObject));

/** Returns a text that is not empty; undefined for any other value. */
export const textOf = (json: unknown): string | undefined =>
  typeof json === 'string' && json !== '' ? json : undefined;

/**
 * Writes any JSON value as a text to compare with. It never throws, unlike `String`, which calls a
 * `toString` that a resource of another system may bring along.
 */
export function plainText(json: unknown): string {
  if (Array.isArray(json)) return json.map(plainText).join(',');
  return isObject(json) ? JSON.stringify(json) : String(json);
}
