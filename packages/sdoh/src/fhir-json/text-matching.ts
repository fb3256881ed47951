/**
 * Normalizes a text for comparison: case, blanks, apostrophes and a final period or exclamation
 * mark. Nothing is guessed beyond that.
 */
export const plain = (text: string | undefined): string =>
  (text ?? '')
    .trim()
    .toLowerCase()
    .replaceAll('’', "'")
    .replaceAll(/\s+/g, ' ')
    .replace(/[.!]$/, '');

/** Orders texts by their code units. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The number in front of a question: `7.`, `2.1)`, `b.`, `Q3:`, `Question 4`. */
const numbering =
  /^\s*(?:(?:\d{1,3}(?:\.\d{1,2})*[a-z]?|[a-z])[.):]|(?:q|question|item) ?#?\d{1,3}[a-z]?[.):]?)\s+/i;

/**
 * Returns the bare words of a question: small letters and digits, without its number, quotes and
 * punctuation.
 */
export const bare = (text: string): string =>
  text
    .replace(numbering, '')
    .toLowerCase()
    .replaceAll(/[’']/g, '')
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim();

/**
 * Returns the fingerprint of a wording. The wording of some forms may not be distributed; a table
 * has its fingerprint instead, and still recognizes text that arrives. It has 53 bits, by cyrb53
 * (public domain): enough for the few hundred wordings of a shelf, but no secret.
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

/**
 * Replacements that remove the ways in which forms vary one wording. They apply to bare words, in
 * this order.
 */
const variations: readonly (readonly [RegExp, string])[] = [
  [/\b(did|do|does|has|have|had|was|were|would|could) not\b/g, '$1nt'],
  [/\btwelve\b/g, '12'],
  [/\b12 12\b/g, '12'],
  [/\b(i|we|my|our|you|your) (i|we|my|our|you|your)\b/g, '$1'],
  [
    /\b(you|we|i) (and|or) (others|other (adults|members|people)|someone|anyone|somebody|people) (in|of) (your|our|my|the) (household|home|family)\b/g,
    'we',
  ],
  [/\b(you|we|i) (and|or) (your|our|my) (household|family)\b/g, 'we'],
  [/\b(i|we|you|me|us)\b/g, 'we'],
  [/\b(my|our|your|their) (household|family)\b/g, 'we'],
  [/\b(my|our|your)\b/g, 'our'],
  [/\b(the|a|an|that|whether|if|about|just|any|enough|reliable|to|from|for|and|or)\b/g, ' '],
  [/\s+/g, ' '],
  [/^ ?(first |second |next )?statement (was|is) /g, ''],
  [/ check all apply ?$/g, ''],
  [/\b(this|these) statements? (was|is|were)\b/g, ' '],
  [/\b(was|is) this statement\b/g, ' '],
  [
    /\b(was )?(this |it )?often (true )?sometimes (true )?never true\b( we\b)?( our household\b)?/g,
    ' ',
  ],
  [/ (please )?(answer|response)? ?(yes no|no yes) ?$/g, ''],
  [/\b(thinking( back)?|looking back) (?=((over|in|during) )?(past|last) (12|year)\b)/g, ''],
  [/\b(at time )?(within|in|during|over) (past|last|previous|prior) (12 months?|year)\b/g, ' '],
  [/\b(at time )?(past|last) 12 months?\b/g, ' '],
  [/\s+/g, ' '],
  [/\b(were|have|did|had|are|was|am) we( been| ever)? worr(ied|y)\b/g, 'we worried'],
  [/\bwe( have| had| were| was| are| am| ve)?( been| ever)? worr(ied|y)\b/g, 'we worried'],
  [/\bthere (wasnt|isnt|was no|is no) money\b/g, 'we didnt have money'],
  [/\b(had|have|get|got|has) (more )?money\b/g, 'got money'],
  [
    /\bbefore (we )?((could|can|were able|was able) )?(got|getting|having) money\b/g,
    'before we got money',
  ],
  [/\b(get|buy|purchase) more( food)?\b/g, 'buy more'],
  [/\bdid food we bought (nt|not) last\b/g, 'food we bought didnt last'],
  [/\bdidnt last (but|so) /g, 'didnt last '],
  [/\bour food\b/g, 'food'],
  [/\bran out\b/g, 'would run out'],
  [/\b(might|may|could|will|was going|were going) run out\b/g, 'would run out'],
  [/\b(has|did|does|have) lack\b/g, 'lack'],
  [/\b(kept|keep|keeps|stopped|prevented) we\b/g, 'kept we'],
  [/\bkept we (attending|going|getting|making it) (?=(non ?)?medical|meetings?)/g, 'kept we '],
  [/\bnon ?medical (meetings?) (appointments?) work\b/g, 'meetings work'],
  [/\bgetting (our )?(things )(we )?need(ed)?\b/g, 'getting things needed'],
  [
    /\bgetting things needed( (in )?(daily living|daily life))? ?$/g,
    'getting things needed daily living',
  ],
  [/\bgetting our (medications?|medicines?)\b/g, 'getting medications'],
  [/\bgetting (medications?|medicines?)\b/g, 'getting medications'],
  [/\b(appointment|meeting)\b/g, '$1s'],
  [/\s+/g, ' '],
];

const mostWords = 600;

/**
 * Reduces a wording by `variations`: person ("I", "we", "you"), look-back of a year, articles and
 * the like.
 */
const loosened = (text: string): string =>
  variations
    .reduce(
      (words, [from, to]) => words.replaceAll(from, to),
      bare(text.slice(0, mostWords).replaceAll(/\[[^\]]*\]/g, ' ')),
    )
    .trim();

/** Returns the fingerprint that a wording shares with its variations. */
export const looseHash = (text: string): string => wordsHash(loosened(text));
