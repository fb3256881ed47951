import { type fhir4, systems } from '@loopwell/fhir';
import { sessionCookie } from '@loopwell/http';
import { type Sandbox, startSandbox } from '@loopwell/sandbox';
import type { Host } from '@loopwell/service';
import { access, type Database } from '@loopwell/store';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bring, openSite, type Row, readTasks, tenant } from './partner-site.ts';

/**
 * A Task is at home here (DECISIONS D131): the server of a partner is closed for good, and all
 * pages, lists and APIs about its Tasks show what they showed before.
 */
const patience = { timeout: 40_000, interval: 250 };

let scratch: { url: string; close: () => Promise<void> };
let ehr: Sandbox;
let partner: Sandbox;
let pantry: string;
let host: Host;
let db: Database;
let cookie: Record<string, string>;

beforeAll(async () => {
  scratch = await testDatabase();
  const here = { port: 0, host: '127.0.0.1' };
  ehr = await startSandbox({ ...here, ehrs: [{ name: 'clinic' }], partners: [] });
  const silent = { name: 'pantry', behavior: 'silent' as const, stepMs: 50 };
  const tokens = { sendToken: 'send-pantry', readToken: 'read-pantry' };
  partner = await startSandbox({ ...here, ehrs: [], partners: [{ ...silent, ...tokens }] });
  pantry = partner.partnerBase('pantry');
  host = await openSite({ scratch, ehr, partner });
  db = host.db;
  const roles = ['reviewer', 'operator', 'admin'];
  const granted = { tenant, kind: 'session' as const, principal: 'person:ada', roles, routes: [] };
  const secret = await db.tx((tx) => access.grantAccess(tx, granted));
  cookie = { cookie: `${sessionCookie}=${secret}`, 'sec-fetch-site': 'same-origin' };
}, 120_000);
afterAll(async () => {
  await host?.close();
  await partner?.close();
  await ehr?.close();
  await scratch?.close();
});

async function ask(path: string, headers: Record<string, string> = cookie): Promise<string> {
  const answer = await fetch(`${host.address}${path}`, { headers, redirect: 'manual' });
  return `${answer.status} ${await answer.text()}`;
}

