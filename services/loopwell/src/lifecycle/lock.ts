import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@loopwell/kit';

/** Who works in a data directory, and where they can be found. */
export type Owner = { pid: number; startedAt: string; address?: string; databaseUrl?: string };

export type Lock = { tell: (more: Partial<Owner>) => void; release: () => void };

const lockFile = (folder: string) => join(folder, 'owner.json');

/**
 * One run per data directory. The lock names our process by pid and start time, so that a pid used again is not taken
 * for its owner.
 *
 * @throws AppError CONFLICT with "already running at …" when the owner is alive
 */
export function acquireLock(folder: string): Lock {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    throw new AppError('CONFIG_INVALID', `The data directory ${folder} cannot be written; choose another with --data-dir`);
  }
  const owner = readOwner(folder);
  if (owner) {
    const where = owner.address ? ` at ${owner.address}` : '';
    throw new AppError('CONFLICT', `Loopwell is already running${where} (process ${owner.pid}) in this data directory`);
  }
  let own: Owner = { pid: process.pid, startedAt: startOfProcess(process.pid) };
  const write = () => writeFileSync(lockFile(folder), JSON.stringify(own), { mode: 0o600 });
  try {
    write();
  } catch {
    throw new AppError('CONFIG_INVALID', `The data directory ${folder} cannot be written; choose another with --data-dir`);
  }
  return {
    tell(more) {
      own = { ...own, ...more };
      write();
    },
    release: () => rmSync(lockFile(folder), { force: true }),
  };
}

/** The living owner of a data directory, if there is one. */
export function readOwner(folder: string): Owner | undefined {
  const file = lockFile(folder);
  if (!existsSync(file)) return undefined;
  try {
    const owner = JSON.parse(readFileSync(file, 'utf8')) as Owner;
    return isAlive(owner) ? owner : undefined;
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

/** Start time in clock ticks since boot, where the system tells (Linux); elsewhere the pid alone must do. */
export function startOfProcess(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
