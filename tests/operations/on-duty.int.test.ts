import { randomBytes } from 'node:crypto';
import { sessionCookie } from '@loopwell/http';
import { silentLog } from '@loopwell/kit';
import {
  answersFor,
  asResponse,
  type CaughtMail,
  type Sandbox,
  startSandbox,
} from '@loopwell/sandbox';
import type { Host } from '@loopwell/service';
import { access, type Database, openDatabase } from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compose } from '../../services/cli/src/run/compose.ts';

/** From an answer in the EHR to the inbox of somebody on duty, through every service. */
const tenant = 'default';
const text = 'Someone needs you. Open the list or call 612-555-0100.';
const waits = { timeout: 45_000, interval: 100 };
let scratch: { url: string; close: () => Promise<void> };
let db: Database;
let sandbox: Sandbox;
let host: Host;

beforeEach(async () => {
  scratch = await testDatabase();
  sandbox = await startSandbox({
    ...{ port: 0, host: '127.0.0.1', partners: [] },
    ehrs: [{ name: 'clinic' }],
  });
  db = openDatabase({ url: scratch.url, tenant });
});
afterEach(async () => {
  await host?.close();
  await db.close();
  await sandbox.close();
  await scratch.close();
});

const open = () =>
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
      ...{ send: false, approve: undefined, agreedByConsent: false },
      ...{ pollMs: 60_000, askAgainMs: 60_000 },
    },
    ...{ partners: [], partnerTokens: {}, privateOrigins: [new URL(sandbox.address).origin] },
    secretKey: randomBytes(32).toString('hex'),
    ...{ writeBack: false, once: false },
    onDuty: {
      mail: { url: sandbox.mailUrl, from: 'loopwell@clinic.org' },
      timing: { lookMs: 50 },
    },
    timing: { reconcileMs: 200, coalesceMs: 50, pullIntervalMs: 500, marginMs: 0 },
    ...{ log: silentLog, tell: () => {} },
  });

/** Gives the EHR a person who answers, some hours ago, that somebody hurts her. */
async function bring(id: string, hoursAgo: number): Promise<void> {
  const authored = new Date(Date.now() - hoursAgo * 3_600_000).toISOString();
  const name = [{ family: 'Vang', given: [id] }];
  const answers = answersFor('ahc-hrsn', [], true);
  const form = { id: `${id}-form`, instrument: 'ahc-hrsn' as const, patient: id, authored };
  await sandbox.load('clinic', [
    { resourceType: 'Patient', id, name, birthDate: '1990-02-03' } as never,
    asResponse({ ...form, answers }) as never,
  ]);
}

async function nameAda(): Promise<void> {
  const grant = { tenant, kind: 'session' as const, principal: 'person:lead' };
  const session = await db.tx((tx) =>
    access.grantAccess(tx, { ...grant, roles: ['admin'], routes: [] }),
  );
  const people = [{ name: 'Ada', email: 'ada@clinic.org' }];
  const answer = await fetch(`${host.address}/api/v1/on-duty`, {
    method: 'PUT',
    headers: {
      'content-type': 'application/json',
      'sec-fetch-site': 'same-origin',
      cookie: `${sessionCookie}=${session}`,
    },
    body: JSON.stringify({ people, phone: '612-555-0100' }),
  });
  expect(answer.status).toBe(200);
}

type AlertRow = { kind: string; next_at: Date | null; told_at: Date | null };
const alerts = async () =>
  (await db.query<AlertRow>('select kind, next_at, told_at from duty_alert where tenant = $tenant'))
    .rows;
const inbox = async () =>
  (await (await fetch(`${sandbox.address}/outbox/mail`)).json()) as CaughtMail[];

it('tells somebody on duty of a new answer, and puts those of the first load on the lists', async () => {
  await bring('pa', 200);
  host = await open();
  await nameAda();
  await expect
    .poll(async () => (await alerts()).map(({ kind }) => kind).sort(), waits)
    .toEqual(['see-first', 'summary']);
  expect(await inbox()).toEqual([]);
  const isRead = async () =>
    (
      await db.query(`select 1 from pull_cursor where tenant = $tenant
        and type in ('QuestionnaireResponse', 'Observation') and upto is null and not done`)
    ).rows.length;
  await expect.poll(isRead, waits).toBe(0);

  await bring('kia', 1);
  await expect.poll(async () => (await inbox()).length, waits).toBe(1);
  const [mail] = await inbox();
  expect(mail).toMatchObject({ to: ['ada@clinic.org'], text });
  expect(JSON.stringify(mail)).not.toMatch(/kia|pa-form|vang|see|hurt|first/i);
  // The answer of the first load goes out with the summary, and by itself never.
  const waiting = (await alerts()).filter(({ kind }) => kind === 'see-first');
  expect(waiting.filter(({ next_at }) => next_at === null)).toHaveLength(1);
});
