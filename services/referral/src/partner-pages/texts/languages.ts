import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@loopwell/kit';
import { z } from 'zod';
import { type Calendar, calendarSchema, type Dates, datesOf } from './calendar.ts';
import english from './en/texts.json' with { type: 'json' };
import { isReviewed, reviewSchema } from './review.ts';

/** The words of the partner pages in one language, without who has checked them. */
export type PartnerWords = Omit<typeof english, 'review'>;

/** Everything that a page needs in one language. */
export type PartnerTexts = {
  language: string;
  words: PartnerWords;
  dates: Dates;
};

type Language = {
  words: PartnerWords;
  review: z.output<typeof reviewSchema>;
  calendar: Calendar;
};

/** The languages of the partner pages, by tag. */
export type PartnerLanguages = ReadonlyMap<string, Language>;

/** Where a page is shown, and to whom. */
export type Reader = {
  /** Tags that the browser would like, the best one first. */
  wishes: readonly string[];
  timeZone: string;
  /** The site's day, YYYY-MM-DD. */
  today: string;
  /** In the sandbox, words are shown that nobody has checked. */
  isSandbox: boolean;
};

/** The texts of a reader. `missing`: the language that they would like, by its own name. */
export type Offered = {
  texts: PartnerTexts;
  missing: string | undefined;
};

/**
 * Reads the languages of a folder, each in a folder of its own.
 *
 * @throws AppError CONFIG_INVALID for a language that lacks a text or has one too many
 */
export function readLanguages(folder: string = import.meta.dirname): PartnerLanguages {
  const entries = readdirSync(folder, {
    withFileTypes: true,
  });
  const tags = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return new Map(tags.map((tag) => [tag, readLanguage(join(folder, tag), tag)]));
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

const textsSchema = z.looseObject({
  review: reviewSchema,
});

function readLanguage(folder: string, language: string): Language {
  const { review, ...words } = textsSchema.parse(readJson(join(folder, 'texts.json')));
  const { review: _, ...expected } = english;
  if (keysOf(words).join() !== keysOf(expected).join())
    throw new AppError('CONFIG_INVALID', 'A language has not the same texts as English', {
      facts: { language },
    });
  const calendar = calendarSchema.parse(readJson(join(folder, 'calendar.json')));
  return {
    words: words as PartnerWords,
    review,
    calendar,
  };
}

/** Lists the paths of all texts. The forms of a count differ from language to language. */
function keysOf(words: unknown, path = ''): string[] {
  if (typeof words === 'string') return [path];
  if (typeof words !== 'object' || words === null) return [`${path}?`];
  if (Object.hasOwn(words, 'other') && Object.hasOwn(words, 'one')) return [`${path}#`];
  const members = Object.entries(words).sort(([a], [b]) => (a < b ? -1 : 1));
  return members.flatMap(([name, member]) => keysOf(member, `${path}/${name}`));
}

/** Tags that mean the same texts: Hmong has three, and browsers send any of them. */
const sameLanguage: Readonly<Record<string, string>> = {
  mww: 'hmn',
  hnj: 'hmn',
};

const tagOf = (wish: string): string => {
  const [tag = ''] = wish.toLowerCase().split('-');
  return sameLanguage[tag] ?? tag;
};

/**
 * Picks the texts of a reader: the first language that they would like and that somebody has
 * checked. Until then the page is in English, and says so.
 */
export function offerTexts(languages: PartnerLanguages, reader: Reader): Offered {
  const wishes = reader.wishes.map(tagOf).filter((tag) => languages.has(tag));
  const isShown = (tag: string) => tag === 'en' || isOffered(languages.get(tag), reader);
  const language = wishes.find(isShown) ?? 'en';
  const wished = wishes[0] ?? 'en';
  const missing = wished === language ? undefined : languages.get(wished)?.words.name;
  return {
    texts: textsIn(languages, language, reader),
    missing,
  };
}

const isOffered = (language: Language | undefined, { isSandbox, today }: Reader): boolean =>
  language !== undefined && (isSandbox || isReviewed(language.review, today));

function textsIn(languages: PartnerLanguages, language: string, { timeZone }: Reader) {
  const shown = languages.get(language) ?? languages.get('en');
  if (!shown) throw new AppError('CONFIG_INVALID', 'The partner pages have no English texts');
  return {
    language,
    words: shown.words,
    dates: datesOf(shown.calendar, timeZone),
  };
}
