import { isRealDate } from '@loopwell/fhir';
import { z } from 'zod';

/** Who has checked the words of a language and when, or null where nobody has. */
export const reviewSchema = z
  .object({
    name: z.string(),
    date: z.string(),
  })
  .strict()
  .nullable();

type Review = z.output<typeof reviewSchema>;

/** Words that no person is called by: a machine, a firm, an office, or nobody. */
const noName =
  /^(the|test|tester|testing|tbd|todo|none|nobody|anonymous|unknown|reviewer|reviewed|native|speaker|machine|auto|automatic|translated?|translations?|translators?|google|deepl|chatgpt|gpt|llm|bot|model|system|admin|team|clinic|hospital|health|company|services?|agency|group|office|department|corp|corporation|inc|llc|ltd|gmbh|languages?)$/i;

const madeUp = /^(john|jane)\s+(doe|roe)$/i;

/** Matches a part of a name: letters, with marks, points, hyphens and apostrophes among them. */
const namePart = /^\p{L}[\p{L}\p{M}.'’-]*$/u;

/**
 * Tells whether a text can be the name of a person: at least two words of letters, none of which
 * names a machine, a firm or nobody. A single word signs for nothing.
 */
export function isPersonsName(name: string): boolean {
  const words = name.trim().split(/\s+/);
  if (words.length < 2 || words.length > 6 || madeUp.test(name.trim())) return false;
  return words.every((word) => isNamePart(word));
}

function isNamePart(word: string): boolean {
  // "Ai" is a name, and "AI" is none.
  return namePart.test(word) && !noName.test(word.replaceAll('.', '')) && word !== 'AI';
}

/**
 * Tells whether somebody has checked the words of a language. A name that is no person's, and a day
 * that no calendar has or that is still to come, count as no review.
 *
 * @param today the site's day, YYYY-MM-DD
 */
export function isReviewed(review: Review, today: string): boolean {
  if (review === null || !isPersonsName(review.name)) return false;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(review.date) && isRealDate(review.date);
  return isDay && review.date <= today;
}
