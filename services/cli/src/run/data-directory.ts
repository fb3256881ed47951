import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, sleep } from '@loopwell/kit';
import { type Database, openDatabase, refuseEarlierVersion } from '@loopwell/store';
import { type Environment, tenantOf } from '../command-line/environment.ts';
import { type Owner, readOwner } from '../lifecycle/lock.ts';
import { runningFolders } from '../lifecycle/running-runs.ts';
import { dataFolderOf, openSession } from './session.ts';

/** Milliseconds that a starting run has until other commands can use its database. */
const startMs = 60_000;

/**
 * Finds the data directory for a command without `--data-dir`: the one of the current run, or the
 * one that was used last.
 * @throws AppError REQUEST_INVALID when several run
 */
export function findDataFolder(options: { dataDir?: string }): string {
  if (options.dataDir) return dataFolderOf(options, '');
  const folders = ['run', 'load', 'start'].map((command) => dataFolderOf({}, command));
  const busyFolders = folders.filter((folder) => readOwner(folder)?.purpose === 'run');
  const running = [...new Set([...runningFolders(), ...busyFolders])];
  if (running.length > 1)
    throw new AppError(
      'REQUEST_INVALID',
      `Several are running here: name one with --data-dir (${running.join(', ')})`,
    );
  const used = folders.filter(isUsed).sort((a, b) => lastUseOf(b) - lastUseOf(a));
  return running[0] ?? used[0] ?? dataFolderOf({}, 'start');
}

const isUsed = (folder: string): boolean => existsSync(join(folder, 'postgres', 'PG_VERSION'));

const lastUseOf = (folder: string): number => statSync(join(folder, 'postgres')).mtimeMs;

/**
 * Runs work on the database of a data directory: the one of its current run, or else one that is
 * opened for this work.
 */
export async function withDatabase<T>(
  options: { dataDir?: string },
  environment: Environment,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const tenant = tenantOf(environment);
  if (environment.DATABASE_URL) return workOn(environment.DATABASE_URL, tenant, work);
  const folder = findDataFolder(options);
  if (!options.dataDir) process.stderr.write(`Data directory: ${folder}\n`);
  const url = await findDatabaseOfRun(folder);
  if (url) return workOn(url, tenant, work);
  if (!isUsed(folder))
    throw new AppError(
      'NOT_FOUND',
      `Nothing has run in ${folder} yet; name another data directory with --data-dir`,
    );
  const session = await openSession(folder, environment, { looks: true });
  try {
    return await workOn(session.databaseUrl, tenant, work);
  } finally {
    await session.close();
  }
}

/**
 * Returns the database of the run in a folder, after waiting for a run that is starting. A command
 * that only reads is not a run, because it and its database end soon.
 */
async function findDatabaseOfRun(folder: string): Promise<string | undefined> {
  const until = Date.now() + startMs;
  while (isStarting(readOwner(folder)) && Date.now() < until) await sleep(200);
  const owner = readOwner(folder);
  return owner?.purpose === 'run' ? owner.databaseUrl : undefined;
}

const isStarting = (owner: Owner | undefined): boolean =>
  owner?.purpose === 'run' && owner.databaseUrl === undefined;

/** PostgreSQL's code for a table that does not exist. */
const undefinedTable = '42P01';

async function workOn<T>(
  url: string,
  tenant: string,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const db = openDatabase({ url, tenant, max: 2 });
  try {
    await refuseEarlierVersion(db, 'database');
    return await work(db);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === undefinedTable)
      throw new AppError('NOT_FOUND', 'Nothing has run in this database yet');
    throw error;
  } finally {
    await db.close();
  }
}
