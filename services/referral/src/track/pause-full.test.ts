import { usualHours } from '@loopwell/sdoh';
import { expect, it } from 'vitest';
import { pauseEnd } from './pause-full.ts';

/** A Friday noon in Minneapolis. */
const clock = { now: () => new Date('2026-11-27T18:00:00Z'), timeZone: 'America/Chicago' };
const never = { ...usualHours, week: [[], [], [], [], [], [], []] as const };

it.each([
  ['the day that the partner named, from midnight on', '2026-12-24', '2026-12-24T06:00:00Z'],
  ['its next open day where it named none', undefined, '2026-11-30T14:00:00Z'],
  ['its next open day where the day has passed', '2026-11-26', '2026-11-30T14:00:00Z'],
])('a full partner is asked again on %s', (_what, day, until) => {
  expect(pauseEnd(day, usualHours, clock)).toEqual(new Date(until));
});

it('a full partner that never opens is asked again after seven days', () => {
  expect(pauseEnd(undefined, never as never, clock)).toEqual(new Date('2026-12-04T18:00:00Z'));
});
