import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { mapDefined } from '@loopwell/fhir';
import { readOwner } from './lock.ts';

/** Returns the folder in which runs started here note their data directories. */
const pointers = () => resolve('.loopwell', 'running');

/**
 * Notes that this process works in a data directory, so that commands without `--data-dir` find it.
 * @returns a function that removes the note
 */
export function noteRunning(folder: string): () => void {
  const file = join(pointers(), `${process.pid}.json`);
  try {
    mkdirSync(pointers(), { recursive: true, mode: 0o700 });
    writeFileSync(file, JSON.stringify({ folder }), { mode: 0o600 });
  } catch {
    // The current folder may be read-only. Then the data directory has to be named.
    return () => {};
  }
  return () => forget(file);
}

/**
 * Lists the data directories of runs that were started in this folder. Notes of killed runs are
 * removed.
 */
export function runningFolders(): string[] {
  return mapDefined(filesIn(pointers()), (file) => {
    const folder = folderIn(file);
    if (folder !== undefined && readOwner(folder)?.purpose === 'run') return folder;
    forget(file);
    return undefined;
  });
}

/** Removes a note, if we may. It may belong to another user. */
function forget(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The note names a run that has ended, and is ignored.
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
