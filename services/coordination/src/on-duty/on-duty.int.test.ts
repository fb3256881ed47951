import { sessionCookie } from '@loopwell/http';
import { silentLog } from '@loopwell/kit';
import { dailyBudget, receiverOf } from '@loopwell/messages';
import { type Host, hosted, openHost } from '@loopwell/service';
import {
  access,
  clockMoves,
  type Database,
  dutyAlerts,
  migrate,
  onDuty as onDutyRows,
  openDatabase,
} from '@loopwell/store';
import { queueUrl, suiteDatabase } from '@loopwell/testing';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type CaughtMail,
  type CaughtWebhook,
  type OutboxManner,
  type Sandbox,
  startSandbox,
} from '../../../sandbox/src/index.ts';
import { coordination } from '../module.ts';

/** People on duty over HTTP, told over a real mail server and a real receiver of webhooks. */
const tenant = 'lakes';
const phone = '612-555-0100';
const text = 'Someone needs you. Open the list or call 612-555-0100.';
const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const [kia, maya] = [
  '11111111-1111-4111-8111-111111111111',
  '33333333-3333-4333-8333-333333333333',
];
let scratch: { url: string };
let db: Database;
let sandbox: Sandbox;
const opened: Host[] = [];

const suite = suiteDatabase(migrate);
afterAll(suite.close);
beforeEach(async () => {
  scratch = await suite.fresh();
  db = openDatabase({ url: scratch.url, tenant, max: 4 });
  sandbox = await startSandbox({ port: 0, host: '127.0.0.1', ehrs: [], partners: [] });
});
afterEach(async () => {
  for (const host of opened.splice(0).reverse()) await host.close();
  await sandbox.close();
  await db.close();
});

type Opened = { mailUrl?: string | undefined; everyMs?: number; deadlineMs?: number };

async function open({ mailUrl, everyMs = 600_000, deadlineMs = 5_000 }: Opened = {}) {
  const timing = { everyMs, deadlineMs, retryMs: 200, leaseMs: 10_000, lookMs: 50, lateMs: 50 };
  const mail = mailUrl === undefined ? undefined : { url: mailUrl, from: 'loopwell@clinic.org' };
  const host = await openHost({
    services: [hosted(coordination, { mail, timing })],
    tenant,
    database: { url: scratch.url, max: 4 },
    migrates: true,
    queue: { url: queueUrl(scratch.url) },
    listen: { host: '127.0.0.1', port: 0 },
    secretKey: Buffer.alloc(32, 3).toString('base64'),
    privateOrigins: [sandbox.address],
    timing: { reconcileMs: 500 },
    log: silentLog,
    tell: () => {},
  });
  opened.push(host);
  await db.query(
    `insert into patient_link (tenant, connection, patient_id, patient, person)
     values ($tenant, 'a', '1', $1, $1), ($tenant, 'a', '2', $2, $2)`,
    [kia, maya],
  );
  return host;
}

const grant = (kind: 'session' | 'service', roles: string[], routes: string[] = []) =>
  db.tx((tx) => access.grantAccess(tx, { tenant, kind, principal: 'person:ada', roles, routes }));
