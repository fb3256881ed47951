import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, sleep } from '@loopwell/kit';
import { type Database, openDatabase, refuseEarlierVersion } from '@loopwell/store';
import { type Owner, readOwner } from '../lifecycle/lock.ts';
import { runningFolders } from '../lifecycle/running-runs.ts';
import { type Environment, openSession } from '../run/session.ts';
import { folderOf } from './run.ts';

/** How long a run that is just starting may take until its database can be looked into. */
const patienceMs = 60_000;

/**
 * The data directory that a command without `--data-dir` looks into: the one in which something runs, else the one that
 * was used last.
 *
 * @throws AppError REQUEST_INVALID when several run
 */
export function dataFolder(options: { dataDir?: string }): string {
  if (options.dataDir) return folderOf(options, '');
  const folders = ['run', 'load', 'start'].map((command) => folderOf({}, command));
  const running = [
    ...new Set([
      ...runningFolders(),
      ...folders.filter((folder) => readOwner(folder)?.purpose === 'run'),
    ]),
  ];
  if (running.length > 1)
    throw new AppError(
      'REQUEST_INVALID',
      `Several are running here: say which with --data-dir (${running.join(', ')})`,
    );
  const used = folders.filter(isUsed).sort((a, b) => lastUse(b) - lastUse(a));
  return running[0] ?? used[0] ?? folderOf({}, 'start');
}

const databaseOf = (folder: string) => join(folder, 'postgres', 'PG_VERSION');
const isUsed = (folder: string) => existsSync(databaseOf(folder));
const lastUse = (folder: string) => statSync(join(folder, 'postgres')).mtimeMs;

/** Looks into a data directory beside its run, or opens its database when nobody works in it. */
export async function withDatabase<T>(
  options: { dataDir?: string },
  environment: Environment,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  if (environment.DATABASE_URL) return use(environment.DATABASE_URL, work);
  const folder = dataFolder(options);
  if (!options.dataDir) process.stderr.write(`Data directory: ${folder}\n`);
  const url = await databaseOfRun(folder);
  if (url) return use(url, work);
  if (!isUsed(folder)) throw nothingYet(folder);
  const session = await openSession(folder, environment, { looks: true });
  try {
    return await use(session.databaseUrl, work);
  } finally {
    await session.close();
  }
}

const nothingYet = (folder: string) =>
  new AppError(
    'NOT_FOUND',
    `Nothing has run in ${folder} yet; name another data directory with --data-dir`,
  );

/** A command that only looks will be gone soon, with its database: it is no run to look beside. */
async function databaseOfRun(folder: string): Promise<string | undefined> {
  const isStarting = (owner: Owner | undefined) =>
    owner?.purpose === 'run' && owner.databaseUrl === undefined;
  for (const until = Date.now() + patienceMs; isStarting(readOwner(folder)) && Date.now() < until; )
    await sleep(200);
  const owner = readOwner(folder);
  return owner?.purpose === 'run' ? owner.databaseUrl : undefined;
}

async function use<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = openDatabase({ url, max: 2 });
  try {
    await refuseEarlierVersion(db, 'database');
    return await work(db);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '42P01')
      throw new AppError('NOT_FOUND', 'Nothing has run in this database yet');
    throw error;
  } finally {
    await db.close();
  }
}
