import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { commandLine, nothingLeft, processesOf, type Running } from './processes.ts';

/** The calls of docs/partner.md, as they stand there, against the practice site that it starts. */

const page = readFileSync(join(import.meta.dirname, '../../docs/partner.md'), 'utf8');
const calls = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
const loopwell = commandLine(process.env);
const folder = mkdtempSync(join(tmpdir(), 'loopwell-partner-'));
let site: Running | undefined;

afterEach(async () => {
  site?.child.kill('SIGTERM');
  await site?.ended;
  for (const pid of processesOf(folder)) process.kill(pid, 'SIGKILL');
  await nothingLeft(folder);
  rmSync(folder, { recursive: true, force: true });
});

/** Runs shell commands in the folder of the partner, and returns what they print. */
function type(commands: string): string {
  const cwd = join(folder, 'partner');
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', commands], { cwd });
  expect([status, stderr.toString()]).toEqual([0, '']);
  return stdout.toString();
}

it('closes a referral with five calls and nothing else', async () => {
  expect(calls).toHaveLength(5);
  mkdirSync(join(folder, 'partner'));
  const data = join(folder, 'data');
  const options = ['--play', 'county-transit', '--people', '60', '--data-dir', data];
  site = loopwell(['start', ...options]);
  const [, base = ''] = await site.shows(/^BASE=(\S+)$/m);
  const [, bearer = ''] = await site.shows(/^READ=(\S+)$/m);
  const names = `BASE=${base}\nREAD=${bearer}\n`;
  const isWaiting = () => /"fullUrl"/.test(type(`${names}${calls[0]}cat waiting.json`));
  await expect.poll(isWaiting, { timeout: 120_000, interval: 1_000 }).toBe(true);
  writeFileSync(join(folder, 'partner', 'calls.sh'), `${names}${calls.join('\n')}`);
  const printed = type('bash -e calls.sh');
  expect(printed).toContain('"resourceType":"ServiceRequest"');
  expect(printed).toContain('"resourceType":"Patient"');
  expect(printed).toMatch(/"status":"completed".*"text":"A ride to the clinic"/);
  const id = /Task\/([\da-f-]{36})/.exec(printed)?.[1] ?? '';
  const timeline = async () => {
    const trace = loopwell(['trace', `Task/${id}`, '--data-dir', data]);
    await trace.ended;
    return trace.stdout();
  };
  await expect.poll(timeline, { timeout: 60_000, interval: 1_000 }).toContain('written back');
}, 240_000);

it('says which partner can be played', async () => {
  const run = loopwell(['start', '--play', 'northside', '--data-dir', join(folder, 'none')]);
  expect(await run.ended).toBe(2);
  expect(run.stderr()).toContain('--play takes a partner at the hub: county-transit');
}, 60_000);
