import type { PullCursor } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import { type PullPlan, pullLane, type Window, type WindowPage } from './pull.ts';

const at = (time: string) => new Date(`2026-11-25T${time}Z`);
const laneOf = (more: Partial<PullCursor> = {}): PullCursor => ({
  id: 'ehr/Patient/',
  tenant: 'default',
  connection: 'ehr',
  type: 'Patient',
  scope: '',
  since: null,
  upto: null,
  window_from: null,
  window_to: null,
  next_url: null,
  pages: 0,
  resources: 0,
  final_to: null,
  done: false,
  note: null,
  by_patient: false,
  newest: null,
  gap: null,
  gap_since: null,
  closed_by: null,
  noticed: null,
  ...more,
});
const plan: PullPlan = { overlapMs: 300_000, marginMs: 60_000 };

async function pull(
  lane: PullCursor,
  now: Date,
  given: PullPlan = plan,
  pages: readonly WindowPage[] = [],
  stopAfter = Number.POSITIVE_INFINITY,
  ahead?: Date,
) {
  const windows: Window[] = [];
  const saved: PullCursor[] = [];
  const pulled = await pullLane(
    {
      serverNow: async () => now,
      reach: async (_type, to) => ({ end: ahead ?? to, newest: ahead }),
      async *pages(window) {
        windows.push(window);
        yield* pages;
      },
      save: async (_page, next) => void saved.push(next),
      goOn: () => saved.length < stopAfter,
    },
    lane,
    given,
  ).catch((error) => error as { code: string });
  return { pulled: pulled as PullCursor, window: windows[0], saved };
}

const page = (newest?: string): WindowPage => ({
  resources: [],
  invalid: [],
  ...(newest ? { newest: at(newest) } : {}),
});

describe('a lane', () => {
  it('begins with everything, or with what was asked for and nothing older', async () => {
    expect((await pull(laneOf(), at('10:00:00'))).window).toMatchObject({
      from: undefined,
      to: at('09:59:00'),
    });
    expect((await pull(laneOf({ since: at('08:00:00') }), at('10:00:00'))).window?.from).toEqual(
      at('08:00:00'),
    );
  });

  it('goes on a little before its last end, and never before what was asked for', async () => {
    const lane = laneOf({ upto: at('09:00:00'), newest: at('08:59:00'), resources: 3 });
    expect((await pull(lane, at('10:00:00'))).window?.from).toEqual(at('08:55:00'));
    expect(
      (await pull(laneOf({ upto: at('09:00:00'), since: at('08:58:00') }), at('10:00:00'))).window
        ?.from,
    ).toEqual(at('08:58:00'));
  });

  it.each([
    [
      'the newest row, where that is older than the end by the clock that is told',
      '07:10:00',
      3,
      '2026-11-25T07:10:00Z',
    ],
    ['a day before, where nothing newer was seen', '2026-11-01', 3, '2026-11-24T06:55:00Z'],
    ['a day before, where nothing was ever there', null, 0, '2026-11-24T06:55:00Z'],
    [
      'a little before its last end, where it was read by an older release',
      null,
      3,
      '2026-11-25T08:55:00Z',
    ],
  ])('goes on from %s', async (_what, newest, resources, from) => {
    const seen = newest === null ? null : newest.includes(':') ? at(newest) : new Date(newest);
    const { window } = await pull(
      laneOf({ upto: at('09:00:00'), newest: seen, resources }),
      at('10:00:00'),
    );
    expect(window?.from).toEqual(new Date(from));
  });

  it('remembers the newest row of a window, and none of one that was cut short', async () => {
    const row = (time: string) => ({ meta: { lastUpdated: `2026-11-25T${time}Z` } });
    const rows = { resources: [row('07:00:00'), row('08:00:00'), row('06:00:00')], invalid: [] };
    const { pulled, saved } = await pull(laneOf(), at('10:00:00'), plan, [rows]);
    expect(pulled.newest).toEqual(at('08:00:00'));
    expect(saved.every((one) => one.newest === null)).toBe(true);
  });

  it('reads rows that are dated after the clock that is told, says so, and moves its mark by that clock', async () => {
    const { window, pulled } = await pull(
      laneOf(),
      at('10:00:00'),
      plan,
      [],
      undefined,
      at('12:00:00'),
    );
    expect(window?.to).toEqual(at('12:00:00'));
    expect(pulled).toMatchObject({
      upto: at('09:59:00'),
      noticed: '[{"code":"clock-ahead","ms":7200000}]',
    });
  });

  it('goes on where it was killed, to the end that it had then', async () => {
    const killed = await pull(
      laneOf(),
      at('10:00:00'),
      plan,
      [page('07:00:00'), page('08:00:00'), page('09:00:00')],
      2,
    );
    expect(killed.pulled).toMatchObject({ code: 'CONFLICT' });
    const again = await pull(killed.saved.at(-1) as PullCursor, at('11:00:00'));
    expect(again.window).toMatchObject({ from: at('08:00:00'), to: at('09:59:00') });
    expect(again.pulled).toMatchObject({
      upto: at('09:59:00'),
      window_from: null,
      window_to: null,
    });
  });

  it('goes on from its beginning where no page told how far all was seen', async () => {
    const killed = await pull(
      laneOf({ since: at('06:00:00') }),
      at('10:00:00'),
      plan,
      [page(), page()],
      1,
    );
    expect((await pull(killed.saved.at(-1) as PullCursor, at('11:00:00'))).window?.from).toEqual(
      at('06:00:00'),
    );
  });

  it('reads again, and moves no cursor back, where the clock of the server was set back', async () => {
    const { window, pulled } = await pull(laneOf({ upto: at('12:00:00') }), at('10:00:00'));
    expect(window).toMatchObject({ from: new Date('2026-11-24T07:54:00Z'), to: at('09:59:00') });
    expect(pulled.upto).toEqual(at('12:00:00'));
  });

  it('ends under --once with the window that was fixed, also where nothing can be in it', async () => {
    const once = { ...plan, marginMs: 0, finalTo: at('10:00:01') };
    expect((await pull(laneOf(), at('11:00:00'), once)).pulled).toMatchObject({
      done: true,
      upto: at('10:00:01'),
    });
    const future = await pull(laneOf({ since: at('12:00:00') }), at('11:00:00'), once);
    expect(future.pulled).toMatchObject({ done: true, upto: at('10:00:01') });
    expect(future.window).toBeUndefined();
  });
});
