import { readFileSync } from 'node:fs';
import { addConsoleRoutes, readMeasures } from '@loopwell/console';
import { wire as wireEnrichment } from '@loopwell/enrichment';
import { addContract, addMetrics, createApp, finish } from '@loopwell/http';
import { wire as wireIntake } from '@loopwell/intake';
import { deriveId, newId, silentLog, todayAt } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { createOutbound, receiverMeasures } from '@loopwell/outbound';
import { openQueues, type Queues, stageNames, startRunner } from '@loopwell/pipeline';
import { siteSettingsOf } from '@loopwell/sdoh';
import {
  access,
  clockMeasure,
  type Database,
  type DatabaseClock,
  holds,
  intendReceipts,
  migrate,
  openDatabase,
  openDatabaseClock,
  referrals,
  saveQuarantine,
  tasks,
} from '@loopwell/store';
import {
  newTask,
  queueUrl,
  type StrictEhr,
  startStrictEhr,
  supertest,
  testDatabase,
} from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unknownNumbers } from './asked-numbers.ts';

/**
 * What the alert rules look at, as `/metrics` prints it while an EHR is read, is quiet, and goes
 * away.
 */
const tenant = 'o';
const rules = readFileSync(new URL('../../infra/prometheus/alerts.yaml', import.meta.url), 'utf8');
const patience = { timeout: 60_000 };
const hours = 3_600;

let db: Database;
let clock: DatabaseClock;
let queues: Queues;
let ehr: StrictEhr;
let ask: ReturnType<typeof supertest>;
let bearer = '';
const closing: (() => Promise<unknown>)[] = [];

/** Somebody whose utilities are shut off, and what a screening needs besides. */
const rows = () => {
  const meta = { lastUpdated: new Date(Date.now() - 3_600_000).toISOString() };
  const subject = { reference: 'Patient/p' };
  const code = { coding: [{ system: 'http://loinc.org', code: '96779-4' }] };
  return [
    { resourceType: 'Patient', id: 'p', meta, name: [{ family: 'Kanariname' }] },
    { resourceType: 'Encounter', id: 'e', meta, status: 'finished', subject },
    {
      ...{
        resourceType: 'Observation',
        id: 'o',
        meta,
        status: 'final',
        code,
        subject,
        encounter: { reference: 'Encounter/e' },
      },
      category: [
        {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/observation-category',
              code: 'survey',
            },
          ],
        },
      ],
      effectiveDateTime: '2026-11-02',
      valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: 'LA32002-0' }] },
    },
  ];
};

beforeAll(async () => {
  const scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant, max: 8 });
  clock = await openDatabaseClock(db);
  ehr = await startStrictEhr((_query, answer) => answer());
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
  const resources = { db, nudge: queues.nudge, outbound, clock, log: silentLog, tell: () => {} };
  const settings = {
    writeBack: false,
    once: false,
    overlapMs: 0,
    marginMs: 0,
    coalesceMs: 10,
    intervalMs: 300,
    leaseMs: 30_000,
  };
  const connection = { id: 'north', tenant, base: ehr.base, quirks: 'plain-r4' };
  const intake = wireIntake(settings, [{ connection, patients: [], since: undefined }], resources);
  const { works } = wireEnrichment({ batch: 10, concurrency: 1 }, resources);
  await intake.start();
  const runner = startRunner({
    queues,
    works: [...intake.works, ...works],
    intervalMs: 200,
    log: silentLog,
  });
  const app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  addContract(app, contracts.console);
  addConsoleRoutes(app, {
    db,
    clock,
    site: { settings: () => siteSettingsOf({}), refresh: async () => {} },
    nudge: queues.nudge,
  });
  addMetrics(app, async (principal) => [
    ...(await readMeasures(db, principal.tenant, todayAt(clock))),
    ...receiverMeasures(outbound),
    await clockMeasure(db),
  ]);
  finish(app, silentLog);
  ask = supertest(app.express);
  const who = {
    tenant,
    kind: 'service' as const,
    principal: 'service:prometheus',
    roles: [],
    routes: ['GET /metrics'],
  };
  bearer = await db.tx((tx) => access.grantAccess(tx, who));
  closing.push(
    intake.close,
    runner.close,
    outbound.close,
    queues.close,
    clock.close,
    db.close,
    scratch.close,
  );
});
afterAll(async () => {
  for (const close of closing) await close();
});

const scrape = async () =>
  (await ask.get('/metrics').set({ authorization: `Bearer ${bearer}` })).text;
