import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@loopwell/kit';
import { startEmbeddedServer } from '../services/cli/src/embedded/server.ts';
import { stopSignal } from '../services/cli/src/lifecycle/signals.ts';
import { queueProblems, readWitnesses, summaryOf } from './testing/queue-summary.ts';

/**
 * `pnpm test`: generates the API types, starts a PostgreSQL of its own (or uses DATABASE_URL), and
 * runs vitest. Further arguments go to vitest: `pnpm test packages/store`, `pnpm test --project
 * unit`. QUEUE_URL=redis://… puts the same tests on Redis, and then a suite that ran on another
 * backend fails the run. With CI set, reports are left in `.ci/out/<TEST_REPORT or tests>.json` and
 * `…-queues.json`. `pnpm test:long` (`--long`) runs the tests that need Java, Chromium or many
 * minutes, and no others.
 */
const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'loopwell-test-'));
const witnesses = join(folder, 'queues');
mkdirSync(witnesses);
const report = process.env.CI
  ? join(root, '.ci', 'out', process.env.TEST_REPORT ?? 'tests')
  : undefined;
const isLong = process.argv.includes('--long');
const passedOn = process.argv.slice(2).filter((argument) => argument !== '--long');
const environment: NodeJS.ProcessEnv = {
  ...process.env,
  ...(isLong ? { TEST_LONG: '1' } : {}),
  QUEUE_WITNESSES: witnesses,
  TURBO_TELEMETRY_DISABLED: '1',
};
const stopping = stopSignal(() => {});
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

/**
 * Runs a program in a process group of its own, so that all of it can be ended when we are asked to
 * stop.
 */
function run(file: string, args: readonly string[]): Promise<number> {
  if (stopping.signal.aborted) return Promise.resolve(130);
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: environment,
      detached: true,
    });
    const kill = (name: NodeJS.Signals) => {
      try {
        process.kill(-(child.pid ?? 0), name);
      } catch {
        // The group has ended already.
      }
    };
    const end = () => {
      kill('SIGTERM');
      setTimeout(() => kill('SIGKILL'), 5_000).unref();
    };
    stopping.signal.addEventListener('abort', end, { once: true });
    child.once('error', () => resolve(1));
    child.once('exit', (code) => {
      stopping.signal.removeEventListener('abort', end);
      // What a test started and did not end goes with its group; after a stop nobody would end it
      // otherwise.
      kill('SIGKILL');
      resolve(stopping.signal.aborted ? 130 : (code ?? 1));
    });
  });
}

/** Our own options first: what the caller gives wins. */
function vitestArguments(): string[] {
  const reporters = report
    ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}.json`]
    : [];
  return [
    'run',
    ...reporters,
    ...(isLong ? ['--project', 'long'] : ['--tags-filter=!browser']),
    ...passedOn,
  ];
}

/** A suite that ran elsewhere than QUEUE_URL says would be a green that proves nothing. */
function judgeQueues(): number {
  const seen = readWitnesses(witnesses);
  if (report) writeFileSync(`${report}-queues.json`, `${JSON.stringify(seen, null, 2)}\n`);
  if (seen.length === 0) return 0;
  process.stdout.write(`${summaryOf(seen)}\n`);
  // Whoever picks a few suites by hand may pick some that need no queue.
  const scope = !isLong && (process.env.CI || passedOn.length === 0) ? 'run' : 'one suite';
  const problems = queueProblems(seen, process.env.QUEUE_URL, scope);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return problems.length === 0 ? 0 : 1;
}

/**
 * The tests' own PostgreSQL answers before the disk has written. A killed process of ours loses
 * nothing by that, and neither does a killed server; only a machine that loses power would.
 */
const doNotWaitForDisk = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };

async function main(): Promise<number> {
  // A report of an earlier run must not speak for this one.
  if (report) {
    for (const end of ['.json', '-queues.json']) rmSync(`${report}${end}`, { force: true });
    mkdirSync(join(root, '.ci', 'out'), { recursive: true });
  }
  const server = process.env.DATABASE_URL
    ? undefined
    : await startEmbeddedServer(folder, silentLog, { settings: doNotWaitForDisk });
  environment.DATABASE_URL ??= server?.adminUrl;
  process.stdout.write(
    `Node ${process.version}, queue asked for: ` +
      `${process.env.QUEUE_URL ? new URL(process.env.QUEUE_URL).protocol : 'none, so PostgreSQL'}\n`,
  );
  try {
    const generated = await run(bin('turbo'), ['run', 'generate', '--output-logs=errors-only']);
    if (generated !== 0) return generated;
    // Not the launcher in .bin: that one would take the pinned Node, whichever this is.
    const tested = await run(process.execPath, [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      ...vitestArguments(),
    ]);
    return Math.max(tested, judgeQueues());
  } finally {
    await server?.close();
  }
}

let status = 1;
try {
  status = await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status);
