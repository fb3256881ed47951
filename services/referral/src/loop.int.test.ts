import { type fhir4, systems } from '@loopwell/fhir';
import { createApp, finish, listen } from '@loopwell/http';
import { deriveId, newId, silentLog, sleep, systemClock } from '@loopwell/kit';
import { createOutbound } from '@loopwell/outbound';
import { openQueues, type Queues, stageNames, startRunner } from '@loopwell/pipeline';
import {
  access,
  type Database,
  directory,
  ehrResources,
  holds,
  installation,
  ledger,
  migrate,
  openDatabase,
  operator,
  ownResources,
  readRunTotals,
  referrals,
  saveConnection,
  sendPreview,
  type TaskRow,
  tasks,
  timelineOf,
  wake,
} from '@loopwell/store';
import { newTask, queueUrl, suiteDatabase } from '@loopwell/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/src/index.ts';
import { addFhirRoutes, grantReads, partnerRowsOf, type ReferralSettings, wire } from './index.ts';

/**
 * From an approved need to a closed loop, against sandbox partners over real HTTP; partners that
 * are driven by hand.
 */
const tenant = 'o';
const connection = 'clinic';
const category = 'food-insecurity';
const idOf = (name: string) => deriveId('test', name);
const opened: (() => Promise<unknown>)[] = [];

let db: Database;
let queues: Queues;
let sandbox: Sandbox;
let settings: ReferralSettings;
let hub: string;
let skewMs = 0;
const clock = { now: () => new Date(Date.now() + skewMs) };

