import { deriveId } from '@loopwell/kit';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { allowMoves } from '../../database/clock-moves.ts';
import { type Database, openDatabase } from '../../database/database.ts';
import { migrate } from '../../database/migrate.ts';
import { logViews } from '../person-views.ts';
import { listErasures } from './erase-person.ts';
import { happenings, noHappenings } from './happenings.ts';
import { addDemand, agreeToStep } from './legal-demands.ts';
import {
  deleteOldViews,
  eraseByRetention,
  listNotices,
  noticeRetention,
  peopleToErase,
} from './retention.ts';

const day = 86_400_000;
const [ada, kia, maya, pa] = ['ada', 'kia', 'maya', 'pa'].map((name) => deriveId(name)) as [
  string,
  string,
  string,
  string,
];
let demanded = '';
let db: Database;
let scratch: Awaited<ReturnType<typeof testDatabase>>;

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 2 });
  await allowMoves(db);
  for (const id of [ada, kia, maya, pa]) {
    await db.query('insert into person (tenant, id) values ($tenant, $1)', [id]);
    await db.query(
      `insert into patient_link (tenant, connection, patient_id, patient, person)
       values ($tenant, 'a', $1::text, $1::uuid, $1::uuid)`,
      [id],
    );
  }
  // Kia has an open referral, and a court demands the record of Maya.
  await db.query(
    `insert into referral (tenant, id, connection, person, category, conditions, since, trace,
       unambiguous, sensitive)
     values ($tenant, $1::uuid, 'a', $1, 'food-insecurity', '[]', '2026-01-01', $1, true, false)`,
    [kia],
  );
  const demand = { person: maya, kind: 'warrant' as const, demanded_by: 'x', asked_for: 'y' };
  await db.tx(async (tx) => {
    demanded = (await addDemand(tx, { ...demand, received_on: '2026-11-01' }, 'person:mai')).id;
    const people = [ada, maya];
    await logViews(tx, { principal: { id: 'person:mai' }, page: '/a', people });
  });
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

const keep = { peopleMs: 100 * day, viewsMs: 50 * day };
const look = (times: { peopleMs: number | undefined; viewsMs: number | undefined } = keep) =>
  db.tx((tx) => noticeRetention(tx, times));
const noticed = async () => (await listNotices(db, 9)).map(({ subject }) => subject).sort();
const pass = (days: number) =>
  db.query('update clock set ahead_ms = ahead_ms + $1, before_ms = before_ms + $1', [days * day]);
const toErase = () => peopleToErase(db, keep.peopleMs, 9);

it('lists what it will delete for 14 days, deletes that alone, and never somebody with work open', async () => {
  await look();
  expect(await noticed()).toEqual([]);
  await pass(101);
  await look();
  expect(await noticed()).toEqual([ada, pa, 'views'].sort());
  expect(await toErase()).toEqual([]);
  expect(await db.tx((tx) => deleteOldViews(tx, keep.viewsMs))).toBe(0);

  // Something happens about Pa: nothing is deleted of them, and they are listed anew one day.
  await db.query(
    `insert into contact_try (tenant, id, person, day, channel, reserved_by)
     values ($tenant, $1::uuid, $1, '2026-11-01', 'call', 'person:mai')`,
    [pa],
  );
  await pass(15);
  expect(await toErase()).toEqual([ada]);
  await look();
  expect(await noticed()).toEqual([ada, 'views'].sort());
  await db.tx((tx) => eraseByRetention(tx, ada));
  expect(await db.tx((tx) => deleteOldViews(tx, keep.viewsMs))).toBe(1);
  // The demand holds the views of Maya until two people have ended it.
  const viewed = await db.query<{ person: string }>('select person from person_view');
  expect(viewed.rows).toEqual([{ person: maya }]);
  await look();
  expect(await noticed()).toEqual([]);
  expect((await listErasures(db, 9)).map(({ person, reason }) => [person, reason])).toEqual([
    [ada, 'retention'],
  ]);
});

it('takes its list back when the site keeps everything for good', async () => {
  await pass(200);
  await look();
  expect(await noticed()).toEqual([pa]);
  await look({ peopleMs: undefined, viewsMs: undefined });
  expect(await noticed()).toEqual([]);
});

it('erases nobody about whom something has happened, whatever it was', async () => {
  await pass(400);
  const columns = await db.query<{ name: string }>(
    `select t.relname as name from pg_class t
      where t.relnamespace = 'loopwell'::regnamespace and t.relkind = 'r'
        and exists (select 1 from pg_attribute a where a.attrelid = t.oid
          and a.attname = 'person' and not a.attisdropped)
        and exists (select 1 from pg_attribute a where a.attrelid = t.oid and not a.attisdropped
          and a.atttypid = 'timestamptz'::regtype) order by 1`,
  );
  const known = [...Object.keys(happenings), ...Object.keys(noHappenings)];
  expect(columns.rows.map(({ name }) => name)).toEqual(known.toSorted());

  const isNoticed = async () => {
    await look();
    return (await noticed()).includes(pa);
  };
  const add = (table: string, names: string, values: string) =>
    db.query(
      `insert into ${table} (tenant, id, person, ${names})
      values ($tenant, $1::uuid, $1, ${values})`,
      [pa],
    );
  const remove = (table: string) => db.query(`delete from ${table} where person = $1`, [pa]);
  expect(await isNoticed()).toBe(true);
  for (const [table, names, values] of [
    ['care_note', 'body, recorded_by', "'x', 'person:mai'"],
    ['next_step', 'step, due_on, recorded_by', "'x', '2026-11-01', 'person:mai'"],
    ['work_owner', 'owner, handed_by', "'person:mai', 'person:mai'"],
    ['household', 'size, ages, said_on, recorded_by', "2, '[]', '2026-11-01', 'person:mai'"],
  ] as const) {
    await add(table, names, values);
    expect(await isNoticed(), table).toBe(false);
    await remove(table);
    expect(await isNoticed(), table).toBe(true);
  }

  // A step that stands is work, however old it is.
  await add('next_step', 'step, due_on, recorded_by', "'x', '2026-11-01', 'person:mai'");
  await pass(400);
  expect(await isNoticed()).toBe(false);
  await remove('next_step');
});

it('deletes the views of somebody once the demand about them is over', async () => {
  for (const by of ['person:mai', 'person:ada'])
    await db.tx((tx) => agreeToStep(tx, demanded, { step: 'end', principal: by, note: 'over' }));
  await look();
  await pass(15);
  expect(await db.tx((tx) => deleteOldViews(tx, keep.viewsMs))).toBe(1);
});
