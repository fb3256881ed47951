import { wire } from '@loopwell/intake';
import { deriveId, newId, silentLog, systemClock } from '@loopwell/kit';
import { createOutbound } from '@loopwell/outbound';
import { openQueues, stageNames, startRunner } from '@loopwell/pipeline';
import { startSandbox } from '@loopwell/sandbox';
import { deviceOf } from '@loopwell/sdoh';
import {
  altered,
  type Database,
  ehrResources,
  holds,
  installation,
  ledger,
  migrate,
  openDatabase,
  ownResources,
  readRunTotals,
  refusedWrites,
  saveConnection,
  saveOrderEnds,
  writeBacks,
} from '@loopwell/store';
import { queueUrl, suiteDatabase } from '@loopwell/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';

/** Writing back into the sandbox EHR over HTTP, with the real database and queue. */
const [tenant, connection] = ['o', 'a'];
const person = deriveId('person');
const ids = {
  Observation: deriveId('observation'),
  Condition: deriveId('condition'),
  ServiceRequest: deriveId('request'),
  Procedure: deriveId('procedure'),
} as const;
type Type = keyof typeof ids;
type Shown = {
  id: string;
  status?: string;
  subject: { reference: string };
  evidence?: unknown;
  reasonReference?: { reference: string }[];
  basedOn?: { reference: string }[];
  meta: { versionId: string };
};

let scratch: { url: string };
let db: Database;
let sandbox: Awaited<ReturnType<typeof startSandbox>>;
const opened: (() => Promise<unknown>)[] = [];

const suite = suiteDatabase(migrate);
afterAll(suite.close);
beforeEach(async () => {
  scratch = await suite.fresh();
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 8, log: silentLog });
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  await db.close();
});

const identifier = (type: Type) => [
  { system: 'https://loopwell.example/fhir/NamingSystem/id', value: ids[type] },
];
const reference = (type: Type) => ({ reference: `${type}/${ids[type]}` });
const subject = { reference: `Patient/${person}` };
/** More elements of the Condition that is written. */
let suggests: object = {};
const bodies = (status: string): Record<Type, object> => ({
  Observation: {
    resourceType: 'Observation',
    id: ids.Observation,
    identifier: identifier('Observation'),
    status: 'final',
    code: { coding: [{ code: 'a' }] },
    subject,
  },
  Condition: {
    resourceType: 'Condition',
    id: ids.Condition,
    identifier: identifier('Condition'),
    code: { coding: [{ code: 'b' }] },
    ...suggests,
    subject,
    evidence: [{ detail: [reference('Observation')] }],
  },
  ServiceRequest: {
    resourceType: 'ServiceRequest',
    id: ids.ServiceRequest,
    identifier: identifier('ServiceRequest'),
    status,
    intent: 'order',
    subject,
    reasonReference: [reference('Condition')],
  },
  Procedure: {
    resourceType: 'Procedure',
    id: ids.Procedure,
    identifier: identifier('Procedure'),
    status: 'completed',
    subject,
    basedOn: [reference('ServiceRequest')],
  },
});

