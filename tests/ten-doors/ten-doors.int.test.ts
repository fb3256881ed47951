import type { fhir4 } from '@loopwell/fhir';
import { sessionCookie } from '@loopwell/http';
import { type Sandbox, startSandbox } from '@loopwell/sandbox';
import type { Host } from '@loopwell/service';
import { access, type Database } from '@loopwell/store';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSite, tenant } from '../operations/partner-site.ts';
import { routeDoors } from './doors.ts';
import { bringKia, keepingLog, tracesIn } from './kia.ts';

/** Through every door, in every state of Kia's referral for food, her answer is not to be found. */

const patience = { timeout: 40_000, interval: 100 };
const { log, lines } = keepingLog();

let scratch: { url: string; close: () => Promise<void> };
let ehr: Sandbox;
let partner: Sandbox;
let host: Host;
let db: Database;
let cookies: Record<string, string>;
let kia = '';
let food = '';

beforeAll(async () => {
  scratch = await testDatabase();
  const servers = { port: 0, host: '127.0.0.1' };
  ehr = await startSandbox({ ...servers, ehrs: [{ name: 'clinic' }], partners: [] });
  const pantry = { name: 'pantry', behavior: 'silent' as const, stepMs: 50 };
  const tokens = { sendToken: 'send-pantry', readToken: 'read-pantry' };
  partner = await startSandbox({ ...servers, ehrs: [], partners: [{ ...pantry, ...tokens }] });
  await bringKia(ehr);
  host = await openSite({ scratch, ehr, partner, log, writeBack: true });
  db = host.db;
  const roles = { rea: ['reviewer'], pao: ['operator'], ann: ['admin'] };
  cookies = {};
  for (const [name, list] of Object.entries(roles)) {
    const principal = `person:${name}`;
    const owner = { tenant, kind: 'session' as const, principal, roles: list, routes: [] };
    const secret = await db.tx((tx) => access.grantAccess(tx, owner));
    cookies[name] = `${sessionCookie}=${secret}`;
  }
}, 60_000);
afterAll(async () => {
  await host?.close();
  await ehr?.close();
  await partner?.close();
  await scratch?.close();
});

async function referrals() {
  const { rows } = await db.query<{ id: string; state: string; gate: string | null }>(
    "select id, state, gate from referral where category = 'food-insecurity'",
  );
  return rows;
}

async function unfinished(): Promise<number> {
  const { rows } = await db.query<{ n: string }>(
    "select count(*) as n from ledger where waits_for = 'worker'",
  );
  return Number(rows[0]?.n ?? 0);
}

type Shown = { status: number; text: string };

async function ask(path: string, headers: Record<string, string>): Promise<Shown> {
  const answer = await fetch(`${host.address}${path}`, { headers, redirect: 'manual' });
  const about = JSON.stringify([...answer.headers]);
  return { status: answer.status, text: `${about}\n${await answer.text()}` };
}

/** Values of the parameters of routes: Kia's, wherever there are some. */
const parameterOf = (name: string): string =>
  ({ referralId: food, personId: kia, patientId: kia })[name] ?? food;

/** Every address to ask at: each route, and the lists with each of their filters. */
function addresses(): string[] {
  const routes = [...routeDoors].filter(
    ([, door]) => door !== undefined && door !== "partner's read",
  );
  const paths = routes.map(([route]) => route.slice('GET '.length));
  const states = ['waiting', 'withoutHelp', 'hold', 'send', 'partner', 'closed', 'withdrawn'];
  const lists = ['/review', '/api/v1/reviews'].flatMap((path) => [
    ...states.map((state) => `${path}?state=${state}`),
    `${path}?state=all&person=${kia}`,
    ...['review', 'agreement', 'consent'].map((gate) => `${path}?gate=${gate}`),
  ]);
  const concrete = paths.map((path) =>
    path.replaceAll(/:(\w+)/g, (_all, name) => parameterOf(name)),
  );
  return [...concrete, ...lists, `/people/${kia}?print=1`];
}

/** Asks at every address as everybody who works at the clinic, and lists what tells of the answer. */
async function crawlPages(): Promise<string[]> {
  const leaks: string[] = [];
  for (const [name, cookie] of Object.entries(cookies))
    for (const address of addresses()) {
      const { status, text } = await ask(address, { cookie, 'sec-fetch-site': 'same-origin' });
      expect([address, status >= 500]).toEqual([address, false]);
      for (const trace of tracesIn(text)) leaks.push(`${name} reads ${trace} at ${address}`);
    }
  return leaks;
}

/** Asks at the hub for all that the pantry could ask for, as Pao does when he volunteers there. */
async function crawlHub(): Promise<string[]> {
  const leaks: string[] = [];
  const { rows } = await db.query<{ type: string; id: string }>(
    `select type, id from disclosure_grant union
     select type, id::text from own_resource union
     select type, source_id from ehr_resource`,
  );
  const all = rows.map(({ type, id }) => `/fhir/${type}/${id}`);
  const headers = { authorization: 'Bearer read-pantry' };
  for (const address of ['/fhir/Task', '/fhir/Patient', '/fhir/Observation', ...all]) {
    const { text } = await ask(address, headers);
    for (const trace of tracesIn(text)) leaks.push(`the pantry reads ${trace} at ${address}`);
  }
  return leaks;
}

