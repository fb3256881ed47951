import { createApp, finish } from '@loopwell/http';
import { silentLog } from '@loopwell/kit';
import {
  type Database,
  migrate,
  openDatabase,
  partnerDoor,
  partnerProfiles,
  type SecondWay,
  secretsWith,
} from '@loopwell/store';
import { supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addPartnerPages } from './partner-pages.ts';

/** The door of partners, as browsers, scanners and people who guess use it. DECISIONS D195. */
const secrets = secretsWith('ab'.repeat(32));
const clinic = { name: 'Lakes Clinic', phone: '612-555-0100' };
let db: Database;
let close: () => Promise<unknown>;
let ask: ReturnType<typeof supertest>;
let token: string;
let sent: { second: SecondWay; code: string }[] = [];
let isMailAway = false;

beforeAll(async () => {
  const scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 6 });
  close = () => db.close().then(scratch.close);
  for (const [id, name, kind] of [
    ['pantry', 'Northside Pantry', 'food'],
    ['lawyers', 'Legal Aid', 'legal'],
  ] as const)
    await db.query(
      `insert into partner (id, tenant, position, name, address, body, kind, settings)
       values ($1::text, $tenant, 0, $2, 'manual:' || $1::text, $3, 'manual', '{}')`,
      [id, name, JSON.stringify({ services: [{ service: id, categories: [], kind, places: [] }] })],
    );
  ask = open(true);
});
afterAll(() => close());
beforeEach(async () => {
  for (const table of ['link', 'helper', 'session', 'wrong_code', 'door_event'])
    await db.query(`delete from partner_${table} where tenant = $tenant`);
  token = await db.tx((tx) => partnerDoor.linkOf(tx, 'pantry'));
  sent = [];
  isMailAway = false;
});

/** Opens the pages as a process serves them. */
function open(isHttps: boolean) {
  const app = createApp({
    log: silentLog,
    findAccess: async () => undefined,
    readiness: {},
    trustedProxies: ['loopback'],
  });
  addPartnerPages(app, {
    ...{ db, secrets, isHttps },
    clock: { now: () => new Date(), timeZone: 'America/Chicago' },
    clinic: () => clinic,
    needsSecondCode: partnerProfiles.needsSecondCode,
    sendCode: async ({ second, code }) => {
      sent.push({ second, code });
      return !isMailAway;
    },
  });
  finish(app, silentLog);
  return supertest(app.express);
}

type Someone = { partner?: string; role?: 'director' | 'member'; second?: SecondWay };
const newHelper = ({ partner = 'pantry', role = 'member', second }: Someone = {}) =>
  db.tx(async (tx) => {
    const person = { partner, role, second, name: 'Hodan Ali', addedBy: 'person:mai' };
    const helper = await partnerDoor.addHelper(tx, person);
    return partnerDoor.giveCode(tx, secrets, { partner, helper });
  });

/** A browser, which keeps its cookies and sends the forms of the pages that it was shown. */
function browser(from = '192.0.2.7') {
  const cookies = new Map<string, string>();
  let page = '';
  const take = (answer: { headers: Record<string, unknown>; text: string }) => {
    for (const cookie of (answer.headers['set-cookie'] ?? []) as string[]) {
      const [, name = '', text = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (text === '') cookies.delete(name);
      else cookies.set(name, text);
    }
    page = answer.text;
  };
  const headers = () => ({
    cookie: [...cookies].map(([name, text]) => `${name}=${text}`).join('; '),
    'x-forwarded-for': from,
  });
  const result = {
    cookies,
    page: () => page,
    async get(path: string) {
      const answer = await ask.get(path).set(headers());
      take(answer);
      return answer;
    },
    async post(path: string, fields: Record<string, string>, more: Record<string, string> = {}) {
      const answer = await ask
        .post(path)
        .set({ ...headers(), 'sec-fetch-site': 'same-origin', ...more })
        .type('form')
        .send(fields);
      take(answer);
      return answer;
    },
    /** Sends the form of the page that is shown, with some fields filled in. */
    send: (fields: Record<string, string> = {}, form = /<main.*?(<form.*?<\/form>)/s) => {
      const [, markup = ''] = form.exec(page) ?? [];
      const action = /action="([^"]+)"/.exec(markup)?.[1] ?? '';
      const inputs = [...markup.matchAll(/<input[^>]*name="([^"]+)"(?:[^>]*value="([^"]*)")?/g)];
      const hidden = inputs.map(([, name = '', text = '']) => [name, text]);
      return result.post(action, { ...Object.fromEntries(hidden), ...fields });
    },
    async signIn(code: string, link = token) {
      await result.get(`/p/${link}`);
      return result.send({ code });
    },
  };
  return result;
}

