import { systemClock } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import { createCatalog } from './catalog.ts';
import { intlFormats } from './formats.ts';

const english = intlFormats('en-US', 'America/Chicago');

describe('formats', () => {
  it('write an instant in the time zone of the site, with the year where it is not this one', () => {
    expect(english.instant('2020-11-28T21:48:00Z')).toBe('Nov 28, 2020, 3:48 pm');
    expect(english.second('2020-11-29T03:00:07Z')).toBe('Nov 28, 2020, 9:00:07 pm');
    expect(english.instant(null)).toBe('–');
  });

  it('keep the day of a FHIR date, and put an instant on the day of the site', () => {
    expect(english.day('2026-09')).toBe('2026-09');
    expect(english.day('2026-09-09')).toBe('2026-09-09');
    expect(english.day('2026-09-10T03:00:00Z')).toBe('2026-09-09');
  });

  it('choose the form that goes with a number by the rules of the language', () => {
    const count = (n: number) => english.plural(n, 'referral', 'referrals');
    expect([0, 1, 2].map(count)).toEqual(['referrals', 'referral', 'referrals']);
    const polish = intlFormats('pl', 'UTC');
    expect([1, 3, 5].map((n) => polish.plural(n, 'osoba', 'osoby', 'osób'))).toEqual([
      'osoba',
      'osoby',
      'osób',
    ]);
    const spanish = intlFormats('es', 'UTC');
    expect(spanish.plural(1_000_000, 'persona', 'personas')).toBe('personas');
  });

  it('write numbers and ages as the language does', () => {
    expect(english.count(12_345)).toBe('12,345');
    expect(intlFormats('de', 'UTC').count(12_345)).toBe('12.345');
    const ago = (ms: number) => english.age(new Date(Date.now() - ms));
    expect([ago(40_000), ago(720_000), ago(300 * 60_000), ago(3 * 86_400_000)]).toEqual([
      '40 sec',
      '12 min',
      '5 hr',
      '3 days',
    ]);
  });
});

describe('a catalog', () => {
  it('gives the texts of a language, and English where there are none', () => {
    const texts = (hello: string) => () => ({ language: hello, hello });
    const catalog = createCatalog({ en: texts('Hello'), es: texts('Hola') }, systemClock);
    expect(catalog.languages).toEqual(['en', 'es']);
    const hello = (language: string) => catalog.catalogOf(language).hello;
    expect(['es', 'en', 'so', 'constructor'].map(hello)).toEqual([
      'Hola',
      'Hello',
      'Hello',
      'Hello',
    ]);
  });
});
