import { type fhir4, localExtensions, systems } from '@loopwell/fhir';
import { addContract, createApp, finish } from '@loopwell/http';
import { deriveId, newId, newSecret, silentLog, sleep, systemClock } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { createOutbound } from '@loopwell/outbound';
import { channelOf, channels } from '@loopwell/partners';
import { openQueues, type Queues, stageNames, startRunner } from '@loopwell/pipeline';
import {
  access,
  type Database,
  ehrResources,
  ledger,
  migrate,
  openDatabase,
  operator,
  ownResources,
  partnerAccess,
  referrals,
  saveConnection,
  secretsWith,
  type TaskRow,
  taskDeliveries,
  tasks,
} from '@loopwell/store';
import { queueUrl, supertest, testDatabase } from '@loopwell/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  openPartner,
  type ToyPartner,
} from '../../../packages/partners/test/toy/fixtures/partner.ts';
import { toy } from '../../../packages/partners/test/toy/index.ts';
import { addDirectoryRoutes } from './directory/directory.route.ts';
import { addTaskRoutes } from './hub/task.route.ts';
import { type ReferralSettings, wire } from './index.ts';
import { acceptAnswers } from './track/accept-answers.ts';

/** Partners by every channel, the directory that names them, and a channel that only tests have. */
const tenant = 'o';
const connection = 'clinic';
const category = 'food-insecurity';
const idOf = (name: string) => deriveId('channels', name);
const secrets = secretsWith(newSecret(32));
/** The shelf with one line more. */
const shelf = { ...channels, toy: channelOf(toy) };
const closing: (() => Promise<unknown>)[] = [];
const opened: (() => Promise<unknown>)[] = [];

let db: Database;
let url: string;
let queues: Queues;
let partner: ToyPartner;
let api: ReturnType<typeof supertest>;
let bearer: string;

beforeAll(async () => {
  const scratch = await testDatabase();
  closing.push(scratch.close);
  url = scratch.url;
  await migrate(url);
  db = openDatabase({ url, tenant, max: 8 });
  closing.push(() => db.close());
  const connected = { id: connection, tenant, base: 'https://ehr.example/fhir' };
  await db.tx((tx) => saveConnection(tx, { ...connected, quirks: 'plain-r4' }));
  const routes = ['GET /api/v1/directory', 'PUT /api/v1/directory'];
  const service = { tenant, kind: 'service' as const, principal: 'service:it', roles: [], routes };
  bearer = await db.tx((tx) => access.grantAccess(tx, service));
});
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

beforeEach(async () => {
  partner = await openPartner();
  opened.push(partner.close);
  const prefix = `{${newId()}}`;
  const options = { tenant, url: queueUrl(url), stages: stageNames, log: silentLog };
  queues = await openQueues({ ...options, prefix });
  opened.push(() => queues.close());
  const outbound = createOutbound({ allowedPrivateOrigins: [partner.origin] });
  opened.push(() => outbound.close());
  const app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  addContract(app, contracts.referral);
  addDirectoryRoutes(app, { db, nudge: queues.nudge, outbound, secrets, shelf });
  addTaskRoutes(app, { db, settings, clock: systemClock, nudge: queues.nudge });
  finish(app, silentLog);
  api = supertest(app.express);
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  await db.query('delete from ledger');
});

type Setting = { url: string; valueString?: string; valueCode?: string };
type Way = { kind: string; address?: string };
/** `later`: the ways after the first. */
type Listed = {
  id: string;
  kind?: string;
  address?: string;
  settings?: Setting[];
  later?: readonly Way[];
};

/** What was agreed with each partner: without that nothing goes out by most channels. */
const agreement = {
  url: localExtensions.partnerAgreement,
  extension: [
    { url: 'kind', valueCode: 'memorandum' },
    { url: 'period', valuePeriod: { start: '2020-01-01' } },
  ],
};

