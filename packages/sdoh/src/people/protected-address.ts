/** The parts of an address, as FHIR and profiles have them. */
type AddressParts = {
  readonly [part in 'city' | 'state' | 'postalCode' | 'text' | 'line' | 'lines']?: unknown;
};

/**
 * Tells whether an address is one of a program that keeps the true one secret. All words of the
 * pattern stand in it, in any order. Such an address is shown as it is. It says nothing of where
 * the person lives, so it is never placed on a map, compared by distance or delivered to.
 *
 * @param pattern the program's words, such as `PO Box 17370 Saint Paul`
 */
export function isProtectedAddress(address: AddressParts, pattern: string): boolean {
  const { line, lines, city, state, postalCode, text } = address;
  const parts = [line, lines, city, state, postalCode, text].flat();
  const words = new Set(wordsOf(parts.filter((part) => typeof part === 'string').join(' ')));
  const sought = wordsOf(pattern);
  return sought.length > 0 && sought.every((word) => words.has(word));
}

/** Lists the words of a text; the ways in which people write a box and a saint are one. */
const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .replace(/\bp\.?\s*o\.?\s*box\b\.?|\bpost office box\b/g, ' pobox ')
    .replace(/\bst\b\.?/g, ' saint ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');

/**
 * Leaves only the protected address where a person has one, so that no older address is seen beside
 * it.
 */
export function shownAddresses<T extends AddressParts & { isOld: boolean }>(
  addresses: readonly T[],
  pattern: string,
): readonly T[] {
  const shown = addresses.filter((one) => !one.isOld && isProtectedAddress(one, pattern));
  return shown.length > 0 ? shown : addresses;
}
