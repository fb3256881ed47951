import {
  foldIdentifier,
  foldText,
  joiners,
  phonesIn,
  phoneTerms,
  type SearchKind,
  type SearchTerm,
} from './search-terms.ts';
import { birthDateIn } from './typed-birth-date.ts';

/** A term that is looked for, whole or as the beginning of a longer one. */
export type SearchWish = SearchTerm & { isStart: boolean };

/** A search as a person typed it: words that all have to fit, each by one of these terms. */
export type PersonSearch = readonly (readonly SearchWish[])[];

/** Why a search is not made: the rule that what was typed breaks. */
export type SearchProblem = 'tooShort' | 'noSuchDate' | 'futureDate' | 'noPhone';

/** What somebody typed, as words to look for or with the rule that it breaks. */
export type TypedSearch =
  | { words: PersonSearch; problem?: undefined }
  | { problem: SearchProblem; words?: undefined };

const mostLetters = 200;
const mostWords = 6;

/**
 * Reads what a person typed into the search: names in any order, a birth date, an MRN or a phone
 * number, in the ways in which people write them.
 *
 * @param today the site's day (YYYY-MM-DD), since nobody is born after it
 */
export function personSearch(typed: string, today: string): TypedSearch {
  const text = plainText(typed);
  const born = birthDateIn(text, today);
  if (born?.problem) return { problem: born.problem };
  if (born) {
    const dates = born.days.map((day) => wish('birth', day));
    return { words: [dates, ...wordsIn(text.replace(born.written, ' '))] };
  }
  if (isNoPhone(text)) return { problem: 'noPhone' };
  const words = wordsIn(text);
  return words.length === 0 ? { problem: 'tooShort' } : { words };
}

/** Replaces the many dashes and blanks that a text can have by the plain ones. */
const plainText = (typed: string): string =>
  typed
    .slice(0, mostLetters)
    .normalize('NFKC')
    .replace(/\p{Dash_Punctuation}/gu, '-')
    .replace(/\s+/gu, ' ')
    .trim();

const wish = (kind: SearchKind, term: string, isStart = false): SearchWish => ({
  kind,
  term,
  isStart,
});

/** A run of digits and the signs of a phone number, perhaps with an extension. */
const numberRun = /\+?\(?\d[\d\s().+\-/]{5,}\d(\s*(x|ext\.?|extension|#)\s*\d{1,6})?/gi;

/** Words that stand beside a number and are no name. */
const besideNumbers = /\b(or|and|tel|telephone|phone|ph|cell|mobile)\b:?/gi;

/** Reads numbers and names. Several numbers are one word, since any of them may be theirs. */
function wordsIn(text: string): PersonSearch {
  const numbers = (text.match(numberRun) ?? []).filter((run) => run.replace(/\D/g, '').length >= 7);
  if (numbers.length === 0) return namesIn(text);
  let rest = text;
  for (const run of numbers) rest = rest.replace(run, ' ');
  return [numbers.flatMap(numberWishes), ...namesIn(rest.replace(besideNumbers, ' '))];
}

function numberWishes(run: string): SearchWish[] {
  const digits = run.replace(/\D/g, '');
  const number = phonesIn(run)[0] ?? digits;
  const [phone = number] = phoneTerms(number);
  const dates = compactDates(run).map((day) => wish('birth', day));
  return [wish('phone', phone), wish('mrn', foldIdentifier(run)), ...dates];
}

/** Reads eight digits as the days that they can be: 09211985, 19850921. */
function compactDates(run: string): string[] {
  const digits = /^(\d{2})(\d{2})(\d{4})$|^(\d{4})(\d{2})(\d{2})$/;
  if (!digits.test(run)) return [];
  const monthFirst = `${run.slice(4)}-${run.slice(0, 2)}-${run.slice(2, 4)}`;
  const yearFirst = `${run.slice(0, 4)}-${run.slice(4, 6)}-${run.slice(6)}`;
  return [monthFirst, yearFirst].filter((day) => /^(19|20)\d\d-(0\d|1[0-2])-[0-3]\d$/.test(day));
}

function namesIn(text: string): PersonSearch {
  const words = text.split(/[\s,;]+/).slice(0, mostWords);
  return words.flatMap((word) => {
    const name = foldText(word)
      .replace(joiners, '')
      .replace(/[^\p{L}\p{N}]/gu, '');
    if (name.length < 2 && !/\p{Script=Han}/u.test(name)) return [];
    const identifier = foldIdentifier(word);
    const mrn = /\d/.test(identifier) ? [wish('mrn', identifier)] : [];
    return [[wish('name', name, true), wish('inside', name, true), ...mrn]];
  });
}

/** Signs by which a text says that it means a phone number. */
const phoneForm = /^\+|\(|^(1[-. ])?\d{3}[-. ]\d{3,4}([-. ]\d+)?$/;

/**
 * Tells whether a text is written like a phone number and is none: too few or too many digits, or
 * an area code that does not exist.
 */
function isNoPhone(text: string): boolean {
  const plain = text.replace(/(x|ext\.?|extension|#)\s*\d{1,6}$/i, '').trim();
  if (!/^[\d\s().+\-/]+$/.test(plain) || !phoneForm.test(plain)) return false;
  const digits = plain.replace(/\D/g, '');
  if (plain.startsWith('+') && !digits.startsWith('1'))
    return digits.length < 8 || digits.length > 15;
  const national = digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits;
  return !/^([2-9]\d{2})?[2-9]\d{6}$/.test(national);
}
