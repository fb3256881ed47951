import type { fhir4 } from '@loopwell/fhir';
import { systems } from '@loopwell/fhir';
import { deriveId, newId, silentLog, sleep, systemClock } from '@loopwell/kit';
import type { Message, Sent } from '@loopwell/messages';
import { createOutbound } from '@loopwell/outbound';
import { channels } from '@loopwell/partners';
import { openQueues, type Queues, stageNames, startRunner } from '@loopwell/pipeline';
import {
  type Database,
  directory,
  ehrResources,
  ledger,
  migrate,
  openDatabase,
  ownResources,
  partnerCalls,
  partnerProfiles,
  referrals,
  saveConnection,
  type TaskRow,
  taskDeliveries,
  tasks,
} from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { partnerRowsOf, type ReferralSettings, wire } from '../../index.ts';
import { createTellPartner, messageTiming } from '../../messages/tell-partner.ts';
import { wayFailed } from './way-failed.ts';

/** The ways to a partner, one after the other, with messages that a network would carry. */
const tenant = 'o';
const connection = 'clinic';
const category = 'food-insecurity';
const settings: ReferralSettings = {
  tenant,
  siteName: 'Lakes Clinic',
  sitePhone: '612-555-0100',
  minorAge: 18,
  readAfterEndMs: 86_400_000,
  send: true,
  approve: undefined,
  agreedByConsent: true,
  longestConsentDays: 365,
  publicBase: 'https://lakes.example/fhir',
  acceptByMs: 400 * 86_400_000,
  decideBy: { ms: 86_400_000 },
  pollMs: 100,
  askAgainMs: 100,
  batch: 50,
  leaseMs: 30_000,
};
const closing: (() => Promise<unknown>)[] = [];
const opened: (() => Promise<unknown>)[] = [];

let db: Database;
let url: string;
let queues: Queues;
let sent: Message[];
let answers: Record<'email' | 'text', Sent[]>;

beforeAll(async () => {
  const scratch = await testDatabase();
  closing.push(scratch.close);
  url = scratch.url;
  await migrate(url);
  db = openDatabase({ url, tenant, max: 8 });
  closing.push(() => db.close());
  const connected = { id: connection, tenant, base: 'https://ehr.example/fhir' };
  await db.tx((tx) => saveConnection(tx, { ...connected, quirks: 'plain-r4' }));
});
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
beforeEach(async () => {
  sent = [];
  answers = { email: [], text: [] };
  const options = { tenant, url: queueUrl(url), stages: stageNames, log: silentLog };
  queues = await openQueues({ ...options, prefix: `{${newId()}}` });
  opened.push(() => queues.close());
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  await db.query('delete from ledger');
});

/** Starts the workers. A message that has no answer in the script is taken. */
function work(): void {
  const outbound = createOutbound({ allowedPrivateOrigins: [] });
  const send = async (message: Message): Promise<Sent> => {
    sent.push(message);
    const way = message.way === 'text' ? 'text' : 'email';
    return answers[way].shift() ?? { state: 'accepted', remoteId: newId() };
  };
  const timing = { ...messageTiming, againMs: [100, 100] };
  const tellPartner = createTellPartner({ db, send, timing, knowsTexts: true });
  const clocks = { clock: systemClock, realClock: systemClock };
  const outside = { nudge: queues.nudge, outbound, sendTokens: new Map<string, string>() };
  const { works } = wire(settings, { db, ...outside, ...clocks, log: silentLog, tellPartner });
  const runner = startRunner({ queues, works, intervalMs: 50, log: silentLog });
  opened.push(async () => {
    await runner.close();
    await outbound.close();
  });
}

const mail = { kind: 'email', address: 'mailto:intake@pantry.org', settings: {} };
const text = { kind: 'text', address: 'tel:+16125550177', settings: {} };

/** A partner with a mailbox and a number of its own, and with ways in an order. */
async function partnerWith(id: string, ways: (typeof mail)[]): Promise<void> {
  const own = ways.map((way) => ({ ...way, address: `${way.address.slice(0, 15)}${id}` }));
  const [first] = own;
  const organization = { resourceType: 'Organization' as const, id, name: 'Northside Pantry' };
  const listed = { id, name: 'Northside Pantry', references: [], categories: [category] };
  const rows = partnerRowsOf(
    [{ ...listed, ...(first ?? mail), organization, ways: own } as never],
    tenant,
  );
  const agreement = { kind: 'memorandum' as const, from: '2026-01-01' };
  const edit = { partner: id, changes: { agreement }, by: 'person:rea', now: new Date() };
  await db.tx(async (tx) => {
    await directory.saveDirectory(tx, tenant, rows);
    await partnerProfiles.editProfile(tx, edit);
  });
}

