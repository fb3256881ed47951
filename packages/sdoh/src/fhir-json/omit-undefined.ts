/**
 * Drops the members that are undefined, so that an object can be written with all its members in
 * one place. The type argument names the object to build.
 */
export function omitUndefined<T extends object>(members: { [K in keyof T]: T[K] | undefined }): T {
  const kept: Partial<T> = {};
  for (const key in members) if (members[key] !== undefined) kept[key] = members[key];
  return kept as T;
}