/** A directory with one partner for each entry; one without a kind has no Endpoint. */
function bundleOf(...listed: readonly Listed[]): object {
  const resources = listed.flatMap(({ id, kind, address, settings = [], later = [] }): object[] => {
    const service = {
      resourceType: 'HealthcareService',
      id: `${id}-service`,
      category: [{ coding: [{ system: systems.sdohcc, code: category }] }],
      providedBy: { reference: `Organization/${id}` },
      extension: [agreement],
    };
    const organization = { resourceType: 'Organization', id, name: `The ${id}` };
    if (kind === undefined) return [organization, service];
    const endpoint = {
      resourceType: 'Endpoint',
      id: `${id}-endpoint`,
      status: 'active',
      connectionType: { system: systems.partnerChannel, code: kind },
      address,
      extension: [{ url: localExtensions.partnerSettings, extension: settings }],
    };
    const others = later.map((way, index) => ({
      ...endpoint,
      id: `${id}-way-${index + 2}`,
      connectionType: { system: systems.partnerChannel, code: way.kind },
      address: way.address,
      extension: [],
    }));
    const ways = [endpoint, ...others];
    const references = ways.map((way) => ({ reference: `Endpoint/${way.id}` }));
    return [organization, ...ways, { ...service, endpoint: references }];
  });
  const entry = resources.map((resource) => ({ resource }));
  return { resourceType: 'Bundle', type: 'collection', entry };
}

const put = (bundle: object) =>
  api.put('/api/v1/directory').set('authorization', `Bearer ${bearer}`).send(bundle);
const get = () => api.get('/api/v1/directory').set('authorization', `Bearer ${bearer}`);

/** The toy's entry in the directory. */
const toyEntry = (unknown?: string): Listed => ({
  id: 'pantry',
  kind: 'toy',
  address: partner.origin,
  settings: [
    { url: 'apiKey', valueString: String(partner.settings.apiKey) },
    ...(unknown === undefined ? [] : [{ url: 'unknown', valueCode: unknown }]),
  ],
});

const settings: ReferralSettings = {
  tenant,
  siteName: 'Clinic',
  minorAge: 18,
  readAfterEndMs: 30 * 86_400_000,
  send: true,
  approve: undefined,
  agreedByConsent: true,
  longestConsentDays: 365,
  publicBase: 'https://loopwell.example/fhir',
  acceptByMs: 400 * 86_400_000,
  decideBy: { ms: 86_400_000 },
  pollMs: 100,
  askAgainMs: 100,
  batch: 50,
  leaseMs: 30_000,
};

/** Starts the workers of refer, track and close. */
function work(more: Partial<ReferralSettings> = {}): void {
  const outbound = createOutbound({
    allowedPrivateOrigins: [partner.origin],
    requestTimeoutMs: 2_000,
  });
  const clocks = { clock: systemClock, realClock: systemClock };
  const outside = { nudge: queues.nudge, outbound, sendTokens: new Map<string, string>() };
  const resources = { db, ...outside, ...clocks, log: silentLog, secrets, shelf };
  const { works } = wire({ ...settings, ...more }, resources);
  const runner = startRunner({ queues, works, intervalMs: 50, log: silentLog });
  opened.push(async () => {
    await runner.close();
    await outbound.close();
  });
}

async function pull(
  name: string,
  resource: fhir4.Resource & { id?: string | undefined },
): Promise<void> {
  const versionId = '1';
  const body = JSON.stringify({ ...resource, meta: { versionId } });
  const { resourceType: type, id: sourceId = '' } = resource;
  const person = idOf(name);
  const row = { tenant, connection, type, sourceId, versionId, person, lastUpdated: null, body };
  await db.tx((tx) => ehrResources.saveEhrResources(tx, [row]));
}

/** A person with one approved need and a consent, as the earlier stages leave them. */
async function need(name: string): Promise<string> {
  const [id, condition, person] = [newId(), newId(), idOf(name)];
  await pull(name, {
    resourceType: 'Patient',
    id: name,
    name: [{ family: 'Lind' }],
  } as fhir4.Patient);
  await pull(name, {
    resourceType: 'Consent',
    id: `${name}-consent`,
    status: 'active',
    scope: { coding: [{ system: systems.consentScope, code: 'patient-privacy' }] },
    category: [{ coding: [{ system: systems.actCode, code: 'IDSCL' }] }],
    patient: { reference: `Patient/${name}` },
    dateTime: new Date(Date.now() - 86_400_000).toISOString().slice(0, 10),
    organization: [{ reference: 'Organization/clinic' }],
    policyRule: { text: 'Authorization to share' },
  } as fhir4.Consent);
  const common = { tenant, connection, person };
  const body = JSON.stringify({
    resourceType: 'Condition',
    id: condition,
    code: { text: 'Food insecurity' },
    subject: { reference: `Patient/${person}` },
  });
  await db.tx(async (tx) => {
    const resource = { ...common, id: condition, type: 'Condition', body };
    await ownResources.saveOwnResources(tx, [resource]);
    const referral = { ...common, id, category, episode: 1, unambiguous: true, sensitive: false };
    const since = '2026-06-01T00:00:00Z';
    const conditions = JSON.stringify([condition]);
    await referrals.saveNeeds(tx, [{ ...referral, conditions, since, trace: newId() }]);
    const patch = { approval: 'approved' as const, approved_by: 'person:rea' };
    await referrals.patchReferrals(tx, [{ id, patch }]);
  });
  await ask(id, name);
  return id;
}

