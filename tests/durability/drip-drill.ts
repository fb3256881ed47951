import type { fhir4 } from '@loopwell/fhir';
import { newId, silentLog } from '@loopwell/kit';
import { type Sandbox, startSandbox } from '@loopwell/sandbox';
import type { Host } from '@loopwell/service';
import {
  connections,
  type Database,
  ehrResources,
  holds,
  installation,
  ledger,
  migrate,
  openDatabase,
  ownResources,
  pullCursors,
  wake,
  writeBacks,
} from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { partnerRows } from '../../services/cli/src/input-files/partners-file.ts';
import { compose, originsOf } from '../../services/cli/src/run/compose.ts';
import { type DrippingServer, startDrippingServer } from './drip.ts';
import { type DripReport, good, seconds, watchPeople } from './drip-watch.ts';
import { type Resource, until } from './harness.ts';
import { hungryPeople } from './population.ts';

/** More servers that drip than there are slots, and one of each kind that is well. */
export type DripDrill = {
  /** So many whose Tasks are followed, and so many that Tasks are sent to: a partner that lets one wait is left alone by the other. */
  partners: number;
  ehrs: number;
  requestTimeoutMs: number;
  /** A byte of each answer. */
  dripEveryMs: number;
  /** How long people keep coming, and how often one. */
  durationMs: number;
  personEveryMs: number;
};

const tenant = 'default';
const types = [
  'Patient',
  'Encounter',
  'QuestionnaireResponse',
  'Observation',
  'Condition',
  'Consent',
  'Goal',
  'ServiceRequest',
] as const;

/**
 * Partners and EHRs are well at first: Tasks are with them and their lanes are read. Then all of them begin to drip, with
 * Tasks to be followed, Tasks to be sent, lanes to be read and resources to be written, while people go on coming to the
 * good EHR and are referred to the good partner.
 */
export async function dripDrill(drill: DripDrill): Promise<DripReport> {
  const opened: (() => Promise<unknown>)[] = [];
  try {
    const world = await openDrill(drill, opened);
    await beginWell(world, drill);
    await beginToDrip(world, drill);
    const doors = await watchPeople({
      ...world,
      ...drill,
      ehrs: world.ehrs,
      first: 2 * drill.partners,
    });
    const longestRequest = Math.max(0, ...world.longest());
    const started = Date.now();
    await world.host.close();
    return {
      doors,
      closeSeconds: seconds(started),
      rssMegabytes: Math.round(process.memoryUsage.rss() / 2 ** 20),
      longestRequest,
    };
  } finally {
    for (const close of opened.splice(0).reverse()) await close();
  }
}

type World = {
  db: Database;
  sandbox: Sandbox;
  host: Host;
  /** Partners that have a Task each, and others that are to get one while they drip. */
  followed: DrippingServer[];
  sentTo: DrippingServer[];
  /** EHRs whose pages drip, and others that drip when they are written to. */
  ehrs: DrippingServer[];
  writers: DrippingServer[];
  people: (from: number, count: number) => Promise<string[]>;
  longest: () => number[];
};

async function openDrill(drill: DripDrill, opened: (() => Promise<unknown>)[]): Promise<World> {
  const scratch = await testDatabase();
  opened.push(scratch.close);
  await migrate(scratch.url);
  const db = openDatabase({ url: scratch.url, max: 4 });
  opened.push(() => db.close());
  const sandbox = await startSandbox({
    ...{ port: 0, host: '127.0.0.1', ehrs: [{ name: good }] },
    partners: [
      { name: good, behavior: 'finish', stepMs: 50, sendToken: 'send', readToken: 'read' },
    ],
  });
  opened.push(() => sandbox.close());
  const [followed, sentTo] = [await startMany(drill.partners), await startMany(drill.partners)];
  const [ehrs, writers] = [await startMany(drill.ehrs), await startMany(drill.ehrs)];
  const partners = [...followed, ...sentTo];
  opened.push(
    async () =>
      void (await Promise.all([...partners, ...ehrs, ...writers].map((one) => one.close()))),
  );
  await db.tx((tx) => holds.addHold(tx, { tenant, scope: 'all', principal: 'person:drill' }));
  const host = await compose(
    composeOptions(drill, { db: scratch.url, sandbox, partners, ehrs: [...ehrs, ...writers] }),
  );
  opened.push(host.close);
  const everybody = hungryPeople(
    2 * drill.partners + Math.ceil(drill.durationMs / drill.personEveryMs) + 5,
  );
  const people = async (from: number, count: number) => {
    const ids = Array.from({ length: count }, (_, index) => `hungry-${from + index}`);
    const wanted = everybody.filter((resource) =>
      ids.some((id) => resource.id === id || resource.id?.startsWith(`${id}-`)),
    );
    await putInto(sandbox, wanted);
    return ids;
  };
  return {
    db,
    sandbox,
    host,
    followed,
    sentTo,
    ehrs,
    writers,
    people,
    longest: () => host.oldestRequests(),
  };
}

