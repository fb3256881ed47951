import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { mapDefined } from '@loopwell/fhir';
import { readOwner } from './lock.ts';

/** Where runs of this folder say in which data directory they work, wherever that is. */
const pointers = () => resolve('.loopwell', 'running');

/**
 * Notes that this process works in a data directory, so that commands without `--data-dir` find it.
 *
 * @returns takes the note away again
 */
export function noteRunning(folder: string): () => void {
  const file = join(pointers(), `${process.pid}.json`);
  try {
    mkdirSync(pointers(), { recursive: true, mode: 0o700 });
    writeFileSync(file, JSON.stringify({ folder }), { mode: 0o600 });
  } catch {
    // The folder that we were called in may be read-only: then the data directory has to be named.
    return () => {};
  }
  return () => forget(file);
}

/**
 * Data directories in which something runs that was started in this folder. Notes of killed runs
 * are taken away.
 */
export function runningFolders(): string[] {
  return mapDefined(filesIn(pointers()), (file) => {
    const folder = folderIn(file);
    if (folder !== undefined && readOwner(folder)?.purpose === 'run') return folder;
    forget(file);
    return undefined;
  });
}

/** Somebody else's note may not be ours to take away. */
function forget(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It names a run that has ended, and is passed over.
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function folderIn(file: string): string | undefined {
  try {
    const { folder } = JSON.parse(readFileSync(file, 'utf8')) as { folder?: unknown };
    return typeof folder === 'string' ? folder : undefined;
  } catch {
    return undefined;
  }
}
