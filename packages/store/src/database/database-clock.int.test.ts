import { silentLog } from '@loopwell/kit';
import { testDatabase } from '@loopwell/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { clockDiffers, openDatabaseClock } from './database-clock.ts';

const day = 86_400_000;

describe("the database's clock", () => {
  let db: Database;
  let scratch: { url: string; close: () => Promise<void> };
  beforeAll(async () => {
    scratch = await testDatabase();
    db = openDatabase({ url: scratch.url, tenant: 'default', log: silentLog });
  });
  afterEach(() => vi.useRealTimers());
  afterAll(async () => {
    await db?.close();
    await scratch?.close();
  });

  /** How far an instant is from the database's. */
  const awayMs = async (at: Date) =>
    Number(
      (
        await db.query<{ ms: number }>(
          'select abs(extract(epoch from clock_timestamp() - $1)) * 1000 as ms',
          [at],
        )
      ).rows[0]?.ms,
    );

  it.each([-2 * day, 2 * day])(
    'is what it is where the machine is wrong by %d ms, also when somebody sets that clock later',
    async (off) => {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + off });
      const clock = await openDatabaseClock(db, { timeZone: 'America/Chicago' });
      expect([await awayMs(new Date()), clock.timeZone]).toEqual([
        expect.closeTo(Math.abs(off), -5),
        'America/Chicago',
      ]);
      expect(await awayMs(clock.now())).toBeLessThan(2_000);
      vi.setSystemTime(Date.now() + 3 * day);
      expect(await awayMs(clock.now())).toBeLessThan(2_000);
      await clock.close();
    },
  );

  it('goes on while the database is away', async () => {
    const other = openDatabase({ url: scratch.url, tenant: 'default', log: silentLog });
    const clock = await openDatabaseClock(other);
    await other.close();
    expect(await awayMs(clock.now())).toBeLessThan(2_000);
    expect(await clockDiffers(other)).toBeUndefined();
    await clock.close();
  });

  it.each([
    [0, undefined],
    [4_000, undefined],
    [-4_000, undefined],
    [6_000, 'by 6 s'],
    [-6_000, 'by 6 s'],
    [3_600_000, 'by 3600 s'],
  ])('a machine that is wrong by %d ms is told of from five seconds on', async (off, says) => {
    const said = await clockDiffers(db, { now: () => new Date(Date.now() + off) });
    if (says === undefined) expect(said).toBeUndefined();
    else expect(said).toContain(says);
  });
});