const suite = suiteDatabase(migrate);
afterAll(suite.close);
beforeEach(async () => {
  skewMs = 0;
  const scratch = await suite.fresh();
  db = openDatabase({ url: scratch.url, tenant, max: 8 });
  opened.push(() => db.close());
  queues = await openQueues({
    tenant,
    url: queueUrl(scratch.url),
    stages: stageNames,
    log: silentLog,
    prefix: `{${newId()}}`,
  });
  opened.push(() => queues.close());
  const partner = (name: string) => ({
    name,
    behavior: 'silent' as const,
    stepMs: 50,
    sendToken: `send-${name}`,
  });
  sandbox = await startSandbox({
    port: 0,
    host: '127.0.0.1',
    ehrs: [],
    partners: [partner('pantry'), partner('shelter')],
  });
  opened.push(() => sandbox.close());
  settings = {
    tenant,
    siteName: 'Clinic',
    minorAge: 18,
    readAfterEndMs: 30 * 86_400_000,
    send: true,
    approve: undefined,
    agreedByConsent: false,
    longestConsentDays: 365,
    publicBase: '',
    acceptByMs: 400 * 86_400_000,
    decideBy: { ms: 86_400_000 },
    pollMs: 100,
    askAgainMs: 100,
    batch: 50,
    leaseMs: 30_000,
  };
  const app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  addFhirRoutes(app, { db, settings });
  finish(app, silentLog);
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  opened.push(() => server.close());
  hub = `${server.address}/fhir`;
  settings.publicBase = hub;
  await saveDirectory([
    { id: 'pantry', at: 'pantry' },
    { id: 'shelter', at: 'shelter' },
  ]);
  await db.tx((tx) =>
    saveConnection(tx, {
      id: connection,
      tenant,
      base: 'https://ehr.example/fhir',
      quirks: 'plain-r4',
    }),
  );
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const baseOf = (name: string) => sandbox.partnerBase(name);

async function saveDirectory(some: { id: string; at: string }[]): Promise<void> {
  const rows = partnerRowsOf(
    some.map(({ id, at }) => ({
      id,
      references: [`Organization/${id}`],
      name: `The ${id}`,
      address: baseOf(at),
      categories: [category],
      organization: {
        resourceType: 'Organization',
        id,
        name: `The ${id}`,
        partOf: { reference: 'Organization/elsewhere' },
      },
    })),
    tenant,
  );
  await db.tx(async (tx) => {
    await directory.saveDirectory(tx, tenant, rows);
    await grantReads(
      tx,
      tenant,
      rows,
      new Map(['pantry', 'shelter'].map((name) => [baseOf(name), `read-${name}`])),
    );
  });
}

/** Starts the workers of refer, track and close. */
async function work(): Promise<void> {
  const outbound = createOutbound({
    allowedPrivateOrigins: [new URL(sandbox.address).origin],
    requestTimeoutMs: 3_000,
  });
  const sendTokens = new Map(['pantry', 'shelter'].map((name) => [baseOf(name), `send-${name}`]));
  const { works } = wire(settings, {
    db,
    nudge: queues.nudge,
    outbound,
    sendTokens,
    clock,
    realClock: systemClock,
    log: silentLog,
  });
  const runner = startRunner({ queues, works, intervalMs: 50, log: silentLog });
  opened.push(async () => {
    await runner.close();
    await outbound.close();
  });
}

type Given = { consent?: Partial<fhir4.Consent> | null; recorded?: object; security?: string };

const consentOf = (name: string, more: Partial<fhir4.Consent> = {}): fhir4.Consent => ({
  resourceType: 'Consent',
  id: `${name}-consent`,
  status: 'active',
  scope: { coding: [{ system: systems.consentScope, code: 'patient-privacy' }] },
  category: [{ coding: [{ system: systems.actCode, code: 'IDSCL' }] }],
  patient: { reference: `Patient/${name}` },
  dateTime: '2026-06-01',
  organization: [{ reference: 'Organization/clinic' }],
  policyRule: { text: 'Authorization to share' },
  ...more,
});

/** What the EHR says now; a second time with the next version. */
async function pull(
  name: string,
  resource: fhir4.Resource & { id?: string | undefined },
  version = '1',
): Promise<void> {
  const row = {
    tenant,
    connection,
    type: resource.resourceType,
    sourceId: resource.id ?? '',
    versionId: version,
    person: idOf(name),
    lastUpdated: null,
  };
  await db.tx((tx) =>
    ehrResources.saveEhrResources(tx, [
      {
        ...row,
        body: JSON.stringify({ ...resource, meta: { ...resource.meta, versionId: version } }),
      },
    ]),
  );
}

/**
 * A person with one approved need, agreement and consent, as the earlier stages leave them; then
 * the gates are asked.
 */
async function need(name: string, given: Given = {}): Promise<string> {
  const id = idOf(`referral ${name}`);
  const condition = idOf(`condition ${name}`);
  const agreed = {
    id: `${name}-order`,
    status: 'active',
    intent: 'order',
    category: [{ coding: [{ system: systems.sdohcc, code: category }] }],
    authoredOn: '2026-06-02',
    requester: { reference: 'Practitioner/dr' },
  };
  await pull(name, {
    resourceType: 'Patient',
    id: name,
    name: [{ family: 'Lind', given: [name] }],
    telecom: [{ system: 'phone', value: '555-0100' }],
    identifier: [{ system: 'mrn', value: `MRN-${name}` }],
  } as fhir4.Patient);
  await pull(name, { resourceType: 'ServiceRequest', ...agreed } as fhir4.ServiceRequest);
  await pull(name, {
    resourceType: 'Condition',
    id: `${name}-onfile`,
    code: { text: 'Hungry' },
    subject: { reference: `Patient/${name}` },
    ...(given.security
      ? { meta: { security: [{ system: systems.confidentiality, code: given.security }] } }
      : {}),
  } as fhir4.Condition);
  if (given.consent !== null) await pull(name, consentOf(name, given.consent));
  const common = { tenant, connection, person: idOf(name) };
  await db.tx(async (tx) => {
    const body = JSON.stringify({
      resourceType: 'Condition',
      id: condition,
      code: { text: 'Food insecurity' },
      subject: { reference: `Patient/${common.person}` },
    });
    await ownResources.saveOwnResources(tx, [
      { ...common, id: condition, type: 'Condition', body },
    ]);
    await referrals.saveNeeds(tx, [
      {
        ...common,
        id,
        category,
        episode: 1,
        unambiguous: true,
        sensitive: false,
        conditions: JSON.stringify([condition, `Condition/${name}-onfile`]),
        since: '2026-06-01T00:00:00Z',
        trace: newId(),
      },
    ]);
    const recorded = given.recorded ? { consent_recorded: JSON.stringify(given.recorded) } : {};
    await referrals.patchReferrals(tx, [
      { id, patch: { approval: 'approved' as const, approved_by: 'person:rea', ...recorded } },
    ]);
  });
  await ask(id, name);
  return id;
}

const ask = (id: string, name: string) =>
  db.tx((tx) =>
    ledger.due(tx, [
      {
        tenant,
        stage: 'refer',
        subject: id,
        batch: newId(),
        trace: newId(),
        person: idOf(name),
      },
    ]),
  );

async function until<T>(what: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 60_000;
  while (true) {
    const value = await what();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`This did not come true: ${what}`);
    await sleep(40);
  }
}

const referral = async (id: string) =>
  (await db.tx((tx) => referrals.loadReferrals(tx, [id]))).get(id);
const tasksOf = async (id: string): Promise<TaskRow[]> =>
  (await db.tx((tx) => tasks.tasksOfReferrals(tx, [id]))).get(id) ?? [];
const stateOf = async (id: string) => {
  const row = await referral(id);
  return row?.state === 'waiting' ? `waits:${row.gate}` : row?.state;
};
const comesTo = (id: string, state: string) => until(async () => (await stateOf(id)) === state);
const sentTask = (id: string, attempt = 1) =>
  until(async () =>
    (await tasksOf(id)).find((one) => one.attempt === attempt && one.remote_id !== null),
  );
const ledgerRow = async (stage: string, subject: string) =>
  (
    await db.query<{ waits_for: string; error_code: string | null }>(
      'select waits_for, error_code from ledger where stage = $1 and subject = $2',
      [stage, subject],
    )
  ).rows[0];

const orderStatus = async (id: string) => {
  const order = (await referral(id))?.service_request ?? '';
  const body = (await db.tx((tx) => ownResources.loadOwnResources(tx, [order]))).get(order)?.body;
  return body === undefined ? undefined : (JSON.parse(body) as fhir4.ServiceRequest).status;
};

type Remote = fhir4.Task & { id: string };
const remoteTasks = async (partner: string) =>
  (await (
    await fetch(`${sandbox.address}/admin/partners/${partner}/dump/Task`)
  ).json()) as Remote[];
const arm = (partner: string, faults: object[]) =>
  fetch(`${sandbox.address}/admin/partners/${partner}/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ faults }),
  });

/** The partner's people move a Task, or leave a Procedure on its server. */
async function put(
  partner: string,
  resource: fhir4.Resource & { id?: string | undefined },
): Promise<void> {
  const answer = await fetch(`${baseOf(partner)}/${resource.resourceType}/${resource.id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/fhir+json', authorization: `Bearer send-${partner}` },
    body: JSON.stringify(resource),
  });
  if (!answer.ok) throw new Error(`The partner's own server said ${answer.status}`);
}
async function move(
  partner: string,
  task: TaskRow,
  status: string,
  more: object = {},
): Promise<void> {
  const now = (await remoteTasks(partner)).find((one) => one.id === task.remote_id);
  if (now) await put(partner, { ...now, status, ...more } as Remote);
}