const startMany = (count: number) =>
  Promise.all(Array.from({ length: count }, startDrippingServer));

async function putInto(sandbox: Sandbox, resources: readonly Resource[]): Promise<void> {
  await fetch(`${sandbox.address}/admin/ehr/${good}/put`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(resources),
  });
}

type Servers = {
  db: string;
  sandbox: Sandbox;
  partners: readonly DrippingServer[];
  ehrs: readonly DrippingServer[];
};

function composeOptions(
  { requestTimeoutMs }: DripDrill,
  { db, sandbox, partners, ehrs }: Servers,
): Parameters<typeof compose>[0] {
  const base = sandbox.ehrBase(good);
  const partnerRowsOfDrill = partnerRows(
    directoryOf([
      { id: good, address: sandbox.partnerBase(good) },
      ...partners.map((one, n) => ({ id: `drip-${n}`, address: one.base })),
    ]),
    tenant,
  );
  return {
    tenant,
    databaseUrl: db,
    queue: { url: queueUrl(db), prefix: `{${newId()}}` },
    listen: { host: '127.0.0.1', port: 0, anyPort: true },
    ehr: {
      connection: { id: good, tenant, base, quirks: 'plain-r4' },
      patients: [],
      since: undefined,
    },
    credentials: () => undefined,
    referral: {
      ...{
        siteName: 'Loopwell',
        minorAge: 18,
        readAfterEndMs: 30 * 86_400_000,
        send: true,
        approve: 'unambiguous',
      },
      ...{
        agreedByConsent: false,
        longestConsentDays: 365,
        acceptByMs: 3_600_000,
        decideBy: { businessDays: 2 },
      },
      ...{ pollMs: 1_000, askAgainMs: 1_000 },
    },
    publicUrl: undefined,
    partners: partnerRowsOfDrill,
    partnerTokens: { [sandbox.partnerBase(good)]: { send: 'send', read: 'read' } },
    privateOrigins: originsOf([
      base,
      ...partnerRowsOfDrill.map((one) => one.address),
      ...ehrs.map((one) => one.base),
    ]),
    writeBack: true,
    once: false,
    secretKey: 'ab'.repeat(32),
    timing: {
      reconcileMs: 500,
      coalesceMs: 300,
      pullIntervalMs: 2_000,
      marginMs: 0,
      leaseMs: 60_000,
      requestTimeoutMs,
    },
    log: silentLog,
    tell: () => {},
  };
}

function directoryOf(partners: readonly { id: string; address: string }[]): fhir4.Bundle {
  const sdohcc =
    'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes';
  const connectionType = {
    system: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type',
    code: 'hl7-fhir-rest',
  };
  return {
    resourceType: 'Bundle',
    type: 'collection',
    entry: partners.flatMap(({ id, address }) => [
      { resource: { resourceType: 'Organization', id, active: true, name: id } },
      {
        resource: {
          ...{
            resourceType: 'Endpoint',
            id: `${id}-fhir`,
            status: 'active',
            connectionType,
            payloadType: [{ text: 'Task' }],
          },
          address,
        },
      },
      {
        resource: {
          ...{
            resourceType: 'HealthcareService',
            id: `${id}-food`,
            active: true,
            providedBy: { reference: `Organization/${id}` },
          },
          ...{
            endpoint: [{ reference: `Endpoint/${id}-fhir` }],
            category: [{ coding: [{ system: sdohcc, code: 'food-insecurity' }] }],
          },
        },
      },
    ]) as fhir4.BundleEntry[],
  };
}

