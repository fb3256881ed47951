import { type Clock, timeZoneOf } from '@loopwell/kit';

/**
 * Creates all texts of a set of pages in one language, with that language's formats in the site's
 * time zone. Ages are counted from what `now` gives.
 */
export type TextsIn<Texts> = (timeZone: string, now: () => Date) => Texts;

/**
 * The languages of a set of pages. English always exists, and the other languages have to fill its
 * type.
 */
export type Languages<Texts> = Readonly<Record<string, TextsIn<Texts>>> & { en: TextsIn<Texts> };

/** The texts of a set of pages, by language. */
export type Catalog<Texts> = {
  /** Tags of the available languages, English first. */
  languages: readonly string[];
  /** Returns the texts in a language, or in English when that language has none. */
  catalogOf: (language: string) => Texts;
};

/**
 * Creates the texts of a set of pages by language. Each language is made once for each time zone
 * that the site has had.
 */
export function createCatalog<Texts>(languages: Languages<Texts>, clock: Clock): Catalog<Texts> {
  const made = new Map<string, Texts>();
  const tags = ['en', ...Object.keys(languages).filter((language) => language !== 'en')];
  return {
    languages: tags,
    catalogOf(language) {
      const timeZone = timeZoneOf(clock);
      const tag = tags.includes(language) ? language : 'en';
      const key = `${tag} ${timeZone}`;
      const texts = made.get(key) ?? (languages[tag] ?? languages.en)(timeZone, clock.now);
      made.set(key, texts);
      return texts;
    },
  };
}
