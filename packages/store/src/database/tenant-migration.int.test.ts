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

/** Lists the columns that a statement writes; PostgreSQL generates the others. */
async function writtenColumns(db: Database, table: string): Promise<string> {
  const { rows } = await db.query<{ columns: string }>(
    `select string_agg(quote_ident(attname), ', ' order by attnum) as columns from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    [table],
  );
  return rows[0]?.columns ?? '';
}

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
      const columns = await writtenColumns(db, table);
      const copy = `insert into ${table} (${columns}) select ${columns} from (
        select t.tenant as was, (jsonb_populate_record(t, '{"tenant":"other"}')).*
          from ${table} t) c (was)`;
      expect((await db.query(copy)).rowCount, table).toBe(1);
      const again = db.query(`${copy} where was = 'o'`);
      await expect(again, table).rejects.toMatchObject({ code: '23505' });
    }
  } finally {
    await db.close();
    await scratch.close();
  }
});

const order = '00000000-0000-4000-8000-00000000000b';
const told = {
  ...{ resourceType: 'Task', id, status: 'requested', intent: 'order' },
  requester: { reference: 'https://hub.example/fhir/Organization/site' },
  focus: { reference: `https://hub.example/fhir/ServiceRequest/${order}` },
  note: [{ text: 'Bring "bags", 5°' }],
};
const asTold = JSON.stringify(told);

/** Tasks as the baseline kept them: columns of the row, the body in `own_resource` or none. */
const earlierTasks: readonly (readonly [
  title: string,
  task: { remote: string | null; status: string; live: boolean; reason: string | null },
  bodies: readonly object[],
  state: string,
])[] = [
  [
    'a sent Task',
    { remote: 'T-1', status: 'in-progress', live: true, reason: null },
    [told],
    'delivered',
  ],
  [
    'a sent Task that was written twice',
    { remote: 'T-1', status: 'completed', live: false, reason: 'helped' },
    [{ ...told, note: [] }, told],
    'delivered',
  ],
  [
    'a Task of which nobody knows whether it arrived',
    { remote: null, status: 'requested', live: true, reason: null },
    [told],
    'intended',
  ],
  [
    'a Task that was refused',
    { remote: null, status: 'cancelled', live: false, reason: 'refused:422' },
    [told],
    'refused',
  ],
  [
    'a Task without a body',
    { remote: null, status: 'cancelled', live: false, reason: 'never-arrived' },
    [],
    'abandoned',
  ],
];

it.each(earlierTasks)(
  'keeps body, version and delivery of %s',
  async (_title, { remote, status, live, reason }, bodies, state) => {
    const scratch = await testDatabase();
    const db = await openBaseline(scratch.url);
    const count = bodies.length;
    try {
      await db.query(
        `insert into referral (id, tenant, connection, person, category, unambiguous, sensitive,
           conditions, since, trace, service_request)
         values ($1, 'o', 'clinic', $1, 'food', true, false, '[]', '2026', $1, $2)`,
        [id, order],
      );
      await db.query(
        `insert into task (id, tenant, referral, person, attempt, partner, channel, address,
           receipt_key, remote_id, etag, status, live, reason)
         values ($1, 'o', $1, $1, 1, 'pantry', 'fhir-rest', 'https://p.example', 'k', $2, 'W/"3"',
           $3, $4, $5)`,
        [id, remote, status, live, reason],
      );
      for (const [index, body] of bodies.entries())
        await db.query(
          index === count - 1
            ? `insert into own_resource (id, tenant, connection, type, person, body, hash, version)
                 values ($1, 'o', 'clinic', 'Task', $1, $2, 'h', $3)`
            : `insert into own_resource_version (id, type, person, body, version)
                 values ($1, 'Task', $1, $2, $3)`,
          [id, JSON.stringify(body), index + 1],
        );
      await migrate(scratch.url);
      const task = await db.query<{ body: string }>(
        'select body, version, status, owner, requester, focus, door, direction from task',
      );
      const [body, requester] =
        count > 0
          ? [{ ...JSON.parse(asTold), status }, 'site']
          : [{ ...{ resourceType: 'Task', id, status }, intent: 'order' }, ''];
      expect(task.rows.map((row) => ({ ...row, body: JSON.parse(row.body) }))).toEqual([
        {
          ...{ body, version: Math.max(count, 1), status, owner: 'pantry', requester },
          ...{ focus: order, door: 'copy', direction: 'out' },
        },
      ]);
      const delivery = 'number, channel, address, receipt_key, remote_id, etag, state';
      expect((await db.query(`select ${delivery} from task_delivery`)).rows).toEqual([
        {
          ...{ number: 1, channel: 'fhir-rest', address: 'https://p.example', receipt_key: 'k' },
          ...{ remote_id: remote, etag: 'W/"3"', state },
        },
      ]);
      const versions = await db.query<{ body: string }>(
        'select version, status, body from task_version order by version',
      );
      expect(versions.rows.map((row) => ({ ...row, body: JSON.parse(row.body) }))).toEqual(
        bodies
          .slice(0, -1)
          .map((body, index) => ({ version: index + 1, status: 'requested', body })),
      );
      for (const table of ['own_resource', 'own_resource_version'])
        expect((await db.query(`select 1 from ${table} where type = 'Task'`)).rows).toEqual([]);
    } finally {
      await db.close();
      await scratch.close();
    }
  },
);