const read = (address: string, bearer?: string, method = 'GET') =>
  fetch(address, { method, headers: bearer ? { authorization: `Bearer ${bearer}` } : {} });
const referencesOf = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'reference' && typeof inner === 'string' ? [inner] : referencesOf(inner),
  );
};

/** Follows every reference that it meets, as a partner's software may. */
async function crawl(from: unknown, bearer: string): Promise<Map<string, fhir4.Resource>> {
  const seen = new Map<string, fhir4.Resource>();
  const open = referencesOf(from);
  for (let next = open.shift(); next; next = open.shift()) {
    if (seen.has(next)) continue;
    const answer = await read(next, bearer);
    expect([next, answer.status]).toEqual([next, 200]);
    const resource = (await answer.json()) as fhir4.Resource;
    seen.set(next, resource);
    open.push(...referencesOf(resource));
  }
  return seen;
}

describe('what a partner can read', () => {
  it('is everything that its open Task reaches, every reference followed, and nothing that it does not name', async () => {
    const id = await need('ada');
    await need('bo', {
      consent: {
        provision: {
          actor: [{ role: { text: 'r' }, reference: { reference: 'Organization/shelter' } }],
        },
      },
    });
    await work();
    const task = await sentTask(id);
    const [received] = await remoteTasks('pantry');
    const seen = await crawl(received, 'read-pantry');
    expect([...seen.values()].map((one) => one.resourceType).sort()).toEqual([
      'Condition',
      'Condition',
      'Consent',
      'Organization',
      'Organization',
      'Patient',
      'ServiceRequest',
    ]);
    expect(JSON.stringify([...seen.values()])).not.toMatch(
      /MRN-ada|elsewhere|ehr\.example|ada-consent|Practitioner/,
    );
    const unknown = await read(`${hub}/Patient/nobody`, 'read-pantry');
    for (const address of [...seen.keys()].filter(
      (one) => !one.endsWith(`/Organization/${deriveId(tenant, 'organization')}`),
    )) {
      const other = await read(address, 'read-shelter');
      expect([other.status, await other.text()]).toEqual([
        404,
        await read(`${hub}/Patient/nobody`, 'read-shelter').then((one) => one.text()),
      ]);
    }
    expect(unknown.status).toBe(404);
    expect((await read(`${hub}/Patient/${idOf('bo')}`, 'read-pantry')).status).toBe(404);
    const { rows } = await db.query<{ n: number }>(
      "select count(*) as n from history where outcome = 'read-by-partner' and principal = 'partner:pantry' and person = $1",
      [task.person],
    );
    expect(Number(rows[0]?.n)).toBe(seen.size);
    const device = installation.deviceId(await installation.identifierSystem(db));
    const software = await read(`${hub}/Device/${device}`, 'read-pantry');
    expect(await software.json()).toMatchObject({
      resourceType: 'Device',
      id: device,
      identifier: [{ value: device }],
    });
    expect((await read(`${hub}/Device/${deriveId('other')}`, 'read-pantry')).status).toBe(404);
  });

  it('is denied without the right bearer, for other types, by search, and in odd shapes', async () => {
    const id = await need('ada');
    await work();
    await sentTask(id);
    const patient = `${hub}/Patient/${idOf('ada')}`;
    expect((await read(patient, 'read-pantry', 'HEAD')).status).toBe(200);
    expect([
      (await read(patient)).status,
      (await read(patient, 'nobody')).status,
      (await read(patient, 'send-pantry')).status,
    ]).toEqual([401, 401, 401]);
    for (const odd of [
      `Patient/${'x'.repeat(65)}`,
      'Patient/%00',
      "Patient/'--",
      `Observation/${idOf('ada')}`,
      `Task/${(await tasksOf(id))[0]?.id}`,
      'Patient/a%2Fb',
      `patient/${idOf('ada')}`,
    ]) {
      const answer = await read(`${hub}/${odd}`, 'read-pantry');
      expect([odd, answer.status, ((await answer.json()) as fhir4.Resource).resourceType]).toEqual([
        odd,
        404,
        'OperationOutcome',
      ]);
    }
    for (const search of [
      'Patient',
      'Patient?name=Lind',
      `Condition?subject=Patient/${idOf('ada')}`,
    ]) {
      const answer = await read(`${hub}/${search}`, 'read-pantry');
      expect([
        search,
        answer.status,
        ((await answer.json()) as fhir4.Resource).resourceType,
      ]).toEqual([search, 403, 'OperationOutcome']);
    }
    expect((await read(`${hub}/Patient/_search`, 'read-pantry', 'POST')).status).toBe(405);
    expect(((await (await read(`${hub}/metadata`)).json()) as fhir4.Resource).resourceType).toBe(
      'CapabilityStatement',
    );
  });

  it('is there before the Task is posted; once the Task has ended it is the order alone, for some time', async () => {
    await arm('pantry', [{ method: 'POST', effect: 'status', status: 503, times: 1 }]);
    const id = await need('ada');
    await work();
    const unsent = await until(async () => (await tasksOf(id))[0]);
    expect(unsent.remote_id).toBeNull();
    const order = `${hub}/ServiceRequest/${(await referral(id))?.service_request}`;
    expect((await read(order, 'read-pantry')).status).toBe(200);
    const task = await sentTask(id);
    await move('pantry', task, 'rejected');
    await sentTask(id, 2);
    const readAs = async (name: string) =>
      (await (await read(order, `read-${name}`)).json()) as fhir4.ServiceRequest;
    const [first, second] = [await readAs('pantry'), await readAs('shelter')];
    const personal = [
      first.subject,
      ...(first.reasonReference ?? []),
      ...(first.supportingInfo ?? []),
    ].map((one) => one.reference ?? '');
    expect(personal.length).toBeGreaterThan(3);
    for (const address of personal)
      expect([address, (await read(address, 'read-pantry')).status]).toEqual([address, 404]);
    // Who was asked next is nobody else's business: each sees its own Consent, and no other
    // recipient.
    expect(first.supportingInfo).not.toEqual(second.supportingInfo);
    expect(JSON.stringify(first)).not.toContain('shelter');
    const consent = await read(second.supportingInfo?.[0]?.reference ?? '', 'read-shelter');
    expect([consent.status, JSON.stringify(await consent.json())]).toEqual([
      200,
      expect.not.stringContaining('pantry'),
    ]);
    await db.query(
      "update disclosure_grant set until = until - interval '30 days' where task = $1",
      [task.id],
    );
    expect((await read(order, 'read-pantry')).status).toBe(404);
    expect((await read(order, 'read-shelter')).status).toBe(200);
  });

  it('is what was sent to a partner: Organizations that share an address read both, and one Organization with two reads both', async () => {
    await saveDirectory([
      { id: 'annex', at: 'pantry' },
      { id: 'pantry', at: 'pantry' },
      { id: 'pantry', at: 'shelter' },
    ]);
    const only = (name: string) => ({
      consent: {
        provision: {
          actor: [{ role: { text: 'r' }, reference: { reference: `Organization/${name}` } }],
        },
      },
    });
    const [first, second] = [await need('ada', only('annex')), await need('bo', only('pantry'))];
    await work();
    expect([(await sentTask(first)).partner, (await sentTask(second)).partner]).toEqual([
      'annex',
      'pantry',
    ]);
    for (const task of await remoteTasks('pantry')) await crawl(task, 'read-pantry');
    await move('pantry', await sentTask(second), 'rejected');
    expect((await sentTask(second, 2)).address).toBe(baseOf('shelter'));
    expect((await read(`${hub}/Patient/${idOf('bo')}`, 'read-pantry')).status).toBe(200);
    expect((await read(`${hub}/Patient/${idOf('ada')}`, 'read-shelter')).status).toBe(404);
    await crawl((await remoteTasks('shelter'))[0], 'read-shelter');
  });

  it('never holds a Condition that is restricted, and does not name it', async () => {
    const id = await need('ada', { security: 'R' });
    await work();
    await sentTask(id);
    const seen = await crawl((await remoteTasks('pantry'))[0], 'read-pantry');
    expect([...seen.values()].filter((one) => one.resourceType === 'Condition')).toHaveLength(1);
    expect(JSON.stringify([...seen.values()])).not.toContain('Hungry');
  });

  it('is a consent that a reviewer recorded, too', async () => {
    const id = await need('ada', {
      consent: null,
      recorded: {
        id: idOf('recorded'),
        dateTime: '2026-07-01',
        until: '2027-01-01T00:00:00.000Z',
        scope: 'Food',
        askedBy: 'Rea',
      },
    });
    await work();
    await sentTask(id);
    const seen = await crawl((await remoteTasks('pantry'))[0], 'read-pantry');
    const consent = [...seen.values()].find((one) => one.resourceType === 'Consent');
    expect(consent).toMatchObject({
      status: 'active',
      dateTime: '2026-07-01',
      provision: { type: 'permit', period: { end: '2027-01-01T00:00:00.000Z' } },
    });
    const { rows } = await db.query<{ consent_id: string }>(
      'select consent_id from consent_decision where referral = $1',
      [id],
    );
    expect(rows).toEqual([{ consent_id: idOf('recorded') }]);
  });

  it('is nothing any more once the consent has run out, though the partner is at work', async () => {
    const id = await need('ada');
    await work();
    const task = await sentTask(id);
    await move('pantry', task, 'accepted');
    await until(async () => (await tasksOf(id))[0]?.status === 'accepted');
    await db.query(
      "update disclosure_grant set until = now() - interval '1 second' where referral = $1 and class = 'personal'",
      [id],
    );
    expect((await read(`${hub}/Patient/${idOf('ada')}`, 'read-pantry')).status).toBe(404);
  });
});

