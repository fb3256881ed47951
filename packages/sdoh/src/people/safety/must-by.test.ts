import { describe, expect, it } from 'vitest';
import { findMustByProblem, latestPostponement, limitDeadline } from './must-by.ts';

describe('a date by which something must happen', () => {
  it.each<[string, string, boolean]>([
    ['today', '2026-11-28', true],
    ['a day ahead', '2026-12-02', true],
    ['yesterday', '2026-11-27', false],
    ['no day of the calendar', '2026-02-30', false],
    ['an instant', '2026-12-02T10:00:00Z', false],
    ['words', 'soon', false],
    ['a year that was mistyped', '2062-12-02', false],
  ])('%s', (_, day, isFine) => {
    expect(findMustByProblem(day, '2026-11-28') === undefined).toBe(isFine);
  });

  it('limits a deadline, and never makes it later', () => {
    const [now, early, late] = [new Date(500), new Date(1_000), new Date(2_000)];
    expect(limitDeadline(late, early, now)).toBe(early);
    expect(limitDeadline(early, late, now)).toBe(early);
    expect(limitDeadline(late, undefined, now)).toBe(late);
  });

  it('limits nothing after it has passed', () => {
    const [over, now, late] = [new Date(500), new Date(1_000), new Date(2_000)];
    expect(limitDeadline(late, over, now)).toBe(late);
    expect(limitDeadline(late, now, now)).toBe(late);
  });

  it('puts nothing off to that day or later', () => {
    expect(latestPostponement('2026-12-01')).toBe('2026-11-30');
    expect(latestPostponement(null)).toBeUndefined();
  });
});