/** What the EHR is to hold from now on, as approval, sending and closing want it. */
async function want(types: readonly Type[], status = 'active'): Promise<void> {
  await db.tx(async (tx) => {
    const rows = types.map((type) => ({
      id: ids[type],
      tenant,
      connection,
      person,
      type,
      body: JSON.stringify(bodies(status)[type]),
    }));
    const versions = await ownResources.saveOwnResources(tx, rows);
    await writeBacks.wantWriteBacks(
      tx,
      types.map((type) => ({
        madeId: ids[type],
        tenant,
        connection,
        person,
        referral: deriveId('referral'),
        type,
        version: versions.get(ids[type]) ?? 1,
      })),
    );
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

async function start(ehr: { refuseTypes?: string[] } = {}): Promise<void> {
  sandbox = await startSandbox({
    port: 0,
    host: '127.0.0.1',
    ehrs: [{ name: 'a', ...ehr }],
    partners: [],
  });
  opened.push(sandbox.close);
  const base = sandbox.ehrBase('a');
  await db.tx(async (tx) => {
    await saveConnection(tx, { id: connection, tenant, base, quirks: 'plain-r4' });
    await ehrResources.saveEhrResources(tx, [
      {
        tenant,
        connection,
        type: 'Patient',
        sourceId: 'p1',
        versionId: '1',
        person,
        lastUpdated: null,
        body: '{"resourceType":"Patient","id":"p1"}',
      },
    ]);
  });
  const outbound = createOutbound({
    allowedPrivateOrigins: [sandbox.address],
    requestTimeoutMs: 2_000,
  });
  const queues = await openQueues({
    tenant: 'o',
    url: queueUrl(scratch.url),
    stages: stageNames,
    log: silentLog,
    prefix: `{${newId()}}`,
  });
  const intake = wire(
    {
      writeBack: true,
      once: false,
      overlapMs: 0,
      marginMs: 0,
      coalesceMs: 10,
      intervalMs: 60_000,
      leaseMs: 30_000,
      askAgainMs: 300,
    },
    [
      {
        connection: { id: connection, tenant, base, quirks: 'plain-r4' },
        patients: [],
        since: undefined,
      },
    ],
    { db, nudge: queues.nudge, outbound, clock: systemClock, log: silentLog, tell: () => {} },
  );
  // Not `intake.start()`: nothing is to be pulled here.
  const runner = startRunner({
    queues,
    works: intake.works.filter((one) => one.stage === 'write-back'),
    intervalMs: 200,
    log: silentLog,
  });
  opened.push(async () => {
    await intake.close();
    await runner.close();
    await queues.close();
    await outbound.close();
  });
}

const arm = (faults: object[]) =>
  fetch(`${sandbox.address}/admin/ehr/a/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ faults }),
  });
const shown = async (type: Type) =>
  (await (await fetch(`${sandbox.address}/admin/ehr/a/dump/${type}`)).json()) as Shown[];
const creates = async () =>
  (
    (await (await fetch(`${sandbox.address}/admin/ehr/a/counts`)).json()) as {
      creates: Record<string, number>;
    }
  ).creates;
const states = async () =>
  Object.fromEntries(
    (
      await db.query<{
        type: string;
        state: string;
        status: number | null;
        issue_code: string | null;
      }>('select type, state, status, issue_code from write_back')
    ).rows.map((row) => [row.type, [row.state, row.status, row.issue_code]]),
  );

async function atRest(): Promise<void> {
  for (
    const started = Date.now();
    Date.now() - started < 90_000;
    await new Promise((resolve) => setTimeout(resolve, 100))
  ) {
    const { rows } = await db.query<{ n: number }>(
      `select count(*) as n from ledger where waits_for = 'worker'`,
    );
    if (Number(rows[0]?.n) === 0) return;
  }
  throw new Error('it did not come to rest');
}

describe('write-back', () => {
  it('brings all in reference order, with the ids of the EHR', async () => {
    await start();
    await want(['Procedure', 'ServiceRequest', 'Condition', 'Observation']);
    await atRest();
    const [[observation], [condition], [request], [procedure]] = await Promise.all([
      shown('Observation'),
      shown('Condition'),
      shown('ServiceRequest'),
      shown('Procedure'),
    ]);
    expect(condition).toMatchObject({
      subject: { reference: 'Patient/p1' },
      evidence: [{ detail: [{ reference: `Observation/${observation?.id}` }] }],
    });
    expect(request?.reasonReference).toEqual([{ reference: `Condition/${condition?.id}` }]);
    expect(procedure?.basedOn).toEqual([{ reference: `ServiceRequest/${request?.id}` }]);
  });

  it('lists what the EHR refuses, and writes the rest without a reference to it', async () => {
    await start({ refuseTypes: ['Observation'] });
    await want(['Observation', 'Condition', 'ServiceRequest']);
    await atRest();
    expect(await states()).toEqual({
      Observation: ['refused', 422, 'not-supported'],
      Condition: ['done', null, null],
      ServiceRequest: ['done', null, null],
    });
    expect((await shown('Condition'))[0]).not.toHaveProperty('evidence');
  });

  it.each(['store-then-cut', 'store-then-hang'])(
    'writes nothing twice after an answer that never came (%s)',
    async (effect) => {
      await start();
      await arm([{ method: 'POST', path: 'Condition', times: 1, effect }]);
      await want(['Observation', 'Condition']);
      await atRest();
      expect(await states()).toEqual({
        Observation: ['done', null, null],
        Condition: ['done', null, null],
      });
      expect(await creates()).toEqual({
        [`Observation|${ids.Observation}`]: 1,
        [`Condition|${ids.Condition}`]: 1,
      });
    },
  );

  it('asks twice before it writes again what never arrived', async () => {
    await start();
    await arm([{ method: 'POST', path: 'Condition', times: 1, effect: 'cut' }]);
    await want(['Condition']);
    await atRest();
    expect(await states()).toEqual({ Condition: ['done', null, null] });
    expect(await shown('Condition')).toHaveLength(1);
  });

  it('completes its own ServiceRequest, and never one that somebody has changed there', async () => {
    await start();
    await want(['ServiceRequest']);
    await atRest();
    await want(['ServiceRequest'], 'completed');
    await atRest();
    expect((await shown('ServiceRequest'))[0]).toMatchObject({
      status: 'completed',
      meta: { versionId: '2' },
    });
    const [request] = await shown('ServiceRequest');
    await fetch(`${sandbox.ehrBase('a')}/ServiceRequest/${request?.id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/fhir+json' },
      body: JSON.stringify({ ...request, status: 'revoked' }),
    });
    await want(['ServiceRequest'], 'on-hold');
    await atRest();
    expect(await states()).toEqual({ ServiceRequest: ['refused', 412, 'conflict'] });
    expect((await shown('ServiceRequest'))[0]?.status).toBe('revoked');
  });

  it.each([
    ['and keeps it so: it is taken back, and nothing refers to it', 2, true],
    ['whatever we say: it is listed for a person', undefined, false],
  ])(
    'says that a suggestion was altered where the EHR confirms it %s',
    async (_what, times, takenBack) => {
      await start();
      const stores = { verificationStatus: { coding: [{ code: 'confirmed' }] } };
      await arm([
        {
          method: 'POST|PUT',
          path: 'Condition',
          ...(times ? { times } : {}),
          effect: 'alter',
          stores,
        },
      ]);
      suggests = { verificationStatus: { coding: [{ code: 'unconfirmed' }] } };
      await want(['Condition', 'ServiceRequest']);
      await atRest();
      suggests = {};
      expect(await states()).toEqual({
        Condition: ['altered', null, null],
        ServiceRequest: ['done', null, null],
      });
      const [told] = await altered.listAlteredWrites(db, tenant);
      expect(told).toMatchObject({ type: 'Condition', lost: ['verificationStatus'], takenBack });
      expect([JSON.parse(told?.sent ?? ''), JSON.parse(told?.stored ?? '')]).toMatchObject([
        { verificationStatus: { coding: [{ code: 'unconfirmed' }] } },
        stores,
      ]);
      const [condition] = await shown('Condition');
      expect(JSON.stringify(condition).includes('entered-in-error')).toBe(takenBack);
      expect((await shown('ServiceRequest'))[0]?.reasonReference === undefined).toBe(takenBack);
      expect((await db.tx((tx) => readRunTotals(tx, tenant))).writeBack).toMatchObject({
        done: 1,
        altered: 1,
        refused: 0,
      });
    },
  );

  it('stops before the next write when a hold is set, and goes on when it is released', async () => {
    await start();
    await db.tx((tx) =>
      holds.addHold(tx, { tenant, scope: `ehr:${connection}`, principal: 'person:x' }),
    );
    await want(['Observation']);
    await atRest();
    expect(await creates()).toEqual({});
    await db.tx((tx) =>
      holds.removeHold(tx, tenant, `ehr:${connection}`, { principal: 'person:x' }),
    );
    await db.tx((tx) => ledger.wake(tx, tenant, newId()));
    await atRest();
    expect(await states()).toEqual({ Observation: ['done', null, null] });
  });

  it('blames itself, not the resource, when it is not let in', async () => {
    await start();
    await arm([{ path: 'Observation', effect: 'status', status: 401, issueCode: 'login' }]);
    await want(['Observation']);
    await atRest();
    expect(await states()).toEqual({ Observation: ['waiting', null, null] });
    const { rows } = await db.query<{ error_code: string; waits_for: string }>(
      'select error_code, waits_for from ledger',
    );
    expect(rows).toEqual([{ error_code: 'REMOTE_REFUSED', waits_for: 'operator' }]);
  });
});

