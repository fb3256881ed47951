import { sessionCookie } from '@loopwell/http';
import { type Sandbox, startSandbox } from '@loopwell/sandbox';
import type { Host } from '@loopwell/service';
import { access, type Database } from '@loopwell/store';
import { testDatabase } from '@loopwell/testing';
import { expect, vi } from 'vitest';
import { openSite, tenant } from '../operations/partner-site.ts';
import { besides, crawlHub, crawlPages, listAtPantry, sentOut } from './behind-doors.ts';
import { type Drill, everybody, type Staff, staff } from './drill-model.ts';
import { bringKia, bringPao, keepingLog } from './kia.ts';

/**
 * The site where Kia is seen, with everybody through whose door her answer could leak. Pao's sister
 * volunteers at the pantry, which the directory names first; the shelf is the other partner.
 */

const patience = { timeout: 40_000, interval: 100 };

/** Waits for a state, also before the first test. */
const until = <T>(read: () => Promise<T>, wanted: T): Promise<void> =>
  vi.waitFor(async () => expect(await read()).toEqual(wanted), patience);

const count = async (db: Database, sql: string): Promise<number> =>
  Number((await db.query<{ n: string }>(sql)).rows[0]?.n ?? 0);

const unfinished = (db: Database) =>
  count(db, "select count(*) as n from ledger where waits_for = 'worker'");

/** Opens the site, waits for its first load, and then lets Kia answer. */
export async function openDrill(
  options: { asksForAgreement?: boolean; hasConsent?: boolean } = {},
): Promise<Drill> {
  const scratch = await testDatabase();
  const { log, lines } = keepingLog();
  const servers = { port: 0, host: '127.0.0.1' };
  const ehr = await startSandbox({ ...servers, ehrs: [{ name: 'clinic' }], partners: [] });
  const silent = ['pantry', 'shelf'].map((name) => ({
    ...{ name, behavior: 'silent' as const, stepMs: 50 },
    ...{ sendToken: `send-${name}`, readToken: `read-${name}` },
  }));
  const partner = await startSandbox({ ...servers, ehrs: [], partners: silent });
  await bringPao(ehr);
  const mail = { url: ehr.mailUrl, from: 'loopwell@clinic.org' };
  const host = await openSite({
    ...{ scratch, ehr, partner, log, partners: ['pantry', 'shelf'], writeBack: true },
    onDuty: { mail, timing: { lookMs: 50 } },
    asksForAgreement: options.asksForAgreement ?? false,
  });
  const { db } = host;
  const cookies = await signIn(db);
  const ask = askerOf(host, cookies);
  const send: Drill['send'] = (who, method, path, body) =>
    ask(who, path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await nameAda(send, ehr);
  await until(() => loaded(db), true);
  await bringKia(ehr, options.hasConsent);
  await until(async () => (await foodNeed(db)) !== undefined, true);
  // Each type is pulled on its own: her form may be coded before her Patient is here.
  await until(async () => (await personOfKia(db)) !== undefined, true);
  await until(() => unfinished(db), 0);
  const food = (await foodNeed(db))?.id ?? '';
  const kia = (await personOfKia(db)) ?? '';
  const standing = async () => (await foodNeed(db))?.place;
  const outbox = async (kind: string) =>
    (await fetch(`${ehr.address}/outbox/${kind}`)).json() as Promise<never[]>;
  const drill: Drill = {
    ...{ host, db, ehr, partner, kia, food, ask, send, standing },
    cookieOf: (who) => cookies[who],
    post: (who, path, fields) =>
      ask(who, path, { method: 'POST', body: new URLSearchParams(fields) }),
    async reach(place) {
      await until(standing, place);
      await until(() => unfinished(db), 0);
    },
    everywhere: async (who = everybody) => {
      const found = [
        await crawlPages(drill, who),
        await crawlHub(drill),
        await sentOut(drill),
        await besides(drill, lines),
      ];
      return [...new Set(found.flat())];
    },
    mails: () => outbox('mail'),
    webhooks: () => outbox('webhooks'),
    atPantry: () => listAtPantry(drill),
    async close() {
      await host.close();
      await ehr.close();
      await partner.close();
      await scratch.close();
    },
  };
  return drill;
}

async function signIn(db: Database): Promise<Record<Staff, string>> {
  const cookies: Partial<Record<Staff, string>> = {};
  for (const name of everybody) {
    const owner = { tenant, kind: 'session' as const, principal: `person:${name}`, routes: [] };
    const secret = await db.tx((tx) =>
      access.grantAccess(tx, { ...owner, roles: [...staff[name]] }),
    );
    cookies[name] = `${sessionCookie}=${secret}`;
  }
  return cookies as Record<Staff, string>;
}

const askerOf =
  (host: Host, cookies: Record<Staff, string>): Drill['ask'] =>
  async (who, path, request = {}) => {
    const answer = await fetch(`${host.address}${path}`, {
      ...request,
      redirect: 'manual',
      headers: { ...request.headers, cookie: cookies[who], 'sec-fetch-site': 'same-origin' },
    });
    const about = JSON.stringify([...answer.headers]);
    const location = answer.headers.get('location');
    return { status: answer.status, location, text: `${about}\n${await answer.text()}` };
  };

/** Puts Ada on duty, who is told by e-mail and by a webhook. */
async function nameAda(send: Drill['send'], ehr: Sandbox): Promise<void> {
  const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
  const webhook = { url: `${ehr.address}/outbox/webhooks`, secret };
  const people = [{ name: 'Ada', email: 'ada@clinic.org', webhook }];
  const { status, text } = await send('ann', 'PUT', '/api/v1/on-duty', {
    ...{ people, phone: '612-555-0100' },
  });
  expect([status, text]).toEqual([200, expect.anything()]);
}

/** Tells whether the first load is over, after which a new answer is told at once. */
const loaded = async (db: Database) =>
  (await count(
    db,
    "select count(*) as n from pull_cursor where upto is null and not done and scope = ''",
  )) === 0 && (await count(db, 'select count(*) as n from pull_cursor')) > 0;

/** Finds the person by her Patient, which has been pulled with its name. */
async function personOfKia(db: Database): Promise<string | undefined> {
  const { rows } = await db.query<{ person: string }>(
    `select link.person from patient_link link join person_profile using (tenant, patient)
       where patient_id = 'kia'`,
  );
  return rows[0]?.person;
}

async function foodNeed(db: Database) {
  const { rows } = await db.query<{ id: string; place: string }>(
    `select id, case when state = 'waiting' then coalesce(gate, 'review') else state end as place
       from referral where category = 'food-insecurity'`,
  );
  return rows[0];
}