const count = async (table: string, where = 'true') =>
  (await db.query(`select 1 from partner_${table} where tenant = $tenant and ${where}`)).rows
    .length;

describe('a link', () => {
  it('shows the name of its partner, a field for a code, and nothing else about anybody', async () => {
    await newHelper();
    const { status, headers, text } = await browser().get(`/p/${token}`);
    expect(status).toBe(200);
    expect(text).toContain('<h1>Northside Pantry</h1>');
    expect(text).toContain('<title>Requests</title>');
    expect(text).not.toMatch(/Hodan|<script|style=/);
    expect(Buffer.byteLength(text)).toBeLessThan(60_000);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-robots-tag': 'noindex, nofollow',
    });
    expect(headers['set-cookie']).toBeUndefined();
  });

  it('names nobody when it is forged or has ended, the same each time', async () => {
    const old = token;
    await db.tx((tx) => partnerDoor.changeLink(tx, { partner: 'pantry', by: 'person:mai' }));
    const left = await db.tx((tx) => partnerDoor.linkOf(tx, 'left the directory'));
    const pages = await Promise.all(
      [old, left, 'bcdfghjkmnpqr', 'x', '%20', 'null'].map((forged) =>
        browser().get(`/p/${forged}`),
      ),
    );
    const [first] = pages;
    expect(first?.text).toContain('call Lakes Clinic, 612-555-0100');
    expect(first?.text).not.toContain('Pantry');
    for (const { text } of pages) expect(text).toBe(first?.text);
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200, 404, 404, 404]);
    const real = await browser().get(`/p/${await db.tx((tx) => partnerDoor.linkOf(tx, 'pantry'))}`);
    expect([real.status, real.text.length]).toEqual([200, first?.text.length]);
  });

  it('answers a code at a forged link as a wrong code, and slows who tries', async () => {
    const { code } = await newHelper();
    const guesser = browser();
    const forged = '/p/bcdfghjkmnpqr/sign-in';
    const fields = { code, browser: 'a'.repeat(16) };
    const statuses: number[] = [];
    for (let index = 0; index < 6; index += 1)
      statuses.push((await guesser.post(forged, fields)).status);
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429]);
    expect(await count('session')).toBe(0);
  });
});

describe('a mail scanner that follows the link and sends its form', () => {
  it('learns and changes nothing, and the volunteers come in after it', async () => {
    const { code } = await newHelper();
    const scanner = browser('203.0.113.9');
    const agent = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) HeadlessChrome' };
    const head = await ask.head(`/p/${token}`);
    expect([head.status, head.text ?? '']).toEqual([200, '']);
    await scanner.get(`/p/${token}`);
    const before = await count('helper', 'code_used_at is null');
    const posted = await scanner.send(agent);
    expect(posted.status).toBe(403);
    expect(posted.text).not.toMatch(/Hodan|food|request for/i);
    const typed = await scanner.send({ code: 'test' });
    expect(typed.status).toBe(403);
    expect([await count('session'), await count('helper', 'code_used_at is null')]).toEqual([
      0,
      before,
    ]);
    const events = await partnerDoor.listDoorEvents(db, { partner: 'pantry', limit: 9 });
    expect(events.map(({ kind }) => kind)).toEqual(['no-code']);
    const phones = [browser(), browser()];
    for (const phone of phones) expect((await phone.signIn(code)).status).toBe(303);
    expect(await count('session')).toBe(2);
  });
});

