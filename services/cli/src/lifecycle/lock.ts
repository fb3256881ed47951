import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, newId, sleep } from '@loopwell/kit';

/**
 * The process that uses a data directory, and how to reach it. `look` is a command that only reads
 * and ends soon.
 */
export type Owner = {
  pid: number;
  startedAt: string;
  purpose: 'run' | 'look';
  address?: string;
  databaseUrl?: string;
};

export type Lock = { tell: (more: Partial<Owner>) => void; release: () => void };

const lockFile = (folder: string) => join(folder, 'owner.json');

/** Milliseconds to wait for a command that only reads. */
const patienceMs = 60_000;

/**
 * Locks a data directory for one run. The lock names our process by pid and start time, so that a
 * reused pid is not taken for its owner.
 * @throws AppError CONFLICT with "already running at …" when the owner is alive
 */
export async function acquireLock(
  folder: string,
  purpose: Owner['purpose'] = 'run',
): Promise<Lock> {
  const candidate: Owner = { pid: process.pid, startedAt: startOfProcess(process.pid), purpose };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const until = Date.now() + patienceMs;
    while (!takeFile(folder, candidate)) {
      const owner = readOwner(folder);
      if (owner && (owner.purpose !== 'look' || Date.now() > until)) throw conflict(owner);
      if (owner) await sleep(200);
      else removeStale(folder);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError(
      'CONFIG_INVALID',
      `The data directory ${folder} cannot be written; choose another with --data-dir`,
    );
  }
  return lockOf(folder, candidate);
}

function conflict(owner: Owner): AppError {
  const where = owner.address ? ` at ${owner.address}` : '';
  return new AppError(
    'CONFLICT',
    `Loopwell is already running${where} (process ${owner.pid}) in this data directory; ` +
      'stop it first, or choose another with --data-dir',
  );
}

/** Tries to create the lock file. The system lets only one of several processes create it. */
function takeFile(folder: string, owner: Owner): boolean {
  try {
    writeFileSync(lockFile(folder), JSON.stringify(owner), { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes the lock of a dead process. It is first moved aside: if two processes find it, only one
 * can move it, and neither removes the other's new lock.
 */
function removeStale(folder: string): void {
  const aside = `${lockFile(folder)}.${newId()}`;
  try {
    renameSync(lockFile(folder), aside);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  const moved = ownerIn(aside);
  if (moved && isAlive(moved) && !existsSync(lockFile(folder))) renameSync(aside, lockFile(folder));
  rmSync(aside, { force: true });
}

function lockOf(folder: string, first: Owner): Lock {
  let owner = first;
  return {
    tell(more) {
      owner = { ...owner, ...more };
      const next = `${lockFile(folder)}.${owner.pid}`;
      writeFileSync(next, JSON.stringify(owner), { mode: 0o600 });
      // Readers see the old or the new file, never half of one.
      renameSync(next, lockFile(folder));
    },
    release: () => rmSync(lockFile(folder), { force: true }),
  };
}

/** Returns the living owner of a data directory, if there is one. */
export function readOwner(folder: string): Owner | undefined {
  const owner = ownerIn(lockFile(folder));
  return owner && isAlive(owner) ? owner : undefined;
}

function ownerIn(file: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return startOfProcess(owner.pid) === owner.startedAt;
}

/**
 * Returns the start time of a process in clock ticks since boot, where the system gives it (Linux);
 * elsewhere an empty text, so only the pid counts.
 */
export function startOfProcess(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
