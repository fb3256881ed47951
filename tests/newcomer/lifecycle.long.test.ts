import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { commandLine, nothingLeft, processesOf, type Running } from './processes.ts';

const limitMs = 300_000;
const loopwell = commandLine(process.env);
const started = /Sign in: (http:\/\/127\.0\.0\.1:\d+)\/sign-in\?token=\S+/;
const isRoot = process.getuid?.() === 0;
const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'loopwell-life-'));
  chmodSync(folder, 0o755);
  folders.push(folder);
  return join(folder, 'data');
}

afterEach(async () => {
  for (const folder of folders.splice(0)) {
    for (const pid of processesOf(folder)) process.kill(pid, 'SIGKILL');
    await nothingLeft(folder);
    rmSync(folder, { recursive: true, force: true });
  }
});

const start = (folder: string, ...more: string[]) =>
  loopwell(['start', '--people', '3', '--data-dir', folder, ...more]);

async function stop(run: Running, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
  run.child.kill(signal);
  return run.ended;
}

describe.runIf(process.platform === 'linux')('one data directory', { timeout: limitMs }, () => {
  it('plays to its end as scripted, prints nothing but the result, and goes on from there the next time', async () => {
    const folder = newFolder();
    const first = start(folder, '--once', '--json');
    expect(await first.ended, first.stderr()).toBe(0);
    const totals = JSON.parse(first.stdout()) as { encounters: { pulled: number } };
    expect(totals.encounters.pulled).toBeGreaterThan(3);
    expect(first.stderr()).toContain('Everything ended as scripted.');
    await nothingLeft(folder);
    const second = start(folder, '--once', '--json');
    expect(await second.ended, second.stderr()).toBe(0);
    expect({ ...(JSON.parse(second.stdout()) as object), durationMs: 0 }).toEqual({
      ...totals,
      durationMs: 0,
    });
  });

  it('has one run, beside which others look, hold and release', async () => {
    const folder = newFolder();
    const first = start(folder);
    const [, address = ''] = await first.shows(started);
    for (const args of [[], ['--fresh'], ['--once']]) {
      const second = start(folder, ...args);
      expect(await second.ended).toBe(1);
      expect(second.stderr()).toContain(`already running at ${address}`);
      expect(second.stdout()).toBe('');
    }
    const beside = async (...args: string[]) => {
      const run = loopwell([...args, '--data-dir', folder]);
      return { status: await run.ended, out: run.stdout(), err: run.stderr() };
    };
    const looked = await beside('status', '--json');
    expect(looked.status, looked.err).toBe(0);
    expect(JSON.parse(looked.out)).toMatchObject({
      totals: { referrals: {} },
      stages: expect.any(Array),
      holds: [],
      wouldGo: {},
    });
    expect(await beside('hold', 'sends')).toMatchObject({ status: 0, out: 'Held: all\n' });
    expect(await beside('hold', 'sends', 'all')).toMatchObject({
      status: 0,
      out: 'Held already: all\n',
    });
    expect(await beside('hold', 'sends', 'partner', 'Northside', 'Food', 'Shelf')).toMatchObject({
      status: 0,
      out: 'Held: partner:northside-food\n',
    });
    const unknown = await beside('hold', 'sends', 'partner', 'nobody');
    expect(unknown.status).toBe(2);
    expect(unknown.err).toMatch(/known are: .*northside-food \(http/);
    expect(await beside('hold', 'sends', 'ehr', 'clinic')).toMatchObject({
      status: 0,
      out: 'Held: ehr:clinic\n',
    });
    expect(
      JSON.parse((await beside('status', '--json')).out).holds.map(
        (one: { scope: string }) => one.scope,
      ),
    ).toEqual(['all', 'ehr:clinic', 'partner:northside-food']);
    const released = await beside('release');
    expect(released.out).toMatch(
      /Released: all\nStill held: ehr:clinic, partner:northside-food\n$/,
    );
    expect((await beside('release')).status).toBe(1);
    const link = await beside('sign-in', '--role', 'admin');
    expect(link.out).toMatch(new RegExp(`^${address}/sign-in\\?token=\\S+\\n$`));
    const opened = await fetch(link.out.trim(), { redirect: 'manual' });
    expect(opened.status).toBeLessThan(400);
    expect((await fetch(`${address}/live`)).status).toBe(200);
    expect(await stop(first, 'SIGINT')).toBe(0);
    await nothingLeft(folder);
    expect(JSON.parse((await beside('status', '--json')).out).holds).toHaveLength(2);
    await nothingLeft(folder);
  });

  it('is free again after SIGHUP, after a kill of the process, and after a kill of everything in it', async () => {
    const folder = newFolder();
    const first = start(folder);
    await first.shows(started);
    expect(await stop(first, 'SIGHUP')).toBe(0);
    await nothingLeft(folder);
    const second = start(folder);
    await second.shows(started);
    expect(await stop(second, 'SIGKILL')).toBe('SIGKILL');
    await nothingLeft(folder);
    const third = start(folder);
    await third.shows(started);
    for (const pid of processesOf(folder)) process.kill(pid, 'SIGKILL');
    await third.ended;
    const fourth = start(folder);
    await fourth.shows(started);
    expect(await stop(fourth)).toBe(0);
    await nothingLeft(folder);
  });

  it('is left when the npx that started it is killed', async () => {
    const folder = newFolder();
    // What a process list shows of npx.
    const npx = loopwell(['start', '--people', '3', '--data-dir', folder], {
      under: ['bash', '-c', 'exec -a "npm exec loopwell" bash -c \'"$@"; exit\' npx "$@"', 'sh'],
    });
    await npx.shows(started);
    npx.child.kill('SIGKILL');
    await nothingLeft(folder);
  });

  it('is given up with one sentence when its port is taken, or when it cannot be written', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => busy.once('listening', resolve));
    const address = busy.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const folder = newFolder();
    const taken = start(folder, '--port', String(port));
    expect(await taken.ended).toBe(1);
    expect(taken.stderr()).toContain(`Port ${port} is in use; choose another with --port`);
    await nothingLeft(folder);
    busy.close();
    writeFileSync(join(folder, 'file'), '');
    const unwritable = start(join(folder, 'file', 'data'));
    expect(await unwritable.ended).toBe(1);
    expect(unwritable.stderr()).toMatch(
      /^The data directory .* cannot be written; choose another with --data-dir\n$/,
    );
  });

  it('says so when something else uses the port of its sandbox, and finds another with --fresh', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => busy.once('listening', resolve));
    const address = busy.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const folder = newFolder();
    mkdirSync(join(folder, 'sandbox'), { recursive: true });
    writeFileSync(join(folder, 'sandbox', 'port.json'), JSON.stringify({ port }));
    const taken = start(folder, '--once', '--json');
    expect(await taken.ended).toBe(1);
    expect(taken.stderr()).toContain(
      `Something else uses port ${port} of this data directory's sandbox`,
    );
    expect(readFileSync(join(folder, 'sandbox', 'stderr.log'), 'utf8')).toContain('EADDRINUSE');
    await nothingLeft(folder);
    const restarted = start(folder, '--once', '--json', '--fresh');
    expect(await restarted.ended, restarted.stderr()).toBe(0);
    busy.close();
    await nothingLeft(folder);
  });

  it.runIf(isRoot)(
    'works as root where user namespaces are switched off, with a database that belongs to nobody',
    async () => {
      const folder = newFolder();
      const programs = join(folder, '..', 'programs');
      mkdirSync(programs);
      writeFileSync(join(programs, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
      const run = loopwell(['start', '--people', '3', '--data-dir', folder], {
        env: { PATH: `${programs}:${process.env.PATH}` },
      });
      await run.shows(started);
      expect(statSync(join(folder, 'postgres')).uid).toBe(65_534);
      expect(await stop(run)).toBe(0);
      await nothingLeft(folder);
    },
  );

  it.runIf(isRoot && existsSync('/usr/bin/setpriv'))(
    'works for a user without any rights, and an empty home that cannot be written',
    async () => {
      const folder = newFolder();
      chmodSync(join(folder, '..'), 0o777);
      const under = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
      const run = loopwell(['start', '--people', '3', '--data-dir', folder], {
        under,
        env: { HOME: '/nonexistent', QUEUE_WITNESS: '' },
      });
      await run.shows(started);
      expect(statSync(join(folder, 'postgres')).uid).toBe(65_534);
      expect(await stop(run)).toBe(0);
      await nothingLeft(folder);
      const home = loopwell(['start'], {
        under,
        env: { HOME: '/nonexistent', QUEUE_WITNESS: '' },
        cwd: '/',
      });
      expect(await home.ended).toBe(1);
      expect(home.stderr()).toContain('cannot be written; choose another with --data-dir');
    },
  );
});
