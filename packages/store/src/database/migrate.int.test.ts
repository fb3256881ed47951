import { silentLog } from '@loopwell/kit';
import { testDatabase } from '@loopwell/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrationNames, refuseEarlierVersion } from './applied-migrations.ts';
import { type Database, openDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import { migrationsMissing } from './readiness.ts';

let scratch: Awaited<ReturnType<typeof testDatabase>>;
let db: Database;
beforeEach(async () => {
  scratch = await testDatabase();
  db = openDatabase({ url: scratch.url, tenant: 'default', max: 2, log: silentLog });
});
afterEach(async () => {
  await db.close();
  await scratch.close();
});

/** What an earlier version left: its migrations by name, and a table of its own. */
async function plantEarlierVersion(names = ['0001-spine', '0002-views']): Promise<void> {
  await db.query('create schema loopwell');
  await db.query('create table loopwell.kysely_migration (name text primary key, timestamp text)');
  await db.query('create table loopwell.pulled (body text)');
  for (const name of names)
    await db.query("insert into loopwell.kysely_migration values ($1, '2026-11-01')", [name]);
}

const tables = async () =>
  (
    await db.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'loopwell' order by 1",
    )
  ).rows.map((row) => row.name);

describe('a database of an earlier version', () => {
  it('is refused in a sentence, and nothing in it is changed', async () => {
    await plantEarlierVersion();
    const before = await tables();
    await expect(migrate(scratch.url)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'This database is of an earlier version. Name an empty one with DATABASE_URL.',
    });
    await expect(refuseEarlierVersion(db, 'data directory')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'This data directory is of an earlier version. Start with --fresh.',
    });
    expect(await tables()).toEqual(before);
  });

  it('is named by /ready, which does not ask for a migration that would be refused', async () => {
    await plantEarlierVersion();
    expect(await migrationsMissing(db)).toBe(
      'The database is of an earlier version: name an empty one with DATABASE_URL',
    );
  });
});

describe('a database of this version', () => {
  it('is migrated once, from empty, by several processes at the same moment', async () => {
    expect(await migrationsMissing(db)).toMatch(/0001-baseline.*run loopwell migrate/);
    await Promise.all([migrate(scratch.url), migrate(scratch.url), migrate(scratch.url)]);
    await migrate(scratch.url);
    expect(await migrationsMissing(db)).toBeUndefined();
    await refuseEarlierVersion(db, 'data directory');
    const { rows } = await db.query<{ name: string }>(
      'select name from loopwell.kysely_migration order by 1',
    );
    expect(rows.map((row) => row.name)).toEqual(await migrationNames());
  });
});
