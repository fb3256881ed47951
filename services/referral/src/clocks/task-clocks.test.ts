import type { TaskRow } from '@loopwell/store';
import { expect, it } from 'vitest';
import type { Followed } from '../answers/followed-tasks.ts';
import { clocksOfMove, clocksOfSend } from './task-clocks.ts';

/** Monday, 10 am in Minneapolis. */
const now = new Date('2026-11-30T16:00:00Z');
const clock = { now: () => now, timeZone: 'America/Chicago' };
const tuesdays = { week: [[], [], [{ from: 540, to: 720 }], [], [], [], []] };
const task = { status: 'requested', live: true, accept_by: now, serve_by: null } as TaskRow;
const followed = { task, referral: { must_by: null } } as Followed;

it('the clocks run in the hours of the partner', () => {
  const { accept_by } = clocksOfSend({ must_by: null }, { clock, hours: tuesdays });
  // From the opening on Dec 1 over two Tuesdays; nobody is there before the closing of the second.
  expect(accept_by).toEqual(new Date('2026-12-08T18:00:00Z'));
  const usual = clocksOfSend({ must_by: null }, { clock });
  expect(usual.accept_by).toEqual(new Date('2026-12-02T16:00:00Z'));
});

it('the clocks end with the date of the person, unless that has passed', () => {
  const until = (must_by: string) => clocksOfSend({ must_by }, { clock }).accept_by;
  expect(until('2026-12-01')).toEqual(new Date('2026-12-02T06:00:00Z'));
  expect(until('2026-11-29')).toEqual(new Date('2026-12-02T16:00:00Z'));
});

it.each<[string, string, Partial<TaskRow>, object | undefined]>([
  ['a yes', 'accepted', {}, { contact_by: new Date('2026-12-02T16:00:00Z') }],
  ['help that begins at once', 'in-progress', {}, { contact_by: null, half_told_at: null }],
  ['an end', 'rejected', { live: false }, undefined],
  ['a look', 'received', {}, undefined],
])('%s sets them as it should', (_title, status, more, patch) => {
  const made = clocksOfMove(followed, { ...task, status, ...more }, { clock });
  if (patch === undefined) expect(made).toBeUndefined();
  else expect(made).toMatchObject(patch);
});
