import { type fhir4, systems } from '@loopwell/fhir';
import { createFhirClient } from '@loopwell/fhir/client';
import { deriveId, errorRecord, newId, silentLog, sleep, systemClock } from '@loopwell/kit';
import { createOutbound, createOutboundFetch } from '@loopwell/outbound';
import { openQueues, type Queues, stageNames, startRunner } from '@loopwell/pipeline';
import {
  type Database,
  directory,
  ehrResources,
  ledger,
  migrate,
  openDatabase,
  ownResources,
  referrals,
  saveConnection,
  tasks,
} from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channels, type ReferralPacket } from '../../packages/partners/src/index.ts';
import { partnerRowsOf, type ReferralSettings, wire } from '../../services/referral/src/index.ts';
import { startHapi, whyNoHapi } from './hapi-server.ts';

/** A partner whose server is a default HAPI FHIR 8.8: it refuses references to other servers. */
const missing = whyNoHapi();
if (missing !== undefined)
  process.stderr.write(`hapi-partner.long.test.ts: ${missing}, so HAPI was not run.\n`);

const tenant = 'o';
const connection = 'clinic';
const category = 'food-insecurity';
const ours = 'https://loopwell.example/fhir';
const person = deriveId('hapi', 'ada');
const closing: (() => Promise<unknown>)[] = [];
let base: string;
let db: Database;
let queues: Queues;

describe.skipIf(missing !== undefined)('a partner with HAPI', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    const hapi = await startHapi();
    closing.push(hapi.close);
    base = hapi.base;
    const scratch = await testDatabase();
    closing.push(scratch.close);
    await migrate(scratch.url);
    db = openDatabase({ url: scratch.url, tenant, max: 8 });
    closing.push(() => db.close());
    const options = { tenant, url: queueUrl(scratch.url), stages: stageNames, log: silentLog };
    queues = await openQueues({ ...options, prefix: `{${newId()}}` });
    closing.push(() => queues.close());
  }, 300_000);
  afterAll(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  it('refuses a Task that leads to our base', async () => {
    const { connection, close } = await connected('references');
    const [delivery] = await connection.deliver([packet(newId())], () => true);
    const error = errorRecord(delivery?.kind === 'failed' ? delivery.error : undefined);
    expect(error).toMatchObject({ code: 'REMOTE_REFUSED' });
    await close();
  });

  it('takes copies, each once, however often a send is begun again', async () => {
    const { connection, close } = await connected('copies');
    const sent = packet(newId());
    // The first worker ends before the Task leaves: copies are there, and the Task is not.
    let asked = 0;
    const [cut] = await connection.deliver([sent], () => ++asked < 3);
    expect(cut?.kind).toBe('failed');
    const { whenUnknown } = connection;
    if (whenUnknown.kind !== 'ask') throw new Error('FHIR REST asks');
    expect((await whenUnknown.ask(sent)).kind).toBe('not-there');
    const [first] = await connection.deliver([sent], () => true);
    const [second] = await connection.deliver([sent], () => true);
    if (first?.kind !== 'there' || second?.kind !== 'there') throw new Error('It was not taken');
    expect(second.remoteId).toBe(first.remoteId);
    expect(await whenUnknown.ask(sent)).toMatchObject({ kind: 'there', remoteId: first.remoteId });
    expect(first.task).toMatchObject({
      for: { reference: `Patient/${idsIn(sent).patient}` },
      focus: { reference: `ServiceRequest/${idsIn(sent).order}` },
    });
    const token = (id: string) => `identifier=urn:test%7C${id}`;
    expect(await countOf(`Patient?${token(idsIn(sent).patient)}`)).toBe(1);
    expect(await countOf(`ServiceRequest?${token(idsIn(sent).order)}`)).toBe(1);
    expect(await countOf(`Task?${token(sent.key)}`)).toBe(1);
    const retract = connection.retract;
    if (retract?.kind !== 'copy') throw new Error('FHIR REST cancels a copy');
    expect(await retract.cancel(first.remoteId, 'Not accepted in time', 'untaken')).toMatchObject({
      kind: 'cancelled',
      status: 'cancelled',
    });
    await close();
  });

  it('closes a loop whose Task and outcome lead to its own copies', async () => {
    await seed();
    work();
    const task = await until(async () => (await taskNow())?.remote_id && taskNow());
    const remote = await read(`Task/${task?.remote_id}`);
    const patient = await read(remote.for.reference);
    expect(remote.for.reference).not.toContain(person);
    expect(patient).toMatchObject({ name: [{ family: 'Lind' }], gender: 'unknown' });
    expect(JSON.stringify(patient)).not.toContain('1990-01-01');
    const order = await read(remote.focus.reference);
    expect(order.reasonReference[0]?.reference).toMatch(/^Condition\/\d+$/);
    await put({ ...remote, status: 'accepted' });
    await until(async () => (await taskNow())?.status === 'accepted');
    const procedure = await post({
      resourceType: 'Procedure',
      status: 'completed',
      code: { text: 'Groceries' },
      subject: { reference: remote.for.reference },
      basedOn: [{ reference: remote.focus.reference }],
      performedDateTime: '2026-11-29',
    });
    const now = await read(`Task/${task?.remote_id}`);
    const valueReference = { reference: `Procedure/${procedure.id}` };
    const output = [{ type: { text: 'resulting-activity' }, valueReference }];
    await put({ ...now, status: 'completed', output });
    await until(async () => (await referralNow())?.state === 'closed');
    expect((await taskNow())?.reason).toBe('helped');
  });
});

