/**
 * Words as people and forms write them, made comparable. Nothing is guessed: two texts are the same when nothing but case,
 * blanks and punctuation tells them apart.
 */
export const plain = (text: string | undefined): string =>
  (text ?? '').trim().toLowerCase().replaceAll('’', "'").replaceAll(/\s+/g, ' ').replace(/[.!]$/, '');

/** Letters and digits only: what is left of a question when its number, quotes and punctuation are gone. */
export const bare = (text: string): string =>
  text
    .replace(/^\s*\d{1,3}[a-z]?[.):]\s+/i, '')
    .toLowerCase()
    .replaceAll(/[’']/g, '')
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim();

/**
 * Fingerprint of a wording. The wording of some forms may not be distributed; a table names it by this, and text that
 * arrives is still recognised. 53 bits, by cyrb53 (public domain): enough for the few hundred wordings of a shelf, no secret.
 */
export function wordsHash(text: string): string {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (const letter of bare(text)) {
    const code = letter.charCodeAt(0);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}
