import { randomBytes } from 'node:crypto';
import { type fhir4, systems } from '@loopwell/fhir';
import { sessionCookie } from '@loopwell/http';
import { silentLog } from '@loopwell/kit';
import { answersFor, asResponse, type Sandbox, startSandbox } from '@loopwell/sandbox';
import type { Host } from '@loopwell/service';
import { access, clockMoves, type Database } from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partnerRows } from '../../services/cli/src/input-files/partners-file.ts';
import { compose } from '../../services/cli/src/run/compose.ts';

/**
 * Deadlines with the clock moved, seen from outside: every service in one process, its pages and
 * APIs over HTTP, an EHR and two partners over HTTP. The steps follow each other on one clock.
 */
const tenant = 'default';
const day = 86_400_000;
const patience = { timeout: 30_000, interval: 250 };

let scratch: { url: string; close: () => Promise<void> };
let sandbox: Sandbox;
let host: Host;
let db: Database;

beforeAll(async () => {
  scratch = await testDatabase();
  const partner = (name: string, behavior: 'silent' | 'finish') => ({
    ...{ name, behavior, stepMs: 50 },
    ...{ sendToken: `send-${name}`, readToken: `read-${name}` },
  });
  sandbox = await startSandbox({
    ...{ port: 0, host: '127.0.0.1', ehrs: [{ name: 'clinic' }] },
    partners: [partner('pantry', 'silent'), partner('shelter', 'silent')],
  });
  host = await openSite();
  db = host.db;
}, 120_000);
afterAll(async () => {
  await host?.close();
  await sandbox?.close();
  await scratch?.close();
});

const openSite = () =>
  compose({
    tenant,
    databaseUrl: scratch.url,
    queue: { url: queueUrl(scratch.url) },
    listen: { host: '127.0.0.1', port: 0 },
    ehr: {
      connection: { id: 'clinic', tenant, base: sandbox.ehrBase('clinic'), quirks: 'plain-r4' },
      ...{ patients: [], since: undefined },
    },
    credentials: () => undefined,
    referral: {
      ...{ send: true, approve: undefined, agreedByConsent: true },
      ...{ pollMs: 300, askAgainMs: 300 },
    },
    mayMoveClock: true,
    site: { timeZone: 'UTC', acceptBy: '2bd', decideBy: '2bd', readAfterEnd: '20d' },
    partners: partnerRows(directory(), tenant),
    partnerTokens: Object.fromEntries(
      ['pantry', 'shelter'].map((name) => [
        sandbox.partnerBase(name),
        { send: `send-${name}`, read: `read-${name}` },
      ]),
    ),
    privateOrigins: [new URL(sandbox.address).origin],
    secretKey: randomBytes(32).toString('hex'),
    ...{ writeBack: false, once: false },
    timing: { reconcileMs: 200, coalesceMs: 50, pullIntervalMs: 500, marginMs: 0 },
    ...{ log: silentLog, tell: () => {} },
  });

/** Two partners for food, asked in this order. */
function directory(): fhir4.Bundle {
  const food = {
    coding: [
      { system: systems.usCoreCategory, code: 'sdoh' },
      { system: systems.sdohcc, code: 'food-insecurity' },
    ],
  };
  const entry = ['pantry', 'shelter'].flatMap((name): fhir4.BundleEntry[] => {
    const organization = { resourceType: 'Organization' as const, id: name, name: `The ${name}` };
    const endpoint: fhir4.Endpoint = {
      ...{ resourceType: 'Endpoint', id: `${name}-fhir`, status: 'active' },
      connectionType: { system: systems.endpointConnection, code: 'hl7-fhir-rest' },
      payloadType: [{ text: 'Task' }],
      address: sandbox.partnerBase(name),
    };
    const service: fhir4.HealthcareService = {
      ...{ resourceType: 'HealthcareService', id: `${name}-service`, active: true, name },
      providedBy: { reference: `Organization/${name}` },
      category: [food],
      endpoint: [{ reference: `Endpoint/${endpoint.id}` }],
    };
    return [organization, endpoint, service].map((resource) => ({
      fullUrl: `https://directory.example/${resource.resourceType}/${resource.id}`,
      resource,
    }));
  });
  return { resourceType: 'Bundle', type: 'collection', entry };
}

