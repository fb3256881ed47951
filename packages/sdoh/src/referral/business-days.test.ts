import { describe, expect, it } from 'vitest';
import { addBusinessDays } from './business-days.ts';

const at = (day: number, hour = 15) => new Date(2026, 10, day, hour, 30);

describe('business days', () => {
  it.each([
    ['Monday afternoon to Wednesday afternoon', at(23), at(25)],
    ['Thursday over the weekend to Monday', at(26), at(30)],
    ['Friday over the weekend to Tuesday', at(27), new Date(2026, 11, 1, 15, 30)],
    ['Saturday counts from the start of Monday', at(28), new Date(2026, 11, 2)],
    ['Sunday counts from the start of Monday', at(29), new Date(2026, 11, 2)],
  ])('two of them lead from %s', (_title, from, to) => {
    expect(addBusinessDays(from, 2)).toEqual(to);
  });

  it('ten of them are two weeks, and none changes nothing on a working day', () => {
    expect(addBusinessDays(at(10), 10)).toEqual(at(24));
    expect(addBusinessDays(at(10), 0)).toEqual(at(10));
  });

  it.each([
    [
      'Friday evening in Minneapolis, Saturday in UTC',
      'America/Chicago',
      '2026-11-28T05:30:00Z',
      '2026-12-02T05:30:00Z',
    ],
    [
      'Sunday evening in UTC, Monday in Auckland',
      'Pacific/Auckland',
      '2026-11-29T20:00:00Z',
      '2026-12-01T20:00:00Z',
    ],
    [
      'Friday over the end of summer, at the same time of day',
      'America/Chicago',
      '2026-10-30T20:00:00Z',
      '2026-11-03T21:00:00Z',
    ],
    [
      'Friday over its beginning',
      'America/Chicago',
      '2026-03-06T21:00:00Z',
      '2026-03-10T20:00:00Z',
    ],
    [
      'Saturday, from the start of Monday there',
      'America/Chicago',
      '2026-11-28T18:00:00Z',
      '2026-12-02T06:00:00Z',
    ],
  ])('are those of the site: %s', (_title, zone, from, to) => {
    expect(addBusinessDays(new Date(from), 2, zone)).toEqual(new Date(to));
  });
});
