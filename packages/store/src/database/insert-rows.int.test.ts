import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { insertReturning, insertRows } from './insert-rows.ts';

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  const scratch = await testDatabase();
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 1 });
  close = scratch.close;
  await db.query(
    `create table kept (tenant text, id integer primary key, words text, at timestamptz, yes boolean, amount float8,
       who uuid, list text[])`,
  );
});
afterAll(async () => {
  await db.close();
  await close();
});
beforeEach(() => db.query('delete from kept'));

const columns = ['id', 'words', 'at', 'yes', 'amount', 'who'];
const who = '5b0a1d6e-3f5c-5d0c-9a5e-0f3c7d1b2a49';
const plain = [1, 'Zoë "quoted", {braced} \\ back', new Date(0), true, 1.5, who];
const all = async () =>
  (await db.query<Record<string, unknown>>('select * from kept order by id')).rows;
const prepared = async () =>
  (await db.query<{ n: number }>('select count(*)::int as n from pg_prepared_statements')).rows[0]
    ?.n;

/** Inserts rows of the tenant of the process. */
const insert = (names: readonly string[], rows: readonly unknown[][], suffix?: string) =>
  insertRows(
    db,
    'kept',
    ['tenant', ...names],
    rows.map((row) => ['o', ...row]),
    suffix,
  );

describe('rows that are inserted', () => {
  it.each<[string, unknown]>([
    ['a text with everything that SQL and arrays quote', plain[1]],
    ['an empty text', ''],
    ['NULL as a word', 'NULL'],
    ['null', null],
    ['a line break and a tab', 'a\nb\tc'],
    ['the separator of values', 'a\u001eb'],
    ['nothing but the separator', '\u001e'],
    ['what stands for null', '\u001d'],
    ['what stands for null within a text', 'a\u001db'],
    ['letters outside of the basic plane', '🍎 𝒳'],
    ['a long text', 'x'.repeat(2_000_000)],
  ])('keep %s, alone and among others', async (_what, words) => {
    const of = (id: number, text: unknown) => [id, text, null, false, null, null];
    await insert(columns, [of(1, words)]);
    await insert(columns, [of(2, 'before'), of(3, words), of(4, '')]);
    expect((await all()).map((row) => row.words)).toEqual([words, 'before', words, '']);
  });

  it('keep numbers, times, truth, ids, lists and what is left out', async () => {
    const odd = [2, 'b', new Date('0033-04-03T15:00:00Z'), false, -0.1, null];
    const missing = [3, undefined, undefined, null, null, null];
    await insert(columns, [plain]);
    await insert(columns, [odd, missing]);
    await insert(
      ['id', 'list'],
      [
        [4, ['a', 'b,c']],
        [5, null],
      ],
    );
    const [first, second, third, fourth, fifth] = await all();
    const named = columns.map((name, index) => [name, plain[index]]);
    expect(first).toMatchObject(Object.fromEntries(named));
    expect(second).toMatchObject({ at: odd[2], amount: -0.1 });
    expect(third).toMatchObject({ id: 3, words: null, at: null, yes: null });
    expect([fourth?.list, fifth?.list]).toEqual([['a', 'b,c'], null]);
  });

  it('are counted and returned in their order, beyond one statement', async () => {
    const rows = Array.from({ length: 1_203 }, (_, id) => [1_203 - id, 'x']);
    const suffix = 'on conflict (id) do nothing returning id';
    await insert(['id', 'words'], [[7, 'there already']]);
    const returned = await insertReturning<{ id: number }>(
      db,
      'kept as k',
      ['tenant', 'id', 'words'],
      rows.map((row) => ['o', ...row]),
      suffix,
    );
    expect(returned.map((row) => row.id)).toEqual(
      rows.map(([id]) => Number(id)).filter((id) => id !== 7),
    );
    expect(await insert(['id', 'words'], rows, 'on conflict do nothing')).toBe(0);
    expect(await insert(['id', 'words'], [])).toBe(0);
  });

  it('leave one statement for each connection, however many rows come', async () => {
    const before = (await prepared()) ?? 0;
    const suffix = 'on conflict (id) do update set amount = excluded.amount + 1';
    for (const count of [1, 2, 30])
      await insert(
        ['id', 'amount'],
        Array.from({ length: count }, (_, id) => [id, 1]),
        suffix,
      );
    expect(await prepared()).toBe(before + 1);
  });

  it.each([
    ['another tenant', 'p'],
    ['no tenant', null],
  ])('are refused with %s', async (_w, tenant) => {
    const rows = [
      ['o', 1],
      [tenant, 2],
    ];
    const inserted = insertRows(db, 'kept', ['tenant', 'id'], rows);
    await expect(inserted).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await all()).toEqual([]);
  });

  it('are refused with the code of the database, and leave the connection usable', async () => {
    const wrong = insert(
      ['id', 'who'],
      [
        [1, 'no id'],
        [2, who],
      ],
    );
    await expect(wrong).rejects.toMatchObject({ code: '22P02' });
    await expect(insertRows(db, 'nowhere', ['tenant'], [['o'], ['o']])).rejects.toMatchObject({
      code: '42P01',
    });
    expect(await insert(['id', 'who'], [[2, who]])).toBe(1);
  });
});
