/**
 * Creates all texts of a set of pages in one language, with that language's formats in the site's
 * time zone.
 */
export type TextsIn<Texts> = (timeZone: string) => Texts;

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

/** Creates the texts of a set of pages by language. Each language is made once. */
export function createCatalog<Texts>(
  languages: Languages<Texts>,
  timeZone: string,
): Catalog<Texts> {
  const english = languages.en(timeZone);
  const others = Object.entries(languages).filter(([language]) => language !== 'en');
  const texts = new Map(others.map(([language, textsIn]) => [language, textsIn(timeZone)]));
  return {
    languages: ['en', ...texts.keys()],
    catalogOf: (language) => texts.get(language) ?? english,
  };
}
