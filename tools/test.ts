import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@loopwell/kit';
import { startEmbeddedServer } from '../services/loopwell/src/embedded/index.ts';

/**
 * `pnpm test`: generates the API types, starts a PostgreSQL of its own (or uses DATABASE_URL), and runs vitest. Further
 * arguments go to vitest: `pnpm test packages/store`, `pnpm test --project unit`. QUEUE_URL=redis://… puts the same
 * tests on Redis.
 */
const folder = mkdtempSync(join(tmpdir(), 'loopwell-test-'));
const server = process.env.DATABASE_URL ? undefined : await startEmbeddedServer(folder, silentLog);
const environment = { ...process.env, DATABASE_URL: process.env.DATABASE_URL ?? server?.adminUrl, TURBO_TELEMETRY_DISABLED: '1' };
const bin = (name: string) => join(import.meta.dirname, '..', 'node_modules', '.bin', name);

function run(file: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: 'inherit', env: environment });
    const pass = (signal: NodeJS.Signals) => child.kill(signal);
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, pass);
    child.once('exit', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, pass);
      resolve(code ?? (signal ? 130 : 1));
    });
    child.once('error', () => resolve(1));
  });
}

let status = 1;
try {
  status = await run(bin('turbo'), ['run', 'generate', '--output-logs=errors-only']);
  if (status === 0) status = await run(bin('vitest'), ['run', ...process.argv.slice(2)]);
} finally {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status);
