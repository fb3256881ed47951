import { describe, expect, it } from 'vitest';
import { compareTimes, contains, endOf, instantOf, localDateOf, startOf } from './dates.ts';

const iso = (time: number | undefined) =>
  time === undefined ? undefined : new Date(time).toISOString();

describe('FHIR dates', () => {
  it.each<[unknown, string | undefined, string | undefined]>([
    ['2026', '2026-01-01T00:00:00.000Z', '2026-12-31T23:59:59.999Z'],
    ['2024-02', '2024-02-01T00:00:00.000Z', '2024-02-29T23:59:59.999Z'],
    ['2026-05-04', '2026-05-04T00:00:00.000Z', '2026-05-04T23:59:59.999Z'],
    ['2026-05-04T10:00:00-05:00', '2026-05-04T15:00:00.000Z', '2026-05-04T15:00:00.000Z'],
    ['2026-05-04T10:00', '2026-05-04T10:00:00.000Z', '2026-05-04T10:00:00.000Z'],
    ['2026-05-04T10:00:00.123456789Z', '2026-05-04T10:00:00.123Z', '2026-05-04T10:00:00.123Z'],
    ['2026-02-30', undefined, undefined],
    ['2026-13', undefined, undefined],
    ['2026-05-04T25:00:00Z', undefined, undefined],
    ['May 4, 2026', undefined, undefined],
    ['', undefined, undefined],
    [20260504, undefined, undefined],
    [undefined, undefined, undefined],
  ])('%s spans %s to %s', (text, start, end) => {
    expect([iso(startOf(text)), iso(endOf(text))]).toEqual([start, end]);
  });

  it('compares instants as instants, and days as they are written', () => {
    expect(compareTimes('2026-05-04T10:00:00-05:00', '2026-05-04T15:00:00Z')).toBe(0);
    expect(compareTimes('2026-05-04T23:00:00-05:00', '2026-05-04')).toBe(0);
    expect(compareTimes('2026-05-03', '2026-05-04T00:00:00+10:00')).toBe(-1);
    expect(compareTimes('2026-06', '2026-05-31')).toBe(1);
  });

  it('takes the day from the timestamp itself, and writes instants', () => {
    expect([
      localDateOf('2025-09-30T23:30:00-05:00'),
      localDateOf('2025'),
      localDateOf('2025-09'),
    ]).toEqual(['2025-09-30', '2025-01-01', '2025-09-01']);
    expect([instantOf('2026-05-04'), instantOf('2026-05-04T10:00:00-05:00')]).toEqual([
      '2026-05-04T00:00:00.000Z',
      '2026-05-04T10:00:00-05:00',
    ]);
    expect(contains({ start: '2026', end: '2026-05' }, Date.UTC(2026, 4, 31, 23))).toBe(true);
  });
});
