import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { consoleService } from '@loopwell/console';
import { silentLog } from '@loopwell/kit';
import { hosted, openHost } from '@loopwell/service';
import { clockMoves, type Database, migrate, openDatabase } from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../program.ts';

const folder = mkdtempSync(join(tmpdir(), 'loopwell-clock-'));
let scratch: { url: string; close: () => Promise<void> };
let db: Database;
let [printed, stderr] = ['', ''];

beforeEach(async () => {
  scratch = await testDatabase();
  db = openDatabase({ url: scratch.url, tenant: 'default' });
  [printed, stderr] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) =>
    Boolean((printed += String(text))),
  );
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((stderr += String(text))));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await db.close();
  await scratch.close();
  rmSync(folder, { recursive: true, force: true });
});

const loopwell = (...args: string[]) => {
  [printed, stderr] = ['', ''];
  return main(args, { DATABASE_URL: scratch.url, QUEUE_URL: queueUrl(scratch.url) });
};

describe('loopwell clock', () => {
  it('shows the real time, moves the clock of a sandbox, and prints the new time', async () => {
    await migrate(scratch.url);
    expect(await loopwell('clock', 'show')).toBe(0);
    expect(printed).toContain(', the real time');
    await clockMoves.allowMoves(db);
    expect(await loopwell('clock', 'advance', '3d', '--by', 'jo')).toBe(0);
    expect(printed).toMatch(/^\d{4}-.*Z, 3 d ahead of the real time\n$/);
    expect(await loopwell('clock', 'advance', '90m', '--json')).toBe(0);
    const state = JSON.parse(printed);
    expect(state.aheadSeconds).toBe(3 * 86_400 + 5_400);
    expect(Date.parse(state.now) - Date.parse(state.realNow)).toBeCloseTo(264_600_000, -3);
    expect(await loopwell('clock', 'show')).toBe(0);
    expect(printed).toContain('3 d 1 h 30 m ahead');
  });

  it.each([['tomorrow'], ['0d'], ['3 days'], ['-3d'], ['9999d'], ['1e9d'], ['']])(
    'refuses %j as a duration and moves nothing',
    async (duration) => {
      await migrate(scratch.url);
      await clockMoves.allowMoves(db);
      expect(await loopwell('clock', 'advance', duration)).toBe(2);
      expect(await clockMoves.readClock(db)).toMatchObject({ aheadMs: 0, isMoving: false });
    },
  );

  it('moves no clock of a database that `start` did not make', async () => {
    expect(await loopwell('clock', 'advance', '3d')).toBe(1);
    await migrate(scratch.url);
    expect(await loopwell('clock', 'advance', '3d')).toBe(1);
    expect(stderr).toContain('only that of `loopwell start` can');
    expect(await clockMoves.readClock(db)).toMatchObject({ aheadMs: 0, isMoving: false });
  });
});

describe('a process outside the sandbox', () => {
  const open = (log = silentLog) =>
    openHost({
      services: [hosted(consoleService, {})],
      tenant: 'default',
      database: { url: scratch.url, max: 4 },
      migrates: true,
      queue: { url: queueUrl(scratch.url) },
      listen: { host: '127.0.0.1', port: 0 },
      privateOrigins: [],
      timing: { reconcileMs: 200 },
      log,
      tell: () => {},
    });

  it('does not start where the clock was moved, and changes nothing', async () => {
    await migrate(scratch.url);
    await clockMoves.allowMoves(db);
    await clockMoves.advanceClock(db, { ms: 60_000, by: 'person:tester' });
    await expect(open()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    const file = join(mkdtempSync(folder), 'people.ndjson');
    writeFileSync(file, '{"resourceType":"Patient","id":"p"}\n');
    expect(await loopwell('load', file, '--once', '--data-dir', join(folder, 'load'))).toBe(1);
    expect(stderr).toContain('The clock of this database was moved ahead');
    const { rows } = await db.query('select 1 from connection');
    expect(rows).toEqual([]);
  });

  it('is not ready any more and works no more where the clock is moved later', {
    timeout: 60_000,
  }, async () => {
    await migrate(scratch.url);
    await clockMoves.allowMoves(db);
    const errors: string[] = [];
    const host = await open({ ...silentLog, error: (message) => void errors.push(message) });
    const ready = async () => {
      const answer = await fetch(`${host.address}/ready`);
      return [answer.status, JSON.stringify(await answer.json())] as const;
    };
    expect((await ready())[0]).toBe(200);
    await clockMoves.advanceClock(db, { ms: 60_000, by: 'person:tester' });
    await expect.poll(async () => (await ready())[0], { timeout: 20_000 }).toBe(503);
    expect((await ready())[1]).toContain('The clock of this database was moved ahead');
    await host.close();
  });
});
