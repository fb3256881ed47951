/**
 * All texts of a set of pages in one language, with that language's formats in the site's time
 * zone.
 */
export type TextsIn<Texts> = (timeZone: string) => Texts;

/**
 * The languages that a set of pages has. English is there always, and its type is the one that the
 * others have to fill.
 */
export type Languages<Texts> = Readonly<Record<string, TextsIn<Texts>>> & { en: TextsIn<Texts> };

/** The texts of a set of pages, by language. */
export type Catalog<Texts> = {
  /** Tags of the languages that there are, English first. */
  languages: readonly string[];
  /** The texts in a language; in English where there are none. */
  catalogOf: (language: string) => Texts;
};

/** The texts of a set of pages by language. Each language is made once. */
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
