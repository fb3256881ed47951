import { randomBytes } from 'node:crypto';
import { sessionCookie } from '@loopwell/http';
import { deriveId, silentLog } from '@loopwell/kit';
import { answersFor, asResponse, type Sandbox, startSandbox } from '@loopwell/sandbox';
import type { Host } from '@loopwell/service';
import { access, type Database, erasures, openDatabase } from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { main } from '../../services/cli/src/program.ts';
import { compose } from '../../services/cli/src/run/compose.ts';

/** One person is erased after everything that can be written of them was written. */
const tenant = 'default';
const waits = { timeout: 60_000, interval: 100 };
/** Whatever is of Kia has this word in it, or is this word. */
const canary = /kanari/i;
let scratch: { url: string; close: () => Promise<void> };
let db: Database;
let sandbox: Sandbox;
let host: Host;
let [stdout, stderr] = ['', ''];

const at = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

function resourcesOf(id: string, family: string): never[] {
  const form = asResponse({
    ...{ id: `${id}-form`, instrument: 'ahc-hrsn', patient: id, authored: at(-1) },
    answers: answersFor('ahc-hrsn', ['food-insecurity'], true),
  });
  const patient = {
    ...{ resourceType: 'Patient', id, birthDate: '1985-09-21' },
    name: [{ family, given: [`${family}given`] }],
    telecom: [{ system: 'phone', value: '612-555-0142' }],
    address: [{ line: [`7 ${family} St`], city: 'Saint Paul', state: 'MN' }],
    identifier: [{ system: 'urn:mrn', value: `MRN-${family}` }],
    contact: [{ name: { text: `${family} contact` } }],
  };
  const odd = {
    ...{ resourceType: 'Observation', id: `${id}-odd`, status: 'final' },
    category: [{ coding: [{ code: 'survey' }] }],
    subject: { reference: `Patient/${id}` },
    ...{ valueString: `${family} said`, valueInteger: 1 },
  };
  return [patient, form, odd] as never[];
}

beforeAll(async () => {
  scratch = await testDatabase();
  sandbox = await startSandbox({
    ...{ port: 0, host: '127.0.0.1', partners: [] },
    ehrs: [{ name: 'clinic' }],
  });
  db = openDatabase({ url: scratch.url, tenant });
  await sandbox.load('clinic', [
    ...resourcesOf('kanari', 'Kanari'),
    ...resourcesOf('maya', 'Maya'),
  ] as never[]);
  host = await compose({
    ...{ tenant, databaseUrl: scratch.url, queue: { url: queueUrl(scratch.url) } },
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
    ...{ writeBack: false, once: false, onDuty: {} },
    timing: { reconcileMs: 200, coalesceMs: 50, pullIntervalMs: 300, marginMs: 0 },
    ...{ log: silentLog, tell: () => {} },
  });
}, 60_000);
afterAll(async () => {
  await host?.close();
  await db?.close();
  await sandbox?.close();
  await scratch?.close();
});
beforeEach(() => {
  [stdout, stderr] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((stdout += String(text))));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((stderr += String(text))));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const run = (...words: string[]) => main(words, { DATABASE_URL: scratch.url });