const post = (path: string, body: object) =>
  fetch(`${host.address}${path}`, {
    method: 'POST',
    headers: { ...cookie, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const unfinished = async () =>
  (await db.query("select 1 from ledger where stage <> 'pull' and waits_for = 'worker'")).rowCount;

/** Approves each referral that waits for it. */
async function approve(count: number): Promise<void> {
  const waiting = async (): Promise<{ id: string }[]> =>
    JSON.parse((await ask('/api/v1/reviews?gate=review')).slice(4)).items;
  await expect.poll(async () => (await waiting()).length, patience).toBe(count);
  // Their Consents are here as well, and nothing is in hand.
  const consents = async () =>
    (await db.query("select 1 from ehr_resource where type = 'Consent'")).rowCount;
  await expect.poll(consents, patience).toBe(count);
  await expect.poll(unfinished, patience).toBe(0);
  const referrals = (await waiting()).map(({ id }) => id);
  const answer = await post('/api/v1/reviews/decisions', { decision: 'approve', referrals });
  expect([answer.status, await answer.text()]).toEqual([200, expect.anything()]);
}

const tasksAtHome = () => readTasks(db);

/** Puts a resource onto the partner's server, as its people do. */
async function put(resource: { resourceType: string; id: string }): Promise<void> {
  const answer = await fetch(`${pantry}/${resource.resourceType}/${resource.id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/fhir+json', authorization: 'Bearer send-pantry' },
    body: JSON.stringify(resource),
  });
  expect(answer.ok).toBe(true);
}

/** Lets the partner move its copy, and waits until our Task follows. */
async function move(patient: string, status: string, more: object = {}): Promise<void> {
  const remote = (await tasksAtHome()).get(patient)?.remote_id;
  const headers = { authorization: 'Bearer send-pantry' };
  const copy = await fetch(`${pantry}/Task/${remote}`, { headers });
  await put({ ...((await copy.json()) as fhir4.Task & { id: string }), status, ...more } as never);
  await expect.poll(async () => (await tasksAtHome()).get(patient)?.status, patience).toBe(status);
}

const note = { text: 'We call on Monday', time: '2026-11-29T10:00:00Z' };
const statusReason = { text: 'The shelves are empty' };
const businessStatus = { text: 'On the list for Thursday' };

/** What the partner said of each person's Task, step by step. */
const told: Record<string, readonly (readonly [string, object?])[]> = {
  ana: [['accepted', { note: [note], businessStatus }]],
  bea: [['accepted'], ['in-progress'], ['on-hold', { statusReason, note: [note] }]],
  cyd: [['accepted'], ['in-progress'], ['completed', { output: [activity('done')] }]],
  dot: [['rejected', { statusReason, note: [note] }]],
  eve: [],
};
const people = Object.keys(told);

function activity(id: string): fhir4.TaskOutput {
  const code = 'resulting-activity';
  return {
    type: { coding: [{ system: systems.sdohcc, code }] },
    valueReference: { reference: `Procedure/${id}` },
  };
}

/** Plays what the partner says, up to the states that this leads to. */
async function play(): Promise<void> {
  await put({
    ...{ resourceType: 'Procedure', id: 'done', status: 'completed', subject: {} },
    code: { coding: [{ system: systems.snomed, code: '710925007' }] },
    performedDateTime: '2026-11-20',
  } as { resourceType: string; id: string });
  for (const patient of people)
    for (const [status, more] of told[patient] ?? []) await move(patient, status, more);
  const states = async () => {
    const { rows } = await db.query<{ state: string; gate: string | null }>(
      `select r.state, r.gate from referral r join ehr_resource p
         on p.person = r.person and p.type = 'Patient' order by p.source_id`,
    );
    return rows.map(({ state, gate }) => gate ?? state);
  };
  const wanted = ['partner', 'partner', 'closed', 'withoutHelp', 'partner'];
  await expect.poll(states, patience).toEqual(wanted);
  await expect.poll(unfinished, patience).toBe(0);
}

/** Lists the addresses of all that may be read about Tasks and referrals. */
function addresses(rows: readonly Row[]): string[] {
  const states = ['partner', 'closed', 'withoutHelp'];
  const reads = [...host.routes].flatMap((name) => {
    const [method, path = ''] = name.split(' ');
    if (method !== 'GET' || /\.(js|css|svg|yaml)$|metrics|^\/(live|ready|fhir)/.test(path))
      return [];
    if (!path.includes(':')) return [path];
    return rows.flatMap((row) =>
      [row.id, row.referral, row.person, row.trace].map((id) => path.replace(/:\w+/, id)),
    );
  });
  const lists = states.flatMap((state) => [`/api/v1/reviews?state=${state}`]);
  const traces = rows.flatMap((row) =>
    [row.id, row.referral, row.trace].map((id) => `/console/trace?id=${id}`),
  );
  return [...reads, ...lists, ...traces];
}

/** Lists what the partner itself may ask our hub for. */
const atTheHub = (rows: readonly Row[]) => [
  '/fhir/Task',
  ...rows.flatMap(({ id, focus, person }) => [
    `/fhir/Task/${id}`,
    `/fhir/ServiceRequest/${focus}`,
    `/fhir/Patient/${person}`,
  ]),
];

/** Instants and ages, which grow between two looks. */
const ofTheMoment = [/\d+ (second|minute)s?|\d+ (sec|min)\b/g, /\d{4}-\d\d-\d\dT[\d:.]+Z/g];
const plain = (text: string) =>
  ofTheMoment.reduce((rest, pattern) => rest.replaceAll(pattern, '~'), text);

/** What says that the partner cannot be reached: a line of a page, an entry of a timeline. */
const away = 'REMOTE_UNAVAILABLE';
const awayLines = new RegExp(`\\n[^\\n]*(<dt>Stopped</dt>|failed:)[^\\n]*${away}[^\\n]*`, 'g');
const awayEntry = new RegExp(`,\\{[^{}]*"failed:${away}"[^{}]*\\}`, 'g');

/** Pages of the moment: what they show of Tasks and referrals is compared by itself. */
const moving = [
  ...['/console', '/console/work', '/api/v1/status'],
  // They count and list what this test itself reads.
  ...[
    '/api/v1/disclosures',
    '/api/v1/views',
    '/disclosures',
    '/disclosures/views',
    '/disclosures/csv',
  ],
  // It says that the partner has seen what this test itself reads at our hub.
  '/waiting',
];

async function everything(rows: readonly Row[]): Promise<Map<string, string>> {
  const shown = new Map<string, string>();
  const bearer = { authorization: 'Bearer read-pantry' };
  for (const path of addresses(rows)) shown.set(path, plain(await ask(path)));
  for (const path of atTheHub(rows)) shown.set(path, plain(await ask(path, bearer)));
  return shown;
}

/** Leaves out what says that the partner is away. */
const withoutAway = (text = '') =>
  withoutReads(text)
    .replaceAll(awayLines, '')
    .replaceAll(awayEntry, '')
    .replaceAll(`: ${away}`, '');

/** Takes out that the partner read its Tasks at our hub, as this test does each time. */
const withoutReads = (text: string) =>
  text
    .replaceAll(/,\{[^{}]*"what":"read-by-partner"[^{}]*\}/g, '')
    .replaceAll(/<(tr|li)\b(?:(?!<\/\1>)[\s\S])*read-by-partner[\s\S]*?<\/\1>\s*/g, '');

/** Returns what the pages of the moment count. */
function countsIn(shown: Map<string, string>): unknown[] {
  const { gates, quarantine, refusals } = JSON.parse(shown.get('/api/v1/status')?.slice(4) ?? '{}');
  const rows = (shown.get('/console') ?? '').match(/<tr><th scope="row">(partner|without|The).*/g);
  return [gates, quarantine, refusals, rows];
}

describe('when the server of a partner is gone for good', { timeout: 240_000 }, () => {
  let before: Map<string, string>;
  let tasks: Map<string, Row>;

  it('its Tasks stay in the database as the partner left them', async () => {
    for (const patient of people) await bring(ehr, patient);
    await approve(people.length);
    const sent = async () =>
      [...(await tasksAtHome()).values()].filter(({ remote_id }) => remote_id).length;
    await expect.poll(sent, patience).toBe(people.length);
    await play();
    tasks = await tasksAtHome();
    before = await everything([...tasks.values()]);
    await partner.close();
    const failed = async () =>
      (await db.query("select 1 from ledger where stage = 'track' and error_code = $1", [away]))
        .rowCount;
    await expect.poll(failed, patience).toBe(3);
    expect(await tasksAtHome()).toEqual(tasks);
  });

  it.each(people)('the body of a Task is whole: %s', async (patient) => {
    const row = tasks.get(patient);
    const steps = told[patient] ?? [];
    const [status, more = {}] = steps.at(-1) ?? ['requested'];
    const body: fhir4.Task = JSON.parse(row?.body ?? '{}');
    expect(row).toMatchObject({ status, version: steps.length + 1, owner: 'pantry' });
    const { output, ...words } = more as Partial<fhir4.Task>;
    const hub = `${host.address}/fhir`;
    expect(body).toMatchObject({
      ...{ resourceType: 'Task', id: row?.id, status, intent: 'order', ...words },
      focus: { reference: `${hub}/ServiceRequest/${row?.focus}` },
      for: { reference: `${hub}/Patient/${row?.person}` },
      owner: { reference: `${hub}/Organization/pantry` },
      requester: { reference: `${hub}/Organization/${row?.requester}` },
    });
    const done = await db.query<{ id: string }>(
      "select 'Procedure/' || id as id from own_resource where type = 'Procedure' and person = $1",
      [row?.person],
    );
    const references = body.output?.map(({ valueReference }) => valueReference?.reference);
    expect(references ?? []).toEqual(done.rows.map(({ id }) => id));
    expect(done.rows.length).toBe(output?.length ?? 0);
    const versions = await db.query<{ status: string; told: string }>(
      `select status, body::jsonb ->> 'status' as told from task_version
        where task = $1 order by version`,
      [row?.id],
    );
    const earlier = ['requested', ...steps.map(([step]) => step)].slice(0, -1);
    expect(versions.rows).toEqual(earlier.map((step) => ({ status: step, told: step })));
  });

  it('every page, list and API shows what it showed before, and that it is away', async () => {
    const after = await everything([...tasks.values()]);
    const good = [...before].filter(([, text]) => text.startsWith('200')).length;
    expect(good).toBeGreaterThan(60);
    for (const [path, text] of before)
      if (!moving.includes(path))
        expect([path, withoutAway(after.get(path))]).toEqual([path, withoutReads(text)]);
    expect(countsIn(after)).toEqual(countsIn(before));
    expect(JSON.stringify(countsIn(after))).toContain('The Pantry');
    for (const path of ['/api/v1/status', '/console/work', `/review/${tasks.get('eve')?.referral}`])
      expect([path, after.get(path)]).toEqual([path, expect.stringContaining(away)]);
  });

  it('what the partner says by phone still moves its Task', async () => {
    const answer = await post(`/api/v1/referrals/${tasks.get('eve')?.referral}/answers`, {
      ...{ status: 'accepted', saidBy: 'Pat of the pantry', by: 'phone' },
      at: new Date().toISOString(),
    });
    expect(answer.status).toBe(201);
    const moved = async () => (await tasksAtHome()).get('eve');
    await expect.poll(moved, patience).toMatchObject({
      status: 'accepted',
      version: 2,
      body: expect.stringContaining('"accepted"'),
    });
  });
});
