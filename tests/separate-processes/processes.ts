import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';

/**
 * Operating-system processes for tests: services as they run in production, and what they talk to.
 */

const services = fileURLToPath(new URL('../../services/', import.meta.url));

/**
 * How the test command sees which queue a process opens; nothing else of our environment reaches a
 * service.
 */
const { NODE_OPTIONS = '', QUEUE_WITNESS = '' } = process.env;

export type Running = {
  child: ChildProcess;
  address: string;
  lines: string[];
  ended: Promise<number | null>;
};

/** Runs a service to its end: its exit status and what it said. */
export async function runService(
  name: string,
  env: Record<string, string>,
): Promise<{ status: number | null; output: string }> {
  const { child, lines, ended } = spawnService(name, env);
  const status = await ended;
  child.stderr?.destroy();
  return { status, output: lines.join('\n') };
}

/** Starts a service and waits until it says where it listens. */
export async function startService(name: string, env: Record<string, string>): Promise<Running> {
  const { child, lines, ended, listening } = spawnService(name, env);
  const address = await Promise.race([listening, ended.then(() => undefined)]);
  if (address === undefined)
    throw new Error(`${name} ended instead of listening: ${lines.join('\n')}`);
  return { child, address, lines, ended };
}

function spawnService(name: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [`${services}${name}/src/main.ts`], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { NODE_OPTIONS, QUEUE_WITNESS, ...env },
  });
  const lines: string[] = [];
  const ended = once(child, 'close').then(([status]) => status as number | null);
  const listening = new Promise<string>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (line.includes('"Listening"')) resolve((JSON.parse(line) as { address: string }).address);
    });
  });
  return { child, lines, ended, listening };
}

/** The command line, as people call it; its standard output. */
export async function loopwell(
  args: readonly string[],
  env: Record<string, string>,
): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [`${services}cli/src/main.ts`, ...args],
    { env },
  );
  return stdout.trim();
}

/** A real Redis with a policy, or undefined where Debian's redis-server is not installed. */
export async function startRedis(
  policy: string,
  at?: number,
): Promise<{ url: string; close: () => Promise<void> } | undefined> {
  const port = at ?? (await freePort());
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--maxmemory-policy', policy],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const ready = new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    createInterface({ input: child.stdout }).on(
      'line',
      (line) => line.includes('Ready to accept connections') && resolve(true),
    );
  });
  if (!(await ready)) return undefined;
  return {
    url: `redis://127.0.0.1:${port}`,
    async close() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