describe('a code', () => {
  it('opens a session whose cookie is for the door alone, however it is typed', async () => {
    const { code } = await newHelper();
    const phone = browser();
    const answer = await phone.signIn(` ${code.slice(0, 4)} - ${code.slice(4)}`);
    expect([answer.status, answer.headers.location]).toEqual([303, `/p/${token}/requests?first`]);
    const cookies = answer.headers['set-cookie'] as unknown as string[];
    expect(cookies).toHaveLength(2);
    for (const cookie of cookies)
      for (const flag of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/p'])
        expect(cookie).toContain(flag);
    expect((await phone.get(`/p/${token}`)).headers.location).toBe(`/p/${token}/requests?first`);
    expect((await phone.get(`/p/${token}/what-we-keep`)).text).toContain('Sign out');
    const events = await partnerDoor.listDoorEvents(db, { partner: 'pantry', limit: 9 });
    expect(events).toMatchObject([{ kind: 'signed-in', byName: 'Hodan Ali' }]);
  });

  it('has no Secure cookie where people reach us by http', async () => {
    const { code } = await newHelper();
    const plain = await open(false).post(`/p/${token}/sign-in`).type('form').send({ code });
    expect(plain.status).toBe(303);
    expect(String(plain.headers['set-cookie'])).not.toContain('Secure');
  });

  it('slows the browser that mistypes it five times, and no other one', async () => {
    const { code } = await newHelper();
    const [child, helper] = [browser(), browser()];
    await child.get(`/p/${token}`);
    for (let index = 0; index < 5; index += 1)
      expect((await child.send({ code: '00000000' })).text).toContain('That code is not right');
    const slowed = await child.send({ code });
    expect(slowed.status).toBe(429);
    expect(Number(slowed.headers['retry-after'])).toBeGreaterThan(30);
    expect(slowed.text).toMatch(/Try again at \d+:\d\d [ap]m/);
    expect((await helper.signIn(code)).status).toBe(303);
    await db.query(`update partner_wrong_code set next_at = loopwell_now() where tenant = $tenant`);
    expect((await child.send({ code })).status).toBe(303);
  });

  it('slows a network that guesses in many browsers, but no phone that was let in before', async () => {
    const { code } = await newHelper();
    const known = browser();
    expect((await known.signIn(code)).status).toBe(303);
    const statuses: number[] = [];
    for (let index = 0; index < 21; index += 1)
      statuses.push((await browser().signIn('00000000')).status);
    expect([statuses.indexOf(429), (await browser().signIn(code)).status]).toEqual([20, 429]);
    expect((await browser('198.51.100.1').signIn(code)).status).toBe(303);
    known.cookies.delete('loopwell_partner');
    expect((await known.signIn(code)).status).toBe(303);
    expect(await count('door_event', "kind = 'many-wrong-codes'")).toBe(1);
  });

  it('is not taken from another site, and a large form is refused with a way back', async () => {
    const { code } = await newHelper();
    const path = `/p/${token}/sign-in`;
    const crossed = await browser().post(path, { code }, { 'sec-fetch-site': 'cross-site' });
    expect([crossed.status, crossed.headers['set-cookie']]).toEqual([403, undefined]);
    const large = await browser().post(path, { code: '1'.repeat(1_000_000) });
    expect([large.status, large.text.includes('Go back to the page before')]).toEqual([413, true]);
    const json = await ask.post(path).set('sec-fetch-site', 'same-origin').send({ code });
    expect(json.status).toBe(415);
    const twice = await ask.post(path).type('form').send(`code=${code}&code=${code}`);
    expect(twice.status).toBe(403);
    expect(await count('session')).toBe(0);
  });
});

describe('a session', () => {
  const signOut = /<header.*?(<form.*?<\/form>)/s;

  it('ends with Sign out, on this phone alone', async () => {
    const { code } = await newHelper();
    const [phone, second] = [browser(), browser()];
    for (const each of [phone, second]) {
      await each.signIn(code);
      await each.get(`/p/${token}/what-we-keep`);
    }
    const stolen = new Map(phone.cookies);
    expect((await phone.send({}, signOut)).headers.location).toBe(`/p/${token}`);
    expect(phone.cookies.has('loopwell_partner')).toBe(false);
    for (const [name, text] of stolen) phone.cookies.set(name, text);
    expect((await phone.get(`/p/${token}`)).text).toContain('Your 8-digit code');
    expect((await second.get(`/p/${token}`)).status).toBe(303);
  });

  it('tells plainly that it had ended when a form comes after that, and does nothing', async () => {
    const { code } = await newHelper();
    const phone = browser();
    await phone.signIn(code);
    await phone.get(`/p/${token}/what-we-keep`);
    await db.query(
      `update partner_session set used_at = used_at - interval '10 minutes'
        where tenant = $tenant`,
    );
    const late = await phone.send({}, signOut);
    expect(late.status).toBe(403);
    expect(late.text).toContain('You were signed out after 10 minutes. Nothing was sent.');
    expect(await count('door_event', "kind = 'signed-out'")).toBe(0);
  });

  it('takes no form without its own key, or from another site', async () => {
    const { code } = await newHelper();
    const phone = browser();
    await phone.signIn(code);
    for (const [fields, site] of [
      [{}, 'same-origin'],
      [{ check: 'x'.repeat(22) }, 'same-origin'],
    ] as const) {
      const refused = await phone.post(`/p/${token}/sign-out`, fields, { 'sec-fetch-site': site });
      expect([refused.status, refused.text.includes('did not come from this page')]).toEqual([
        403,
        true,
      ]);
    }
    await phone.get(`/p/${token}/what-we-keep`);
    const key = /name="check" value="([^"]+)"/.exec(phone.page())?.[1] ?? '';
    const path = `/p/${token}/sign-out`;
    const crossed = await phone.post(path, { check: key }, { 'sec-fetch-site': 'cross-site' });
    expect(crossed.status).toBe(403);
    expect((await phone.get(`/p/${token}`)).status).toBe(303);
  });

  it('opens nothing at the link of another partner', async () => {
    const { code } = await newHelper();
    const phone = browser();
    await phone.signIn(code);
    const other = await db.tx((tx) => partnerDoor.linkOf(tx, 'lawyers'));
    expect((await phone.get(`/p/${other}`)).text).toContain('<h1>Legal Aid</h1>');
    expect((await phone.post(`/p/${other}/sign-out`, {})).status).toBe(403);
  });
});