type Reference = { reference: string };
/** A resource as HAPI shows it, with the elements that these tests look at. */
type Json = {
  resourceType: string;
  id: string;
  for: Reference;
  focus: Reference;
  reasonReference: Reference[];
  total?: number;
};

const json = { 'content-type': 'application/fhir+json', 'cache-control': 'no-cache' };
const read = async (path: string): Promise<Json> =>
  (await fetch(`${base}/${path}`, { headers: json })).json() as Promise<Json>;
async function send(method: string, path: string, resource: object): Promise<Json> {
  const body = JSON.stringify(resource);
  const response = await fetch(`${base}/${path}`, { method, headers: json, body });
  const answer = (await response.json()) as Json;
  if (response.status >= 300) throw new Error(JSON.stringify(answer));
  return answer;
}
const put = (resource: Json & { status: string; output?: object[] }) =>
  send('PUT', `${resource.resourceType}/${resource.id}`, resource);
const post = (resource: { resourceType: string; [element: string]: unknown }) =>
  send('POST', resource.resourceType, resource);
const countOf = async (search: string) =>
  Number((await read(`${search}&_summary=count&_total=accurate`)).total);

/** Connects to HAPI by FHIR REST in one manner. */
async function connected(manner: string) {
  const outbound = createOutbound({ allowedPrivateOrigins: [new URL(base).origin] });
  const ports = {
    fhirClient: (address: string) => createFhirClient({ base: address, outbound }),
    fetch: createOutboundFetch(outbound),
    messages: async () => ({ state: 'failed' as const, code: 'not-set-up' }),
    clock: systemClock,
  };
  const connection = channels['fhir-rest']?.connect({ address: base, manner }, ports);
  if (!connection) throw new Error('There is no FHIR REST');
  return { connection, close: () => outbound.close() };
}

const idsIn = ({ key }: ReferralPacket) => ({
  patient: deriveId('hapi', 'patient', key),
  order: deriveId('hapi', 'order', key),
});

/** A packet with a Patient and an order. */
function packet(key: string): ReferralPacket {
  const system = 'urn:test';
  const patient = deriveId('hapi', 'patient', key);
  const order = deriveId('hapi', 'order', key);
  const at = (reference: string) => ({ reference: `${ours}/${reference}` });
  const task: fhir4.Task = {
    resourceType: 'Task',
    id: deriveId('hapi', 'task', key),
    identifier: [{ system, value: key }],
    status: 'requested',
    intent: 'order',
    for: at(`Patient/${patient}`),
    focus: at(`ServiceRequest/${order}`),
    owner: at('Organization/pantry'),
  };
  const request: fhir4.ServiceRequest = {
    resourceType: 'ServiceRequest',
    id: order,
    status: 'active',
    intent: 'order',
    subject: at(`Patient/${patient}`),
  };
  const resources = [{ resourceType: 'Patient', id: patient } as fhir4.Patient, request];
  const partner = { id: 'pantry', name: 'Pantry' };
  const sender = { name: 'Clinic' };
  return { key, partner, task, need: category, who: {}, sender, resources };
}

