import { createApp, finish, listen } from '@loopwell/http';
import { deriveId, newId, silentLog, systemClock } from '@loopwell/kit';
import { readGateway, receiverOf, type TextSettings } from '@loopwell/messages';
import { createOutbound } from '@loopwell/outbound';
import { channels } from '@loopwell/partners';
import {
  access,
  type Database,
  directory,
  migrate,
  openDatabase,
  partnerMessages,
  partnerProfiles,
  referrals,
  saveConnection,
  taskDeliveries,
  tasks,
} from '@loopwell/store';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type CaughtMail,
  type CaughtText,
  type OutboxManner,
  type Sandbox,
  startSandbox,
} from '../../../sandbox/src/index.ts';
import { addMessageRoutes } from './messages.route.ts';
import { openMessages } from './open-messages.ts';
import type { PartnerNotice, TellPartner } from './tell-partner.ts';

/** The doors for messages beside a mail server and a text gateway over the network. */
const tenant = 'o';
const closing: (() => Promise<unknown>)[] = [];
let db: Database;
let sandbox: Sandbox;
let tell: TellPartner;

beforeAll(async () => {
  const scratch = await testDatabase();
  closing.push(scratch.close);
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant, max: 6 });
  closing.push(() => db.close());
  const clinic = { id: 'clinic', tenant, base: 'https://ehr.example/fhir', quirks: 'plain-r4' };
  await db.tx((tx) => saveConnection(tx, clinic));
  sandbox = await startSandbox({ port: 0, host: '127.0.0.1', ehrs: [], partners: [] });
  closing.push(() => sandbox.close());
  const app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  closing.push(server.close);
  const gateway = readGateway(sandbox.textGateway);
  const texts = { ...gateway, from: '+16125550199' } as TextSettings;
  const outbound = createOutbound({ allowedPrivateOrigins: [sandbox.address] });
  closing.push(() => outbound.close());
  const resources = { db, outbound, realClock: systemClock, publicUrl: server.address };
  const mail = { url: sandbox.mailUrl, from: 'loopwell@clinic.org' };
  const timing = { windowMs: 0, deadlineMs: 1_000, againMs: [50] };
  tell = openMessages(resources, { mail, texts, timing });
  addMessageRoutes(app, {
    ...{ ...resources, texts, bounceSecret: sandbox.bounceSecret, shelf: channels },
    ...{ clock: systemClock, log: silentLog, nudge: async () => {}, tellPartner: tell },
    site: { siteName: 'Lakes Clinic' },
  });
  finish(app, silentLog);
  await ask('PUT', '/outbox/loopwell', { address: server.address });
});
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const sent = body === undefined ? null : JSON.stringify(body);
  const response = await fetch(sandbox.address + path, { method, headers, body: sent });
  return (await response.json()) as T;
}

const behave = (kind: 'mail' | 'text', manner: OutboxManner) =>
  ask('PUT', `/outbox/${kind}/manner`, manner);

let partner = '';
let [number, mailbox] = ['', ''];
let count = 0;
beforeEach(async () => {
  count += 1;
  [partner, number, mailbox] = [
    `pantry-${count}`,
    `+1612555${String(count).padStart(4, '0')}`,
    `intake${count}@pantry.org`,
  ];
  await behave('mail', { does: 'takes' });
  await behave('text', { does: 'takes', afterMs: 20 });
});

/** A Task that went out by a text to a partner with an e-mail address, too. */
async function textedTask(episode = 1, status = 'requested'): Promise<string> {
  const [referral, task, person] = [newId(), newId(), deriveId('messages', partner)];
  const ways = [
    { kind: 'text', address: `tel:${number}`, settings: {} },
    { kind: 'email', address: `mailto:${mailbox}`, settings: {} },
  ];
  const place = { kind: 'text', address: `tel:${number}`, settings: '{}' };
  const body = JSON.stringify({ categories: ['food-insecurity'], services: [], ways });
  const common = { tenant, person };
  await db.tx(async (tx) => {
    const row = { id: partner, tenant, position: 0, name: partner, ...place, body };
    await directory.saveDirectory(tx, tenant, [row]);
    const changes = { agreement: { kind: 'memorandum', from: '2026-01-01' } } as const;
    const now = new Date();
    await partnerProfiles.editProfile(tx, { partner, changes, by: 'person:rea', now });
    const need = { ...common, connection: 'clinic', category: 'food-insecurity', episode };
    const since = '2026-06-01T00:00:00Z';
    const facts = { unambiguous: true, sensitive: false, conditions: '[]', since };
    await referrals.saveNeeds(tx, [{ ...need, ...facts, id: referral, trace: newId() }]);
    const delivery = { channel: 'text', address: place.address, receipt_key: `${task}_1` };
    const sent = { id: task, referral, attempt: 1, partner, status, body: '{}' };
    const parties = { requester: 'o', focus: newId(), door: 'here' as const };
    await tasks.addTasks(tx, [{ ...common, ...sent, ...delivery, ...parties }]);
    await taskDeliveries.settleTaskDeliveries(tx, [{ task, state: 'delivered' }]);
  });
  return task;
}

const notice = (task: string, way: 'text' | 'email' = 'text'): PartnerNotice => ({
  ...{ kind: 'partner-new', partner, way, tasks: [task] },
  to: way === 'text' ? number : mailbox,
  words: (requests) => `Lakes Clinic has ${requests} new request. http://127.0.0.1/p/x`,
});

const waysOf = async (task: string) => {
  const all = await db.tx((tx) => taskDeliveries.deliveriesOfTasks(tx, [task]));
  return all.get(task)?.map(({ channel, state, code }) => [channel, state, code]);
};