/** Calls the API as somebody who is signed in. */
async function call(who: string, method: string, path: string, body?: object) {
  const grant = { tenant, kind: 'session' as const, principal: `person:${who}`, routes: [] };
  const secret = await db.tx((tx) =>
    access.grantAccess(tx, { ...grant, roles: ['admin'] }, { ttlMs: 600_000 }),
  );
  const answer = await fetch(`${host.address}${path}`, {
    ...{ method, redirect: 'manual' },
    headers: {
      ...{ 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      cookie: `${sessionCookie}=${secret}`,
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json');
  return { status: answer.status, body: isJson ? JSON.parse(text) : text };
}

/** Lists the tables with a row that a text is found in. */
async function tablesWith(pattern: RegExp): Promise<string[]> {
  const { rows: tables } = await db.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await db.query<{ n: number }>(
      `select count(*) as n from ${name} t where t::text ~* $1`,
      [pattern.source],
    );
    if ((rows[0]?.n ?? 0) > 0) found.push(name.replace('loopwell.', ''));
  }
  return found;
}

const patientOf = async (id: string): Promise<string> => {
  const { rows } = await db.query<{ patient: string }>(
    'select patient from patient_link where tenant = $tenant and patient_id = $1',
    [id],
  );
  return rows[0]?.patient ?? '';
};

const needOf = async (person: string) => {
  const { rows } = await db.query<{ id: string }>(
    `select id from referral where tenant = $tenant and person = $1
      and category = 'food-insecurity'`,
    [person],
  );
  return rows[0]?.id ?? '';
};

it('leaves nothing of the person, also when the EHR is read again, and says what stays', {
  timeout: 120_000,
}, async () => {
  await expect.poll(async () => needOf(await patientOf('kanari')), waits).not.toBe('');
  await expect.poll(async () => needOf(await patientOf('maya')), waits).not.toBe('');
  const [kia, maya] = [await patientOf('kanari'), await patientOf('maya')];
  const need = await needOf(kia);
  const wrote = [
    await call('mai', 'POST', `/api/v1/people/${kia}/noes`, {
      ...{ kind: 'not-this-help', category: 'housing-instability', saidBy: 'person' },
      ...{ saidTo: 'Mai', saidOn: at(-1).slice(0, 10), note: 'kanari words' },
    }),
    await call('mai', 'POST', '/api/v1/reviews/decisions', {
      ...{ decision: 'approve', referrals: [need], reason: 'kanari reason' },
    }),
    await call('mai', 'POST', '/api/v1/reviews/decisions', {
      ...{ decision: 'agree', referrals: [need], agreedOn: at(-1).slice(0, 10) },
      ...{ askedBy: 'Kanari Asker', reason: 'kanari agreed' },
      ...{ askedIn: 'hmn', interpreter: 'staff' },
    }),
    await call('mai', 'GET', `/people/${kia}`),
    await call('mai', 'POST', `/api/v1/people/${kia}/taken`),
  ];
  expect(wrote.map(({ status }) => status).filter((status) => status >= 400)).toEqual([]);
  expect((await tablesWith(canary)).length).toBeGreaterThan(6);

  const facts = async () => {
    const { body } = await call('mai', 'GET', '/api/v1/equity-facts');
    const items = body.items as { asked: object | null; category: string }[];
    return items.filter(({ category }) => category === 'food-insecurity');
  };
  const how = { language: 'hmn', interpreter: 'staff', by: 'care-team' };
  expect((await facts()).map(({ asked }) => asked)).toEqual(expect.arrayContaining([how, null]));
  const before = await facts();
  expect(JSON.stringify(before)).not.toMatch(/[0-9a-f]{8}-|kanari|maya/i);

  // Not without --yes, and not while a legal demand is open.
  expect(await run('erase', '--person', kia)).toBe(2);
  expect(stderr).toContain('say --yes if you mean it');
  const demand = await call('mai', 'POST', '/api/v1/legal-demands', {
    ...{ person: kia, kind: 'subpoena', demandedBy: 'Kanari County Court' },
    ...{ askedFor: 'everything of Kanari', receivedOn: at(-1).slice(0, 10) },
  });
  expect(demand.status).toBe(201);
  expect(await run('erase', '--person', kia, '--yes', '--by', 'boss')).toBe(1);
  expect(stderr).toContain('A legal demand is open');
  const step = (who: string, what: string) =>
    call(who, 'POST', `/api/v1/legal-demands/${demand.body.id}/steps`, {
      ...{ step: what, note: 'kanari note' },
    });
  expect((await step('mai', 'end')).body).toMatchObject({ isOver: false });
  expect((await step('mai', 'end')).status).toBe(409);
  expect(await run('erase', '--person', kia, '--yes', '--by', 'boss')).toBe(1);
  expect((await step('lee', 'end')).body).toMatchObject({ isOver: true });

  expect(await run('erase', '--person', kia, '--yes', '--by', 'boss')).toBe(0);
  expect(stdout).toMatch(new RegExp(`Erased: ${kia}, \\d+ rows`));
  expect(stdout).toContain('by person:boss, reason: asked');
  expect(await tablesWith(canary)).toEqual([]);
  const withId = [
    ...['erased_patient', 'erasure', 'legal_demand', 'person_view'],
    // Derived ids alone.
    'receipt',
  ];
  expect(withId).toEqual(expect.arrayContaining(await tablesWith(new RegExp(kia))));
  expect(await tablesWith(/maya/i)).toContain('person_profile');
  expect(await needOf(maya)).not.toBe('');

  // The facts stay, parted from the person.
  const sorted = (list: object[]) => list.map((fact) => JSON.stringify(fact)).sort();
  expect(sorted(await facts())).toEqual(sorted(before));

  // What the EHR says later is not stored.
  await sandbox.load('clinic', resourcesOf('kanari', 'Kanari2'));
  await sandbox.load('clinic', resourcesOf('later', 'Later'));
  await expect.poll(async () => needOf(await patientOf('later')), waits).not.toBe('');
  expect(await tablesWith(canary)).toEqual([]);
  expect((await call('mai', 'GET', `/people/${kia}`)).status).toBe(404);

  const kept = await call('mai', 'GET', '/api/v1/retention');
  expect(kept.body.erasures).toMatchObject([{ person: kia, reason: 'asked' }]);
  const page = await call('mai', 'GET', '/disclosures/retention');
  expect(page.body).toContain('The person asked for it');
  expect((await call('mai', 'GET', '/disclosures/demands')).body).toContain('Over.');

  // Once more changes nothing.
  [stdout, stderr] = ['', ''];
  expect(await run('erase', '--person', kia, '--yes', '--by', 'lee')).toBe(0);
  expect(stdout).toContain('Erased before');
  expect((await erasures.listErasures(db, 9)).map(({ principal }) => principal)).toEqual([
    'person:boss',
  ]);
});

it.each<[string, string[], number, string]>([
  ['a name', ['--person', 'Kia Moua'], 2, '--person must be the id of a person'],
  ['nobody', ['--person', deriveId('nobody')], 1, 'Nothing of such a person is on record'],
  ['no person', [], 2, '--person'],
  ['a reason of its own', ['--person', deriveId('nobody'), '--reason', 'x'], 2, '--reason'],
])('refuses %s', async (_what, words, status, sentence) => {
  expect(await run('erase', ...words, '--yes')).toBe(status);
  expect(stderr).toContain(sentence);
});