/** Reads all that the partner's own server and the EHR were sent. */
async function sentOut(): Promise<string[]> {
  const leaks: string[] = [];
  const dump = async (server: Sandbox, kind: string, name: string, type: string) =>
    (await fetch(`${server.address}/admin/${kind}/${name}/dump/${type}`)).text();
  for (const type of ['Task', 'ServiceRequest', 'Patient', 'Condition', 'Consent', 'Observation'])
    for (const trace of tracesIn(await dump(partner, 'partner', 'pantry', type)))
      leaks.push(`the pantry was sent ${trace} in a ${type}`);
  for (const type of ['Condition', 'Task', 'ServiceRequest', 'Procedure', 'Goal', 'Flag'])
    for (const trace of tracesIn(await dump(ehr, 'ehr', 'clinic', type)))
      leaks.push(`the EHR was sent ${trace} in a ${type}`);
  return leaks;
}

/** Reads what is kept or written beside the record: queue, ledger, history, receipts, log, mail. */
async function besides(): Promise<string[]> {
  const { rows: tables } = await db.query<{ name: string }>(
    `select table_schema || '.' || table_name as name from information_schema.tables
      where table_name in ('ledger', 'history', 'receipt', 'duty_alert', 'duty_message',
        'running_total', 'person_view') or table_schema like '%bull%'`,
  );
  const leaks: string[] = [];
  for (const { name } of tables) {
    const { rows } = await db.query<{ row: string }>(`select x::text as row from ${name} x`);
    for (const trace of tracesIn(rows.map(({ row }) => row).join('\n')))
      leaks.push(`${name} holds ${trace}`);
  }
  for (const trace of tracesIn(lines.join('\n'))) leaks.push(`the log holds ${trace}`);
  return leaks;
}

async function everywhere(): Promise<string[]> {
  const found = [await crawlPages(), await crawlHub(), await sentOut(), await besides()];
  return [...new Set(found.flat())];
}

async function decide(decision: object): Promise<void> {
  const answer = await fetch(`${host.address}/api/v1/reviews/decisions`, {
    method: 'POST',
    headers: {
      cookie: cookies.rea ?? '',
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ referrals: [food], ...decision }),
  });
  expect([answer.status, await answer.text()]).toEqual([200, expect.anything()]);
}

const standing = async () => {
  const [row] = await referrals();
  return row?.state === 'waiting' ? (row.gate ?? 'review') : row?.state;
};

describe('the table of doors', () => {
  it('has a line for each route that shows something', () => {
    const routes = [...host.routes].filter((route) => route.startsWith('GET '));
    const shown = routes.filter((route) => !route.startsWith('GET /docs'));
    expect(shown.filter((route) => !routeDoors.has(route))).toEqual([]);
    expect([...routeDoors.keys()].filter((route) => !routes.includes(route))).toEqual([]);
  });
});

describe('the answer of Kia that she is hurt', () => {
  it('is coded', async () => {
    await expect.poll(referrals, patience).toHaveLength(1);
    await expect.poll(unfinished, patience).toBe(0);
    const [row] = await referrals();
    food = row?.id ?? '';
    const link = await db.query<{ person: string }>(
      "select person from patient_link where patient_id = 'kia'",
    );
    kia = link.rows[0]?.person ?? '';
  }, 60_000);

  it('is known: she is to be seen first', async () => {
    const { text } = await ask('/review?gate=review', { cookie: cookies.rea ?? '' });
    expect(text).toContain('See first');
  });

  it('stands nowhere while her need for food waits for a decision', async () => {
    expect(await standing()).toBe('review');
    expect(await everywhere()).toEqual([]);
  }, 60_000);

  it('stands nowhere when her need was approved and is with a partner', async () => {
    await decide({ decision: 'approve' });
    await expect.poll(standing, patience).toBe('partner');
    await expect.poll(unfinished, patience).toBe(0);
    expect(await everywhere()).toEqual([]);
  }, 90_000);

  it('stands nowhere after it was taken back', async () => {
    await decide({ decision: 'withdrawAgreement' });
    await expect.poll(standing, patience).toBe('withdrawn');
    await expect.poll(unfinished, patience).toBe(0);
    expect(await everywhere()).toEqual([]);
  }, 90_000);
});

describe('Pao, who reads her phone and her mail', () => {
  it('gets no contact about her while nobody has spoken with her alone', async () => {
    const { rows } = await db.query<{ resource: string }>(
      "select body as resource from own_resource where type in ('Communication')",
    );
    expect(rows.map(({ resource }) => JSON.parse(resource) as fhir4.Resource)).toEqual([]);
  });
});
