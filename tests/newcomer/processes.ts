import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '@loopwell/kit';

/**
 * For tests: the command line as a process of its own, and whatever else works in a data directory.
 */
export type Running = {
  child: ChildProcess;
  /** Exit status, or the signal that ended it. */
  ended: Promise<number | string>;
  stdout: () => string;
  stderr: () => string;
  /** Waits until stderr shows something; throws when the process ends before. */
  shows: (what: RegExp) => Promise<RegExpExecArray>;
};

const main = join(import.meta.dirname, '..', '..', 'services', 'cli', 'src', 'main.ts');

export type Start = { env?: NodeJS.ProcessEnv; under?: readonly string[]; cwd?: string };

/** The command line with the environment of the tests, but on storage of its own. */
export const commandLine =
  (environment: NodeJS.ProcessEnv) =>
  (args: readonly string[], how: Start = {}) =>
    spawnLoopwell(args, how, environment);

/** @param how.under a command that starts it, such as `setpriv`, with its own arguments */
function spawnLoopwell(
  args: readonly string[],
  how: Start,
  environment: NodeJS.ProcessEnv,
): Running {
  const [file = '', ...rest] = [...(how.under ?? []), process.execPath, main, ...args];
  const { DATABASE_URL: _database, QUEUE_URL: queue, ...others } = { ...environment, ...how.env };
  // A Redis that the tests were asked to run on is used; a PostgreSQL queue is the embedded one.
  const env =
    queue !== undefined && /^rediss?:/.test(queue) ? { ...others, QUEUE_URL: queue } : others;
  const child = spawn(file, rest, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(how.cwd ? { cwd: how.cwd } : {}),
  });
  let [out, err] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  let isOver = false;
  const ended = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal ?? '')),
  );
  child.once('close', () => (isOver = true));
  const shows = async (what: RegExp) => {
    while (true) {
      const match = what.exec(err);
      if (match) return match;
      if (isOver) throw new Error(`It ended without showing ${what}:\n${err}`);
      await sleep(50);
    }
  };
  return { child, ended, stdout: () => out, stderr: () => err, shows };
}

/**
 * Processes that name a folder in their command line or environment: database, sandbox and the
 * command itself.
 */
export function processesOf(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => ['cmdline', 'environ'].some((file) => readProc(pid, file).includes(folder)))
    .map(Number);
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** Waits until nothing works in a folder any more. */
export async function nothingLeft(folder: string): Promise<void> {
  while (processesOf(folder).length > 0) await sleep(100);
}
