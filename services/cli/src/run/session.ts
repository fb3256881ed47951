import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError, createLog, type Log, type LogLevel } from '@loopwell/kit';
import { openDatabase, refuseEarlierVersion } from '@loopwell/store';
import type { Environment } from '../command-line/environment.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../embedded/server.ts';
import { acquireLock, type Lock } from '../lifecycle/lock.ts';
import { noteRunning } from '../lifecycle/running-runs.ts';
import { stopSignal } from '../lifecycle/signals.ts';
import { openScreen, type Screen } from '../terminal/progress-display.ts';

/** An open data directory: locked, with a database, until `close`. */
export type Session = {
  folder: string;
  databaseUrl: string;
  queueUrl: string;
  signal: AbortSignal;
  log: Log;
  screen: Screen;
  tell: (sentence: string) => void;
  announce: (address: string) => void;
  close: () => Promise<void>;
};

/** Returns the data directory of a command: the one of `--data-dir`, or its default one. */
export const dataFolderOf = (options: { dataDir?: string }, command: string): string =>
  resolve(options.dataDir ?? join('.loopwell', command));

const logLevels: readonly string[] = ['debug', 'info', 'warn', 'error', 'silent'];

/**
 * Returns the log level. Without LOOPWELL_LOG only progress is shown, because the log is for
 * finding faults.
 */
function levelOf({ LOOPWELL_LOG: level }: Environment): LogLevel {
  if (level === undefined || level === '') return 'silent';
  if (!logLevels.includes(level))
    throw new AppError('REQUEST_INVALID', 'LOOPWELL_LOG takes debug, info, warn, error or silent');
  return level as LogLevel;
}

/**
 * Opens a data directory: locks it and starts its database, or uses the one of DATABASE_URL.
 * @param options.looks opens it for reading only: it and other commands wait for each other
 */
export async function openSession(
  folder: string,
  environment: Environment,
  options: { startOver?: boolean; looks?: boolean } = {},
): Promise<Session> {
  const log = createLog({ service: 'loopwell', level: levelOf(environment) });
  if (options.startOver && environment.DATABASE_URL) {
    throw new AppError(
      'REQUEST_INVALID',
      '--fresh starts over with the embedded database; empty the one that DATABASE_URL ' +
        'names yourself',
    );
  }
  const stop = stopSignal(() => process.exit(130));
  let lock: Lock | undefined;
  try {
    lock = await acquireLock(folder, options.looks ? 'look' : 'run');
    if (options.startOver) emptyFolder(folder);
    const database = await openDatabaseServer(folder, environment, log);
    lock.tell({ databaseUrl: database.url });
    const forget = options.looks ? () => {} : noteRunning(folder);
    return sessionOf(folder, environment, { log, lock, stop, database, forget });
  } catch (error) {
    stop.release();
    lock?.release();
    throw error;
  }
}

type Parts = {
  log: Log;
  lock: Lock;
  stop: ReturnType<typeof stopSignal>;
  database: Pick<EmbeddedServer, 'url' | 'close'>;
  forget: () => void;
};

function sessionOf(
  folder: string,
  environment: Environment,
  { log, lock, stop, database, forget }: Parts,
): Session {
  // Progress and sentences go to stderr. Only results go to stdout.
  const screen = openScreen(process.stderr);
  return {
    folder,
    databaseUrl: database.url,
    queueUrl: environment.QUEUE_URL ?? database.url,
    signal: stop.signal,
    log,
    screen,
    tell: screen.say,
    announce: (address) => lock.tell({ address }),
    close: async () => {
      await database.close();
      stop.release();
      forget();
      lock.release();
    },
  };
}

/** Removes everything except the lock: embedded database, sandbox, their passwords. */
function emptyFolder(folder: string): void {
  for (const name of ['postgres', 'postgres-passwords.json', 'secret-key.json', 'sandbox'])
    rmSync(join(folder, name), { recursive: true, force: true });
}

async function openDatabaseServer(
  folder: string,
  environment: Environment,
  log: Log,
): Promise<Pick<EmbeddedServer, 'url' | 'close'>> {
  if (environment.DATABASE_URL) return { url: environment.DATABASE_URL, close: async () => {} };
  const server = await startEmbeddedServer(folder, log);
  try {
    await requireThisVersion(server.url);
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

async function requireThisVersion(url: string): Promise<void> {
  const db = openDatabase({ url, tenant: 'default', max: 1 });
  try {
    await refuseEarlierVersion(db, 'data directory');
  } finally {
    await db.close();
  }
}

/** Reads a small JSON file of the data directory, or creates it. */
export function remembered<T>(folder: string, name: string, make: () => T): T {
  const file = join(folder, name);
  if (existsSync(file)) {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as T;
    } catch {
      throw new AppError('CONFIG_INVALID', `${file} is damaged; start with --fresh`);
    }
  }
  const made = make();
  writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}
