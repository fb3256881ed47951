import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { offerTexts, type Reader, readLanguages } from './languages.ts';
import { isPersonsName, isReviewed } from './review.ts';

const shipped = readLanguages();

/** The languages as if nobody had checked any of them. */
const unchecked = new Map(
  [...shipped].map(([tag, language]) => [tag, { ...language, review: null }] as const),
);

const copies: string[] = [];
afterEach(() => {
  for (const copy of copies.splice(0)) rmSync(copy, { recursive: true });
});

/** Copies all texts as if nobody had checked them, and changes one file of the copy. */
function copyWith(file: string, change: (text: string) => string): string {
  const copy = mkdtempSync(join(tmpdir(), 'partner-texts-'));
  copies.push(copy);
  cpSync(import.meta.dirname, copy, { recursive: true });
  for (const tag of shipped.keys()) {
    const texts = join(copy, tag, 'texts.json');
    const { review: _, ...words } = JSON.parse(readFileSync(texts, 'utf8')) as object & {
      review: unknown;
    };
    writeFileSync(texts, JSON.stringify({ review: null, ...words }, null, 2));
  }
  const path = join(copy, file);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
  return copy;
}

const reader = (more: Partial<Reader> = {}): Reader => ({
  wishes: ['es-MX', 'en'],
  timeZone: 'America/Chicago',
  today: '2026-12-01',
  isSandbox: false,
  ...more,
});

const review = (name: string, date: string) => (text: string) =>
  text.replace('"review": null', `"review": ${JSON.stringify({ name, date })}`);

describe('a language that nobody has checked', () => {
  it.each([...shipped])(
    'ships without a review, or with that of a person: %s',
    (_tag, language) => {
      const { review } = language;
      const today = new Date().toISOString().slice(0, 10);
      expect(review === null || isReviewed(review, today)).toBe(true);
    },
  );

  it.each([
    ['es', 'Español'],
    ['so-SO', 'Soomaali'],
    ['hmn', 'Hmoob'],
    ['mww', 'Hmoob'],
    ['hnj', 'Hmoob'],
  ])('is not shown, and the page is in English and says so: %s', (wish, missing) => {
    const offered = offerTexts(unchecked, reader({ wishes: [wish, 'en'] }));
    expect(offered).toMatchObject({ missing, texts: { language: 'en' } });
  });

  it('is shown in the sandbox', () => {
    const offered = offerTexts(unchecked, reader({ isSandbox: true }));
    expect(offered).toMatchObject({ missing: undefined, texts: { language: 'es' } });
  });

  it('is passed over for the next one that was checked', () => {
    const languages = readLanguages(copyWith('so/texts.json', review('Ayaan Nur', '2026-11-30')));
    const offered = offerTexts(languages, reader({ wishes: ['hmn', 'so'] }));
    expect(offered).toMatchObject({ missing: 'Hmoob', texts: { language: 'so' } });
  });
});

describe('a review in one file, and nothing else,', () => {
  it.each(['es', 'so', 'hmn'])('switches that language on: %s', (tag) => {
    const copy = copyWith(`${tag}/texts.json`, review('Marisol Vega Ruiz', '2026-12-01'));
    const languages = readLanguages(copy);
    const shownOf = (wish: string) =>
      offerTexts(languages, reader({ wishes: [wish] })).texts.language;
    expect(['es', 'so', 'hmn'].map(shownOf)).toEqual(
      ['es', 'so', 'hmn'].map((wish) => (wish === tag ? tag : 'en')),
    );
  });

  it.each([
    ['', '2026-12-01'],
    ['test', '2026-12-01'],
    ['n/a', '2026-12-01'],
    ['machine', '2026-12-01'],
    ['Marisol Vega', '2026-12-02'],
    ['Marisol Vega', '2026-02-30'],
    ['Marisol Vega', 'yesterday'],
  ])('switches nothing on where it is no review: "%s", %s', (name, date) => {
    const languages = readLanguages(copyWith('es/texts.json', review(name, date)));
    expect(offerTexts(languages, reader()).texts.language).toBe('en');
  });
});