/** Two referrals for each partner that has a Task: one is with it, one waits for another partner; the lanes of each EHR have been read once. */
async function beginWell(
  { db, people, ehrs, writers }: World,
  { partners }: DripDrill,
): Promise<void> {
  await people(0, 2 * partners);
  const count = async (sql: string) => Number((await db.query<{ n: number }>(sql)).rows[0]?.n ?? 0);
  await until(
    'all referrals wait for the hold',
    async () =>
      (await count("select count(*) as n from referral where gate = 'hold'")) === 2 * partners,
  );
  await db.query(
    `update referral r set recipient = case when n.n < $1 then 'drip-' || n.n else 'nobody' end
       from (select id, row_number() over (order by id) - 1 as n from referral) n where n.id = r.id`,
    [partners],
  );
  // Of its own: workers lock a row of the ledger before its referral.
  await db.tx(async (tx) => {
    await holds.removeHold(tx, tenant, 'all', { principal: 'person:drill' });
    await wake(tx, tenant, newId());
  });
  await until(
    'each partner has a Task',
    async () =>
      (await count('select count(*) as n from task where remote_id is not null')) === partners,
    120_000,
  );
  for (const [n, ehr] of ehrs.entries()) await connect(db, `drip-ehr-${n}`, ehr.base, types);
  for (const [n, ehr] of writers.entries()) await connect(db, `drip-writer-${n}`, ehr.base, []);
  const read =
    "select count(*) as n from pull_cursor where connection like 'drip-%' and upto is not null";
  await until(
    'the lanes of each EHR have been read',
    async () => (await count(read)) === types.length * ehrs.length,
    120_000,
  );
}

async function connect(
  db: Database,
  id: string,
  base: string,
  lanesOf: readonly string[],
): Promise<void> {
  await db.tx(async (tx) => {
    const settings = {
      id,
      tenant,
      base,
      quirks: 'plain-r4',
      credentials: 'none' as const,
      client: {},
      secret: null,
      patients: [],
      aliases: [],
      since: null,
    };
    await connections.saveConnectionSettings(tx, settings);
    const cursors = lanesOf.map((type) => ({
      id: newId(),
      tenant,
      connection: id,
      type,
      scope: '',
      since: null,
    }));
    await pullCursors.addCursors(tx, cursors);
    await ledger.due(
      tx,
      cursors.map((lane) => ({
        tenant,
        stage: 'pull',
        subject: lane.id,
        batch: newId(),
        trace: newId(),
        waitsFor: 'ehr',
      })),
    );
  });
}

/** All of them drip; what waited for them is due now: Tasks to be sent and followed, lanes, resources to be written. */
async function beginToDrip(
  { db, followed, sentTo, ehrs, writers }: World,
  { dripEveryMs }: DripDrill,
): Promise<void> {
  for (const server of [...followed, ...sentTo, ...ehrs, ...writers]) server.drip(dripEveryMs);
  await db.query(
    `update referral r set recipient = 'drip-' || ($1 + n.n)
       from (select id, row_number() over (order by id) - 1 as n from referral where recipient = 'nobody') n where n.id = r.id`,
    [followed.length],
  );
  await db.tx(async (tx) => {
    await wake(tx, tenant, newId());
    for (const n of writers.keys())
      for (const turn of [0, 1, 2]) await wantWritten(tx, `drip-writer-${n}`, `${n}-${turn}`);
  });
}

async function wantWritten(
  tx: Parameters<typeof wake>[0],
  connection: string,
  name: string,
): Promise<void> {
  const person = newId();
  const id = newId();
  const row = { tenant, connection, person };
  const patient = JSON.stringify({ resourceType: 'Patient', id: name });
  await ehrResources.saveEhrResources(tx, [
    { ...row, type: 'Patient', sourceId: name, versionId: '1', lastUpdated: null, body: patient },
  ]);
  const identifier = [{ system: await installation.identifierSystem(tx), value: id }];
  const body = JSON.stringify({
    resourceType: 'Condition',
    id,
    identifier,
    subject: { reference: `Patient/${person}` },
  });
  await ownResources.saveOwnResources(tx, [{ ...row, id, type: 'Condition', body }]);
  await writeBacks.wantWriteBacks(tx, [
    { ...row, madeId: id, referral: newId(), type: 'Condition', version: 1 },
  ]);
  await ledger.due(tx, [
    { tenant, stage: 'write-back', subject: person, person, batch: newId(), trace: newId() },
  ]);
}
