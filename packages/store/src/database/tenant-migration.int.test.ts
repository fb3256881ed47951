import { readFile } from 'node:fs/promises';
import { testDatabase } from '@loopwell/testing';
import { expect, it } from 'vitest';
import { migrationsFolder } from './applied-migrations.ts';
import { type Database, openDatabase } from './database.ts';
import { migrate } from './migrate.ts';

/** Makes a database as the baseline alone leaves it. */
async function openBaseline(url: string): Promise<Database> {
  const db = openDatabase({ url, tenant: 'o', max: 1 });
  const baseline = await readFile(new URL('0001-baseline.sql', migrationsFolder), 'utf8');
  await db.query('create schema loopwell');
  await db.query(baseline);
  await db.query(`create table kysely_migration (name varchar(255) primary key,
      timestamp varchar(255) not null)`);
  await db.query("insert into kysely_migration values ('0001-baseline', '2026-11-29T00:00:00Z')");
  return db;
}

const id = '00000000-0000-4000-8000-00000000000a';
const rows = [
  "connection (id, tenant, base) values ('clinic', 'o', 'https://ehr.example')",
  "connection_note (tenant, connection, kind, says) values ('o', 'clinic', 'scopes', 's')",
  `search_form (connection, type, by_patient, tenant, form)
    values ('clinic', 'Goal', false, 'o', '{}')`,
  `pull_cursor (id, tenant, connection, type, gap)
    values ('clinic/Goal/', 'o', 'clinic', 'Goal', '{"kind":"refused"}')`,
  `ehr_resource (tenant, connection, type, source_id, version_id, person, body)
    values ('o', 'clinic', 'Goal', 'g', '2', '${id}', '{}')`,
  `ehr_resource_version (connection, type, source_id, version_id, person, body, pulled_at)
    values ('clinic', 'Goal', 'g', '1', '${id}', '{}', now())`,
  `quarantine (tenant, connection, type, source_id, code)
    values ('o', 'clinic', 'Goal', 'q', 'unreadable')`,
  `write_back (own_resource, tenant, connection, person, type, rank, wanted_version)
    values ('${id}', 'o', 'clinic', '${id}', 'Condition', 2, 1)`,
  `refusal_words (own_resource, words) values ('${id}', 'no')`,
  `altered_write (own_resource, lost, sent, stored) values ('${id}', '[]', '{}', '{}')`,
  `own_resource (id, tenant, connection, type, person, body, hash)
    values ('${id}', 'o', 'clinic', 'Condition', '${id}', '{}', 'h')`,
  `own_resource_version (id, version, type, person, body)
    values ('${id}', 1, 'Condition', '${id}', '{}')`,
  `ledger (tenant, stage, subject, batch, waits_for, due, trace, error_code)
    values ('o', 'pull', 'clinic/Goal/', '${id}', 'operator', 'infinity', '${id}', 'INTERNAL')`,
  `history (tenant, stage, subject, outcome, trace, principal)
    values ('o', 'pull', 'clinic', 'done', '${id}', 'system:intake')`,
  `access_token (fingerprint, tenant, kind, principal, roles)
    values ('f', 'o', 'service', 'service:x', '')`,
  `referral (id, tenant, connection, person, category, unambiguous, sensitive, conditions, since,
    trace) values ('${id}', 'o', 'clinic', '${id}', 'food', true, false, '[]', '2026', '${id}')`,
  `task (id, tenant, referral, person, attempt, partner, channel, address, receipt_key, status)
    values ('${id}', 'o', '${id}', '${id}', 1, 'p', 'fhir-rest', 'https://p.example', 'k',
      'requested')`,
  `receipt (key, tenant, person, receiver, kind, state, principal)
    values ('k', 'o', '${id}', 'partner:p', 'task', 'settled', 'system:referral')`,
];

/** Tables whose rows got their tenant from another table. */
const given = [
  'ehr_resource_version',
  'own_resource_version',
  'refusal_words',
  'altered_write',
  'task_delivery',
];

it('gives the rows of an earlier version their tenant, and lets another have the same keys', async () => {
  const scratch = await testDatabase();
  const db = await openBaseline(scratch.url);
  try {
    for (const row of rows) await db.query(`insert into ${row}`);
    await migrate(scratch.url);
    for (const table of given)
      expect((await db.query(`select tenant from ${table}`)).rows, table).toEqual([
        { tenant: 'o' },
      ]);
    expect((await db.query('select tenant, connection from unread_cursor')).rows).toEqual([
      { tenant: 'o', connection: 'clinic' },
    ]);
    const keyed = rows.map((row) => /^\w+/.exec(row)?.[0] ?? '');
    for (const table of keyed.filter((name) => name !== 'history')) {
      const copy = `insert into ${table}
        select (jsonb_populate_record(t, '{"tenant":"other"}')).* from ${table} t`;
      expect((await db.query(copy)).rowCount, table).toBe(1);
      const again = db.query(`${copy} where tenant = 'o'`);
      await expect(again, table).rejects.toMatchObject({ code: '23505' });
    }
  } finally {
    await db.close();
    await scratch.close();
  }
});