const settings: ReferralSettings = {
  tenant,
  siteName: 'Clinic',
  minorAge: 18,
  readAfterEndMs: 30 * 86_400_000,
  send: true,
  approve: undefined,
  agreedByConsent: true,
  longestConsentDays: 365,
  publicBase: ours,
  acceptByMs: 400 * 86_400_000,
  decideBy: { ms: 86_400_000 },
  pollMs: 200,
  askAgainMs: 200,
  batch: 50,
  leaseMs: 30_000,
};
const referral = deriveId('hapi', 'referral');

/** A person with one approved need and a consent, and a directory with HAPI. */
async function seed(): Promise<void> {
  const condition = deriveId('hapi', 'condition');
  const partner = {
    id: 'pantry',
    references: ['Organization/pantry'],
    name: 'The pantry',
    address: base,
    categories: [category],
    organization: { resourceType: 'Organization' as const, id: 'pantry' },
  };
  const agreement = { kind: 'memorandum' as const, from: '2020-01-01' };
  const services = [{ service: 'pantry', categories: [category], places: [], agreement }];
  const listed = [{ ...partner, services, kind: 'fhir-rest', settings: { manner: 'copies' } }];
  const chart = [
    { resourceType: 'Patient', id: 'ada', name: [{ family: 'Lind' }], birthDate: '1990-01-01' },
    {
      resourceType: 'Consent',
      id: 'ada-consent',
      status: 'active',
      scope: { coding: [{ system: systems.consentScope, code: 'patient-privacy' }] },
      category: [{ coding: [{ system: systems.actCode, code: 'IDSCL' }] }],
      patient: { reference: 'Patient/ada' },
      dateTime: new Date(Date.now() - 86_400_000).toISOString().slice(0, 10),
      organization: [{ reference: 'Organization/clinic' }],
      policyRule: { text: 'Authorization to share' },
    },
  ];
  const common = { tenant, connection, person };
  await db.tx(async (tx) => {
    const connected = { id: connection, tenant, base: 'https://ehr.example/fhir' };
    await saveConnection(tx, { ...connected, quirks: 'plain-r4' });
    await directory.saveDirectory(tx, tenant, partnerRowsOf(listed, tenant));
    const rows = chart.map((resource) => ({
      ...common,
      type: resource.resourceType,
      sourceId: resource.id,
      versionId: '1',
      lastUpdated: null,
      body: JSON.stringify({ ...resource, meta: { versionId: '1' } }),
    }));
    await ehrResources.saveEhrResources(tx, rows);
    const body = JSON.stringify({
      resourceType: 'Condition',
      id: condition,
      code: { text: 'Food insecurity' },
      subject: { reference: `Patient/${person}` },
    });
    const resource = { ...common, id: condition, type: 'Condition', body };
    await ownResources.saveOwnResources(tx, [resource]);
    const need = { ...common, id: referral, category, episode: 1 };
    const found = { unambiguous: true, sensitive: false, conditions: JSON.stringify([condition]) };
    const since = '2026-06-01T00:00:00Z';
    await referrals.saveNeeds(tx, [{ ...need, ...found, since, trace: newId() }]);
    const patch = { approval: 'approved' as const, approved_by: 'person:rea' };
    await referrals.patchReferrals(tx, [{ id: referral, patch }]);
    const row = { tenant, stage: 'refer', subject: referral, person };
    await ledger.due(tx, [{ ...row, batch: newId(), trace: newId() }]);
  });
}

/** Starts the workers of refer, track and close. */
function work(): void {
  const outbound = createOutbound({ allowedPrivateOrigins: [new URL(base).origin] });
  const clocks = { clock: systemClock, realClock: systemClock };
  const outside = { nudge: queues.nudge, outbound, sendTokens: new Map<string, string>() };
  const { works } = wire(settings, { db, ...outside, ...clocks, log: silentLog });
  const runner = startRunner({ queues, works, intervalMs: 100, log: silentLog });
  closing.push(async () => {
    await runner.close();
    await outbound.close();
  });
}

const taskNow = async () =>
  (await db.tx((tx) => tasks.tasksOfReferrals(tx, [referral]))).get(referral)?.[0];
const referralNow = async () =>
  (await db.tx((tx) => referrals.loadReferrals(tx, [referral]))).get(referral);

async function until<T>(what: () => Promise<T | undefined | false | '' | null>): Promise<T> {
  const end = Date.now() + 120_000;
  while (true) {
    const state = await what();
    if (state) return state;
    if (Date.now() > end) throw new Error(`This did not come true: ${what}`);
    await sleep(100);
  }
}
