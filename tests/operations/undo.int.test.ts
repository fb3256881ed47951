import { randomBytes } from 'node:crypto';
import { type fhir4, systems } from '@loopwell/fhir';
import { sessionCookie } from '@loopwell/http';
import { silentLog } from '@loopwell/kit';
import { answersFor, asResponse, type Sandbox, startSandbox } from '@loopwell/sandbox';
import type { Host } from '@loopwell/service';
import { access, clockMoves, type Database, holds } from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partnerRows } from '../../services/cli/src/input-files/partners-file.ts';
import { compose } from '../../services/cli/src/run/compose.ts';

/**
 * What goes out, and when, after a decision on a page: every service in one process, an EHR and a
 * partner over HTTP, with the clock moved. The steps follow each other on one clock.
 */
const tenant = 'default';
const [minute, day] = [60_000, 86_400_000];
const patience = { timeout: 30_000, interval: 250 };
const afterLease = { timeout: 120_000, interval: 250 };
const secretKey = randomBytes(32).toString('hex');

let scratch: { url: string; close: () => Promise<void> };
let sandbox: Sandbox;
let host: Host;
let db: Database;

beforeAll(async () => {
  scratch = await testDatabase();
  sandbox = await startSandbox({
    ...{ port: 0, host: '127.0.0.1', ehrs: [{ name: 'clinic' }] },
    partners: [
      {
        ...{ name: 'pantry', behavior: 'silent', stepMs: 50 },
        ...{ sendToken: 'send-pantry', readToken: 'read-pantry' },
      },
    ],
  });
  await open();
}, 120_000);
afterAll(async () => {
  await host?.close();
  await sandbox?.close();
  await scratch?.close();
});

async function open(): Promise<void> {
  host = await compose({
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
    site: { timeZone: 'UTC' },
    partners: partnerRows(directory(), tenant),
    partnerTokens: {
      [sandbox.partnerBase('pantry')]: { send: 'send-pantry', read: 'read-pantry' },
    },
    privateOrigins: [new URL(sandbox.address).origin],
    secretKey,
    ...{ writeBack: false, once: false },
    timing: { reconcileMs: 200, coalesceMs: 50, pullIntervalMs: 500, marginMs: 0 },
    ...{ log: silentLog, tell: () => {} },
  });
  db = host.db;
}

/** One partner for food. */
function directory(): fhir4.Bundle {
  const coding = [
    { system: systems.usCoreCategory, code: 'sdoh' },
    { system: systems.sdohcc, code: 'food-insecurity' },
  ];
  const endpoint: fhir4.Endpoint = {
    ...{ resourceType: 'Endpoint', id: 'pantry-fhir', status: 'active' },
    connectionType: { system: systems.endpointConnection, code: 'hl7-fhir-rest' },
    payloadType: [{ text: 'Task' }],
    address: sandbox.partnerBase('pantry'),
  };
  const service: fhir4.HealthcareService = {
    ...{ resourceType: 'HealthcareService', id: 'pantry-service', active: true, name: 'Pantry' },
    providedBy: { reference: 'Organization/pantry' },
    category: [{ coding }],
    endpoint: [{ reference: `Endpoint/${endpoint.id}` }],
  };
  const organization = { resourceType: 'Organization' as const, id: 'pantry', name: 'Pantry' };
  const entry = [organization, endpoint, service].map((resource) => ({
    fullUrl: `https://directory.example/${resource.resourceType}/${resource.id}`,
    resource,
  }));
  return { resourceType: 'Bundle', type: 'collection', entry };
}

/** Moves the clock, as `loopwell clock advance` does. */
async function advance(ms: number): Promise<void> {
  await clockMoves.advanceClock(db, { ms, by: 'person:tester' });
  await expect.poll(async () => (await clockMoves.readClock(db)).isMoving, patience).toBe(false);
}

const isoIn = (ms: number) => new Date(Date.now() + ms).toISOString();

/** Gives the EHR a person who needs food, has agreed and signed, and returns the referral. */
async function bring(id: string): Promise<string> {
  const coding = (system: string, code: string) => ({ coding: [{ system, code }] });
  const consent: fhir4.Consent = {
    ...{ resourceType: 'Consent', id: `${id}-consent`, status: 'active' },
    scope: coding(systems.consentScope, 'patient-privacy'),
    category: [coding(systems.actCode, 'IDSCL')],
    patient: { reference: `Patient/${id}` },
    dateTime: isoIn(-2 * day),
    organization: [{ reference: 'Organization/clinic' }],
    policyRule: { text: 'Authorization to share' },
    provision: { type: 'permit', period: { end: isoIn(300 * day) } },
  };
  const name = [{ given: ['Kia'], family: id }];
  await sandbox.load('clinic', [
    { resourceType: 'Patient', id, name, gender: 'female', birthDate: '1980-02-03' } as never,
    asResponse({
      ...{ id: `${id}-form`, instrument: 'hunger-vital-sign', patient: id },
      ...{ encounter: `${id}-visit`, authored: isoIn(-day) },
      answers: answersFor('hunger-vital-sign', ['food-insecurity']),
    }) as never,
    consent as never,
  ]);
  await expect.poll(() => referralOf(id), patience).toMatchObject({ gate: 'review' });
  return (await referralOf(id))?.id ?? '';
}

