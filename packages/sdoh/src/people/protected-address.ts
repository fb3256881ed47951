/** The parts of an address, as FHIR and profiles have them. */
type AddressParts = {
  readonly [part in 'city' | 'state' | 'postalCode' | 'text' | 'line' | 'lines']?: unknown;
};

/**
 * Tells whether an address is one of a program that keeps the true one secret. The box of the
 * pattern stands in it however it is written, and so do its other words, in any order and with or
 * without blanks. An address without a city needs the box alone: to keep it secret does no harm.
 * Such an address is shown as it is. It says nothing of where the person lives, so it is never
 * placed on a map, compared by distance or delivered to.
 *
 * @param pattern the program's words, such as `PO Box 17370 Saint Paul`
 */
export function isProtectedAddress(address: AddressParts, pattern: string): boolean {
  const { line, lines, city, state, postalCode, text } = address;
  const parts = [line, lines, city, state, postalCode, text].flat();
  const words = wordsOf(parts.filter((part) => typeof part === 'string').join(' '));
  const sought = wordsOf(pattern);
  const boxes = sought.filter((word) => word.startsWith(boxMark));
  if (sought.length === 0 || !boxes.every((word) => words.includes(word))) return false;
  const others = sought.filter((word) => !boxes.includes(word));
  const hasOthers =
    others.every((word) => words.includes(word)) || words.join('').includes(others.join(''));
  const hasCity = typeof city === 'string' && city.trim() !== '';
  return hasOthers || (boxes.length > 0 && !hasCity);
}

const boxMark = 'pobox';

/** Matches the number of a post office box, as people write it. */
const box =
  /(?:\bp[.\s]*o[.\s]*(?:b(?:o?x)?\b|bo?x(?=\d)|b(?=\d))|\bpost\s*office\s*bo?x|\bbo?x)[.\s:#]*(?:no[.\s]*)?(\d+)/g;

/** Lists the words of a text; the ways in which people write a box and a saint are one. */
const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .replace(box, ` ${boxMark}$1 `)
    .replaceAll('saint', 'st')
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