it('refuses a language that lacks a text', () => {
  const copy = copyWith('so/texts.json', (text) => text.replace('"new": "Cusub",', ''));
  expect(() => readLanguages(copy)).toThrow('A language has not the same texts as English');
});

describe('a reviewer', () => {
  it.each(['Marisol Vega Ruiz', 'Pa Houa Vang', 'Ayaan M. Nur', 'José O’Neill', 'Ai Weiwei'])(
    'is a person with a name: %s',
    (name) => expect(isPersonsName(name)).toBe(true),
  );

  it.each([
    '',
    ' ',
    'test',
    'Test Test',
    'n/a',
    'N/A N/A',
    'none',
    'machine',
    'Google Translate',
    'Open AI',
    'ChatGPT 5',
    'AI translation',
    'Acme Translations Inc.',
    'Lakes Clinic',
    'Language Services LLC',
    'the team',
    'native speaker',
    'John Doe',
    'X 1',
    'someone@lakes.example',
    'Marisol',
  ])('is nobody else: "%s"', (name) => expect(isPersonsName(name)).toBe(false));

  it('counts from the day of the review on', () => {
    const checked = { name: 'Pa Vang', date: '2026-12-01' };
    expect(isReviewed(checked, '2026-12-01')).toBe(true);
    expect(isReviewed(checked, '2026-11-30')).toBe(false);
    expect(isReviewed(null, '2026-12-01')).toBe(false);
  });
});

describe('dates', () => {
  const at = new Date('2026-12-01T16:02:00Z');
  it.each([
    ['en', 'Tue, Dec 1', '10:02 am', '1 person', '4 people'],
    ['es', 'mar 1 de dic', '10:02 a. m.', '1 persona', '4 personas'],
    ['so', 'Tal, 1 Dis', '10:02 GH', '1 qof', '4 qof'],
    ['hmn', 'Zwj Quag, hnub tim 1 lub Kaum Ob Hlis', '10:02 sawv ntxov', '1 leej', '4 leej'],
  ])('come from the data of the language: %s', (wish, day, time, one, four) => {
    const { texts } = offerTexts(shipped, reader({ wishes: [wish], isSandbox: true }));
    const { dates, words } = texts;
    expect(dates.day('2026-12-01')).toBe(day);
    expect(dates.time(at)).toBe(time);
    expect(dates.instant(at)).toBe(`${day}, ${time}`);
    expect(dates.counted(1, words.request.people)).toBe(one);
    expect(dates.counted(4, words.request.people)).toBe(four);
  });

  it('are in the time zone of the site, noon and midnight included', () => {
    const { dates } = offerTexts(shipped, reader({ wishes: [] })).texts;
    expect(dates.instant(new Date('2026-12-01T05:30:00Z'))).toBe('Mon, Nov 30, 11:30 pm');
    expect(dates.time(new Date('2026-12-01T06:00:00Z'))).toBe('12:00 am');
    expect(dates.time(new Date('2026-12-01T18:00:00Z'))).toBe('12:00 pm');
    expect(dates.day('soon')).toBe('soon');
  });
});

/** Words that only an English text has. */
const englishWords =
  /\b(the|and|you|your|we|they|them|this|please|help|call|request|answer|day|until|with|for|not)\b/i;

it.each(['es', 'so', 'hmn'])('no text is left in English: %s', (tag) => {
  const texts = JSON.stringify(shipped.get(tag)?.words).replaceAll(/\{\w+\}|"[\w/-]+":/g, '');
  expect(texts.match(englishWords)?.[0]).toBeUndefined();
  expect(shipped.get(tag)?.calendar.months).not.toEqual(shipped.get('en')?.calendar.months);
});

it.each(['es', 'so', 'hmn'])('each text has the places of the English one: %s', (tag) => {
  const placesOf = (words: unknown): string[] => {
    if (typeof words === 'string') return [[...words.matchAll(/\{\w+\}/g)].sort().join()];
    return Object.keys(words as object)
      .sort()
      .flatMap((name) => placesOf((words as Record<string, unknown>)[name]));
  };
  expect(placesOf(shipped.get(tag)?.words)).toEqual(placesOf(shipped.get('en')?.words));
});