describe('consent and agreement, taken back', () => {
  it('recalls a Task that the partner is working on, with the reason, and revokes the order', async () => {
    const id = await need('ada');
    await work();
    const task = await sentTask(id);
    await move('pantry', task, 'in-progress');
    await until(async () => (await tasksOf(id))[0]?.status === 'in-progress');
    await pull('ada', consentOf('ada', { status: 'inactive' }), '2');
    await ask(id, 'ada');
    await comesTo(id, 'withdrawn');
    expect(await remoteTasks('pantry')).toMatchObject([
      { status: 'cancelled', statusReason: { text: 'The consent to share was taken back' } },
    ]);
    expect(await tasksOf(id)).toMatchObject([
      { status: 'cancelled', live: false, reason: 'consent-revoked', recalled_from: 'in-progress' },
    ]);
    const told = (await db.tx((tx) => timelineOf(tx, tenant, id))).map((one) => one.what);
    expect(told).toContainEqual(
      expect.stringMatching(
        /taken back from pantry, which had it since .* \(in-progress\): consent-revoked/,
      ),
    );
    const order = (await referral(id))?.service_request ?? '';
    expect(
      JSON.parse(
        (await db.tx((tx) => ownResources.loadOwnResources(tx, [order]))).get(order)?.body ?? '{}',
      ),
    ).toMatchObject({ status: 'revoked' });
    expect(await remoteTasks('shelter')).toEqual([]);
  });

  it('by the EHR revoking the order that it came as, recalls what is out', async () => {
    const id = await need('ada');
    await work();
    await sentTask(id);
    expect(await referral(id)).toMatchObject({
      agreement_source: 'ServiceRequest/ada-order',
      agreement_on: '2026-06-02',
      agreement_by: 'Practitioner/dr',
    });
    await pull(
      'ada',
      {
        resourceType: 'ServiceRequest',
        id: 'ada-order',
        status: 'revoked',
        intent: 'order',
        subject: {},
      } as fhir4.ServiceRequest,
      '2',
    );
    await ask(id, 'ada');
    await comesTo(id, 'withdrawn');
    expect(await remoteTasks('pantry')).toMatchObject([{ status: 'cancelled' }]);
  });

  it('while sends are held, withdraws what never went', async () => {
    await db.tx((tx) => holds.addHold(tx, { tenant, scope: 'all', principal: 'person:op' }));
    const id = await need('ada');
    await work();
    await comesTo(id, 'waits:hold');
    await pull('ada', consentOf('ada', { status: 'inactive' }), '2');
    await ask(id, 'ada');
    await comesTo(id, 'withdrawn');
    expect(await remoteTasks('pantry')).toEqual([]);
  });

  it('run out before anybody took it, is recalled and waits for a new one', async () => {
    const id = await need('ada', { consent: { provision: { period: { end: '2026-12-31' } } } });
    await work();
    await sentTask(id);
    skewMs = 60 * 86_400_000;
    await ask(id, 'ada');
    await comesTo(id, 'waits:consent');
    expect(await remoteTasks('pantry')).toMatchObject([
      { status: 'cancelled', statusReason: { text: 'The consent to share has ended' } },
    ]);
    await pull('ada', consentOf('ada', { dateTime: '2026-12-15' }), '2');
    await ask(id, 'ada');
    expect((await sentTask(id, 2)).partner).toBe('pantry');
  });
});

