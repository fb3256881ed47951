import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testDatabase } from '@loopwell/testing';
import { afterEach, describe, expect, it } from 'vitest';

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** An EHR whose answers drip: from the first request on, or only its pages. */
async function startEhr(isWellAtFirst: boolean): Promise<{ origin: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(200, { 'content-type': 'application/fhir+json' });
    if (isWellAtFirst && request.url?.includes('metadata')) return void response.end('{"resourceType":"CapabilityStatement"}');
    response.write('{');
    const timer = setInterval(() => response.write(' '), 500);
    response.once('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as { port: number }).port}`, asked };
}

/** `loopwell run` as a process; its exit status, its words, and how long it took to end. */
async function run(origin: string, more: readonly string[]) {
  const scratch = await testDatabase();
  opened.push(scratch.close);
  const folder = mkdtempSync(join(tmpdir(), 'loopwell-slow-end-'));
  opened.push(() => rmSync(folder, { recursive: true, force: true }));
  const entry = fileURLToPath(new URL('../main.ts', import.meta.url));
  const options = ['--ehr', `${origin}/fhir`, '--allow-private-networks', '--data-dir', folder, '--port', '0'];
  const child = spawn(process.execPath, [entry, 'run', ...options, ...more], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, DATABASE_URL: scratch.url, QUEUE_URL: scratch.url },
  });
  opened.push(() => child.kill('SIGKILL'));
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text;
  });
  return { child, ended: once(child, 'exit').then(([status]) => ({ status: status as number, words })) };
}

describe('an EHR that drips', () => {
  const doors = [
    ['/metadata', false],
    ['pages', true],
  ] as const;

  it.each(doors)('lets --timeout end a run, with its address: %s', { timeout: 90_000 }, async (_what, isWellAtFirst) => {
    const { origin, asked } = await startEhr(isWellAtFirst);
    const { ended } = await run(origin, ['--once', '--timeout', '6s']);
    await expect.poll(() => asked.length, { timeout: 60_000 }).toBeGreaterThan(isWellAtFirst ? 1 : 0);
    const since = Date.now();
    const { status, words } = await ended;
    expect(Date.now() - since).toBeLessThan(6_000 + 15_000);
    expect(words).toContain(origin);
    expect(status).not.toBe(0);
  });

  it.each(doors)('lets SIGTERM end a run, with its address: %s', { timeout: 90_000 }, async (_what, isWellAtFirst) => {
    const { origin, asked } = await startEhr(isWellAtFirst);
    const { child, ended } = await run(origin, ['--once']);
    await expect.poll(() => asked.length, { timeout: 60_000 }).toBeGreaterThan(isWellAtFirst ? 1 : 0);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const since = Date.now();
    child.kill('SIGTERM');
    const { status, words } = await ended;
    expect(Date.now() - since).toBeLessThan(15_000);
    expect(words).toContain(origin);
    expect(status).toBe(1);
  });
});
