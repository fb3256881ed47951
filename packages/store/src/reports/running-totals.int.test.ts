import { testDatabase, totalsAndRecount } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase, type Tx } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';

/** Totals that are kept as things change, beside counting everything anew. */
let db: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  const database = await testDatabase();
  await migrate(database.url);
  db = openDatabase({ url: database.url, tenant: 'o', max: 8 });
  close = async () => {
    await db.close();
    await database.close();
  };
  await db.query(
    "insert into connection (id, tenant, base) values ('clinic', 'o', 'https://ehr.example')",
  );
});
afterAll(() => close());
beforeEach(async () => {
  await db.query(
    'truncate ledger, history, referral, task, task_delivery, task_version, receipt, write_back, quarantine cascade',
  );
});

const both = () => totalsAndRecount(db);
const totals = async (tx: Tx) => (await tx.query('select * from running_totals')).rows;

/** One of each table, by number. */
async function write(tx: Tx, n: number): Promise<void> {
  const values = [n];
  await tx.query(
    `insert into history (tenant, stage, subject, outcome, trace, principal) select 'o', 'code', 's' || i, 'out-' || i % 3, gen_random_uuid(), 'system:test' from generate_series($1::int, $1 + 2) i`,
    values,
  );
  await tx.query(
    `insert into ledger (tenant, stage, subject, batch, waits_for, due, trace) select 'o', 'code', 's' || i, gen_random_uuid(), 'worker', now(), gen_random_uuid() from generate_series($1::int, $1 + 2) i
     on conflict (tenant, stage, subject) do update set waits_for = 'operator', error_code = 'INTERNAL'`,
    values,
  );
  const referral = `insert into referral (id, tenant, connection, person, category, state, gate, unambiguous, sensitive, conditions, since, trace)
     values (md5('r' || $1::int)::uuid, 'o', 'clinic', md5('r' || $1)::uuid, 'stress', 'waiting', null, true, false, '[]', '2026-01-01', gen_random_uuid()) on conflict do nothing`;
  await tx.query(referral, values);
  await tx.query(
    `insert into task (id, tenant, referral, person, attempt, partner, owner, requester, focus, body, status)
     select md5('t' || $1::int)::uuid, 'o', id, person, 1, 'p' || $1 % 2, 'p' || $1 % 2, 'o', id, '{}', 'requested' from referral where id = md5('r' || $1)::uuid on conflict do nothing`,
    values,
  );
  await tx.query(
    `insert into receipt (key, tenant, person, receiver, kind, state, principal) values ('k' || $1::int, 'o', gen_random_uuid(), 'partner:p', 'task', 'intended', 'system:test') on conflict do nothing`,
    values,
  );
  await tx.query(
    `insert into write_back (own_resource, tenant, connection, person, type, rank, wanted_version) values (md5('c' || $1::int)::uuid, 'o', 'clinic', gen_random_uuid(), 'Condition', 1, 1) on conflict do nothing`,
    values,
  );
  await tx.query(
    `insert into quarantine (tenant, connection, type, source_id, code) values ('o', 'clinic', 'Encounter', 'e' || $1::int, 'unreadable') on conflict (tenant, connection, type, source_id) do update set code = 'not-fhir'`,
    values,
  );
}

/** What becomes of them. */
async function change(tx: Tx, n: number): Promise<void> {
  const some = `abs(hashtext($1::int::text)) % 3`;
  await tx.query(
    `update ledger set waits_for = 'reviewer', error_code = null where subject like '%' || ${some}`,
    [n],
  );
  await tx.query(`delete from ledger where subject like '%' || (1 + ${some})`, [n]);
  await tx.query(
    `update referral set state = case ${some} when 0 then 'partner' when 1 then 'closed' else 'withdrawn' end, approved_by = case when ${some} = 2 then 'system:enrichment' end, sent = true where id = md5('r' || $1::int)::uuid`,
    [n],
  );
  await tx.query(
    "update task set live = false, status = 'completed' where id = md5('t' || $1::int)::uuid",
    [n],
  );
  await tx.query("update receipt set state = 'settled' where key = 'k' || $1::int", [n]);
  await tx.query(
    "update write_back set state = 'done' where own_resource = md5('c' || $1::int)::uuid",
    [n],
  );
  await tx.query("delete from quarantine where source_id = 'e' || ($1::int + 1)", [n]);
}

describe('running totals', () => {
  it('are what a recount gives, after each step', async () => {
    for (const n of [1, 2, 3, 4]) {
      await db.tx((tx) => write(tx, n));
      let { kept, counted } = await both();
      expect(kept).toEqual(counted);
      expect(kept.length).toBeGreaterThan(8);
      await db.tx((tx) => change(tx, n));
      ({ kept, counted } = await both());
      expect(kept).toEqual(counted);
      if (n === 2) await db.query('select fold_totals()');
    }
  });

  it('count nothing of what was rolled back', async () => {
    await db.tx((tx) => write(tx, 1));
    const before = await both();
    await expect(
      db.tx(async (tx) => {
        await write(tx, 2);
        await change(tx, 1);
        await tx.query('select fold_totals()');
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    expect(await both()).toEqual(before);
    expect(before.kept).toEqual(before.counted);
  });

  it('stay true for every snapshot while many write, fold and fail at once, and no two wait for each other', async () => {
    let writing = true;
    const watched = (async () => {
      let snapshots = 0;
      for (; writing; snapshots += 1) {
        const { kept, counted } = await both();
        expect(kept).toEqual(counted);
      }
      return snapshots;
    })();
    const writer = async (first: number) => {
      for (let n = first; n < first + 12; n += 1) {
        await db
          .tx(async (tx) => {
            await write(tx, n * 10);
            if (n % 4 === 0) await tx.query('select fold_totals()');
            if (n % 3 === 0) throw new Error('undone');
            await tx.query(`update receipt set state = 'settled' where key = 'k' || $1::int`, [
              n * 10,
            ]);
          })
          .catch((error: Error) => expect(error.message).toBe('undone'));
      }
    };
    await Promise.all([100, 200, 300, 400].map(writer)).finally(() => {
      writing = false;
    });
    expect(await watched).toBeGreaterThan(0);
    await db.query('select fold_totals()');
    const { kept, counted } = await both();
    expect(kept).toEqual(counted);
    expect((await db.query('select 1 from running_total_change')).rows).toEqual([]);
  });

  it('keep two that change the same total from waiting: one may stay open', async () => {
    await db.tx(async (open) => {
      await write(open, 1);
      await open.query('select fold_totals()');
      await db.tx((tx) => write(tx, 50));
      expect((await db.tx(totals)).length).toBeGreaterThan(0);
    });
    const { kept, counted } = await both();
    expect(kept).toEqual(counted);
  });

  it('begin anew with a table that was emptied', async () => {
    await db.tx((tx) => write(tx, 1));
    await db.query('truncate ledger');
    const { kept, counted } = await both();
    expect(kept).toEqual(counted);
    expect(kept).not.toContainEqual(expect.objectContaining({ kind: 'ledger' }));
  });
});