describe('a director', () => {
  const people = () => `/p/${token}/people`;
  /** Signs a director in, and opens the page of people. */
  const director = async () => {
    const phone = browser();
    await phone.signIn((await newHelper({ role: 'director' })).code);
    await phone.get(people());
    return phone;
  };
  const codesIn = (text: string) =>
    [...text.matchAll(/<strong class="whole">(\d{4}) (\d{4})</g)].map(([, a, b]) => `${a}${b}`);
  const addForm = /(<form[^>]*people">.*?<\/form>)/s;

  it('adds a person, whose code is shown once and opens the door', async () => {
    const phone = await director();
    expect(phone.page()).not.toContain('<script');
    const added = await phone.send({ act: 'add', name: 'Mo <b>Lee', director: '' }, addForm);
    const [code = ''] = codesIn(added.text);
    expect([added.status, added.text.includes('Mo &lt;b&gt;Lee')]).toEqual([200, true]);
    expect(codesIn((await phone.get(people())).text)).toEqual([]);
    const member = browser();
    expect((await member.signIn(code)).status).toBe(303);
    const refused = await member.get(people());
    expect([refused.status, refused.text.includes('Only a director')]).toEqual([403, true]);
    const check = /name="check" value="([^"]+)"/.exec(member.page())?.[1] ?? '';
    const tried = await member.post(people(), { check, act: 'add', name: 'Eve' });
    expect([tried.status, codesIn(tried.text)]).toEqual([403, []]);
    expect(await count('helper')).toBe(2);
  });

  it('removes who left, and changes all codes: each is shown once, and all sign in again', async () => {
    const phone = await director();
    const [left, stays] = [await newHelper(), await newHelper()];
    const eve = browser();
    await eve.signIn(left.code);
    await phone.get(people());
    const form = /name="form" value="([^"]+)"/.exec(phone.page())?.[1] ?? '';
    const check = /name="check" value="([^"]+)"/.exec(phone.page())?.[1] ?? '';
    const fields = { act: 'removeAll', helper: left.helper, form, check };
    const done = await phone.post(people(), fields);
    const codes = codesIn(done.text);
    expect([done.status, codes.length]).toEqual([200, 2]);
    for (const ended of [left.code, stays.code])
      expect((await browser().signIn(ended)).status).toBe(403);
    for (const code of codes) expect((await browser().signIn(code)).status).toBe(303);
    for (const each of [eve, phone])
      expect((await each.get(people())).text).toContain('You are signed out.');
    expect((await phone.post(people(), fields)).status).toBe(403);
    expect(await count('helper', 'removed_at is null')).toBe(2);
  });

  it('is told what is wrong with a form, and a form that is sent twice counts once', async () => {
    const phone = await director();
    const self = (await partnerDoor.listHelpers(db, 'pantry'))[0]?.id ?? '';
    const other = await newHelper({ partner: 'lawyers' });
    for (const [fields, sentence] of [
      [{ act: 'add', name: '' }, 'Write the name'],
      [{ act: 'add', name: 'Mo', address: '555' }, 'Write one phone number'],
      [{ act: 'remove', helper: '' }, 'Choose who left'],
      [{ act: 'remove', helper: self }, 'You cannot remove yourself'],
      [{ act: 'removeAll', helper: other.helper }, 'Choose who left'],
      [{ act: 'steal' }, 'Choose what to do'],
    ] as const) {
      const { status, text } = await phone.send(fields, addForm);
      expect([fields, status, text.includes(sentence)]).toEqual([fields, 400, true]);
    }
    const page = await phone.get(people());
    const again = async () => {
      const twin = /name="form" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
      const check = /name="check" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
      return phone.post(people(), { act: 'add', name: 'Mo', form: twin, check });
    };
    expect([(await again()).status, (await again()).status]).toEqual([200, 400]);
    expect(await count('helper', "name = 'Mo'")).toBe(1);
  });
});