const ask = (subject: string, name: string) =>
  db.tx((tx) => {
    const row = { tenant, stage: 'refer', subject, batch: newId(), trace: newId() };
    return ledger.due(tx, [{ ...row, person: idOf(name) }]);
  });

async function until<T>(what: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 60_000;
  while (true) {
    const state = await what();
    if (state !== undefined && state !== false) return state;
    if (Date.now() > end) throw new Error(`This did not come true: ${what}`);
    await sleep(40);
  }
}

const referralOf = async (id: string) =>
  (await db.tx((tx) => referrals.loadReferrals(tx, [id]))).get(id);
const stateIs = (id: string, state: string) =>
  until(async () => (await referralOf(id))?.state === state);
const tasksOf = async (id: string): Promise<TaskRow[]> =>
  (await db.tx((tx) => tasks.tasksOfReferrals(tx, [id]))).get(id) ?? [];
const sentTask = (id: string) =>
  until(async () => (await tasksOf(id)).find(({ remote_id }) => remote_id !== null));
const failedWork = async (subject: string) =>
  (
    await db.query<{ stage: string; error_code: string; waits_for: string; error_facts: string }>(
      `select stage, error_code, waits_for, error_facts from ledger
        where subject = $1 and error_code is not null`,
      [subject],
    )
  ).rows[0];

/** What a partner did, as an answer brings it. */
const procedureOf = (task: TaskRow) => ({
  type: { text: 'resulting-activity' },
  valueName: 'valueReference',
  content: { reference: '#done' },
  reference: '#done',
  resource: {
    resourceType: 'Procedure',
    id: 'done',
    status: 'completed',
    code: { text: 'Groceries' },
    subject: { reference: `Patient/${task.person}` },
    performedDateTime: '2026-11-29',
  },
  unread: null,
});

/** Brings an answer by a door of a Task that is moved here. */
async function answer(task: TaskRow, door: string, status: string): Promise<void> {
  const outputs = status === 'completed' ? [procedureOf(task)] : [];
  const message = { task: task.id, door, messageId: `${task.id}/${status}`, status, outputs };
  const { nudges } = await db.tx((tx) =>
    acceptAnswers(tx, { clock: systemClock }, [{ ...message, who: `partner:${task.partner}` }]),
  );
  await queues.nudge(nudges);
}

