import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { newId, newSecret, silentLog } from '@loopwell/kit';
import { openQueues, queueAway, stageNames } from '@loopwell/pipeline';
import {
  access,
  connections,
  type Database,
  holds,
  ledger,
  migrate,
  openDatabase,
} from '@loopwell/store';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Running, startService } from './processes.ts';

/**
 * `infra/postgresql` as it is shipped, on a real PostgreSQL; only the names of roles and database
 * are this test's own.
 */
const mark = randomBytes(4).toString('hex');
const [owner, app, name] = [`loopwell_owner_${mark}`, `loopwell_app_${mark}`, `loopwell_${mark}`];
const password = newSecret(12);
const superuser = process.env.DATABASE_URL ?? '';

const urlAs = (user: string | undefined): string => {
  const url = new URL(superuser);
  if (user) [url.username, url.password] = [user, password];
  url.pathname = `/${name}`;
  return url.href;
};

/** What psql makes of the file: its variables, and where it connects. */
async function apply(file: string, user?: string): Promise<void> {
  const text = readFileSync(new URL(`../../infra/postgresql/${file}`, import.meta.url), 'utf8')
    .replaceAll(/^\\set .*$/gm, '')
    .replaceAll(/:'(owner|app)_password'/g, `'${password}'`)
    .replaceAll('loopwell_owner', owner)
    .replaceAll('loopwell_app', app)
    .replaceAll(/\bdatabase loopwell\b/g, `database ${name}`);
  const [first = '', second] = text.split(/^\\connect loopwell$/m);
  await run(second === undefined ? urlAs(user) : superuser, first);
  if (second !== undefined) await run(urlAs(user), second);
}

/** One statement after the other, as psql does: `create database` stands in no transaction. */
async function run(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const lines = text.split('\n').filter((line) => !line.startsWith('--'));
    for (const statement of lines
      .join('\n')
      .split(';')
      .map((one) => one.trim()))
      if (statement !== '') await client.query(statement);
  } finally {
    await client.end();
  }
}

let db: Database;
const running: Running[] = [];

beforeAll(async () => {
  await apply('roles.sql');
  await migrate(urlAs(owner));
  await apply('append-only.sql', owner);
  db = openDatabase({ url: urlAs(app), tenant: 'default', max: 4 });
}, 60_000);
afterAll(async () => {
  for (const { child } of running) child.kill('SIGTERM');
  await Promise.all(running.map((one) => one.ended));
  await db?.close();
  const client = new pg.Client({ connectionString: superuser });
  await client.connect();
  await client.query(`drop database if exists ${name} with (force)`);
  for (const role of [app, owner]) await client.query(`drop role if exists ${role}`);
  await client.end();
});

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? 'unknown',
  );

describe('the working role', () => {
  it('reads every table and adds to it, but for what migrations alone write', async () => {
    const { rows } = await db.query<{ name: string; reads: boolean; adds: boolean }>(
      `select tablename as name, has_table_privilege(format('loopwell.%I', tablename), 'select') as reads,
              has_table_privilege(format('loopwell.%I', tablename), 'insert') as adds from pg_tables where schemaname = 'loopwell' order by 1`,
    );
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((one) => !one.reads)).toEqual([]);
    expect(rows.filter((one) => !one.adds).map((one) => one.name)).toEqual([
      'clock',
      'kysely_migration',
      'kysely_migration_lock',
    ]);
    const sequences = await db.query<{ name: string }>(
      "select sequencename as name from pg_sequences where schemaname = 'loopwell' and not has_sequence_privilege(format('loopwell.%I', sequencename), 'usage')",
    );
    expect(sequences.rows).toEqual([]);
  });

  it.each([
    'history',
    'decision',
    'consent_decision',
    'hold_decision',
    'partner_answer',
    'own_resource_version',
    'task_version',
    'ehr_resource_version',
    'receiver_end',
    'site_version',
    'on_duty_version',
  ])('can only add to %s', async (table) => {
    const column = (
      await db.query<{ name: string }>(
        "select column_name as name from information_schema.columns where table_schema = 'loopwell' and table_name = $1 and is_identity = 'NO' order by column_name = 'task' desc limit 1",
        [table],
      )
    ).rows[0]?.name;
    expect(await codeOf(db.query(`update ${table} set ${column} = ${column}`))).toBe('42501');
    expect(await codeOf(db.query(`delete from ${table}`))).toBe('42501');
    expect(await codeOf(db.query(`truncate ${table}`))).toBe('42501');
  });

  it('notes what came of an answer of a partner, and changes nothing else of it', async () => {
    const change = (column: string) =>
      codeOf(db.query(`update partner_answer set ${column} = ${column}`));
    for (const column of ['consumed_at', 'came_of', 'repeats', 'undone_at', 'note', 'told_at'])
      expect([column, await change(column)]).toEqual([column, 'done']);
    for (const column of ['task', 'door', 'message_id', 'said_by', 'said_at', 'received_at'])
      expect([column, await change(column)]).toEqual([column, '42501']);
  });

  it('changes no table, makes none, and writes nowhere else', async () => {
    expect(await codeOf(db.query('create table loopwell.extra (id text)'))).toBe('42501');
    expect(await codeOf(db.query('create table public.extra (id text)'))).toBe('42501');
    expect(await codeOf(db.query('alter table ledger add column extra text'))).toBe('42501');
    expect(
      await codeOf(db.query("delete from loopwell.kysely_migration where name = 'none'")),
    ).toBe('42501');
  });

  it('does the work of the store', async () => {
    const place = { id: 'north', tenant: 'default' };
    await db.tx(async (tx) => {
      const settings = {
        base: 'https://ehr.example/fhir',
        quirks: 'plain-r4',
        client: {},
        patients: [],
        aliases: [],
        since: null,
      };
      await connections.saveConnectionSettings(tx, {
        ...place,
        ...settings,
        credentials: 'none',
        secret: null,
      });
      await holds.addHold(tx, {
        tenant: 'default',
        scope: 'connection:north',
        principal: 'person:op',
      });
      await holds.letGo(tx, {
        tenant: 'default',
        scope: 'connection:north',
        principal: 'person:op',
        batch: newId(),
      });
      await ledger.due(tx, [
        { tenant: 'default', stage: 'screen', subject: 'a', batch: newId(), trace: newId() },
      ]);
      const rows = await ledger.claim(tx, 'screen', { subjects: ['a'] }, 1);
      await ledger.settle(
        tx,
        rows.map((row) => ({
          row,
          settlement: { kind: 'done' as const, outcome: 'ok' },
          principal: 'system:test',
        })),
      );
    });
    expect(await holds.recentDecisions(db, 'default')).toHaveLength(2);
  });
});

