import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { AppError, sleep } from '@loopwell/kit';
import type { SandboxOptions } from '@loopwell/sandbox';

/**
 * A measured process of its own. It ends when our end of its standard input does, however we die.
 */
export type Measured = {
  pid: number;
  /** The first line of its output, as JSON. */
  first: Record<string, unknown>;
  /** Sends a line and resolves with the next line of its answer. */
  ask: (line: string) => Promise<Record<string, unknown>>;
  /** Rejects when it ends without having been told to. */
  endsEarly: Promise<never>;
  stop: () => Promise<void>;
};

export async function startNode(
  script: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Measured> {
  const flags = (process.env.BENCH_NODE_FLAGS ?? '').split(' ').filter(Boolean);
  const child = spawn(process.execPath, [...flags, script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, ...env },
  });
  const lines = createInterface({ input: child.stdout });
  const endsEarly = once(child, 'exit').then((): never => {
    throw new AppError('INTERNAL', 'A measured process ended early', {
      facts: { script: script.slice(script.lastIndexOf('/') + 1) },
    });
  });
  endsEarly.catch(() => {});
  const next = async () =>
    JSON.parse(String((await Promise.race([once(lines, 'line'), endsEarly]))[0])) as Record<
      string,
      unknown
    >;
  const first = await next();
  return {
    pid: child.pid ?? 0,
    first,
    endsEarly,
    ask(line) {
      const answer = next();
      child.stdin.write(`${line}\n`);
      return answer;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.stdin.end();
      await Promise.race([ended, sleep(15_000).then(() => child.kill('SIGKILL'))]);
    },
  };
}

export const scriptBeside = (name: string): string => join(import.meta.dirname, name);

/**
 * The fake EHR and its partner in a process of their own. The partner takes every Task and lets it
 * lie.
 */
export async function startSandboxProcess(
  folder: string,
  population: string,
): Promise<Measured & { address: string }> {
  const options: SandboxOptions = {
    port: 0,
    host: '127.0.0.1',
    ehrs: [{ name: 'clinic' }],
    partners: [{ name: 'pantry', behavior: 'silent', stepMs: 1_000 }],
    files: [population],
  };
  const file = join(folder, 'sandbox.json');
  writeFileSync(file, JSON.stringify(options));
  const started = await startNode(
    fileURLToPath(import.meta.resolve('@loopwell/sandbox/main')),
    [],
    { SANDBOX_OPTIONS: file },
  );
  return { ...started, address: String(started.first.address) };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

export type RedisProcess = { url: string; pid: number; version: string; stop: () => Promise<void> };

/**
 * A Redis of our own, as production needs it (noeviction); undefined where there is no
 * redis-server.
 */
export async function startRedis(folder: string): Promise<RedisProcess | undefined> {
  const version = redisVersion();
  if (version === undefined) return undefined;
  const port = await freePort();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'yes',
    '--maxmemory-policy',
    'noeviction',
  ];
  const child: ChildProcess = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  if (!child.stdout) throw new AppError('INTERNAL', 'Redis has no output');
  for await (const line of createInterface({ input: child.stdout }))
    if (/Ready to accept connections/i.test(line)) break;
  const stop = async () => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await Promise.race([ended, sleep(5_000).then(() => child.kill('SIGKILL'))]);
  };
  return { url: `redis://127.0.0.1:${port}`, pid: child.pid ?? 0, version, stop };
}

function redisVersion(): string | undefined {
  try {
    return /v=(\S+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1];
  } catch {
    return undefined;
  }
}

/** The first line of postmaster.pid. */
export const postmasterOf = (folder: string): number =>
  Number(readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