const later: Sent = { state: 'failed', code: 'later' };
const refused: Sent = { state: 'failed', code: 'refused' };

async function pull(person: string, resource: fhir4.Resource): Promise<void> {
  const body = JSON.stringify({ ...resource, meta: { versionId: '1' } });
  const { resourceType: type, id: sourceId = '' } = resource;
  const row = { tenant, connection, type, sourceId, versionId: '1', person };
  await db.tx((tx) => ehrResources.saveEhrResources(tx, [{ ...row, lastUpdated: null, body }]));
}

/** A person with one approved need and a consent. */
async function need(name: string): Promise<string> {
  const [id, condition, person] = [newId(), newId(), deriveId('ladder', name)];
  await pull(person, { resourceType: 'Patient', id: name, name: [{ family: 'Lind' }] } as never);
  const consent: fhir4.Consent = {
    resourceType: 'Consent',
    id: `${name}-consent`,
    status: 'active',
    scope: { coding: [{ system: systems.consentScope, code: 'patient-privacy' }] },
    category: [{ coding: [{ system: systems.actCode, code: 'IDSCL' }] }],
    patient: { reference: `Patient/${name}` },
    dateTime: new Date(Date.now() - 86_400_000).toISOString().slice(0, 10),
    organization: [{ reference: 'Organization/clinic' }],
    policyRule: { text: 'Authorization to share' },
  };
  await pull(person, consent);
  const common = { tenant, connection, person };
  const subject = { reference: `Patient/${person}` };
  const body = JSON.stringify({ resourceType: 'Condition', id: condition, subject });
  await db.tx(async (tx) => {
    await ownResources.saveOwnResources(tx, [
      { ...common, id: condition, type: 'Condition', body },
    ]);
    const known = { category, episode: 1, unambiguous: true, sensitive: false, trace: newId() };
    const conditions = JSON.stringify([condition]);
    const since = '2026-06-01T00:00:00Z';
    await referrals.saveNeeds(tx, [{ ...common, id, ...known, conditions, since }]);
    const patch = { approval: 'approved' as const, approved_by: 'person:rea' };
    await referrals.patchReferrals(tx, [{ id, patch }]);
  });
  return id;
}

/** Makes referrals due together, as one batch. */
const ask = (...ids: string[]) =>
  db.tx(async (tx) => {
    const batch = newId();
    const loaded = await referrals.loadReferrals(tx, ids);
    const rows = [...loaded.values()].map(({ id: subject, person, trace }) => ({
      ...{ tenant, stage: 'refer' as const, subject, person, trace, batch },
    }));
    await ledger.due(tx, rows);
  });

async function until<T>(what: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 30_000;
  while (true) {
    const state = await what();
    if (state !== undefined && state !== false) return state;
    if (Date.now() > end) throw new Error(`This did not come true: ${what}`);
    await sleep(40);
  }
}

const tasksOf = async (id: string): Promise<TaskRow[]> =>
  (await db.tx((tx) => tasks.tasksOfReferrals(tx, [id]))).get(id) ?? [];
const arrivedBy = (id: string, channel: string) =>
  until(async () =>
    (await tasksOf(id)).find((task) => task.channel === channel && task.remote_id !== null),
  );
const waysOf = async (task: string) =>
  (await db.tx((tx) => taskDeliveries.deliveriesOfTasks(tx, [task])))
    .get(task)
    ?.map(({ number, channel, state, code }) => [number, channel, state, code]);

