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

/** A term that is looked for: whole, as the beginning of a longer one, or as its end. */
export type SearchWish = SearchTerm & { isStart: boolean; isEnd?: boolean };

/** A search as a person typed it: words that all have to fit, each by one of these terms. */
export type PersonSearch = readonly (readonly SearchWish[])[];

/** Why a search is not made: the rule that what was typed breaks. */
export type SearchProblem = 'tooShort' | 'noSuchDate' | 'futureDate' | 'noPhone' | 'letterInPhone';

/** What somebody typed, as words to look for or with the rule that it breaks. */
export type TypedSearch =
  | { words: PersonSearch; isYearAlone?: true; problem?: undefined }
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
  if (isTooShortForPhone(text)) return { problem: 'noPhone' };
  if (letterInPhone.test(withoutExtension(text))) return { problem: 'letterInPhone' };
  const words = wordsIn(text);
  if (words.length === 0) return { problem: 'tooShort' };
  return isYearAlone(text) ? { words, isYearAlone: true } : { words };
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
  if (numbers.length === 0) return isDigits(text) ? [partWishes(text)] : namesIn(text);
  let rest = text;
  for (const run of numbers) rest = rest.replace(run, ' ');
  return [numbers.flatMap(numberWishes), ...namesIn(rest.replace(besideNumbers, ' '))];
}

function numberWishes(run: string): SearchWish[] {
  const digits = run.replace(/\D/g, '');
  const number = phonesIn(run)[0] ?? digits;
  const [phone = number] = phoneTerms(number);
  const dates = compactDates(run).map((day) => wish('birth', day));
  const isWhole = phone.length === 7 || phone.length === 10;
  const ends = isWhole ? [] : [endOf(digits)];
  return [wish('phone', phone), wish('mrn', foldIdentifier(run)), ...ends, ...dates];
}

const endOf = (digits: string): SearchWish => ({ ...wish('phone', digits), isEnd: true });

/** The fewest digits by which a phone number is looked for. */
const fewestDigits = 4;

/** Tells whether a text has only digits and the signs of a phone number, and enough digits. */
const isDigits = (text: string): boolean =>
  /^[\d\s().+\-/]+$/.test(text) && text.replace(/\D/g, '').length >= fewestDigits;

/** Reads a part of a number: its last digits, its first ones, or an identifier. */
function partWishes(text: string): SearchWish[] {
  const digits = text.replace(/\D/g, '');
  const first = digits.length > fewestDigits ? digits.replace(/^1/, '') : digits;
  return [
    wish('mrn', digits),
    endOf(digits),
    wish('phone', first, true),
    wish('name', digits, true),
  ];
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

const withoutExtension = (text: string): string =>
  text.replace(/(x|ext\.?|extension|#)\s*\d{1,6}$/i, '').trim();

/** Tells whether a text is written like a phone number and has too few digits to look for. */
function isTooShortForPhone(text: string): boolean {
  const plain = withoutExtension(text);
  if (!/^[\d\s().+\-/]+$/.test(plain) || !/^\+|\(/.test(plain)) return false;
  return plain.replace(/\D/g, '').length < fewestDigits;
}

/** A number in the form of a phone number with a letter among its digits. */
const letterInPhone =
  /^(\+\d*[-. ]?)?(\(\d{3}\)|\d{3})[-. ]*(?=[\d-. ]*[a-z])[\da-z]{3}[-. ][\da-z]{4}$/i;

/** Tells whether a text is a year, perhaps with its month: no whole birth date. */
const isYearAlone = (text: string): boolean => /^([a-z]{3,9}\.?,? )?(18|19|20)\d\d$/i.test(text);
