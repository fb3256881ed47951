import { describe, expect, it } from 'vitest';
import { icd10cmEdition, icd10cmOn, icd10cmRows } from './icd10cm.ts';

describe('the ICD-10-CM code of a day', () => {
  it.each<[string, string, string | undefined]>([
    ['Z59.41', '2026-05-04', 'Z59.41'],
    ['Z59.41', '2021-10-01T00:00:00-05:00', 'Z59.41'],
    ['Z59.41', '2021-09-30T23:59:59-05:00', 'Z59.4'],
    ['Z59.00', '2021-09-30', 'Z59.0'],
    ['Z59.19', '2023-09-30T23:30:00-05:00', 'Z59.1'],
    ['Z59.861', '2025-10-01T00:30:00-05:00', 'Z59.861'],
    // Already October in UTC, still September where the question was asked.
    ['Z59.861', '2025-09-30T23:30:00-05:00', 'Z59.86'],
    // Already October where it was asked, still September in UTC.
    ['Z59.861', '2025-10-01T00:30:00+02:00', 'Z59.861'],
    ['Z59.861', '2022-09-30', 'Z59.89'],
    ['Z59.861', '2021-09-30', 'Z59.8'],
    ['Z59.71', '2024-09-30', 'Z59.7'],
    ['Z59.86', '2025-10-01', undefined],
    ['Z59.41', '2025', 'Z59.41'],
    ['Z59.41', '2021', 'Z59.4'],
    ['Z56.0', '2015-09-30', undefined],
    ['Z99.999', '2026-05-04', undefined],
  ])('%s on %s is %s', (code, day, expected) => {
    expect(icd10cmOn(code, day)).toBe(expected);
  });

  it('is a leaf on every day of its edition, whatever row asks', () => {
    for (let day = Date.UTC(2015, 9, 1); day < Date.UTC(2027, 9, 1); day += 86_400_000) {
      const written = new Date(day).toISOString().slice(0, 10);
      for (const code of Object.keys(icd10cmRows)) {
        const leaf = icd10cmOn(code, written);
        if (leaf === undefined) continue;
        const row = icd10cmRows[leaf];
        expect(
          row && row.from <= written && (row.until ?? '9999') >= written,
          `${code} on ${written}`,
        ).toBe(true);
      }
    }
  });

  it('belongs to the edition of its fiscal year', () => {
    expect([
      icd10cmEdition('2025-09-30T23:30:00-05:00'),
      icd10cmEdition('2025-10-01'),
      icd10cmEdition('2026-05-04'),
      icd10cmEdition('2026-11'),
    ]).toEqual(['2025', '2026', '2026', '2027']);
  });
});