describe('partners that stumble', () => {
  it('that refuses leads to the next one, and is listed with status and issue code', async () => {
    await arm('pantry', [
      { method: 'POST', effect: 'status', status: 422, issueCode: 'business-rule' },
    ]);
    const id = await need('ada');
    await work();
    expect((await sentTask(id, 2)).partner).toBe('shelter');
    const { rows } = await db.query(
      "select receiver, status, issue_code from receipt where state = 'refused'",
    );
    expect(rows).toEqual([
      { receiver: 'partner:pantry', status: 422, issue_code: 'business-rule' },
    ]);
  });

  it('that says yes and keeps nothing leads to the next one, after it was asked', async () => {
    await arm('pantry', [{ method: 'POST', effect: 'accept-nothing' }]);
    const id = await need('ada');
    await work();
    expect((await sentTask(id, 2)).partner).toBe('shelter');
    expect(await remoteTasks('pantry')).toEqual([]);
    const { rows } = await db.query(
      "select receiver, issue_code from receipt where state = 'refused'",
    );
    expect(rows).toEqual([{ receiver: 'partner:pantry', issue_code: 'not-kept' }]);
  });

  it('that keeps the Task and never answers is found out by asking', async () => {
    await arm('pantry', [{ method: 'POST', effect: 'store-then-cut', times: 1 }]);
    const id = await need('ada');
    await work();
    await sentTask(id);
    expect(await remoteTasks('pantry')).toHaveLength(1);
    expect(await tasksOf(id)).toHaveLength(1);
  });

  it('that refuses to be asked is never taken to have refused the Task: a person decides', async () => {
    await arm('pantry', [
      { method: 'POST', effect: 'store-then-cut', times: 1 },
      { method: 'GET', path: 'Task\\?', effect: 'status', status: 400 },
    ]);
    const id = await need('ada');
    await work();
    await until(async () => (await ledgerRow('refer', id))?.waits_for === 'operator');
    expect(await remoteTasks('shelter')).toEqual([]);
    expect(await stateOf(id)).toBe('waits:send');
  });

  it('that falls silent is cancelled with a reason before the next one is asked', async () => {
    const id = await need('ada');
    await work();
    const first = await sentTask(id);
    await db.query("update task set accept_by = now() - interval '1 hour' where id = $1", [
      first.id,
    ]);
    expect((await sentTask(id, 2)).partner).toBe('shelter');
    expect(await remoteTasks('pantry')).toMatchObject([
      { status: 'cancelled', statusReason: { text: 'Not accepted in time' } },
    ]);
    expect((await tasksOf(id)).map((one) => [one.status, one.live])).toEqual([
      ['cancelled', false],
      ['requested', true],
    ]);
  });

  it('that will not have it cancelled leaves it to a person: nobody else is asked', async () => {
    await arm('pantry', [{ method: 'PUT', effect: 'status', status: 403 }]);
    const id = await need('ada');
    await work();
    const task = await sentTask(id);
    await db.query("update task set accept_by = now() - interval '1 hour' where id = $1", [
      task.id,
    ]);
    await until(async () => (await ledgerRow('track', task.id))?.waits_for === 'operator');
    expect(await ledgerRow('track', task.id)).toMatchObject({ error_code: 'OUTCOME_UNKNOWN' });
    expect(await remoteTasks('shelter')).toEqual([]);
  });

  it('that shows a Task no more is told to a person, and asked again when that person says so', async () => {
    const id = await need('ada');
    await work();
    const task = await sentTask(id);
    await arm('pantry', [
      { method: 'GET', path: `Task/${task.remote_id}`, effect: 'status', status: 404 },
      { method: 'GET', path: 'Task\\?', effect: 'status', status: 400 },
    ]);
    await until(async () => (await ledgerRow('track', task.id))?.waits_for === 'operator');
    expect(await tasksOf(id)).toMatchObject([{ live: true, status: 'requested' }]);
    await arm('pantry', []);
    await move('pantry', task, 'accepted');
    await db.tx((tx) =>
      operator.retryRows(tx, {
        tenant,
        rows: [{ stage: 'track', subject: task.id }],
        principal: 'person:op',
        reason: 'looked',
        batch: newId(),
      }),
    );
    await until(async () => (await tasksOf(id))[0]?.status === 'accepted');
  });

  it('that moves a Task back is told to a person, and nothing is overwritten', async () => {
    const id = await need('ada');
    await work();
    const task = await sentTask(id);
    await move('pantry', task, 'in-progress');
    await until(async () => (await tasksOf(id))[0]?.status === 'in-progress');
    await move('pantry', task, 'received');
    await until(
      async () => (await ledgerRow('track', task.id))?.error_code === 'TASK_MOVE_ILLEGAL',
    );
    expect(await tasksOf(id)).toMatchObject([{ status: 'in-progress', live: true }]);
    expect(await remoteTasks('pantry')).toMatchObject([{ status: 'received' }]);
  });

  it('that is away holds up nobody else, and is asked again', async () => {
    const only = (name: string) => ({
      consent: {
        provision: {
          actor: [{ role: { text: 'r' }, reference: { reference: `Organization/${name}` } }],
        },
      },
    });
    const [first, second] = [await need('ada', only('pantry')), await need('bo', only('shelter'))];
    await work();
    const [atPantry, atShelter] = [await sentTask(first), await sentTask(second)];
    await arm('pantry', [{ method: 'GET', effect: 'status', status: 503 }]);
    await until(
      async () => (await ledgerRow('track', atPantry.id))?.error_code === 'REMOTE_UNAVAILABLE',
    );
    expect(await ledgerRow('track', atPantry.id)).toMatchObject({ waits_for: 'partner' });
    await move('shelter', atShelter, 'completed');
    await comesTo(second, 'closed');
    await arm('pantry', []);
    await move('pantry', atPantry, 'accepted');
    await until(async () => (await tasksOf(first))[0]?.status === 'accepted');
  });
});

