import type { Lane } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import { type PullPlan, pullLane, type Window, type WindowPage } from './pull.ts';

const at = (time: string) => new Date(`2026-11-25T${time}Z`);
const laneOf = (more: Partial<Lane> = {}): Lane => ({
  id: 'ehr/Patient/',
  organisation: 'default',
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
  ...more,
});
const plan: PullPlan = { overlapMs: 300_000, marginMs: 60_000 };

async function pull(
  lane: Lane,
  now: Date,
  given: PullPlan = plan,
  pages: readonly WindowPage[] = [],
  stopAfter = Number.POSITIVE_INFINITY,
) {
  const windows: Window[] = [];
  const saved: Lane[] = [];
  const pulled = await pullLane(
    {
      serverNow: async () => now,
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
  return { pulled: pulled as Lane, window: windows[0], saved };
}

const page = (newest?: string): WindowPage => ({ resources: [], invalid: [], ...(newest ? { newest: at(newest) } : {}) });

describe('a lane', () => {
  it('begins with everything, or with what was asked for and nothing older', async () => {
    expect((await pull(laneOf(), at('10:00:00'))).window).toMatchObject({ from: undefined, to: at('09:59:00') });
    expect((await pull(laneOf({ since: at('08:00:00') }), at('10:00:00'))).window?.from).toEqual(at('08:00:00'));
  });

  it('goes on a little before its last end, and never before what was asked for', async () => {
    expect((await pull(laneOf({ upto: at('09:00:00') }), at('10:00:00'))).window?.from).toEqual(at('08:55:00'));
    expect((await pull(laneOf({ upto: at('09:00:00'), since: at('08:58:00') }), at('10:00:00'))).window?.from).toEqual(at('08:58:00'));
  });

  it('goes on where it was killed, to the end that it had then', async () => {
    const killed = await pull(laneOf(), at('10:00:00'), plan, [page('07:00:00'), page('08:00:00'), page('09:00:00')], 2);
    expect(killed.pulled).toMatchObject({ code: 'CONFLICT' });
    const again = await pull(killed.saved.at(-1) as Lane, at('11:00:00'));
    expect(again.window).toMatchObject({ from: at('08:00:00'), to: at('09:59:00') });
    expect(again.pulled).toMatchObject({ upto: at('09:59:00'), window_from: null, window_to: null });
  });

  it('goes on from its beginning where no page told how far all was seen', async () => {
    const killed = await pull(laneOf({ since: at('06:00:00') }), at('10:00:00'), plan, [page(), page()], 1);
    expect((await pull(killed.saved.at(-1) as Lane, at('11:00:00'))).window?.from).toEqual(at('06:00:00'));
  });

  it('reads again, and moves no cursor back, where the clock of the server was set back', async () => {
    const { window, pulled } = await pull(laneOf({ upto: at('12:00:00') }), at('10:00:00'));
    expect(window).toMatchObject({ from: at('09:54:00'), to: at('09:59:00') });
    expect(pulled.upto).toEqual(at('12:00:00'));
  });

  it('ends under --once with the window that was fixed, also where nothing can be in it', async () => {
    const once = { ...plan, marginMs: 0, finalTo: at('10:00:01') };
    expect((await pull(laneOf(), at('11:00:00'), once)).pulled).toMatchObject({ done: true, upto: at('10:00:01') });
    const future = await pull(laneOf({ since: at('12:00:00') }), at('11:00:00'), once);
    expect(future.pulled).toMatchObject({ done: true });
    expect(future.window).toBeUndefined();
  });
});
