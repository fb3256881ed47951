import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testDatabase } from '@loopwell/testing';
import { afterAll, describe, expect, it } from 'vitest';

const opened: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/**
 * An EHR whose answers drip: from the first request on, or only its pages. `longest()`: drops of
 * the answer that took most.
 */
async function startEhr(isWellAtFirst: boolean) {
  const drops: number[] = [];
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/fhir+json' });
    if (isWellAtFirst && request.url?.includes('metadata'))
      return void response.end('{"resourceType":"CapabilityStatement"}');
    response.write('{');
    const index = drops.push(1) - 1;
    const timer = setInterval(() => {
      response.write(' ');
      drops[index] = (drops[index] ?? 0) + 1;
    }, 500);
    response.once('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  return { origin, longest: () => Math.max(0, ...drops) };
}

/** `loopwell run` as a process; its exit status and its words when it has ended. */
async function run(origin: string, more: readonly string[]) {
  const scratch = await testDatabase();
  opened.push(scratch.close);
  const folder = mkdtempSync(join(tmpdir(), 'loopwell-slow-end-'));
  opened.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = fileURLToPath(new URL('../main.ts', import.meta.url));
  const options = [
    '--ehr',
    `${origin}/fhir`,
    '--allow-private-networks',
    '--data-dir',
    folder,
    '--port',
    '0',
  ];
  const child = spawn(process.execPath, [file, 'run', ...options, ...more], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, DATABASE_URL: scratch.url, QUEUE_URL: scratch.url },
  });
  opened.push(() => child.kill('SIGKILL'));
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text;
  });
  return {
    child,
    words: () => words,
    ended: once(child, 'exit').then(([status]) => status as number),
  };
}

/**
 * All side by side, since what a test waits for is mostly that time is up. The timeout is many
 * times what a run needs to reach the EHR, and still far shorter than the deadline of what drips: a
 * run that waited for an answer to end would be seen.
 */
describe.concurrent('an EHR that drips', { timeout: 180_000 }, () => {
  const doors = [
    ['/metadata', false],
    ['pages', true],
  ] as const;

  it.each(doors)('lets --timeout end a run, with its address: %s', async (_what, isWellAtFirst) => {
    const { origin, longest } = await startEhr(isWellAtFirst);
    const { ended, words } = await run(origin, ['--once', '--timeout', '25s']);
    const status = await ended;
    expect(longest(), words()).toBeGreaterThan(0);
    expect(words()).toContain(
      isWellAtFirst
        ? 'The timeout came before everything was at rest'
        : 'The timeout came before the EHR',
    );
    expect(words()).toContain(origin);
    expect(status).not.toBe(0);
  });

  it.each(doors)('lets SIGTERM end a run, with its address: %s', async (_what, isWellAtFirst) => {
    const { origin, longest } = await startEhr(isWellAtFirst);
    const { child, ended, words } = await run(origin, ['--once']);
    // A server is named once it has kept us waiting for a second.
    await expect.poll(longest, { timeout: 90_000 }).toBeGreaterThan(3);
    child.kill('SIGTERM');
    expect(await ended, words()).toBe(1);
    expect(words()).toContain(origin);
    expect(words()).toMatch(/Stopped before/);
  });
});