describe('requests to a partner by messages', () => {
  it('are told together by one message, which names nobody', async () => {
    await partnerWith('a', [mail]);
    const ids = await Promise.all(['ada', 'bo', 'cy'].map(need));
    await ask(...ids);
    work();
    for (const id of ids) await arrivedBy(id, 'email');
    expect(sent).toHaveLength(1);
    expect(sent[0]?.text).toContain('Lakes Clinic has 3 new requests for Northside Pantry.');
    expect(sent[0]?.text).toMatch(/https:\/\/lakes\.example\/p\/[a-z0-9]{13}\b/);
    expect(JSON.stringify(sent)).not.toMatch(/Lind|food/i);
  });

  it('wait for a server that greylists, and are told once', async () => {
    await partnerWith('b', [mail, text]);
    answers.email = [later, later];
    const id = await need('dee');
    await ask(id);
    work();
    const { id: task } = await arrivedBy(id, 'email');
    expect(sent.map(({ way }) => way)).toEqual(['email', 'email', 'email']);
    expect(new Set(sent.map((message) => message.id)).size).toBe(1);
    expect(await waysOf(task)).toEqual([[1, 'email', 'delivered', null]]);
  });

  it('go on by text where the mailbox refuses', async () => {
    await partnerWith('c', [mail, text]);
    answers.email = [refused];
    const id = await need('eve');
    await ask(id);
    work();
    const { id: task } = await arrivedBy(id, 'text');
    expect(await waysOf(task)).toEqual([
      [1, 'email', 'refused', 'refused'],
      [2, 'text', 'delivered', null],
    ]);
    expect(await tasksOf(id)).toHaveLength(1);
  });

  it('end on the list of calls where every message fails', async () => {
    await partnerWith('d', [mail, text]);
    answers = { email: [later, later, later], text: [refused] };
    const id = await need('fay');
    await ask(id);
    work();
    const { id: task } = await arrivedBy(id, 'manual');
    expect((await waysOf(task))?.map(([, channel]) => channel)).toEqual([
      'email',
      'text',
      'manual',
    ]);
    const calls = await db.tx((tx) => partnerCalls.openAtPartners(tx, { which: 'calls' }, 10));
    expect(calls).toMatchObject([{ referral: id, name: 'Northside Pantry', owner: null }]);
  });

  it('go on when the mail bounces a day later, once, and not where the partner has taken it', async () => {
    await partnerWith('e', [mail, text]);
    const ids = await Promise.all(['gil', 'hal'].map(need));
    await ask(...ids);
    work();
    const [gil, hal] = await Promise.all(ids.map((id) => arrivedBy(id, 'email')));
    await db.query("update task set status = 'accepted' where id = $1", [hal?.id]);
    const failure = { tasks: [gil?.id ?? '', hal?.id ?? ''], channel: 'email', code: 'bounced' };
    for (const _twice of [1, 2]) {
      const nudges = await db.tx((tx) =>
        wayFailed(tx, failure, { shelf: channels, clock: systemClock }),
      );
      await queues.nudge(nudges);
    }
    const moved = await arrivedBy(ids[0] ?? '', 'text');
    expect(await waysOf(moved.id)).toEqual([
      [1, 'email', 'refused', 'bounced'],
      [2, 'text', 'delivered', null],
    ]);
    expect(await waysOf(hal?.id ?? '')).toEqual([[1, 'email', 'delivered', null]]);
  });

  it('go no other way once the agreement is over, and the partner has had its turn', async () => {
    await partnerWith('f', [mail, text]);
    const id = await need('ivy');
    await ask(id);
    work();
    const { id: task } = await arrivedBy(id, 'email');
    const agreement = { kind: 'memorandum' as const, from: '2026-01-01', until: '2026-01-31' };
    const edit = { partner: 'f', changes: { agreement }, by: 'person:rea', now: new Date() };
    await db.tx((tx) => partnerProfiles.editProfile(tx, edit));
    const failure = { tasks: [task], channel: 'email', code: 'bounced' };
    const context = { shelf: channels, clock: systemClock };
    await queues.nudge(await db.tx((tx) => wayFailed(tx, failure, context)));
    expect(await tasksOf(id)).toMatchObject([
      { id: task, live: false, status: 'rejected', reason: 'refused:bounced' },
    ]);
    expect(await waysOf(task)).toEqual([[1, 'email', 'refused', 'bounced']]);
    const stateOf = async () => (await db.tx((tx) => referrals.loadReferrals(tx, [id]))).get(id);
    await until(async () => (await stateOf())?.state === 'waiting');
    expect(sent.map(({ way }) => way)).toEqual(['email']);
  });
});
