import { deriveId } from '@loopwell/kit';
import { insertTask, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../database/database.ts';
import { migrate } from '../../database/migrate.ts';
import { listDisclosures, logPartnerReads } from '../disclosure-account.ts';
import { erasePerson, viewErasure } from './erase-person.ts';
import { keptTables } from './rows-of-person.ts';

const [kia, elsewhere, task] = ['kia', 'kia elsewhere', 'task'].map((name) => deriveId(name)) as [
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
  await db.query(
    `insert into patient_link (tenant, connection, patient_id, patient, person) values
      ($tenant, 'a', 'kanari-1', $1, $1), ($tenant, 'b', 'kanari-2', $2, $1)`,
    [kia, elsewhere],
  );
  await db.query(
    `insert into connection (tenant, id, base, patients) values
      ($tenant, 'a', 'https://a.example', '["kanari-1"]'),
      ($tenant, 'b', 'https://b.example', '["kanari-2", "x"]')`,
  );
  await db.query(
    `insert into quarantine (tenant, connection, type, source_id, code, body) values
      ($tenant, 'a', 'Observation', 'q', 'odd', '{"subject":{"reference":"Patient/kanari-1"}}'),
      ($tenant, 'b', 'Observation', 'q', 'odd', '{"subject":{"reference":"Patient/kanari-1"}}')`,
  );
  await db.query(
    `insert into referral (tenant, id, connection, person, category, conditions, since, trace,
       unambiguous, sensitive, state, approved_by)
     values ($tenant, $1::uuid, 'b', $2, 'food-insecurity', '[]', '2026-01-01', $1, true, false,
       'closed', 'person:mai')`,
    [task, elsewhere],
  );
  await insertTask(db, {
    ...{ id: task, status: 'completed', partner: 'hill', tenant: 'o', referral: task },
    ...{ person: elsewhere, attempt: 1, requested_at: '2026-11-24T12:00:00Z', live: true },
    ...{ channel: 'email', address: 'a@b.org', receipt_key: task, remote_id: 'mail-7' },
  });
  const read = { partner: 'hill', task, referral: task, person: elsewhere, type: 'Task' };
  await db.tx((tx) => logPartnerReads(tx, [{ ...read, resource: task }]));
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

const wish = { person: elsewhere, by: 'person:boss', reason: 'asked' as const };
const erase = () => db.tx((tx) => erasePerson(tx, wish));
const account = async (person: string) =>
  (await db.tx((tx) => listDisclosures(tx, { person, limit: 9 }))).items;

it('waits until nothing is open at a partner, and keeps the account of all Patients', async () => {
  await expect(erase()).rejects.toThrow('A referral is open at a partner');
  await db.query("update task set live = false, ended_at = '2026-11-25T12:00:00Z' where live");
  const before = await account(kia);
  expect(before).toMatchObject([{ partner: 'hill', approvedBy: 'person:mai', reads: 1 }]);
  const receipt = await erase();
  expect(receipt.stays.copies).toMatchObject([
    { partner: 'hill', channel: 'email', task: 'mail-7' },
  ]);
  expect(receipt.gone).toMatchObject({ referral: 1, task: 1, patient_link: 2, quarantine: 1 });
  for (const person of [kia, elsewhere]) expect(await account(person)).toEqual(before);
  const week = { from: new Date('2026-11-24'), to: new Date('2026-11-25'), partner: 'hill' };
  const search = { ...week, limit: 9 };
  expect((await db.tx((tx) => listDisclosures(tx, search))).items).toHaveLength(1);
  const { rows } = await db.query<{ patients: string }>(
    'select patients from connection where tenant = $tenant order by id',
  );
  // An empty list would mean everyone.
  expect(rows.map(({ patients }) => JSON.parse(patients))).toEqual([['erased'], ['x']]);
  const again = await erase();
  expect(again).toEqual(receipt);
  expect((await db.tx((tx) => viewErasure(tx, kia))).receipt).toEqual(receipt);
});

it('knows for each table how a person would be found in it', async () => {
  // A table without any id of a person, a Patient or something made for one needs a reason here.
  const impersonal = [
    ...['access_token', 'clock', 'connection', 'connection_note', 'directory_problem', 'hold'],
    ...['hold_decision', 'installation', 'kysely_migration', 'kysely_migration_lock', 'on_duty'],
    ...['on_duty_version', 'partner', 'partner_access', 'partner_bearer', 'receiver_end'],
    ...['running_total', 'running_total_change', 'search_form', 'site', 'site_version'],
    // Named by the ids that an EHR gives: `deleteEhrNames`.
    ...['patient_statement', 'pull_cursor'],
    // About a partner and the people who work there, and texts from a partner's numbers.
    ...['partner_door_event', 'partner_helper', 'partner_link', 'partner_message'],
    ...['partner_profile', 'partner_profile_edit', 'partner_session', 'partner_text'],
    ...['partner_wrong_code', 'stopped_receiver'],
    // Who covers for whom among staff.
    'work_cover',
    // Found by its own id; emptied for everybody; sealed for a quarter of an hour.
    ...['person', 'person_search', 'sealed_form'],
  ];
  const { rows } = await db.query<{ name: string }>(
    `select c.relname as name from pg_class c
      where c.relnamespace = 'loopwell'::regnamespace and c.relkind = 'r'
        and not exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
          and not a.attisdropped and (a.attname in ('person', 'patient', 'referral', 'task',
            'own_resource', 'subject', 'alerts', 'source'))) order by 1`,
  );
  const unknown = rows
    .map(({ name }) => name)
    .filter((name) => !impersonal.includes(name) && !(name in keptTables));
  expect(unknown).toEqual([]);
});