const signedIn = async (role: string) => ({
  cookie: `${sessionCookie}=${await grant('session', [role])}`,
  'sec-fetch-site': 'same-origin',
});
async function api(host: Host, method: string, path: string, body?: object, role = 'admin') {
  const answer = await fetch(`${host.address}${path}`, {
    method,
    headers: { ...(await signedIn(role)), 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
async function page(host: Host, fields?: Record<string, string>, path = '/on-duty') {
  const answer = await fetch(`${host.address}${path}`, {
    redirect: 'manual',
    headers: await signedIn('admin'),
    ...(fields ? { method: 'POST', body: new URLSearchParams(fields) } : {}),
  });
  return {
    status: answer.status,
    text: await answer.text(),
    location: answer.headers.get('location'),
  };
}
const put = (host: Host, people: object[]) =>
  api(host, 'PUT', '/api/v1/on-duty', { people, phone });
const raise = (person = kia, source = 'QuestionnaireResponse/1') =>
  db.tx((tx) =>
    dutyAlerts.raiseAlerts(tx, [{ person, kind: 'see-first', answeredAt: new Date(), source }]),
  );
const mails = async () =>
  (await (await fetch(`${sandbox.address}/outbox/mail`)).json()) as CaughtMail[];
const webhooks = async () =>
  (await (await fetch(`${sandbox.address}/outbox/webhooks`)).json()) as CaughtWebhook[];
const manner = (kind: 'mail' | 'webhooks', next: OutboxManner) =>
  fetch(`${sandbox.address}/outbox/${kind}/manner`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(next),
  });
const hook = () => ({ url: `${sandbox.address}/outbox/webhooks`, secret });
const [ada, ben] = [
  { name: 'Ada', email: 'ada@clinic.org' },
  { name: 'Ben', email: 'ben@clinic.org' },
];
const waits = { timeout: 20_000 };
const receivers = async () => (await mails()).map(({ to }) => to.join());

describe('GET and PUT /api/v1/on-duty', () => {
  it('names people in their order, and never shows a secret again', async () => {
    const host = await open();
    expect((await api(host, 'GET', '/api/v1/on-duty')).body).toMatchObject({
      version: 0,
      people: [],
      phone: null,
    });
    const put1 = await put(host, [ada, { name: 'Ben', webhook: hook() }]);
    expect(put1).toMatchObject({
      status: 200,
      body: {
        version: 1,
        people: [ada, { name: 'Ben', webhook: { url: hook().url, hasSecret: true } }],
        phone,
        hasMail: false,
        changedBy: 'person:ada',
      },
    });
    const row = await onDutyRows.readOnDuty(db);
    const shown = (await page(host)).text + JSON.stringify(put1.body);
    expect(`${row?.people}${shown}`).not.toContain(secret);
    // The secret of an address stays where it is not given again.
    await put(host, [{ name: 'Benjamin', webhook: { url: hook().url } }]);
    expect((await onDutyRows.readOnDuty(db))?.people).toContain('v1.');
    expect((await onDutyRows.onDutyVersions(db, 9)).map(({ version }) => version)).toEqual([2, 1]);
  });

  it.each([
    [{ people: [{ name: '' }], phone }, '/body/people/0/name', 'must be a name'],
    [{ people: [{ name: 'Ada' }], phone }, '/body/people/0/email', 'must be there'],
    [{ people: [{ name: 'Ada', email: 'ada' }], phone }, '/body/people/0/email', 'one e-mail'],
    [{ people: [], phone: '555' }, '/body/phone', 'must be one phone number'],
    [
      { people: [ada, { name: 'B', webhook: { url: 'http://a.org', secret } }], phone },
      '/body/people/1/webhook/url',
      'must be an https address',
    ],
    [
      { people: [{ name: 'B', webhook: { url: 'https://10.1.2.3/x', secret } }], phone },
      '/body/people/0/webhook/url',
      'must be a public address',
    ],
    [
      { people: [{ name: 'B', webhook: { url: 'https://a.org/x' } }], phone },
      '/body/people/0/webhook/secret',
      'must be there',
    ],
    [
      { people: [{ name: 'B', webhook: { url: 'https://a.org/x', secret: 'x' } }], phone },
      '/body/people/0/webhook/secret',
      'must be whsec_',
    ],
    [{ people: [] }, '/body', ''],
    [{ people: 'Ada', phone }, '/body/people', ''],
  ])('names the field and the rule of %j', async (body, path, rule) => {
    const host = await open();
    const answer = await api(host, 'PUT', '/api/v1/on-duty', body);
    expect(answer.status).toBe(400);
    const [problem] = answer.body.problems as { path: string; rule: string }[];
    expect(problem?.path).toContain(path);
    expect(problem?.rule).toContain(rule);
    expect((await api(host, 'GET', '/api/v1/on-duty')).body.version).toBe(0);
  });

  it('refuses a version that was changed meanwhile, and roles that may not', async () => {
    const host = await open();
    await put(host, [ada]);
    const stale = { version: 0, people: [], phone };
    expect((await api(host, 'PUT', '/api/v1/on-duty', stale)).status).toBe(409);
    expect((await api(host, 'PUT', '/api/v1/on-duty', stale, 'reviewer')).status).toBe(403);
    expect((await api(host, 'GET', '/api/v1/on-duty', undefined, 'operator')).status).toBe(403);
  });
});

describe('the page of the people on duty', () => {
  it('saves what was typed, and shows an error at its field with everything that was typed', async () => {
    const host = await open();
    const typed = { version: '0', phone: 'call me', name0: 'Ada', email0: 'ada at clinic' };
    const wrong = await page(host, { ...typed, url0: '', secret0: '' });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain('value="ada at clinic"');
    expect(wrong.text).toContain('id="email0-error"');
    expect(wrong.text).toContain('id="phone-error"');
    const right = { ...typed, phone, email0: 'ada@clinic.org', url0: '', secret0: '' };
    expect((await page(host, right)).location).toBe('/on-duty?saved=1');
    expect((await page(host)).text).toContain('value="ada@clinic.org"');
    expect((await page(host, right)).status).toBe(409);
  });

  it('says which number to call where nobody is on duty', async () => {
    const host = await open();
    await put(host, []);
    await raise();
    await expect
      .poll(async () => (await dutyAlerts.readAlertState(db)).problem, waits)
      .toBe('nobody-on-duty');
    for (const path of ['/on-duty', '/see-first', '/call-today', `/people/${kia}`])
      expect((await page(host, undefined, path)).text).toContain(
        'Nobody is on duty. Call 612-555-0100.',
      );
  });
});

describe('somebody on duty', () => {
  it('is told by e-mail and webhook, once, in words about nobody', async () => {
    const host = await open({ mailUrl: sandbox.mailUrl });
    await put(host, [{ ...ada, webhook: hook() }, ben]);
    await raise();
    await expect
      .poll(async () => [(await mails()).length, (await webhooks()).length], waits)
      .toEqual([1, 1]);
    const [mail] = await mails();
    expect(mail).toMatchObject({
      to: ['ada@clinic.org'],
      text,
      subject: 'Loopwell: you are on duty',
    });
    const [webhook] = await webhooks();
    const verified = new Webhook(secret).verify(webhook?.body ?? '', webhook?.headers ?? {});
    expect(verified).toMatchObject({ data: { text } });
    expect((await page(host)).text).toContain('Sent');
  });

  it('is told again, and then the next name too, until somebody takes it', async () => {
    const host = await open({ mailUrl: sandbox.mailUrl, everyMs: 300 });
    await put(host, [ada, ben]);
    await raise();
    await expect
      .poll(receivers, waits)
      .toEqual(expect.arrayContaining(['ada@clinic.org', 'ada@clinic.org', 'ben@clinic.org']));
    const order = await receivers();
    expect(order[0]).toBe('ada@clinic.org');
    const taken = await page(host, {}, `/people/${kia}/taken`);
    expect([taken.status, taken.location]).toEqual([303, `/people/${kia}?taken=1`]);
    await expect.poll(async () => (await dutyAlerts.readAlertState(db)).open, waits).toBe(0);
    const again = await api(host, 'POST', `/api/v1/people/${kia}/taken`);
    expect(again).toEqual({ status: 200, body: { person: kia, taken: 0 } });
  });

  it('gets one message for all alerts that are due', async () => {
    const host = await open({ mailUrl: sandbox.mailUrl });
    await put(host, [ada]);
    const causes = [kia, kia, maya].map((person, index) => ({
      ...{ person, kind: 'see-first' as const, answeredAt: new Date(), source: `answer-${index}` },
    }));
    await db.tx((tx) => dutyAlerts.raiseAlerts(tx, causes));
    await expect.poll(async () => (await mails()).length, waits).toBe(1);
    const settled = { open: 3, untold: 0, problem: null };
    await expect.poll(async () => dutyAlerts.readAlertState(db), waits).toEqual(settled);
    expect(await mails()).toHaveLength(1);
  });

  it.each([
    ['is down', { does: 'takes' }, 'smtp://127.0.0.1:9', 'the server cannot be reached'],
    ['greylists', { does: 'greylists' }, undefined, 'the server asked to try later'],
    ['hangs', { does: 'hangs' }, undefined, 'the server did not answer in time'],
    ['refuses', { does: 'refuses' }, undefined, 'the server refused it'],
  ] as const)(
    'is told the next way where the mail server %s, and the page says so',
    async (_what, next, mailUrl, words) => {
      const host = await open({ mailUrl: mailUrl ?? sandbox.mailUrl, deadlineMs: 1_000 });
      await manner('mail', next);
      await put(host, [{ ...ada, webhook: hook() }]);
      await raise();
      await expect.poll(async () => (await webhooks()).length, waits).toBe(1);
      await expect.poll(async () => (await page(host)).text, waits).toContain(words);
      expect((await page(host)).text).toContain('The last e-mail did not go out. The next way');
      expect(await mails()).toEqual([]);
    },
  );

  it('is told the next way where a receiver has got 288 messages in a day, and the page says so', async () => {
    const host = await open({ mailUrl: sandbox.mailUrl });
    await put(host, [{ ...ada, webhook: hook() }]);
    const receiver = receiverOf(ada.email);
    const fill = (count: number) =>
      db.query(
        `insert into duty_message (tenant, id, alerts, name, way, receiver, state)
         select $tenant, gen_random_uuid(), '{}', 'Ada', 'email', $1, 'accepted'
           from generate_series(1, $2)`,
        [receiver, count],
      );
    await fill(dailyBudget - 1);
    await raise();
    await expect.poll(receivers, waits).toEqual(['ada@clinic.org']);
    await expect.poll(async () => (await webhooks()).length, waits).toBe(1);
    await raise(maya, 'QuestionnaireResponse/2');
    await expect.poll(async () => (await webhooks()).length, waits).toBe(2);
    const { text: shown } = await page(host);
    expect(shown).toContain('288 messages went there within 24 hours');
    expect(shown).toContain('The last e-mail did not go out. The next way');
    expect(await receivers()).toEqual(['ada@clinic.org']);
  });

  it('is the next name at once where no way of the first works', async () => {
    const host = await open({ mailUrl: sandbox.mailUrl, deadlineMs: 1_000 });
    await manner('webhooks', { does: 'hangs' });
    await put(host, [{ name: 'Ada', webhook: hook() }, ben]);
    await raise();
    await expect.poll(receivers, waits).toEqual(['ben@clinic.org']);
  });

  it('is told as soon as a way works again, and until then the page says whom to call', async () => {
    const host = await open({ mailUrl: sandbox.mailUrl });
    await manner('mail', { does: 'greylists' });
    await put(host, [ada]);
    await raise();
    await expect
      .poll(async () => (await page(host)).text, waits)
      .toContain('Nobody on duty could be reached. Call 612-555-0100.');
    await manner('mail', { does: 'takes' });
    await expect.poll(receivers, waits).toEqual(['ada@clinic.org']);
  });
});

describe('a person who is still without help', () => {
  const withoutHelp = () =>
    db.query(
      `insert into referral (tenant, id, connection, person, category, episode, conditions, since,
         trace, approval, approved_by, unambiguous, sensitive, gate, without_help)
       values ($tenant, $1::uuid, 'a', $1, 'food-insecurity', 1, '[]', '2026-01-01', $1, 'approved',
         'person:mai', true, false, 'withoutHelp', 'all-declined')`,
      [kia],
    );
  const pass = (days: number) =>
    clockMoves.advanceClock(db, { ms: days * 86_400_000, by: 'person:tester' });

  it('is told to somebody on duty after the site’s limit, each day, and to one more name', async () => {
    const host = await open({ mailUrl: sandbox.mailUrl });
    await clockMoves.allowMoves(db);
    await put(host, [ada, ben]);
    await withoutHelp();
    await pass(6);
    const early = await page(host, undefined, '/without-help');
    expect(early.text).toContain(
      'Ada is told when somebody is without help for longer than 7 days',
    );
    expect(await mails()).toEqual([]);
    await pass(2);
    await expect.poll(receivers, waits).toEqual(['ada@clinic.org']);
    const [mail] = await mails();
    expect(mail?.text.trim()).toBe(
      'People have been without help for longer than your site allows. ' +
        'Open the list Still without help or call 612-555-0100.',
    );
    await expect
      .poll(async () => (await page(host, undefined, '/without-help')).text, waits)
      .toMatch(/1 person has been without help for longer than 7 days\. Ada was told/);
    await pass(1);
    await expect
      .poll(receivers, waits)
      .toEqual(['ada@clinic.org', expect.any(String), expect.any(String)]);
    expect(new Set((await receivers()).slice(1))).toEqual(
      new Set(['ada@clinic.org', 'ben@clinic.org']),
    );
  });
});