describe("an order of the EHR's own", () => {
  const theirs = {
    resourceType: 'ServiceRequest',
    id: 'o1',
    status: 'active',
    intent: 'order',
    code: { coding: [{ system: 'urn:site', code: 'FOOD' }] },
    subject: { reference: 'Patient/p1' },
    requester: { reference: 'Practitioner/dr' },
    note: [{ text: 'Prefers mornings' }],
  };
  const end = {
    status: 'completed',
    note: { text: "The partner's status is completed.", time: '2026-11-20T15:00:00.000Z' },
  };
  const referral = deriveId('referral');

  /** The EHR has its order; ours fulfilled it, and a Procedure rests on ours. */
  async function closed(): Promise<void> {
    await sandbox.load('a', [theirs]);
    const common = { tenant, connection, person };
    await db.tx(async (tx) => {
      await tx.query(
        `insert into referral (id, tenant, connection, person, category, unambiguous, sensitive, conditions, since, trace, service_request, ehr_order)
         values ($1, $2, $3, $4, 'food-insecurity', true, false, '[]', '2026-11-01', $5, $6, 'o1')`,
        [referral, tenant, connection, person, newId(), ids.ServiceRequest],
      );
      await saveOrderEnds(tx, [
        {
          ...common,
          madeId: deriveId('end'),
          referral,
          ehrOrder: 'o1',
          change: JSON.stringify(end),
        },
      ]);
    });
    await want(['Procedure']);
  }

  it('is ended there by status and note, and what was done is based on it', async () => {
    await start();
    await closed();
    await atRest();
    const orders = await shown('ServiceRequest');
    expect(orders).toHaveLength(1);
    const { meta, ...order } = orders[0] as Shown & { meta: { versionId: string } };
    expect(order).toEqual({ ...theirs, status: 'completed', note: [...theirs.note, end.note] });
    expect(meta.versionId).toBe('2');
    expect((await shown('Procedure'))[0]?.basedOn).toEqual([{ reference: 'ServiceRequest/o1' }]);
    expect(await states()).toEqual({
      ServiceRequest: ['done', null, null],
      Procedure: ['done', null, null],
    });
  });

  it('that the EHR will not have changed is listed in its own words, which stand nowhere else', async () => {
    await start();
    const text = 'Order of Ada Lind is locked by the pharmacy';
    await arm([
      {
        method: 'PUT',
        path: 'ServiceRequest/o1',
        effect: 'status',
        status: 412,
        issueCode: 'conflict',
        text,
      },
    ]);
    await closed();
    await atRest();
    expect((await shown('ServiceRequest'))[0]).toMatchObject({ status: 'active' });
    expect(await refusedWrites(db, tenant, referral)).toMatchObject([
      {
        type: 'ServiceRequest',
        ehrId: 'o1',
        status: 412,
        issueCode: 'conflict',
        words: expect.stringContaining('locked by the pharmacy'),
      },
    ]);
    for (const table of ['history', 'ledger', 'receipt', 'write_back']) {
      const { rows } = await db.query<{ row: string }>(`select t::text as row from ${table} t`);
      expect(JSON.stringify(rows)).not.toContain('pharmacy');
    }
  });
});