describe('the end of a loop', () => {
  const activity = (reference: string) => ({
    type: { coding: [{ system: systems.sdohcc, code: 'resulting-activity' }] },
    valueReference: { reference },
  });

  it('closes it with what was done, copies each Procedure, and lists one that cannot be read', async () => {
    const id = await need('ada');
    await work();
    const task = await sentTask(id);
    const codes = { a: '710925007', b: '713109004' };
    for (const [name, code] of Object.entries(codes))
      await put('pantry', {
        resourceType: 'Procedure',
        id: name,
        status: 'completed',
        code: { text: `Words of theirs ${name}`, coding: [{ system: systems.snomed, code }] },
        subject: {},
        performedDateTime: '2026-11-20',
      } as fhir4.Procedure);
    await move('pantry', task, 'completed', {
      output: ['Procedure/a', 'Procedure/b', 'Procedure/missing'].map(activity),
    });
    await comesTo(id, 'closed');
    const order = (await referral(id))?.service_request ?? '';
    expect(
      JSON.parse(
        (await db.tx((tx) => ownResources.loadOwnResources(tx, [order]))).get(order)?.body ?? '{}',
      ),
    ).toMatchObject({ status: 'completed' });
    const procedures = (
      await db.tx((tx) => ownResources.ownResourcesOfPeople(tx, [idOf('ada')], 'Procedure'))
    ).map((one) => JSON.parse(one.body) as fhir4.Procedure);
    expect(procedures.map((one) => one.code?.coding?.[0]?.code).sort()).toEqual(
      Object.values(codes),
    );
    expect(JSON.stringify(procedures)).not.toContain('Words of theirs');
    expect(procedures[0]).toMatchObject({
      subject: { reference: `Patient/${idOf('ada')}` },
      basedOn: [{ reference: `ServiceRequest/${order}` }],
    });
    const totals = await db.tx((tx) => readRunTotals(tx, tenant));
    expect(totals.quarantine).toEqual([
      { code: 'outcome-unreadable', count: 1, example: 'Procedure/missing' },
    ]);
    expect(totals.referrals).toMatchObject({ needed: 1, closed: 1, sent: 1 });
  });

  type Copy = { own_resource: string; ehr_id: string | null; change: string | null; type: string };
  const copiesOf = async () =>
    (
      await db.query<Copy>(
        "select own_resource, ehr_id, change, type from write_back where type = 'ServiceRequest'",
      )
    ).rows;
  const ourOrder = async (id: string) => {
    const order = (await referral(id))?.service_request ?? '';
    return JSON.parse(
      (await db.tx((tx) => ownResources.loadOwnResources(tx, [order]))).get(order)?.body ?? '{}',
    ) as fhir4.ServiceRequest;
  };

  it("is told to the EHR's own order, which ours fulfilled and is not written beside", async () => {
    const id = await need('ada');
    await work();
    const task = await sentTask(id);
    const ours = await ourOrder(id);
    expect(ours).toMatchObject({
      intent: 'filler-order',
      basedOn: [{ type: 'ServiceRequest', identifier: { value: expect.any(String) } }],
    });
    const system = await installation.identifierSystem(db);
    expect(ours.basedOn?.[0]?.identifier?.system).toBe(system);
    expect(ours.identifier?.[0]?.system).toBe(system);
    expect(JSON.stringify(ours)).not.toContain('ada-order');
    expect(await copiesOf()).toEqual([]);
    await move('pantry', task, 'completed', {
      note: [{ text: 'She wept' }],
      statusReason: { text: 'wept' },
    });
    await comesTo(id, 'closed');
    const [end, ...others] = await copiesOf();
    expect([end?.ehr_id, others]).toEqual(['ada-order', []]);
    const day = new Date().toISOString().slice(0, 10);
    expect(JSON.parse(end?.change ?? '{}')).toMatchObject({
      status: 'completed',
      note: {
        text: `Community referral (food-insecurity): the partner's status is completed, as of ${day}.`,
      },
    });
    expect(end?.change).not.toContain('wept');
  });

  it("is told to the EHR's own order when the consent was taken back, too", async () => {
    const id = await need('ada');
    await work();
    await sentTask(id);
    await pull('ada', consentOf('ada', { status: 'inactive', dateTime: '2026-06-03' }), '2');
    await ask(id, 'ada');
    await comesTo(id, 'withdrawn');
    const [end, ...others] = await copiesOf();
    expect([end?.ehr_id, others]).toEqual(['ada-order', []]);
    expect(JSON.parse(end?.change ?? '{}')).toMatchObject({
      status: 'revoked',
      note: { text: expect.stringContaining('reason: consent-revoked') },
    });
  });

  it("is told in an order of ours where the EHR has none: the person's agreement is a Goal", async () => {
    const id = await need('ada');
    const subject = { reference: 'Patient/ada' };
    await pull(
      'ada',
      {
        resourceType: 'ServiceRequest',
        id: 'ada-order',
        status: 'completed',
        intent: 'order',
        subject,
      } as fhir4.ServiceRequest,
      '2',
    );
    const goal = {
      lifecycleStatus: 'active',
      category: [{ coding: [{ system: systems.sdohcc, code: category }] }],
      startDate: '2026-06-02',
    };
    await pull('ada', {
      resourceType: 'Goal',
      id: 'g',
      ...goal,
      description: { text: 'g' },
      subject,
    } as fhir4.Goal);
    await work();
    const task = await sentTask(id);
    expect(await ourOrder(id)).toMatchObject({ intent: 'order' });
    expect((await ourOrder(id)).basedOn).toBeUndefined();
    await move('pantry', task, 'completed');
    await comesTo(id, 'closed');
    expect(await copiesOf()).toMatchObject([
      { own_resource: (await referral(id))?.service_request, change: null },
    ]);
  });

  it('sends nothing further when the gates are asked while it is about to be closed', async () => {
    const id = await need('ada');
    await db.tx((tx) =>
      tasks.addTasks(tx, [
        newTask({
          id: idOf('done'),
          tenant,
          referral: id,
          person: idOf('ada'),
          attempt: 1,
          partner: 'pantry',
          channel: 'fhir-rest',
          address: baseOf('pantry'),
          receipt_key: 'k',
          status: 'completed',
        }),
      ]),
    );
    await db.query('update task set live = false');
    await db.query("update task_delivery set remote_id = 'x', state = 'delivered'");
    await work();
    await until(async () => (await ledgerRow('refer', id)) === undefined);
    expect(await remoteTasks('shelter')).toEqual([]);
    expect(await tasksOf(id)).toHaveLength(1);
  });

  it('waits for a person when every partner refused, and is failed when the person closes it', async () => {
    for (const name of ['pantry', 'shelter'])
      await arm(name, [{ method: 'POST', effect: 'status', status: 400 }]);
    const id = await need('ada');
    await work();
    await comesTo(id, 'waits:withoutHelp');
    const row = await referral(id);
    expect(row).toMatchObject({
      state: 'waiting',
      without_help: 'all-declined',
      given_up_by: null,
    });
    expect((row?.decide_by?.getTime() ?? 0) - (row?.without_help_since?.getTime() ?? 0)).toBe(
      86_400_000,
    );
    expect(await ledgerRow('refer', id)).toMatchObject({ waits_for: 'reviewer' });
    const totals = () => db.tx((tx) => readRunTotals(tx, tenant));
    expect(await totals()).toMatchObject({
      referrals: { needed: 1, waiting: { withoutHelp: 1 }, failed: 0, sent: 0 },
    });
    expect(await orderStatus(id)).toBe('active');
    await ask(id, 'ada');
    await until(async () => (await ledgerRow('refer', id))?.waits_for === 'reviewer');
    expect(await referral(id)).toMatchObject({
      without_help_since: row?.without_help_since,
      decide_by: row?.decide_by,
    });
    await db.query("update referral set given_up_by = 'person:rea' where id = $1", [id]);
    await ask(id, 'ada');
    await comesTo(id, 'failed');
    expect(await totals()).toMatchObject({
      referrals: { needed: 1, waiting: { withoutHelp: 0 }, failed: 1, sent: 0 },
    });
    expect(await orderStatus(id)).toBe('revoked');
    expect((await db.query("select 1 from write_back where type = 'ServiceRequest'")).rows).toEqual(
      [],
    );
  });

  it('waits for a person when a partner that had taken it fails, though another one is left', async () => {
    const id = await need('ada');
    await work();
    const task = await sentTask(id);
    for (const status of ['accepted', 'in-progress', 'failed']) await move('pantry', task, status);
    await comesTo(id, 'waits:withoutHelp');
    expect(await referral(id)).toMatchObject({ without_help: 'partner-failed', sent: true });
    const told = (await db.tx((tx) => timelineOf(tx, tenant, id))).map((one) => one.what);
    expect(told).toContain('nobody could help: partner-failed; a reviewer decides');
    expect(await tasksOf(id)).toMatchObject([{ status: 'failed', live: false }]);
    expect(await orderStatus(id)).toBe('active');
    await db.query("update referral set given_up_by = 'person:rea' where id = $1", [id]);
    await ask(id, 'ada');
    await comesTo(id, 'failed');
    expect(await orderStatus(id)).toBe('revoked');
    expect(await remoteTasks('shelter')).toEqual([]);
  });

  it('goes on to a partner that is new in the directory', async () => {
    for (const name of ['pantry', 'shelter'])
      await arm(name, [{ method: 'POST', effect: 'status', status: 400 }]);
    const id = await need('ada');
    await work();
    await comesTo(id, 'waits:withoutHelp');
    await arm('shelter', []);
    await saveDirectory([
      { id: 'pantry', at: 'pantry' },
      { id: 'shelter', at: 'shelter' },
      { id: 'kitchen', at: 'shelter' },
    ]);
    await db.tx((tx) => wake(tx, tenant, newId()));
    expect((await sentTask(id, 3)).partner).toBe('kitchen');
    const row = await referral(id);
    expect(row).toMatchObject({
      state: 'partner',
      without_help: null,
      without_help_since: null,
      decide_by: null,
    });
  });
});

