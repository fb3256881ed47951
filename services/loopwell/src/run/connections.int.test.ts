import { randomBytes } from 'node:crypto';
import { createOutbound } from '@loopwell/fhir/client';
import { addContract, createApp, finish } from '@loopwell/http';
import { addConnectionRoutes, intakeContract, wire } from '@loopwell/intake';
import { newId, silentLog, systemClock } from '@loopwell/kit';
import { openQueues, type Queues, stageNames, startRunner } from '@loopwell/pipeline';
import { access, type Database, holds, migrate, openDatabase, secretsWith } from '@loopwell/store';
import { queueUrl, type StrictEhr, startStrictEhr, supertest, testDatabase } from '@loopwell/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** Connections as hospital IT runs them: by the API, on a real database and queue, with an EHR over HTTP. */
const organisation = 'o';
const patients = 350;
const routes = ['GET', 'PUT', 'DELETE'].map((method) => `${method} /api/v1/connections/:id`);

let db: Database;
let queues: Queues;
let ehr: StrictEhr;
let ask: ReturnType<typeof supertest>;
let before: (path: string) => Promise<void>;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  const scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, max: 6 });
  before = async () => {};
  ehr = await startStrictEhr((_query, answer) => answer(), { before: (path) => before(path) });
  ehr.put(
    ...Array.from({ length: patients }, (_, index) => ({ resourceType: 'Patient', id: `p${index}`, meta: { lastUpdated: at(index) } })),
  );
  queues = await openQueues({ url: queueUrl(scratch.url), stages: stageNames, log: silentLog, prefix: `{${newId()}}` });
  const outbound = createOutbound({ allowedPrivateOrigins: [new URL(ehr.base).origin], requestTimeoutMs: 10_000 });
  const secrets = secretsWith(randomBytes(32).toString('hex'));
  const settings = { writeBack: true, once: false, overlapMs: 0, marginMs: 0, coalesceMs: 10, intervalMs: 500, leaseMs: 30_000 };
  const intake = wire(settings, [], { db, nudge: queues.nudge, outbound, clock: systemClock, log: silentLog, secrets, tell: () => {} });
  const runner = startRunner({ queues, works: intake.works, intervalMs: 200, log: silentLog });
  const app = createApp({ log: silentLog, findAccess: (kind, secret) => access.findAccess(db, kind, secret), readiness: {} });
  addContract(app, intakeContract);
  addConnectionRoutes(app, { db, outbound, secrets });
  finish(app, silentLog);
  ask = supertest(app.express);
  closing.push(intake.close, runner.close, outbound.close, queues.close, ehr.close, db.close, scratch.close);
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const at = (index: number) => new Date(Date.now() - 3_600_000 + index * 1_000).toISOString();
const bearer = async () => {
  const more = ['pause', 'resume'].map((verb) => `POST /api/v1/connections/:id/${verb}`);
  const one = { organisation, kind: 'service' as const, principal: 'service:it', roles: [], routes: [...routes, ...more] };
  return { authorization: `Bearer ${await db.tx((tx) => access.grantAccess(tx, one))}` };
};
const put = async (id = 'north') =>
  ask
    .put(`/api/v1/connections/${id}`)
    .set(await bearer())
    .send({ base: ehr.base, credentials: { kind: 'bearer', token: 'open-sesame' } });
const pulledPatients = async () => (await db.query("select 1 from pulled where type = 'Patient'")).rows.length;
const lanesOf = async (where: string) => (await db.query(`select 1 from ledger where stage = 'pull' and ${where}`)).rows.length;

describe('a paused connection', () => {
  it('is asked for no further page; what was read stays, and reading goes on from there', { timeout: 60_000 }, async () => {
    const post = async (verb: string) =>
      ask
        .post(`/api/v1/connections/north/${verb}`)
        .set(await bearer())
        .send({});
    // The second page of Patients is answered only when the pause stands.
    let paused: { status: number; body: { paused?: { by: string } } } | undefined;
    before = async (path) => {
      if (path.includes('/Patient?') && path.includes('_offset=100')) paused ??= await post('pause');
    };
    expect((await put()).status).toBe(201);
    await expect.poll(() => paused?.status, { timeout: 30_000 }).toBe(200);
    expect(paused?.body.paused?.by).toBe('service:it');
    await expect.poll(() => lanesOf("waits_for <> 'operator'"), { timeout: 30_000 }).toBe(0);
    const read = await pulledPatients();
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(patients);
    const asked = ehr.asked.length;
    // Due again by hand, as after a restart: it finds out that it is paused, and asks nothing.
    await db.query("update ledger set due = now(), waits_for = 'worker' where stage = 'pull'");
    await expect.poll(() => lanesOf("waits_for <> 'operator'"), { timeout: 30_000 }).toBe(0);
    expect([ehr.asked.length, await pulledPatients()]).toEqual([asked, read]);
    expect((await holds.recentDecisions(db, organisation)).map((one) => one.scope)).toEqual(['connection:north']);
    const resumed = await post('resume');
    expect([resumed.status, resumed.body.paused]).toEqual([200, undefined]);
    await expect.poll(pulledPatients, { timeout: 30_000 }).toBe(patients);
    expect((await post('resume')).status).toBe(409);
    expect(
      (
        await ask
          .post('/api/v1/connections/south/pause')
          .set(await bearer())
          .send({})
      ).status,
    ).toBe(404);
  });
});