type Row = { id: string; state: string; gate: string | null; approval: string | null };
async function referralOf(patient: string): Promise<Row | undefined> {
  const { rows } = await db.query<Row>(
    `select r.id, r.state, r.gate, r.approval from referral r
       join ehr_resource p on p.person = r.person and p.type = 'Patient' where p.source_id = $1`,
    [patient],
  );
  return rows[0];
}
const statusesOf = async (patient: string) => {
  const { rows } = await db.query<{ status: string }>(
    `select t.status from task t join ehr_resource p on p.person = t.person and p.type = 'Patient'
      where p.source_id = $1 order by t.attempt`,
    [patient],
  );
  return rows.map(({ status }) => status);
};
/** Gives the Tasks that the partner was sent about a referral, however they ended. */
const atPartner = async (): Promise<fhir4.Task[]> => {
  const tasks = await fetch(`${sandbox.address}/admin/partners/pantry/dump/Task`);
  return tasks.ok ? ((await tasks.json()) as fhir4.Task[]) : [];
};

const session = async () => {
  const granted = { tenant, kind: 'session' as const, principal: 'person:ada', routes: [] };
  const roles = ['reviewer', 'operator'];
  const secret = await db.tx((tx) => access.grantAccess(tx, { ...granted, roles }));
  return { cookie: `${sessionCookie}=${secret}`, 'sec-fetch-site': 'same-origin' };
};

/** Sends a form of a page, and returns the page's address or what it says. */
async function form(path: string, fields: Record<string, string>): Promise<string> {
  const answer = await fetch(`${host.address}${path}`, {
    ...{ method: 'POST', redirect: 'manual', headers: await session() },
    body: new URLSearchParams(fields),
  });
  return answer.headers.get('location') ?? (await answer.text());
}
const onPage = async (referral: string, decision: string) => {
  const address = await form('/review/decisions', {
    ...{ referral, decision, reason: 'does not want it', back: `/review/${referral}` },
    'refuse.saidBy': 'person',
  });
  return /request=([0-9a-f-]{36})/.exec(address)?.[1] ?? address;
};
const undo = (request: string) => form('/review/undo', { request, back: '/review' });

/** The gates have looked, and the referral waits for the end of the undo. */
const waitsForUndo = (patient: string) =>
  expect
    .poll(() => referralOf(patient), patience)
    .toMatchObject({ state: 'waiting', gate: 'send', approval: 'approved' });

describe('a decision on a page', { timeout: 240_000 }, () => {
  it('is sent when it cannot be undone any more, also by a process that started in between', async () => {
    await onPage(await bring('lor'), 'approve');
    await waitsForUndo('lor');
    await advance(9 * minute);
    await host.close();
    await open();
    await waitsForUndo('lor');
    expect([await statusesOf('lor'), await atPartner()]).toEqual([[], []]);
    await advance(2 * minute);
    // A worker that was stopped in the middle holds its lease for a while.
    await expect.poll(() => statusesOf('lor'), afterLease).toEqual(['requested']);
    await expect.poll(async () => (await atPartner()).length, patience).toBe(1);
  });

  it('that is undone sends nothing, and can be made again', async () => {
    const id = await bring('vang');
    const request = await onPage(id, 'approve');
    await waitsForUndo('vang');
    expect(await undo(request)).toContain('Undone for Kia vang. Nothing was sent.');
    await advance(20 * minute);
    await expect
      .poll(() => referralOf('vang'), patience)
      .toMatchObject({ gate: 'review', approval: null });
    expect(await statusesOf('vang')).toEqual([]);
    await onPage(id, 'approve');
    await waitsForUndo('vang');
    await advance(11 * minute);
    await expect.poll(() => statusesOf('vang'), patience).toEqual(['requested']);
  });

  it('that is undone after it was sent is taken back, and waits for a person', async () => {
    const id = await bring('xiong');
    const request = await onPage(id, 'approve');
    await waitsForUndo('xiong');
    await advance(11 * minute);
    await expect.poll(() => referralOf('xiong'), patience).toMatchObject({ state: 'partner' });
    expect(await undo(request)).toContain('We are taking it back.');
    await expect.poll(() => statusesOf('xiong'), patience).toEqual(['cancelled']);
    const words = (await atPartner()).map(({ statusReason }) => statusReason?.text);
    expect(words).toContain('The referral was sent too early and is withdrawn for now');
    await expect
      .poll(() => referralOf('xiong'), patience)
      .toMatchObject({ state: 'waiting', gate: 'review', approval: null });
    await onPage(id, 'approve');
    await waitsForUndo('xiong');
    await advance(11 * minute);
    await expect.poll(() => statusesOf('xiong'), patience).toEqual(['cancelled', 'requested']);
  });

  it.each(['refuse', 'withdrawAgreement'])('waits for no undo if it stops: %s', async (stop) => {
    const id = await bring(`stop-${stop}`);
    await onPage(id, 'approve');
    await waitsForUndo(`stop-${stop}`);
    await onPage(id, stop);
    await expect
      .poll(() => referralOf(`stop-${stop}`), patience)
      .toMatchObject({ state: 'withdrawn' });
    await advance(11 * minute);
    expect(await statusesOf(`stop-${stop}`)).toEqual([]);
  });

  it('goes no further than a hold that came in between', async () => {
    const id = await bring('held');
    await onPage(id, 'approve');
    await waitsForUndo('held');
    const hold = { tenant, scope: 'all', principal: 'person:ada', reason: 'drill' };
    await db.tx((tx) => holds.addHold(tx, hold));
    await advance(11 * minute);
    await expect.poll(() => referralOf('held'), patience).toMatchObject({ gate: 'hold' });
    expect(await statusesOf('held')).toEqual([]);
  });
});
