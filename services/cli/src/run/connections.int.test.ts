import { randomBytes } from 'node:crypto';
import { addContract, createApp, finish } from '@loopwell/http';
import { addConnectionRoutes, wire } from '@loopwell/intake';
import { newId, silentLog, systemClock } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { createOutbound } from '@loopwell/outbound';
import { openQueues, type Queues, stageNames, startRunner } from '@loopwell/pipeline';
import {
  access,
  type Database,
  holds,
  ledger,
  migrate,
  openDatabase,
  ownResources,
  secretsWith,
  writeBacks,
} from '@loopwell/store';
import {
  insertTask,
  queueUrl,
  type StrictEhr,
  startStrictEhr,
  suiteDatabase,
  supertest,
} from '@loopwell/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';

/**
 * Connections as hospital IT runs them: by the API, on a real database and queue, with an EHR over
 * HTTP.
 */
const tenant = 'o';
const patients = 350;
const routes = ['GET', 'PUT', 'DELETE'].map((method) => `${method} /api/v1/connections/:id`);

let db: Database;
let queues: Queues;
let ehr: StrictEhr;
let ask: ReturnType<typeof supertest>;
let before: (path: string) => Promise<void>;
const closing: (() => Promise<unknown>)[] = [];

const suite = suiteDatabase(migrate);
afterAll(suite.close);
beforeEach(async () => {
  const scratch = await suite.fresh();
  db = openDatabase({ url: scratch.url, tenant, max: 6 });
  before = async () => {};
  ehr = await startStrictEhr((_query, answer) => answer(), { before: (path) => before(path) });
  ehr.put(
    ...Array.from({ length: patients }, (_, index) => ({
      resourceType: 'Patient',
      id: `p${index}`,
      meta: { lastUpdated: at(index) },
    })),
  );
  queues = await openQueues({
    tenant,
    url: queueUrl(scratch.url),
    stages: stageNames,
    log: silentLog,
    prefix: `{${newId()}}`,
  });
  const outbound = createOutbound({
    allowedPrivateOrigins: [new URL(ehr.base).origin],
    requestTimeoutMs: 10_000,
  });
  const secrets = secretsWith(randomBytes(32).toString('hex'));
  const settings = {
    writeBack: true,
    once: false,
    overlapMs: 0,
    marginMs: 0,
    coalesceMs: 10,
    intervalMs: 500,
    leaseMs: 30_000,
  };
  const intake = wire(settings, [], {
    db,
    nudge: queues.nudge,
    outbound,
    clock: systemClock,
    log: silentLog,
    secrets,
    tell: () => {},
  });
  const runner = startRunner({ queues, works: intake.works, intervalMs: 200, log: silentLog });
  const app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  addContract(app, contracts.intake);
  addConnectionRoutes(app, { db, outbound, secrets });
  finish(app, silentLog);
  ask = supertest(app.express);
  closing.push(intake.close, runner.close, outbound.close, queues.close, ehr.close, db.close);
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const at = (index: number) => new Date(Date.now() - 3_600_000 + index * 1_000).toISOString();
const bearer = async () => {
  const more = ['pause', 'resume'].map((verb) => `POST /api/v1/connections/:id/${verb}`);
  const one = {
    tenant,
    kind: 'service' as const,
    principal: 'service:it',
    roles: [],
    routes: [...routes, ...more],
  };
  return { authorization: `Bearer ${await db.tx((tx) => access.grantAccess(tx, one))}` };
};
const put = async (id = 'north') =>
  ask
    .put(`/api/v1/connections/${id}`)
    .set(await bearer())
    .send({ base: ehr.base, credentials: { kind: 'bearer', token: 'open-sesame' } });
const pulledPatients = async () =>
  (await db.query("select 1 from ehr_resource where type = 'Patient'")).rows.length;
const lanesOf = async (where: string) =>
  (await db.query(`select 1 from ledger where stage = 'pull' and ${where}`)).rows.length;

describe('a connection that is deleted', () => {
  const remove = async (query = '', id = 'north') =>
    ask.delete(`/api/v1/connections/${id}${query}`).set(await bearer());

  it('is asked about first, and takes cursors and secret with it; what was read stays', {
    timeout: 60_000,
  }, async () => {
    expect((await put()).status).toBe(201);
    await expect.poll(pulledPatients, { timeout: 30_000 }).toBe(patients);
    for (const query of ['', '?confirm=south', '?confirm=North']) {
      const asked = await remove(query);
      expect([asked.status, asked.body.facts]).toMatchObject([
        409,
        { connection: 'north', resources: patients, liveTasks: 0 },
      ]);
    }
    expect((await remove('?confirm=south', 'south')).status).toBe(404);
    const deleted = await remove('?confirm=north');
    expect([deleted.status, deleted.body]).toMatchObject([
      200,
      { id: 'north', deleted: { resources: patients } },
    ]);
    const asked = ehr.asked.length;
    expect((await ask.get('/api/v1/connections/north').set(await bearer())).status).toBe(404);
    expect((await remove('?confirm=north')).status).toBe(404);
    expect(await lanesOf('true')).toBe(0);
    const { rows } = await db.query("select secret, deleted_by from connection where id = 'north'");
    expect(rows).toEqual([{ secret: null, deleted_by: 'service:it' }]);
    expect(
      (
        await db.query(
          "select 1 from history where outcome = 'deleted' and subject = 'connection:north'",
        )
      ).rows,
    ).toHaveLength(1);
    expect(await pulledPatients()).toBe(patients);
    // The id names what was read from there: nobody else's record is kept under it.
    expect((await put()).status).toBe(409);
    expect(
      await db
        .tx((tx) => holds.addHold(tx, { tenant, scope: 'ehr:north', principal: 'x' }))
        .catch(() => 'refused'),
    ).toBe('refused');
    // Another connection to the same EHR reads it anew; in the meantime nothing more was asked for
    // the first.
    expect((await put('north-2')).status).toBe(201);
    await expect.poll(pulledPatients, { timeout: 30_000 }).toBe(2 * patients);
    expect(ehr.asked.length).toBeGreaterThan(asked);
  });

  it('is not deleted while a referral of its people is open or a Task of theirs is out', async () => {
    expect((await put()).status).toBe(201);
    const referral = newId();
    await db.query(
      `insert into referral (id, tenant, connection, person, category, state, gate, unambiguous, sensitive, conditions, since, trace)
       values ($1, $2, 'north', $1, 'food-insecurity', 'waiting', 'review', true, false, '[]', '2026-11-01', $1)`,
      [referral, tenant],
    );
    const open = await remove('?confirm=north');
    expect([open.status, open.body.facts]).toMatchObject([409, { openReferrals: 1 }]);
    await db.query("update referral set state = 'failed', gate = null where id = $1", [referral]);
    const requested = { id: referral, tenant, referral, person: referral, attempt: 1 };
    const delivery = { channel: 'fhir-rest', address: 'https://p.example', receipt_key: 'k' };
    await insertTask(db, { ...requested, ...delivery, partner: 'pantry', status: 'requested' });
    expect((await remove('?confirm=north')).body.facts).toMatchObject({
      openReferrals: 0,
      liveTasks: 1,
    });
    expect(
      (await ask.get('/api/v1/connections/north').set(await bearer())).body.credentials.hasSecret,
    ).toBe(true);
    expect(await lanesOf('true')).toBeGreaterThan(0);
    await db.query("update task set live = false, status = 'cancelled'");
    expect((await remove('?confirm=north')).status).toBe(200);
  });
});

describe('a paused connection', () => {
  const post = async (verb: string) =>
    ask
      .post(`/api/v1/connections/north/${verb}`)
      .set(await bearer())
      .send({});

  it('is asked for no further page; what was read stays, and reading goes on from there', {
    timeout: 60_000,
  }, async () => {
    // The second page of Patients is answered only when the pause stands.
    let paused: { status: number; body: { paused?: { by: string } } } | undefined;
    before = async (path) => {
      if (path.includes('/Patient?') && path.includes('_offset=100'))
        paused ??= await post('pause');
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
    expect((await holds.recentDecisions(db, tenant)).map((one) => one.scope)).toEqual([
      'connection:north',
    ]);
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

  it('is written nothing; what is to be written waits, and is written once it is resumed', {
    timeout: 60_000,
  }, async () => {
    expect((await put()).status).toBe(201);
    await expect.poll(pulledPatients, { timeout: 30_000 }).toBe(patients);
    expect((await post('pause')).status).toBe(200);
    await expect.poll(() => lanesOf("waits_for <> 'operator'"), { timeout: 30_000 }).toBe(0);
    const asked = ehr.asked.length;
    await wantObservation();
    const told = async () =>
      (await db.query("select outcome from history where stage = 'write-back'")).rows;
    await expect.poll(told, { timeout: 30_000 }).toEqual([{ outcome: 'waits:hold' }]);
    expect(
      (await db.query("select waits_for, error_code from ledger where stage = 'write-back'")).rows,
    ).toEqual([{ waits_for: 'operator', error_code: null }]);
    expect(await copyStates()).toEqual(['waiting']);
    expect(ehr.asked.length).toBe(asked);
    expect((await post('resume')).status).toBe(200);
    await expect.poll(copyStates, { timeout: 30_000 }).toEqual(['done']);
    expect(
      (await db.query("select 1 from ledger where stage = 'write-back' and error_code is not null"))
        .rows,
    ).toEqual([]);
  });

  const copyStates = async () =>
    (await db.query<{ state: string }>('select state from write_back')).rows.map(
      (row) => row.state,
    );
  /** An Observation of somebody who was read there is to be written. */
  async function wantObservation(): Promise<void> {
    const found = await db.query<{ person: string }>(
      "select person from ehr_resource where type = 'Patient' and source_id = 'p0'",
    );
    const person = found.rows[0]?.person ?? '';
    const [id, referral] = [newId(), newId()];
    const common = { tenant, connection: 'north', person };
    const subject = { reference: `Patient/${person}` };
    const identifier = [{ system: 'https://loopwell.example/fhir/NamingSystem/id', value: id }];
    const body = {
      resourceType: 'Observation',
      id,
      identifier,
      status: 'final',
      code: { text: 'food' },
      subject,
    };
    await db.tx(async (tx) => {
      await ownResources.saveOwnResources(tx, [
        { id, ...common, type: 'Observation', body: JSON.stringify(body) },
      ]);
      await writeBacks.wantWriteBacks(tx, [
        { madeId: id, ...common, referral, type: 'Observation', version: 1 },
      ]);
      await ledger.due(tx, [
        {
          tenant,
          stage: 'write-back',
          subject: person,
          person,
          batch: newId(),
          trace: newId(),
        },
      ]);
    });
  }
});