/** The largest value of a number whose labels begin so. */
const most = async (name: string, labels = '') => {
  const lines = (await scrape())
    .split('\n')
    .filter((line) => line.startsWith(`${name}${labels ? `{${labels}` : ''}`));
  return lines.length === 0
    ? undefined
    : Math.max(...lines.map((line) => Number(line.split(' ').at(-1))));
};
const unanswered = () => most('loopwell_ehr_unanswered_seconds', 'connection="north"');
const owed = (who: string) =>
  most('loopwell_ledger_oldest_due_seconds', `stage="pull",waits_for="${who}"`);
const read = async () =>
  Number(
    (await db.query<{ n: string }>('select count(*) as n from pull_cursor where upto is not null'))
      .rows[0]?.n,
  );
/** As if so much time had passed since anything was read or was due. */
const passed = () =>
  db.tx(async (tx) => {
    await tx.query(
      "update ledger set owed_since = owed_since - interval '2 hours' where stage = 'pull' and owed_since < 'infinity'",
    );
    await tx.query(
      "update pull_cursor set answered_at = answered_at - interval '2 hours', read_at = read_at - interval '2 hours'",
    );
  });

describe('numbers that alerts rest on', () => {
  it('fall through a quiet night: a page with nothing on it is an answer', {
    timeout: 120_000,
  }, async () => {
    await expect.poll(read, patience).toBeGreaterThan(5);
    await passed();
    await expect.poll(unanswered, patience).toBeLessThan(60);
    await expect
      .poll(() => most('loopwell_ehr_read_up_to_seconds', 'connection="north"'), patience)
      .toBeLessThan(60);
    await expect.poll(() => owed('ehr'), patience).toBeLessThan(60);
    expect([
      await most('loopwell_danger_people'),
      await most('loopwell_danger_oldest_seconds'),
    ]).toEqual([0, 0]);
  });

  it('count a person in danger from the pulled answer on, until somebody has acted', {
    timeout: 120_000,
  }, async () => {
    ehr.put(...rows());
    await expect.poll(() => most('loopwell_danger_people'), patience).toBe(1);
    await expect
      .poll(() => most('loopwell_gate_oldest_seconds', 'gate="review"'), patience)
      .toBeGreaterThanOrEqual(0);
    await db.query("update referral set danger_since = danger_since - interval '2 hours'");
    await db.query("update screening set asks_since = asks_since - interval '2 hours'");
    expect(await most('loopwell_danger_oldest_seconds')).toBeGreaterThanOrEqual(2 * hours);
    await db.query("update screening set seen_at = now(), seen_by = 'person:rea'");
    const { rows: open } = await db.query<{ id: string }>(
      "select id from referral where state = 'waiting' and danger is not null",
    );
    const patch = {
      state: 'withdrawn' as const,
      approval: 'refused' as const,
      approved_by: 'person:rea',
      gate: null,
    };
    await db.tx((tx) =>
      referrals.patchReferrals(
        tx,
        open.map(({ id }) => ({ id, patch })),
      ),
    );
    expect([open.length, await most('loopwell_danger_people')]).toEqual([1, 0]);
    expect(await scrape()).not.toContain('Kanariname');
  });

  it('exist under each name and label that a rule asks by', async () => {
    const person = deriveId('test', 'person');
    await db.tx(async (tx) => {
      await holds.addHold(tx, { tenant, scope: 'all', principal: 'person:opal' });
      await intendReceipts(tx, [
        {
          key: 'r',
          tenant,
          person,
          receiver: 'partner:pantry',
          kind: 'Task',
          principal: 'person:rea',
        },
      ]);
      await saveQuarantine(tx, [
        {
          tenant,
          connection: 'north',
          type: 'Observation',
          sourceId: 'x',
          code: 'missing-subject',
          body: '{}',
        },
      ]);
      const need = {
        tenant,
        connection: 'north',
        category: 'food-insecurity',
        episode: 1,
        unambiguous: true,
        sensitive: false,
      };
      await referrals.saveNeeds(tx, [
        { ...need, id: newId(), person, conditions: '[]', since: '2026-11-02', trace: newId() },
      ]);
      const [referral] = (
        await tx.query<{ id: string }>("select id from referral where state = 'withdrawn'")
      ).rows;
      const task = {
        id: newId(),
        tenant,
        referral: referral?.id ?? '',
        person,
        attempt: 1,
        partner: 'pantry',
        channel: 'fhir-rest',
      };
      await tasks.addTasks(tx, [
        newTask({
          ...task,
          address: 'https://pantry.example/fhir',
          receipt_key: 'r',
          status: 'accepted',
        }),
      ]);
      await tx.query(
        `insert into write_back (own_resource, tenant, connection, person, type, rank, wanted_version, state)
         values ($1, $2, 'north', $3, 'Condition', 1, 1, 'refused')`,
        [newId(), tenant, person],
      );
      await tx.query(
        `insert into ledger (tenant, stage, subject, batch, waits_for, due, trace, error_code, owed_since)
         values ($1, 'close', 'x', $2, 'operator', 'infinity', $2, 'RESOURCE_INVALID', 'infinity')`,
        [tenant, newId()],
      );
    });
    const printed = await scrape();
    expect(unknownNumbers(rules, printed)).toEqual([]);
    expect(
      unknownNumbers(
        'expr: loopwell_ehr_nothing > 1 and sum by (color) (loopwell_hold_oldest_seconds{shape="all"}) > 0',
        printed,
      ),
    ).toEqual([
      'loopwell_ehr_nothing',
      'loopwell_hold_oldest_seconds{color}',
      'loopwell_hold_oldest_seconds{shape}',
    ]);
  });

  it('grow while an EHR is away, and blame it', { timeout: 120_000 }, async () => {
    await ehr.close();
    await db.query("delete from hold where tenant = 'o'");
    const failing = async () =>
      Number(
        (
          await db.query<{ n: string }>(
            "select count(*) as n from ledger where stage = 'pull' and owed_by = 'ehr' and owed_since < now()",
          )
        ).rows[0]?.n,
      );
    await expect.poll(failing, patience).toBeGreaterThan(5);
    await passed();
    const attempts = async () =>
      Number((await db.query<{ n: string }>('select sum(attempts) as n from ledger')).rows[0]?.n);
    const before = await attempts();
    await expect.poll(attempts, patience).toBeGreaterThan(before);
    expect(await unanswered()).toBeGreaterThanOrEqual(2 * hours);
    expect(await owed('ehr')).toBeGreaterThanOrEqual(2 * hours);
    expect(await owed('worker')).toBeLessThan(60);
    expect(await owed('partner')).toBe(0);
  });
});
