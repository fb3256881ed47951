import type { Tx } from '@loopwell/store';
import { expect, it } from 'vitest';
import { createHoldWatch } from './hold-check.ts';

/** A table of holds that can be away, and how often it was read. */
function table() {
  const state = { scopes: [] as string[], away: false, reads: 0 };
  const query = async () => {
    state.reads += 1;
    if (state.away) throw new Error('away');
    return { rows: state.scopes.map((scope) => ({ scope })), rowCount: 0 };
  };
  return { state, db: { query } as unknown as Tx };
}

it('a hold on all sends, or on a partner, is seen within a second, and a large batch reads the table a few times only', async () => {
  const { state, db } = table();
  let now = 0;
  const isHeld = createHoldWatch(db, 'o', { now: () => new Date(now) });
  await Promise.all(Array.from({ length: 100 }, () => isHeld('pantry')));
  expect([await isHeld('pantry'), state.reads]).toEqual([false, 1]);
  state.scopes = ['partner:pantry', 'ehr:clinic'];
  now += 1_000;
  expect([await isHeld('pantry'), await isHeld('shelter')]).toEqual([true, false]);
  state.scopes = ['all'];
  now += 1_000;
  expect(await isHeld('shelter')).toBe(true);
});

it('not knowing whether there is a hold is no leave to send, and is asked anew', async () => {
  const { state, db } = table();
  const isHeld = createHoldWatch(db, 'o', { now: () => new Date(0) });
  state.away = true;
  await expect(isHeld('pantry')).rejects.toThrow('away');
  state.away = false;
  expect(await isHeld('pantry')).toBe(false);
});