const onTheWay = [
  ['text', 'refused', expect.anything()],
  ['email', 'intended', null],
];

describe('the text gateway', () => {
  it('takes a text, reports that it arrived, and it stays where it is', async () => {
    const task = await textedTask();
    expect(await tell(notice(task))).toEqual({ state: 'accepted' });
    const texts = await ask<CaughtText[]>('GET', '/outbox/text');
    expect(texts.filter(({ to }) => to === number)).toHaveLength(1);
    const place = { partner, way: 'text', kind: 'partner-new' } as const;
    const state = async () => {
      const about = { ...place, receiver: receiverOf(number) };
      return (await db.tx((tx) => partnerMessages.messageAbout(tx, about, task)))?.state;
    };
    await expect.poll(state).toBe('delivered');
    expect(await waysOf(task)).toEqual([['text', 'delivered', null]]);
  });

  it('is given a text that counts what the partner has not answered yet, or none', async () => {
    const open = await textedTask();
    const [taken, refused] = [await textedTask(2, 'accepted'), await textedTask(3)];
    await db.query("update task set live = false, status = 'rejected' where id = $1", [refused]);
    const all = { ...notice(open), tasks: [open, taken, refused] } as PartnerNotice;
    expect(await tell(all)).toEqual({ state: 'accepted' });
    const words = async () => {
      const texts = await ask<CaughtText[]>('GET', '/outbox/text');
      return texts.filter(({ to }) => to === number).map(({ text }) => text.slice(0, 30));
    };
    expect(await words()).toEqual(['Lakes Clinic has 1 new request']);
    const later = await textedTask(4, 'accepted');
    for (let asked = 0; asked < 2; asked += 1)
      expect(await tell(notice(later))).toEqual({ state: 'accepted' });
    expect(await words()).toHaveLength(1);
  });

  it('whose carrier refuses later makes the Task go on by e-mail', async () => {
    await behave('text', { does: 'carrier-refuses', afterMs: 20 });
    const task = await textedTask();
    expect(await tell(notice(task))).toEqual({ state: 'accepted' });
    await expect.poll(() => waysOf(task)).toEqual(onTheWay);
    const { rows } = await db.query<{ waits_for: string }>(
      `select l.waits_for from ledger l join task t on t.tenant = $tenant and t.id = $1
         and t.tenant = l.tenant and l.subject = t.referral::text and l.stage = 'refer'`,
      [task],
    );
    expect(rows).toEqual([{ waits_for: 'worker' }]);
  });

  it('brings a STOP, which is confirmed and makes the Task go on by e-mail', async () => {
    const task = await textedTask();
    await tell(notice(task));
    await ask('POST', '/outbox/text/reply', { from: number, text: 'Alto' });
    await expect.poll(() => waysOf(task)).toEqual(onTheWay);
    const words = async () =>
      (await ask<CaughtText[]>('GET', '/outbox/text'))
        .filter(({ to }) => to === number)
        .map(({ text }) => text.slice(0, 16));
    await expect.poll(words).toEqual(['Lakes Clinic has', 'You get no more ']);
    expect(await tell(notice(newId()))).toEqual({ state: 'failed', code: 'stopped' });
  });
});

describe('the mail server', () => {
  it('takes a mail whose subject says nothing about anybody', async () => {
    expect(await tell(notice(newId(), 'email'))).toEqual({ state: 'accepted' });
    const mails = await ask<CaughtMail[]>('GET', '/outbox/mail');
    const subjects = mails.filter(({ to }) => to.includes(mailbox)).map(({ subject }) => subject);
    expect(subjects).toEqual(['New requests for you']);
  });

  it('that sends a mail back later is heard', async () => {
    await behave('mail', { does: 'bounces', afterMs: 20 });
    expect(await tell(notice(newId(), 'email'))).toEqual({ state: 'accepted' });
    const states = async () => {
      const { rows } = await db.query<{ state: string; code: string }>(
        'select state, code from partner_message where tenant = $tenant and partner = $1',
        [partner],
      );
      return rows;
    };
    await expect.poll(states).toEqual([{ state: 'bounced', code: '5.1.1' }]);
  });

  it('that puts a mail off takes it later under the same id', async () => {
    await behave('mail', { does: 'greylists' });
    const task = newId();
    expect(await tell(notice(task, 'email'))).toMatchObject({ state: 'waiting' });
    await behave('mail', { does: 'takes' });
    await expect.poll(() => tell(notice(task, 'email'))).toEqual({ state: 'accepted' });
  });
});

describe('the page of the outbox', () => {
  it('shows what arrived, without running a word of it', async () => {
    const words = () => 'See <script>alert(1)</script> https://lakes.example/p/abc';
    await tell({ kind: 'partner-code', partner, way: 'text', to: number, words });
    const page = await (await fetch(`${sandbox.address}/outbox`)).text();
    expect(page).toContain(`To ${number}`);
    expect(page).toContain('&lt;script&gt;');
    expect(page).toContain('<a href="https://lakes.example/p/abc">');
    expect(page).not.toContain('<script>');
  });
});

// Last, since requests to a server that hangs are held back for a while.
describe('a text gateway in trouble', () => {
  it.each([
    ['refuses', { state: 'failed', code: '30003' }],
    ['greylists', { state: 'waiting', ms: 50, code: 'later' }],
    ['hangs', { state: 'waiting', ms: 50, code: 'deadline' }],
  ] as const)('that %s is told from one that takes it', async (does, told) => {
    await behave('text', { does });
    expect(await tell(notice(newId()))).toEqual(told);
  });
});
