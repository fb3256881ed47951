import { newId } from '@loopwell/kit';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase, type Tx } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { due, wake } from './ledger.ts';
import { byLockOrder, inLockOrder, lockOrder } from './lock-order.ts';
import { discardRows, retryRows } from './operator-actions.ts';

const [tenant, batch, trace] = ['o', newId(), newId()];
/**
 * Two subjects for each stage, in an order that is neither that of the alphabet nor that of locks.
 */
const keys = ['b', 'a'].flatMap((subject) =>
  [...lockOrder].reverse().map((stage) => ({ stage, subject: `${stage}-${subject}` })),
);
const sorted = [...keys].sort(inLockOrder);
const rows = keys.map((key) => ({ tenant, ...key, batch, trace }));
const action = { tenant, rows: keys, principal: 'operator:it', reason: 'transient' };
const name = (key: { stage: string; subject: string }) => key.subject;

describe('rows of several stages', () => {
  let db: Database;
  let scratch: { url: string; close: () => Promise<void> };

  beforeAll(async () => {
    scratch = await testDatabase();
    await migrate(scratch.url);
    db = openDatabase({ url: scratch.url, tenant: 'o', max: 4 });
  });
  afterAll(async () => {
    await db?.close();
    await scratch?.close();
  });
  beforeEach(async () => {
    await db.query('truncate ledger, history');
    await db.tx((tx) => due(tx, rows));
  });

  const waiters = async () =>
    (
      await db.query(
        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      )
    ).rows.length;
  const lockedNow = async () => {
    const { rows: free } = await db.tx((tx) =>
      tx.query<{ subject: string }>('select subject from ledger for update skip locked'),
    );
    return sorted.map(name).filter((subject) => !free.some((one) => one.subject === subject));
  };
  /** What `work` has locked when it waits for this one row, and that row. */
  async function lockedBefore(
    subject: string,
    work: (tx: Tx) => Promise<unknown>,
  ): Promise<string[]> {
    let working: Promise<unknown> = Promise.resolve();
    const locked = await db.tx(async (tx) => {
      await tx.query('select 1 from ledger where subject = $1 for update', [subject]);
      working = db.tx(work);
      await expect.poll(waiters, { timeout: 30_000 }).toBe(1);
      return lockedNow();
    });
    await working;
    return locked;
  }

  it.each([
    ['made due', '', (tx: Tx) => due(tx, rows)],
    ['tried again by an operator', '', (tx: Tx) => retryRows(tx, { ...action, batch })],
    [
      'given up by an operator',
      "update ledger set error_code = 'INTERNAL'",
      (tx: Tx) => discardRows(tx, action),
    ],
  ])('are locked in the order of stages when %s', async (_what, before, work) => {
    for (const place of [0, 3, 8, sorted.length - 1]) {
      if (before) await db.query(before);
      expect(await lockedBefore(name(sorted[place] ?? { stage: '', subject: '' }), work)).toEqual(
        sorted.slice(0, place + 1).map(name),
      );
      await db.tx((tx) => due(tx, rows));
    }
  });

  it('are locked in the same order by a release, which concerns two stages', async () => {
    await db.query(
      "update ledger set waits_for = 'operator' where stage in ('refer', 'write-back')",
    );
    const held = ['refer-a', 'refer-b', 'write-back-a'];
    expect(await lockedBefore('write-back-a', (tx) => wake(tx, tenant, batch))).toEqual(held);
  });

  it('come in the same order from a statement and from a sort; a stage that is not known comes last', async () => {
    await db.tx((tx) => due(tx, [{ tenant, stage: 'another', subject: 'z', batch, trace }]));
    const { rows: found } = await db.query<{ subject: string }>(
      `select subject from ledger l order by ${byLockOrder('l')}`,
    );
    expect(found.map((one) => one.subject)).toEqual([...sorted.map(name), 'z']);
    expect([{ stage: 'another', subject: 'z' }, ...keys].sort(inLockOrder).map(name)).toEqual([
      ...sorted.map(name),
      'z',
    ]);
  });
});