describe('a loop is closed', () => {
  it.each([
    ['hub', { id: 'shelter', kind: 'hub' }, 'hub:shelter'],
    ['manual', { id: 'church', kind: 'manual' }, 'manual:church'],
    ['manual, since its service has no Endpoint', { id: 'mosque' }, 'manual:mosque'],
  ])('by %s, without any request to the partner', async (door, listed, address) => {
    expect((await put(bundleOf(listed))).status).toBe(200);
    const id = await need(`ada-${listed.id}`);
    work();
    const task = await sentTask(id);
    expect(task).toMatchObject({ address, door: 'here', status: 'requested', remote_id: task.id });
    expect(task.channel).toBe(door.split(',')[0]);
    await stateIs(id, 'partner');
    await answer(task, task.channel, 'accepted');
    await answer(task, task.channel, 'completed');
    await stateIs(id, 'closed');
    expect(partner.orders).toEqual([]);
  });

  it('by a partner that searches its Task at our hub and puts it there', async () => {
    expect((await put(bundleOf({ id: 'harbor', kind: 'hub' }))).status).toBe(200);
    const secret = newSecret();
    const belongsTo = [{ address: 'hub:harbor', partner: 'harbor' }];
    const theirs = { tenant, secret, principal: 'partner:harbor', belongsTo };
    await db.tx((tx) => partnerAccess.grantPartnerAccess(tx, theirs));
    const authorization = `Bearer ${secret}`;
    const id = await need('ada-harbor');
    work();
    await stateIs(id, 'partner');
    const search = '/fhir/Task?status=requested&owner=Organization/harbor';
    const bundle = JSON.parse((await api.get(search).set({ authorization })).text) as fhir4.Bundle;
    const task = bundle.entry?.[0]?.resource as fhir4.Task;
    const putTask = async (from: object, change: object): Promise<fhir4.Task> => {
      const headers = { authorization, 'content-type': 'application/fhir+json' };
      const sent = JSON.stringify({ ...from, ...change });
      const answered = await api.put(`/fhir/Task/${task.id}`).set(headers).send(sent);
      expect([answered.status, answered.text]).toEqual([200, expect.any(String)]);
      return JSON.parse(answered.text) as fhir4.Task;
    };
    const accepted = await putTask(task, { status: 'accepted' });
    const type = { coding: [{ system: systems.sdohcc, code: 'resulting-activity' }] };
    const output = [{ type, valueCodeableConcept: { text: 'A bed' } }];
    const completed = await putTask(accepted, { status: 'completed', output });
    expect(completed).toMatchObject({ status: 'completed', output });
    await stateIs(id, 'closed');
    expect((await tasksOf(id))[0]).toMatchObject({ status: 'completed', reason: 'helped' });
    expect(partner.orders).toEqual([]);
  });

  it('by a channel that is one folder and one line, with its secret setting', async () => {
    expect((await put(bundleOf(toyEntry()))).status).toBe(200);
    const id = await need('ada-toy');
    work();
    const task = await sentTask(id);
    expect(task).toMatchObject({ channel: 'toy', address: partner.origin, door: 'copy' });
    partner.polled.move('T-1', 'accepted');
    await until(async () => (await tasksOf(id))[0]?.status === 'accepted');
    partner.polled.complete('T-1');
    await stateIs(id, 'closed');
    expect(partner.orders).toHaveLength(1);
  });
});

describe('a partner that refuses one way', () => {
  const waysOf = async (task: string) =>
    (await db.tx((tx) => taskDeliveries.deliveriesOfTasks(tx, [task])))
      .get(task)
      ?.map(({ number, channel, state, code }) => [number, channel, state, code]);

  it('is told the next way, with one Task and a receipt for each way', async () => {
    const later = [{ kind: 'hub' }, { kind: 'manual' }];
    expect((await put(bundleOf({ ...toyEntry(), later }))).status).toBe(200);
    partner.server.refuse(true);
    const id = await need('ada-next-way');
    work();
    await stateIs(id, 'partner');
    const [task, ...others] = await tasksOf(id);
    expect(others).toEqual([]);
    expect(task).toMatchObject({ channel: 'hub', address: 'hub:pantry', door: 'here', live: true });
    expect(await waysOf(task?.id ?? '')).toEqual([
      [1, 'toy', 'refused', '422'],
      [2, 'hub', 'delivered', null],
    ]);
    const receipts = await db.query(
      'select state from receipt where tenant = $tenant and person = $1 order by key',
      [idOf('ada-next-way')],
    );
    expect(receipts.rows).toEqual([{ state: 'settled' }, { state: 'refused' }]);
    expect(partner.orders).toEqual([]);
  });

  it('has had its turn when it refuses the last way', async () => {
    expect((await put(bundleOf(toyEntry(), { id: 'church' }))).status).toBe(200);
    partner.server.refuse(true);
    const id = await need('ada-no-way');
    work();
    await stateIs(id, 'partner');
    const made = (await tasksOf(id)).map(({ partner: who, status }) => [who, status]);
    expect(made).toEqual([
      ['pantry', 'rejected'],
      ['church', 'requested'],
    ]);
  });
});

