import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError, createLog, type Log } from '@loopwell/kit';
import { type EmbeddedServer, startEmbeddedServer } from '../embedded/index.ts';
import { acquireLock, type Lock } from '../lifecycle/lock.ts';
import { stopSignal } from '../lifecycle/signals.ts';

/** A data directory in our hands: locked, with a database, until `close`. */
export type Session = {
  folder: string;
  databaseUrl: string;
  queueUrl: string;
  signal: AbortSignal;
  log: Log;
  tell: (sentence: string) => void;
  announce: (address: string) => void;
  close: () => Promise<void>;
};

export type Environment = { DATABASE_URL?: string | undefined; QUEUE_URL?: string | undefined; LOOPWELL_LOG?: string | undefined };

export const defaultFolder = (command: string): string => resolve('.loopwell', command);

/** Progress and sentences go to stderr; stdout belongs to results. */
export const tell = (sentence: string): void => void process.stderr.write(`${sentence}\n`);

export async function openSession(folder: string, environment: Environment, options: { fresh: boolean }): Promise<Session> {
  const lock = acquireLock(folder);
  const level = (environment.LOOPWELL_LOG ?? 'silent') as 'silent';
  const log = createLog({ service: 'loopwell', level });
  const stop = stopSignal(() => process.exit(130));
  try {
    if (options.fresh) emptyFolder(folder);
    const database = await openDatabaseServer(folder, environment, log);
    lock.tell({ databaseUrl: database.url });
    return {
      folder,
      databaseUrl: database.url,
      queueUrl: environment.QUEUE_URL ?? database.url,
      signal: stop.signal,
      log,
      tell,
      announce: (address) => lock.tell({ address }),
      close: async () => {
        await database.close();
        stop.release();
        lock.release();
      },
    };
  } catch (error) {
    stop.release();
    lock.release();
    throw error;
  }
}

/** Everything but the lock goes: embedded database, sandbox, their passwords. */
function emptyFolder(folder: string): void {
  for (const name of ['postgres', 'postgres-passwords.json', 'sandbox']) rmSync(join(folder, name), { recursive: true, force: true });
}

async function openDatabaseServer(folder: string, environment: Environment, log: Log): Promise<Pick<EmbeddedServer, 'url' | 'close'>> {
  if (environment.DATABASE_URL) return { url: environment.DATABASE_URL, close: async () => {} };
  return startEmbeddedServer(folder, log);
}

/** Reads a small JSON file of the data directory, or makes it. */
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

export type { Lock };