/** Moves the clock, as `loopwell clock advance` does. */
async function advance(ms: number): Promise<void> {
  await clockMoves.advanceClock(db, { ms, by: 'person:tester' });
  await expect.poll(async () => (await clockMoves.readClock(db)).isMoving, patience).toBe(false);
}

const isoIn = (ms: number) => new Date(Date.now() + ms).toISOString();

/** Gives the EHR a person who needs food and has agreed, with a consent up to some instant. */
async function bring(id: string, consentEnds: string): Promise<void> {
  const authored = isoIn(-day);
  const coding = (system: string, code: string) => ({ coding: [{ system, code }] });
  const consent: fhir4.Consent = {
    resourceType: 'Consent',
    id: `${id}-consent`,
    status: 'active',
    scope: coding(systems.consentScope, 'patient-privacy'),
    category: [coding(systems.actCode, 'IDSCL')],
    patient: { reference: `Patient/${id}` },
    dateTime: isoIn(-2 * day),
    organization: [{ reference: 'Organization/clinic' }],
    policyRule: { text: 'Authorization to share' },
    provision: { type: 'permit', period: { end: consentEnds } },
  };
  await sandbox.load('clinic', [
    { resourceType: 'Patient', id, gender: 'female', birthDate: '1980-02-03' } as never,
    asResponse({
      ...{ id: `${id}-form`, instrument: 'hunger-vital-sign', patient: id },
      ...{ encounter: `${id}-visit`, authored },
      answers: answersFor('hunger-vital-sign', ['food-insecurity']),
    }) as never,
    consent as never,
  ]);
}

const session = async (ttlMs?: number) => {
  const roles = ['reviewer', 'operator', 'admin'];
  const granted = { tenant, kind: 'session' as const, principal: 'person:ada', roles, routes: [] };
  const secret = await db.tx((tx) => access.grantAccess(tx, granted, ttlMs ? { ttlMs } : {}));
  return { cookie: `${sessionCookie}=${secret}`, 'sec-fetch-site': 'same-origin' };
};
type Listed = { id: string; gate?: string; withoutHelp?: { overdue: boolean } };
const reviews = async (query = ''): Promise<Listed[]> => {
  const answer = await fetch(`${host.address}/api/v1/reviews${query}`, {
    headers: await session(),
  });
  return ((await answer.json()) as { items: Listed[] }).items;
};
const decide = async (decision: object) =>
  fetch(`${host.address}/api/v1/reviews/decisions`, {
    method: 'POST',
    headers: { ...(await session()), 'content-type': 'application/json' },
    body: JSON.stringify(decision),
  });

type Task = { id: string; status: string; person: string; partner: string };
const tasksOf = async (patient: string): Promise<Task[]> => {
  const { rows } = await db.query<Task>(
    `select t.id, t.status, t.person, t.partner from task t
       join ehr_resource p on p.person = t.person and p.type = 'Patient'
      where p.source_id = $1 order by t.attempt`,
    [patient],
  );
  return rows;
};
const statusesOf = async (patient: string) =>
  (await tasksOf(patient)).map(({ partner, status }) => `${partner} ${status}`);

const orderOf = async (patient: string): Promise<string | undefined> => {
  const { rows } = await db.query<{ id: string }>(
    `select r.service_request as id from referral r
       join ehr_resource p on p.person = r.person and p.type = 'Patient' where p.source_id = $1`,
    [patient],
  );
  return rows[0]?.id;
};

/** Approves the one referral that waits. */
async function approve(): Promise<void> {
  await expect.poll(async () => (await reviews('?gate=review')).length, patience).toBe(1);
  const [review] = await reviews('?gate=review');
  const approved = await decide({ decision: 'approve', referrals: [review?.id] });
  expect([approved.status, await approved.text()]).toEqual([200, expect.anything()]);
}

type Clocks = Record<'half_at' | 'half_told_at' | 'contact_by' | 'late_told_at', Date | null>;

