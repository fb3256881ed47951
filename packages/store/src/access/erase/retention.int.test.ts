import { deriveId } from '@loopwell/kit';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { allowMoves } from '../../database/clock-moves.ts';
import { type Database, openDatabase } from '../../database/database.ts';
import { migrate } from '../../database/migrate.ts';
import { logViews } from '../person-views.ts';
import { listErasures } from './erase-person.ts';
import { addDemand } from './legal-demands.ts';
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
  await db.tx((tx) => addDemand(tx, { ...demand, received_on: '2026-11-01' }, 'person:mai'));
  await db.tx((tx) => logViews(tx, { principal: { id: 'person:mai' }, page: '/a', people: [ada] }));
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
