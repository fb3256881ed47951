import { describe, expect, it } from 'vitest';
import { deadlineAfter } from './deadline-after.ts';
import {
  addOpenDays,
  addOpenTime,
  nextOpen,
  type OpenHours,
  openTimeBetween,
  usualHours,
} from './open-hours.ts';

const chicago = 'America/Chicago';
const hour = 3_600_000;
const open = (day: number, ...times: [number, number][]): OpenHours => ({
  week: [0, 1, 2, 3, 4, 5, 6].map((weekday) =>
    weekday === day ? times.map(([from, to]) => ({ from: from * 60, to: to * 60 })) : [],
  ),
});
const never: OpenHours = { week: [] };
const at = (text: string) => new Date(text);

describe('the next opening', () => {
  it.each([
    ['a moment in the hours is one', '2026-11-30T16:00:00Z', '2026-11-30T16:00:00Z'],
    ['before 8 am it is 8 am there', '2026-11-30T08:00:00Z', '2026-11-30T14:00:00Z'],
    ['at 5 pm it is the next morning', '2026-11-30T23:00:00Z', '2026-12-01T14:00:00Z'],
    ['on a Friday evening it is Monday', '2026-11-28T01:00:00Z', '2026-11-30T14:00:00Z'],
    ['over the end of summer it is 8 am still', '2026-10-31T12:00:00Z', '2026-11-02T14:00:00Z'],
    ['over its beginning, too', '2026-03-07T12:00:00Z', '2026-03-09T13:00:00Z'],
  ])('%s', (_title, from, opens) => {
    expect(nextOpen(at(from), usualHours, chicago)).toEqual(at(opens));
  });

  it('leaves out days that are closed', () => {
    const hours = { ...usualHours, closedDays: ['2026-11-30', '2026-12-01'] };
    expect(nextOpen(at('2026-11-30T16:00:00Z'), hours, chicago)).toEqual(
      at('2026-12-02T14:00:00Z'),
    );
  });

  it('finds hours that began the evening before', () => {
    const fridayNight = open(5, [20, 2]);
    expect(nextOpen(at('2026-11-28T01:30:00Z'), fridayNight, 'UTC')).toEqual(
      at('2026-11-28T01:30:00Z'),
    );
    expect(nextOpen(at('2026-11-28T02:00:00Z'), fridayNight, 'UTC')).toEqual(
      at('2026-12-04T20:00:00Z'),
    );
  });

  it('is none where nothing ever opens', () => {
    expect(nextOpen(at('2026-11-30T16:00:00Z'), never, chicago)).toBeUndefined();
    expect(addOpenTime(at('2026-11-30T16:00:00Z'), hour, never, chicago)).toBeUndefined();
    expect(addOpenDays(at('2026-11-30T16:00:00Z'), 2, never, chicago)).toBeUndefined();
  });
});

describe('open time', () => {
  it.each([
    ['within a day', '2026-11-30T16:00:00Z', 2, '2026-11-30T18:00:00Z'],
    ['up to the closing', '2026-11-30T16:00:00Z', 7, '2026-11-30T23:00:00Z'],
    ['into the next morning', '2026-11-30T22:00:00Z', 2, '2026-12-01T15:00:00Z'],
    ['over a weekend', '2026-11-27T22:00:00Z', 10, '2026-11-30T23:00:00Z'],
    ['from a closed moment', '2026-11-29T12:00:00Z', 1, '2026-11-30T15:00:00Z'],
  ])('adds up %s', (_title, from, hours, until) => {
    expect(addOpenTime(at(from), hours * hour, usualHours, chicago)).toEqual(at(until));
    expect(openTimeBetween(at(from), at(until), usualHours, chicago)).toBe(hours * hour);
  });

  it('counts times that overlap once, in whatever order they stand', () => {
    const hours = open(1, [14, 18], [9, 15], [9, 10]);
    const from = at('2026-11-30T00:00:00Z');
    expect(addOpenTime(from, 9 * hour, hours, 'UTC')).toEqual(at('2026-11-30T18:00:00Z'));
  });

  it('knows that a night is an hour shorter where summer begins, and longer where it ends', () => {
    const night = open(6, [22, 6]);
    const spring = [at('2026-03-08T00:00:00Z'), at('2026-03-09T00:00:00Z')] as const;
    const fall = [at('2026-11-01T00:00:00Z'), at('2026-11-02T00:00:00Z')] as const;
    expect(openTimeBetween(...spring, night, chicago)).toBe(7 * hour);
    expect(openTimeBetween(...fall, night, chicago)).toBe(9 * hour);
  });
});

describe('open days', () => {
  it.each([
    ['keep the time of day', '2026-11-30T16:00:00Z', 2, '2026-12-02T16:00:00Z'],
    ['go over the weekend', '2026-11-27T16:00:00Z', 2, '2026-12-01T16:00:00Z'],
    ['begin with the next opening', '2026-11-28T01:00:00Z', 2, '2026-12-01T23:00:00Z'],
    ['end at the closing before a morning', '2026-11-30T14:00:00Z', 1, '2026-11-30T23:00:00Z'],
    ['keep 3 pm where summer ends', '2026-10-30T20:00:00Z', 2, '2026-11-03T21:00:00Z'],
    ['keep 3 pm where it begins', '2026-03-06T21:00:00Z', 2, '2026-03-10T20:00:00Z'],
    ['that are none begin at once', '2026-11-29T12:00:00Z', 0, '2026-11-30T14:00:00Z'],
  ])('%s', (_title, from, days, until) => {
    expect(addOpenDays(at(from), days, usualHours, chicago)).toEqual(at(until));
  });

  it('are those of the partner', () => {
    const tuesdays = open(2, [9, 12]);
    const from = at('2026-12-01T10:00:00Z');
    expect(addOpenDays(from, 2, tuesdays, 'UTC')).toEqual(at('2026-12-15T10:00:00Z'));
    const closed = { ...tuesdays, closedDays: ['2026-12-08'] };
    expect(addOpenDays(from, 2, closed, 'UTC')).toEqual(at('2026-12-22T10:00:00Z'));
  });

  it('end with the closing where the last day is shorter', () => {
    const hours: OpenHours = {
      week: [[], [{ from: 480, to: 1_020 }], [{ from: 480, to: 720 }], [], [], [], []],
    };
    expect(addOpenDays(at('2026-11-30T16:00:00Z'), 1, hours, 'UTC')).toEqual(
      at('2026-12-01T12:00:00Z'),
    );
  });
});

describe('a deadline', () => {
  const hours = { hours: usualHours, timeZone: chicago };
  const friday = at('2026-11-27T16:00:00Z');

  it('in hours is plain time, and in days the partner’s', () => {
    expect(deadlineAfter(friday, { ms: 12 * hour }, hours)).toEqual(at('2026-11-28T04:00:00Z'));
    expect(deadlineAfter(friday, { businessDays: 1 }, hours)).toEqual(at('2026-11-30T16:00:00Z'));
  });

  it('of a partner that never opens runs in the usual hours', () => {
    const shut = { hours: never, timeZone: chicago };
    expect(deadlineAfter(friday, { businessDays: 1 }, shut)).toEqual(at('2026-11-30T16:00:00Z'));
  });
});