describe('where a Condition comes from', () => {
  const provenance = deriveId('provenance');

  /**
   * A Condition, its Provenance, and the Device that it names, as approval wants them; the person
   * comes first.
   */
  async function approved(): Promise<string> {
    await want(['Condition']);
    return db.tx(async (tx) => {
      const system = await installation.identifierSystem(tx);
      const [device, copy] = [
        installation.deviceId(system),
        installation.deviceCopyId(system, connection),
      ];
      const body = (resource: object) => JSON.stringify(resource);
      const common = { tenant, connection };
      await ownResources.saveOwnResources(tx, [
        {
          ...common,
          id: provenance,
          person,
          type: 'Provenance',
          body: body({
            resourceType: 'Provenance',
            id: provenance,
            target: [reference('Condition')],
            recorded: '2026-05-04T15:00:00.000Z',
            agent: [{ who: { reference: `Device/${device}`, display: 'Loopwell' } }],
            entity: [
              {
                role: 'source',
                what: { reference: `${sandbox.ehrBase('a')}/QuestionnaireResponse/q1` },
              },
            ],
          }),
        },
        { ...common, id: copy, person: copy, type: 'Device', body: body(deviceOf(device, system)) },
      ]);
      const referral = deriveId('referral');
      await writeBacks.wantWriteBacks(tx, [
        { ...common, madeId: provenance, person, referral, type: 'Provenance', version: 1 },
      ]);
      await writeBacks.wantDevices(tx, [{ ...common, id: copy }]);
      await ledger.due(tx, [
        { tenant, stage: 'write-back', subject: copy, batch: newId(), trace: newId() },
      ]);
      return device;
    });
  }
  const dump = async (type: string) =>
    (await (await fetch(`${sandbox.address}/admin/ehr/a/dump/${type}`)).json()) as Record<
      string,
      unknown
    >[];

  it('is told with it, by the one Device, with the ids of the EHR', async () => {
    await start();
    const device = await approved();
    await atRest();
    const [[software], [condition], [told]] = await Promise.all([
      dump('Device'),
      dump('Condition'),
      dump('Provenance'),
    ]);
    expect(software).toMatchObject({
      identifier: [{ value: device }],
      deviceName: [{ name: 'Loopwell' }],
    });
    expect(told).toMatchObject({
      target: [{ reference: `Condition/${condition?.id}` }],
      agent: [{ who: { reference: `Device/${software?.id}` } }],
      entity: [{ what: { reference: 'QuestionnaireResponse/q1' } }],
    });
  });

  it.each(['Device', 'Provenance'])(
    'is written once, after an answer about the %s that never came',
    async (type) => {
      await start();
      await arm([{ method: 'POST', path: type, times: 1, effect: 'store-then-cut' }]);
      await approved();
      await atRest();
      expect([await dump('Device'), await dump('Provenance')].map((some) => some.length)).toEqual([
        1, 1,
      ]);
      expect(await states()).toMatchObject({
        Device: ['done', null, null],
        Provenance: ['done', null, null],
      });
    },
  );

  it('is not written about what the EHR refused, nor held up by a Device that it refused', async () => {
    await start({ refuseTypes: ['Condition', 'Device'] });
    await approved();
    await atRest();
    expect(await dump('Provenance')).toEqual([]);
    expect(await states()).toMatchObject({
      Device: ['left-out', 422, 'not-supported'],
      Provenance: ['refused', null, 'target-not-written'],
    });
  });

  it('names the software where the EHR keeps no Device', async () => {
    await start({ refuseTypes: ['Device'] });
    await approved();
    await atRest();
    const value = installation.deviceId(await db.tx((tx) => installation.identifierSystem(tx)));
    expect((await dump('Provenance'))[0]?.agent).toMatchObject([
      { who: { display: 'Loopwell', identifier: { value } } },
    ]);
  });

  it("is nobody's work where the EHR keeps neither, and no run ends otherwise for it", async () => {
    await start({ refuseTypes: ['Device', 'Provenance'] });
    await approved();
    await atRest();
    expect(await states()).toMatchObject({
      Device: ['left-out', 422, 'not-supported'],
      Provenance: ['left-out', 422, 'not-supported'],
      Condition: ['done', null, null],
    });
    expect((await db.tx((tx) => readRunTotals(tx, tenant))).writeBack).toEqual({
      done: 1,
      refused: 0,
      altered: 0,
      waiting: 0,
    });
  });
});
