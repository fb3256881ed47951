import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

const main = new URL('../main.ts', import.meta.url).pathname;
/**
 * Far more than the pipe and our own buffer hold: what a child that has ended left unread may be
 * dropped by Node.
 */
const count = 3_000;
const file = join(mkdtempSync(join(tmpdir(), 'loopwell-slow-')), 'many.ndjson');
const bundleOf = (n: number) => ({
  resourceType: 'Bundle',
  id: `b${n}`,
  type: 'collection',
  entry: [{ resource: { resourceType: 'Patient', id: 'p1', name: [{ text: 'x'.repeat(500) }] } }],
});
writeFileSync(
  file,
  Array.from({ length: count }, (_, n) => `${JSON.stringify(bundleOf(n))}\n`).join(''),
);

const start = () =>
  spawn(process.execPath, [main, 'code', file], { stdio: ['ignore', 'pipe', 'ignore'] });

describe('whoever reads the output', () => {
  it.each([1, 2, 3])('slowly gets every line (%i)', async () => {
    const child = start();
    const ended = once(child, 'exit');
    // The command has long ended its work when the first byte is taken.
    await sleep(1_500);
    let text = '';
    for await (const chunk of child.stdout) {
      text += String(chunk);
      await sleep(2);
    }
    expect(await ended).toEqual([0, null]);
    const ids = text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toEqual(Array.from({ length: count }, (_, n) => `b${n}`));
  });

  it('and stops reading ends it, without a word', async () => {
    const child = spawn(process.execPath, [main, 'code', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    const ended = once(child, 'exit');
    await once(child.stdout, 'readable');
    child.stdout.destroy();
    const [status] = await ended;
    expect([0, 1]).toContain(status);
    expect(stderr).not.toContain('Error');
  });
});
