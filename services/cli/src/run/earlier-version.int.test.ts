import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@loopwell/kit';
import { openDatabase } from '@loopwell/store';
import { testDatabase } from '@loopwell/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { startEmbeddedServer } from '../embedded/server.ts';
import { main } from '../program.ts';

/**
 * What a start says about the data of an earlier version, whose migrations this one does not have.
 */
const folder = mkdtempSync(join(tmpdir(), 'loopwell-earlier-'));
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const earlier = `create schema loopwell;
  create table loopwell.kysely_migration (name text primary key, timestamp text);
  insert into loopwell.kysely_migration values ('0001-spine', ''), ('0047-oldest', '');
  create table loopwell.pulled (body text)`;

async function queryOnce(url: string, sql: string): Promise<object[]> {
  const db = openDatabase({ url, tenant: 'default', max: 1 });
  try {
    return (await db.query(sql)).rows;
  } finally {
    await db.close();
  }
}

/** Works in the data directory's own PostgreSQL, as the earlier version did. */
async function queryFolder(sql: string): Promise<object[]> {
  const server = await startEmbeddedServer(folder, silentLog);
  try {
    return await queryOnce(server.url, sql);
  } finally {
    await server.close();
  }
}

async function loopwell(args: string[], environment = {}) {
  let stderr = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((stderr += String(text))));
  const status = await main(args, environment);
  return { status, stderr };
}

const tablesSql = "select tablename from pg_tables where schemaname = 'loopwell' order by 1";

it('a data directory of an earlier version is not touched, and --fresh is named', {
  timeout: 60_000,
}, async () => {
  await queryFolder(earlier);
  for (const command of [['start', '--once'], ['status']])
    expect(await loopwell([...command, '--data-dir', folder])).toEqual({
      status: 1,
      stderr: 'This data directory is of an earlier version. Start with --fresh.\n',
    });
  expect(await queryFolder(tablesSql)).toEqual([
    { tablename: 'kysely_migration' },
    { tablename: 'pulled' },
  ]);
});

it('a database of an earlier version is not touched, and what to do is said', async () => {
  const scratch = await testDatabase();
  try {
    await queryOnce(scratch.url, earlier);
    for (const command of [['migrate'], ['status'], ['start', '--once', '--data-dir', folder]])
      expect(await loopwell(command, { DATABASE_URL: scratch.url })).toEqual({
        status: 1,
        stderr: expect.stringMatching(
          /This database is of an earlier version\. Name an empty one with DATABASE_URL\.\n$/,
        ),
      });
    expect(await queryOnce(scratch.url, tablesSql)).toHaveLength(2);
  } finally {
    await scratch.close();
  }
});
