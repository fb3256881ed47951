/**
 * Pulled resources are other people's JSON: a number may stand where an object belongs, an object where a list does.
 * These readers never throw; what has the wrong shape reads as absent, and whoever must not overlook it asks first.
 */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The well-formed members of a list; nothing where there is no list. */
export const objectsOf = <T extends object>(value: readonly T[] | undefined): T[] =>
  Array.isArray(value) ? ((value as T[]).filter(isObject) as T[]) : [];

/** True when absent, or a list of objects: nothing would be lost by reading it with `objectsOf`. */
export const isListOfObjects = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.every(isObject));

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