it('the documented sign-in command works with that role, its address in a file as in the container', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loopwell-roles-'));
  try {
    const file = join(folder, 'app_database_url');
    writeFileSync(file, `${urlAs(app)}\n`);
    const readme = readFileSync(new URL('../../docker/README.md', import.meta.url), 'utf8');
    const words = /^docker compose .* run --rm console (.*)$/m.exec(readme)?.[1]?.split(' ') ?? [];
    const role = fileURLToPath(new URL('../../docker/role.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [role, ...words], {
      env: { DATABASE_URL_FILE: file },
      cwd: folder,
    });
    expect(stdout).toMatch(/^https:\/\/loopwell\.example\/sign-in\?token=[\w-]+$/m);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe.skipIf(/^redis/.test(process.env.QUEUE_URL ?? ''))('PostgreSQL as the queue', () => {
  const open = () =>
    openQueues({ url: urlAs(app), tenant: 'default', stages: stageNames, log: silentLog });

  it('takes a nudge from the working role once queue.sql is applied, without temporary tables', async () => {
    await apply('queue.sql');
    await run(superuser, `revoke temporary on database ${name} from public`);
    const queues = await open();
    const arrived = Promise.withResolvers<string>();
    queues.work('screen', 1, async ({ batch }) => arrived.resolve(batch));
    const batch = newId();
    await queues.nudge([{ stage: 'screen', batch }]);
    expect(await arrived.promise).toBe(batch);
    expect([queues.refused(), await queueAway(queues)]).toEqual([[], undefined]);
    await queues.close();
  });

  it('says so on /ready, in the log and as a number where it takes none', async () => {
    await run(urlAs(undefined), `revoke insert on all tables in schema bullmq from ${app}`);
    const sentences: string[] = [];
    const log = {
      ...silentLog,
      error: (message: string, error: unknown) =>
        void sentences.push(`${message} ${(error as { code?: string }).code}`),
    };
    const queues = await openQueues({
      url: urlAs(app),
      tenant: 'default',
      stages: stageNames,
      log,
    });
    await queues.nudge([{ stage: 'screen', batch: newId() }]);
    expect(sentences).toEqual(['A nudge was not taken 42501']);
    expect(queues.refused()).toEqual([{ cause: '42501', count: 1 }]);
    expect(await queueAway(queues)).toMatch(/takes no nudge.*refused \(42501\)/);
    await queues.close();
    await run(urlAs(undefined), `grant insert on all tables in schema bullmq to ${app}`);
  });

  it('and its role are all that the services need to be ready', { timeout: 90_000 }, async () => {
    const env = {
      DATABASE_URL: urlAs(app),
      QUEUE_URL: urlAs(app),
      LOOPWELL_SECRET_KEY: randomBytes(32).toString('hex'),
      PUBLIC_URL: 'http://127.0.0.1:1',
      ...{
        INTAKE_PORT: '0',
        ENRICHMENT_PORT: '0',
        REFERRAL_PORT: '0',
        COORDINATION_PORT: '0',
        CONSOLE_PORT: '0',
      },
    };
    running.push(
      ...(await Promise.all(
        ['intake', 'enrichment', 'referral', 'coordination', 'console'].map((one) =>
          startService(one, env),
        ),
      )),
    );
    const ready = () =>
      Promise.all(running.map(async ({ address }) => (await fetch(`${address}/ready`)).status));
    await expect.poll(ready, { timeout: 40_000 }).toEqual([200, 200, 200, 200, 200]);
    const routes = ['GET /metrics'];
    const one = {
      tenant: 'default',
      kind: 'service' as const,
      principal: 'service:prometheus',
      roles: [],
      routes,
    };
    const bearer = await db.tx((tx) => access.grantAccess(tx, one));
    for (const { address } of running) {
      const text = await (
        await fetch(`${address}/metrics`, { headers: { authorization: `Bearer ${bearer}` } })
      ).text();
      expect(text).toContain('loopwell_nudges_refused{backend="postgres",cause="none"} 0');
    }
  });
});