describe('when nobody knows whether a referral arrived', () => {
  const lost = async (unknown: string, name: string) => {
    expect((await put(bundleOf(toyEntry(unknown)))).status).toBe(200);
    partner.server.loseAnswer(true);
    const id = await need(name);
    work();
    await until(async () => partner.orders.length > 0);
    return id;
  };

  it('it is sent again under the same key, and is there once', async () => {
    const id = await lost('same-key', 'bea');
    partner.server.loseAnswer(false);
    await stateIs(id, 'partner');
    expect(partner.orders).toHaveLength(1);
  });

  it('it is sent again where it may arrive twice', async () => {
    partner.mood.knowsKeys = false;
    const id = await lost('repeat', 'cyd');
    partner.server.loseAnswer(false);
    await stateIs(id, 'partner');
    expect(partner.orders.length).toBeGreaterThan(1);
    expect(new Set(partner.orders.map(({ key }) => key)).size).toBe(1);
  });

  it('a person decides, and nothing is sent again by itself, nor when work is tried again', async () => {
    partner.mood.knowsKeys = false;
    const id = await lost('person', 'dot');
    partner.server.loseAnswer(false);
    const parked = await until(async () => {
      const row = await failedWork(id);
      return row?.waits_for === 'operator' && row;
    });
    expect(parked).toMatchObject({ stage: 'refer', error_code: 'OUTCOME_UNKNOWN' });
    expect(parked.error_facts).toContain('not sent again by itself');
    await ask(id, 'dot');
    await until(async () => (await failedWork(id))?.waits_for === 'operator');
    expect(partner.orders).toHaveLength(1);
  });
});

describe('a referral that is taken back', () => {
  const withdraw = async (id: string, name: string) => {
    const agreement_withdrawn_at = new Date();
    await db.tx((tx) => referrals.patchReferrals(tx, [{ id, patch: { agreement_withdrawn_at } }]));
    await ask(id, name);
  };

  it.each([
    ['manual', { id: 'church', kind: 'manual' }],
    ['a channel that takes nothing back', undefined],
  ])('is told to a person where nothing can be taken back: %s', async (kind, listed) => {
    const name = `eve-${listed?.id ?? 'toy'}`;
    expect((await put(bundleOf(listed ?? toyEntry()))).status).toBe(200);
    const id = await need(name);
    work();
    const task = await sentTask(id);
    await stateIs(id, 'partner');
    await withdraw(id, name);
    await stateIs(id, 'withdrawn');
    expect((await tasksOf(id))[0]).toMatchObject({ status: 'cancelled', live: false });
    const told = await until(() => failedWork(task.id));
    expect(told, kind).toMatchObject({ error_code: 'TELL_BY_HAND', waits_for: 'reviewer' });
    expect(told.error_facts).toContain('by phone');
    const rows = [{ stage: 'track', subject: task.id }];
    const action = { tenant, rows, principal: 'person:rea', reason: 'told', batch: newId() };
    await db.tx((tx) => operator.retryRows(tx, action));
    await until(async () => (await failedWork(task.id)) === undefined);
  });

  it('is cancelled at the hub, where the partner reads it, and nobody has to call', async () => {
    expect((await put(bundleOf({ id: 'shelter', kind: 'hub' }))).status).toBe(200);
    const id = await need('fay');
    work();
    const task = await sentTask(id);
    await stateIs(id, 'partner');
    await withdraw(id, 'fay');
    await stateIs(id, 'withdrawn');
    expect((await tasksOf(id))[0]).toMatchObject({ status: 'cancelled', live: false });
    expect(await failedWork(task.id)).toBeUndefined();
  });
});

describe('the directory', () => {
  it('shows kinds and problems, and no secret', async () => {
    const pigeon = { id: 'pigeon', kind: 'pigeon' };
    const keyless = { id: 'keyless', kind: 'toy', address: partner.origin };
    const answered = await put(bundleOf(toyEntry(), pigeon, keyless, { id: 'church' }));
    expect(answered.status).toBe(200);
    expect(answered.body).toMatchObject({
      partners: [
        { id: 'pantry', kind: 'toy', address: partner.origin, settings: {} },
        { id: 'church', kind: 'manual', address: 'manual:church', settings: {} },
      ],
      problems: [
        { service: 'keyless-service', rule: expect.stringContaining('apiKey') },
        { service: 'pigeon-service', rule: expect.stringContaining('pigeon') },
      ],
    });
    expect((await get()).body).toEqual(answered.body);
    const { rows } = await db.query<{ settings: string }>('select settings from partner');
    const key = String(partner.settings.apiKey);
    expect(JSON.stringify([answered.body, rows])).not.toContain(key);
  });

  it('is refused whole when the file is wrong, and nothing is changed', async () => {
    expect((await put(bundleOf({ id: 'church' }))).status).toBe(200);
    const before = (await get()).body;
    const nowhere = { id: 'pantry', kind: 'fhir-rest', address: 'no address' };
    const answered = await put(bundleOf(nowhere, { id: 'mosque' }));
    expect(answered.status).toBe(400);
    expect(JSON.stringify(answered.body)).toContain('no usable http(s) address');
    expect((await get()).body).toEqual(before);
  });
});