describe('a hold', () => {
  it.each(['all', 'partner:pantry'])(
    'shuts reads while it stands, and no longer (%s)',
    async (scope) => {
      const id = await need('ada');
      await work();
      await sentTask(id);
      const addresses = ['Patient', 'Organization'].map(
        (type) => `${hub}/${type}/${type === 'Patient' ? idOf('ada') : 'pantry'}`,
      );
      const statuses = () =>
        Promise.all(addresses.map(async (address) => (await read(address, 'read-pantry')).status));
      expect(await statuses()).toEqual([200, 200]);
      await db.tx((tx) => holds.addHold(tx, { tenant, scope, principal: 'person:op' }));
      expect(await statuses()).toEqual([404, 404]);
      await db.tx((tx) => holds.removeHold(tx, tenant, scope, { principal: 'person:op' }));
      expect(await statuses()).toEqual([200, 200]);
    },
  );

  it('keeps everything in until it is released', async () => {
    await db.tx((tx) =>
      holds.addHold(tx, { tenant, scope: 'partner:pantry', principal: 'person:op' }),
    );
    const id = await need('ada');
    await work();
    await comesTo(id, 'waits:hold');
    expect(await remoteTasks('pantry')).toEqual([]);
    await db.tx((tx) => holds.removeHold(tx, tenant, 'partner:pantry', { principal: 'person:op' }));
    await ask(id, 'ada');
    await sentTask(id);
  });

  it('is shown with whom the sender would ask, also after a send that never arrived', async () => {
    await db.tx((tx) =>
      holds.addHold(tx, { tenant, scope: 'partner:pantry', principal: 'person:op' }),
    );
    settings = { ...settings, send: false };
    const id = await need('ada');
    const given = {
      tenant,
      referral: id,
      person: idOf('ada'),
      channel: 'fhir-rest',
      status: 'requested',
    };
    await db.tx((tx) =>
      tasks.addTasks(tx, [
        newTask({
          ...given,
          id: idOf('lost'),
          attempt: 1,
          partner: 'pantry',
          address: baseOf('pantry'),
          receipt_key: 'k',
        }),
      ]),
    );
    await db.query("update task set live = false, status = 'cancelled', reason = 'never-arrived'");
    await work();
    await comesTo(id, 'waits:hold');
    const would = async () =>
      (await db.tx((tx) => sendPreview.readSendPreview(tx, tenant))).referrals;
    expect(await would()).toMatchObject([
      { gate: 'hold', partner: 'pantry', sendOff: true, count: 1 },
    ]);
    await db.tx((tx) => holds.removeHold(tx, tenant, 'partner:pantry', { principal: 'person:op' }));
    await ask(id, 'ada');
    await comesTo(id, 'waits:send');
    expect(await would()).toMatchObject([
      { gate: 'send', partner: 'pantry', sendOff: true, count: 1 },
    ]);
  });

  it('lets a silent partner take its time: nothing is written there', async () => {
    const id = await need('ada');
    await work();
    const task = await sentTask(id);
    await db.tx((tx) => holds.addHold(tx, { tenant, scope: 'all', principal: 'person:op' }));
    await sleep(700);
    await db.query("update task set accept_by = now() - interval '1 hour' where id = $1", [
      task.id,
    ]);
    await sleep(700);
    expect(await remoteTasks('pantry')).toMatchObject([{ status: 'requested' }]);
    await db.tx((tx) => holds.removeHold(tx, tenant, 'all', { principal: 'person:op' }));
    expect((await sentTask(id, 2)).partner).toBe('shelter');
  });
});
