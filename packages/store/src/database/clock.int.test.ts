import { silentLog } from '@loopwell/kit';
import { suiteDatabase, testDatabase } from '@loopwell/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advanceClock, allowMoves, readClock, refuseMovedClock } from './clock-moves.ts';
import { realNow } from './clock-sql.ts';
import { type Database, openDatabase } from './database.ts';
import { openDatabaseClock } from './database-clock.ts';
import { migrate } from './migrate.ts';

const day = 86_400_000;
const by = 'person:tester';

let db: Database;
let scratch: { url: string };
const suite = suiteDatabase(migrate);
afterAll(suite.close);
beforeEach(async () => {
  scratch = await suite.fresh();
  db = openDatabase({ url: scratch.url, tenant: 'default', log: silentLog });
});
afterEach(async () => {
  await db?.close();
});

const rowsOf = async <R extends object>(sql: string) => (await db.query<R>(sql)).rows;
const aheadMs = async () => {
  const { now, realNow: real } = await readClock(db);
  return Math.round((now.getTime() - real.getTime()) / 1_000) * 1_000;
};
const untilMoved = () =>
  expect.poll(async () => (await readClock(db)).isMoving, { timeout: 10_000 }).toBe(false);

describe('the clock of deadlines', () => {
  it('is the clock of every default and every function of the schema, but for cursors of an EHR', async () => {
    const bare =
      '\\m(now|clock_timestamp|statement_timestamp|transaction_timestamp)\\(|current_timestamp';
    const defaults = await rowsOf<{ place: string }>(
      `select table_name || '.' || column_name as place from information_schema.columns
        where table_schema = 'loopwell' and column_default ~* '${bare}' and column_default !~ 'loopwell_now'
          and table_name not like 'kysely%' order by 1`,
    );
    expect(defaults.map((row) => row.place)).toEqual([
      'pull_cursor.answered_at',
      'pull_cursor.read_at',
    ]);
    const functions = await rowsOf<{ name: string }>(
      `select proname as name from pg_proc where pronamespace = 'loopwell'::regnamespace and prosrc ~* '${bare}'
          and prosrc !~ 'loopwell_now\\(\\)' order by 1`,
    );
    expect(functions.map((row) => row.name)).toEqual(['loopwell_now']);
    const views = await rowsOf(
      `select 1 from pg_views where schemaname = 'loopwell' and definition ~* '${bare}'`,
    );
    expect(views).toEqual([]);
  });

  it('is the real time until somebody moves it, and an index is used with it', async () => {
    expect(await aheadMs()).toBe(0);
    const plan = await db.tx(async (tx) => {
      await tx.query('create temp table moment (at timestamptz primary key) on commit drop');
      await tx.query('set local enable_seqscan = off');
      return tx.query<{ 'QUERY PLAN': string }>(
        'explain select 1 from moment where at <= loopwell_now()',
      );
    });
    const lines = plan.rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(lines).toContain('Index Cond: (at <= loopwell_now())');
  });

  it('moves for statements and processes at one instant, and the real clock stays', async () => {
    await allowMoves(db);
    const clock = await openDatabaseClock(db);
    await db.query(
      `insert into hold (tenant, scope, principal) values ('default', 'all', 'before')`,
    );
    await advanceClock(db, { ms: 3 * day, by });
    expect([await aheadMs(), (await readClock(db)).isMoving]).toEqual([0, true]);
    await untilMoved();
    expect(await aheadMs()).toBe(3 * day);
    // Between two looks at the real clock, a look at the moved one lies just as far between them.
    const before = clock.real.now().getTime();
    const moved = clock.now().getTime() - 3 * day;
    const after = clock.real.now().getTime();
    expect([before <= moved, moved <= after]).toEqual([true, true]);
    expect(clock.isMoved()).toBe(true);
    expect(Math.abs(clock.real.now().getTime() - Date.now())).toBeLessThan(2_000);
    const [hold] = await rowsOf<{ days: number }>(
      `select extract(epoch from loopwell_now() - at)::float8 / 86400 as days from hold`,
    );
    expect(hold?.days).toBeCloseTo(3, 2);
    await clock.close();
  });

  it('adds up moves that are made at the same moment', async () => {
    await allowMoves(db);
    await Promise.all([1, 2, 4, 8].map((days) => advanceClock(db, { ms: days * day, by })));
    await untilMoved();
    expect(await aheadMs()).toBe(15 * day);
    await advanceClock(db, { ms: day, by });
    expect(await aheadMs()).toBe(15 * day);
    await untilMoved();
    expect(await aheadMs()).toBe(16 * day);
  });

  it.each([
    ['back', -day],
    ['not at all', 0],
    ['by nonsense', Number.NaN],
    ['by more than ten years', 3_651 * day],
    ['without end', Number.POSITIVE_INFINITY],
  ])('does not go %s', async (_, ms) => {
    await allowMoves(db);
    await expect(advanceClock(db, { ms, by })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    expect(await readClock(db)).toMatchObject({ aheadMs: 0, isMoving: false });
  });

  it('does not go ten years ahead in two steps either', async () => {
    await allowMoves(db);
    await advanceClock(db, { ms: 3_650 * day, by });
    await expect(advanceClock(db, { ms: day, by })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
  });

  it('cannot be moved where an EHR is connected, nor by a statement of any kind', async () => {
    await db.query(
      `insert into connection (id, tenant, base) values ('north', 'default', 'https://ehr.example')`,
    );
    await allowMoves(db);
    await expect(advanceClock(db, { ms: day, by })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(db.query('update clock set ahead_ms = 1')).rejects.toThrow('clock_may_move');
    await expect(
      db.query('update clock set may_move = true, before_ms = 5, ahead_ms = 1'),
    ).rejects.toThrow('clock_goes_forward');
    await expect(db.query('insert into clock (only_row) values (false)')).rejects.toThrow();
  });

  it('is refused, once moved or about to move, by a process that may not work with it', async () => {
    await refuseMovedClock(db);
    await allowMoves(db);
    await refuseMovedClock(db);
    await advanceClock(db, { ms: 1_000, by });
    await expect(refuseMovedClock(db)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('is the real time in a database that is not migrated yet', async () => {
    const empty = await testDatabase();
    const other = openDatabase({ url: empty.url, tenant: 'default', log: silentLog });
    await refuseMovedClock(other);
    const clock = await openDatabaseClock(other);
    const { rows } = await other.query<{ now: Date }>(`select ${realNow} as now`);
    expect(Math.abs(clock.now().getTime() - Number(rows[0]?.now))).toBeLessThan(2_000);
    await clock.close();
    await other.close();
    await empty.close();
  });
});
