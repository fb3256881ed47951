type Defined<Members> = { [Name in keyof Members]?: Exclude<Members[Name], undefined> };

/**
 * Leaves out the members that are undefined and keeps the order of the others. FHIR's JSON has no
 * member without a value (FHIR R4, JSON representation).
 */
export function withoutUndefined<Members extends object>(members: Members): Defined<Members> {
  const kept: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(members))
    if (member !== undefined) kept[name] = member;
  return kept as Defined<Members>;
}

/** Maps each element and leaves out the results that are undefined. */
export function mapDefined<Element, Result>(
  elements: Iterable<Element>,
  map: (element: Element, index: number) => Result | undefined,
): Result[] {
  const results: Result[] = [];
  let index = 0;
  for (const element of elements) {
    const result = map(element, index);
    if (result !== undefined) results.push(result);
    index += 1;
  }
  return results;
}