/** Reads the clocks of the open Task of a person. */
const clocksOf = async (patient: string): Promise<Clocks | undefined> => {
  const { rows } = await db.query<Clocks>(
    `select t.half_at, t.half_told_at, t.contact_by, t.late_told_at from task t
       join ehr_resource p on p.person = t.person and p.type = 'Patient'
      where p.source_id = $1 and t.live and t.accept_by is not null`,
    [patient],
  );
  return rows[0];
};

/** Moves the clock a minute beyond a moment. */
async function advanceTo(moment: Date | null | undefined): Promise<void> {
  const { now } = await clockMoves.readClock(db);
  await advance((moment?.getTime() ?? Number.NaN) - now.getTime() + 60_000);
}

const alertsRaised = async (): Promise<string[]> => {
  const { rows } = await db.query<{ kind: string }>(
    "select kind from duty_alert where kind like 'partner-%' order by raised_at",
  );
  return rows.map(({ kind }) => kind);
};

const quietPage = async (): Promise<string> => {
  const answer = await fetch(`${host.address}/waiting?quiet=yes`, { headers: await session() });
  return answer.text();
};

/** Answers at a partner's own server for its newest Task. */
async function sayAt(partner: string, status: fhir4.Task['status']): Promise<void> {
  const newest = async () => {
    const dump = await fetch(`${sandbox.address}/admin/partners/${partner}/dump/Task`);
    return ((await dump.json()) as fhir4.Task[]).find(({ status: is }) => is === 'requested');
  };
  // Our row of a Task is there before its partner has it.
  await expect.poll(newest, patience).toBeDefined();
  const task = await newest();
  const answer = await fetch(`${sandbox.partnerBase(partner)}/Task/${task?.id}`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer send-${partner}`,
      'content-type': 'application/fhir+json',
      'if-match': `W/"${task?.meta?.versionId}"`,
    },
    body: JSON.stringify({ ...task, status }),
  });
  expect(answer.status).toBe(200);
}

const read = async (path: string, partner: string) =>
  (
    await fetch(`${host.address}/fhir/${path}`, {
      headers: { authorization: `Bearer read-${partner}` },
    })
  ).status;

describe('with the clock moved', { timeout: 120_000 }, () => {
  it('a session, a sign-in link, a service token and a partner’s bearer end', async () => {
    const routes = ['GET /api/v1/totals'];
    const service = { tenant, kind: 'service' as const, principal: 'service:x', roles: [], routes };
    const partner = { ...service, kind: 'partner' as const, partner: 'https://p.example/fhir' };
    const person = { ...service, kind: 'sign-in' as const, roles: ['admin'], routes: [] };
    const ttl = { ttlMs: day };
    const grant = (granted: typeof service | typeof partner | typeof person) =>
      db.tx((tx) => access.grantAccess(tx, granted, ttl));
    const bearers = { service: await grant(service), partner: await grant(partner) };
    const cookie = await session(day);
    const [early, late] = [await grant(person), await grant(person)];
    const ask = async (path: string, headers: Record<string, string>) =>
      (await fetch(`${host.address}${path}`, { headers })).status;
    const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
    const signIn = async (token: string) => {
      const answer = await fetch(`${host.address}/sign-in`, {
        ...{ method: 'POST', redirect: 'manual' },
        headers: { 'sec-fetch-site': 'same-origin' },
        body: new URLSearchParams({ token }),
      });
      return answer.headers.has('set-cookie');
    };
    const all = async () => [
      await ask('/api/v1/totals', cookie),
      await ask('/api/v1/totals', bearer(bearers.service)),
      await ask('/fhir/Task/x', bearer(bearers.partner)),
    ];
    expect([await all(), await signIn(early)]).toEqual([[200, 200, 404], true]);
    await advance(day + 60_000);
    expect([await all(), await signIn(late)]).toEqual([[401, 401, 401], false]);
  });

  it('a postponed referral comes back', async () => {
    await bring('ada', isoIn(300 * day));
    await expect.poll(async () => (await reviews()).length, patience).toBe(1);
    const [review] = await reviews();
    const now = (await clockMoves.readClock(db)).now.getTime();
    const until = new Date(now + 3 * day).toISOString().slice(0, 10);
    const postponed = await decide({ decision: 'postpone', until, referrals: [review?.id] });
    expect(postponed.status).toBe(200);
    expect([await reviews(), (await reviews('?postponed=true')).length]).toEqual([[], 1]);
    await advance(3 * day);
    expect([(await reviews()).length, await reviews('?postponed=true')]).toEqual([1, []]);
  });

  it('a partner that is silent for two business days is passed over, and the next is asked', async () => {
    await approve();
    await expect.poll(() => statusesOf('ada'), patience).toEqual(['pantry requested']);
    await expect.poll(() => clocksOf('ada'), patience).toMatchObject({ half_told_at: null });
    await advanceTo((await clocksOf('ada'))?.half_at);
    await expect.poll(alertsRaised, patience).toEqual(['partner-half']);
    expect(await quietPage()).toMatch(/Quiet partners 1[\s\S]*answer by/);
    expect(await statusesOf('ada')).toEqual(['pantry requested']);
    await advance(5 * day);
    await expect
      .poll(() => statusesOf('ada'), patience)
      .toEqual(['pantry cancelled', 'shelter requested']);
  });

  it('what nobody could help with is overdue when no person decides in time, and a partner reads its order for READ_AFTER_END only', async () => {
    const path = `ServiceRequest/${await orderOf('ada')}`;
    const both = async () => [await read(path, 'pantry'), await read(path, 'shelter')];
    await expect.poll(both, patience).toEqual([200, 200]);
    await advance(6 * day);
    const lost = () => reviews('?state=withoutHelp');
    await expect.poll(async () => (await lost()).length, patience).toBe(1);
    await expect.poll(both, patience).toEqual([200, 200]);
    const isOverdue = async () => (await lost())[0]?.withoutHelp?.overdue;
    expect(await isOverdue()).toBe(false);
    await advance(21 * day);
    expect(await isOverdue()).toBe(true);
    expect(await both()).toEqual([404, 404]);
  });

  it('the end of a consent shuts reads, and takes back a Task that nobody has taken', async () => {
    const { now } = await clockMoves.readClock(db);
    await bring('bo', new Date(now.getTime() + day).toISOString());
    await approve();
    await expect.poll(() => statusesOf('bo'), patience).toEqual(['pantry requested']);
    const [task] = await tasksOf('bo');
    const path = `Patient/${task?.person}`;
    await expect.poll(() => read(path, 'pantry'), patience).toBe(200);
    await advance(day + 60_000);
    expect(await read(path, 'pantry')).toBe(404);
    await expect.poll(() => statusesOf('bo'), patience).toEqual(['pantry cancelled']);
    const tasks = await fetch(`${sandbox.address}/admin/partners/pantry/dump/Task`);
    const words = ((await tasks.json()) as fhir4.Task[]).map(
      ({ statusReason }) => statusReason?.text,
    );
    expect(words).toContain('The consent to share has ended');
  });

  it('a partner that said yes and nothing since is late: somebody is told once, and nothing is taken back', async () => {
    const { now } = await clockMoves.readClock(db);
    await bring('cy', new Date(now.getTime() + 300 * day).toISOString());
    await approve();
    await expect.poll(() => statusesOf('cy'), patience).toEqual(['pantry requested']);
    await sayAt('pantry', 'accepted');
    await expect.poll(() => statusesOf('cy'), patience).toEqual(['pantry accepted']);
    await advanceTo((await clocksOf('cy'))?.contact_by);
    await expect.poll(async () => (await alertsRaised()).at(-1), patience).toBe('partner-late');
    expect(await quietPage()).toMatch(/Quiet partners 1[\s\S]*nothing since, news due/);
    const alerts = await alertsRaised();
    await advance(day);
    // Nothing is taken back, and nobody is told again.
    expect([await statusesOf('cy'), await alertsRaised()]).toEqual([['pantry accepted'], alerts]);
  });
});
