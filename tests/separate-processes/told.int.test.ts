import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, type Database, migrate, openDatabase } from '@loopwell/store';
import { queueUrl, startStrictEhr, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clockOffBy } from '../durability/harness.ts';
import { startService } from './processes.ts';

/**
 * What services say of themselves while something around them is wrong: `/ready` for people and
 * probes, `/metrics` for alerts.
 */
const closing: (() => Promise<unknown>)[] = [];
const patience = { timeout: 60_000 };
let scratch: { url: string; close: () => Promise<void> };
let db: Database;
let authorization = '';

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'default', max: 2 });
  const routes = ['GET /metrics', 'PUT /api/v1/connections/:id'];
  const who = {
    tenant: 'default',
    kind: 'service' as const,
    principal: 'service:test',
    roles: [],
    routes,
  };
  authorization = `Bearer ${await db.tx((tx) => access.grantAccess(tx, who))}`;
  closing.push(scratch.close, db.close);
});
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(name: string, more: Record<string, string>) {
  const { child, address } = await startService(name, {
    ...{
      DATABASE_URL: scratch.url,
      QUEUE_URL: queueUrl(scratch.url),
      LOOPWELL_SECRET_KEY: randomBytes(32).toString('hex'),
    },
    ...{
      PUBLIC_URL: 'http://127.0.0.1:1',
      INTAKE_PORT: '0',
      ENRICHMENT_PORT: '0',
      REFERRAL_PORT: '0',
      CONSOLE_PORT: '0',
    },
    ...{ RECONCILE_MS: '200', PULL_MARGIN_MS: '0', ...more },
  });
  closing.push(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  });
  return {
    address,
    ready: async () => {
      const answer = await fetch(`${address}/ready`);
      return {
        ...((await answer.json()) as { reasons: object; notes?: { receivers?: string } }),
        status: answer.status,
      };
    },
    /** One number of its metrics, by its name with its labels. */
    number: async (series: string) => {
      const text = await (await fetch(`${address}/metrics`, { headers: { authorization } })).text();
      const line = text.split('\n').find((one) => one.startsWith(`${series} `));
      return line === undefined ? undefined : Number(line.split(' ').at(-1));
    },
  };
}

it('a server that lets requests wait is named in numbers and in a note, for as long as it does', {
  timeout: 120_000,
}, async () => {
  const answered = Promise.withResolvers<void>();
  closing.push(async () => answered.resolve());
  const before = (path: string) =>
    path.includes('/Observation?') ? answered.promise : Promise.resolve();
  const ehr = await startStrictEhr((_query, answer) => answer(), { before });
  closing.push(ehr.close);
  const { origin } = new URL(ehr.base);
  const intake = await start('intake', { PRIVATE_ORIGINS: origin });
  const put = await fetch(`${intake.address}/api/v1/connections/north`, {
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ base: ehr.base, credentials: { kind: 'none' } }),
  });
  expect(put.status).toBe(201);
  const waits = () => intake.number(`loopwell_longest_request_seconds{receiver="${origin}"}`);
  await expect.poll(waits, patience).toBeGreaterThan(1);
  const note = async () => (await intake.ready()).notes?.receivers;
  await expect
    .poll(note, patience)
    .toContain(`${origin} has not answered a request to the end for `);
  expect(await intake.ready()).toMatchObject({ status: 200, reasons: {} });
  expect(await intake.number('loopwell_clock_difference_seconds')).toBeLessThan(5);
  answered.resolve();
  await expect.poll(waits, patience).toBe(0);
  await expect.poll(note, patience).toBeUndefined();
});

it('a service is not ready while its clock is wrong, and says by how much', {
  timeout: 120_000,
}, async () => {
  const wrong = await start('referral', clockOffBy(-90_000));
  const said = await wrong.ready();
  expect([said.status, said.reasons]).toEqual([
    503,
    { clock: expect.stringMatching(/database's differ by (89|90|91) s/) },
  ]);
  expect(await wrong.number('loopwell_clock_difference_seconds')).toBeCloseTo(90, -1);
});