describe('a partner of legal help', () => {
  const second = { way: 'text', address: '+16125550142' } as const;
  let link: string;
  beforeEach(async () => {
    link = await db.tx((tx) => partnerDoor.linkOf(tx, 'lawyers'));
  });

  it('needs a one-time code besides, which goes to the helper and counts once', async () => {
    const { code } = await newHelper({ partner: 'lawyers', second });
    const phone = browser();
    const asked = await phone.signIn(code, link);
    expect([asked.status, asked.text.includes('in a text message')]).toEqual([200, true]);
    expect(sent).toEqual([{ second, code: expect.stringMatching(/^\d{6}$/) }]);
    expect(asked.text).not.toContain(sent[0]?.code);
    expect((await phone.get(`/p/${link}/what-we-keep`)).text).not.toContain('Sign out');
    await phone.post(`/p/${link}/second-code`, { code: '0' });
    expect(phone.page()).toContain('Those digits are not right');
    const right = await phone.send({ code: sent[0]?.code ?? '' });
    expect(right.headers.location).toBe(`/p/${link}/requests?first`);
    expect((await phone.get(`/p/${link}/what-we-keep`)).text).toContain('Sign out');
    const again = await phone.post(`/p/${link}/second-code`, { code: sent[0]?.code ?? '' });
    expect([again.status, again.text.includes('Begin with your code again')]).toEqual([403, true]);
  });

  it('is told to call where the one-time code cannot go out', async () => {
    const phone = browser();
    const none = await phone.signIn((await newHelper({ partner: 'lawyers' })).code, link);
    isMailAway = true;
    const { code } = await newHelper({ partner: 'lawyers', second });
    const away = await phone.signIn(code, link);
    for (const { status, text } of [none, away])
      expect([status, text.includes('call Lakes Clinic, 612-555-0100')]).toEqual([403, true]);
    expect((await phone.get(`/p/${link}/what-we-keep`)).text).not.toContain('Sign out');
  });
});
