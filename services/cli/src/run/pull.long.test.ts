import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { backendServices, staticBearer } from '@loopwell/fhir/client';
import { type EhrSettings, wire } from '@loopwell/intake';
import { deriveId, newId, silentLog, systemClock } from '@loopwell/kit';
import { createOutbound } from '@loopwell/outbound';
import { openQueues, stageNames, startRunner } from '@loopwell/pipeline';
import { startSandbox } from '@loopwell/sandbox';
import { type Database, installation, migrate, openDatabase, ownResources } from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { exportJWK, generateKeyPair } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** Pulling from an EHR that stumbles: the real database and queue, the sandbox EHR over HTTP. */
type Sandbox = Awaited<ReturnType<typeof startSandbox>>;

let scratch: Awaited<ReturnType<typeof testDatabase>>;
let db: Database;
const opened: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 8, log: silentLog });
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  await db.close();
  await scratch.close();
});

async function openSandbox(
  ehr: Parameters<typeof startSandbox>[0]['ehrs'][number] = { name: 'a' },
): Promise<Sandbox> {
  const sandbox = await startSandbox({ port: 0, host: '127.0.0.1', ehrs: [ehr], partners: [] });
  opened.push(sandbox.close);
  return sandbox;
}

const arm = (sandbox: Sandbox, faults: object[]) =>
  fetch(`${sandbox.address}/admin/ehr/a/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ faults }),
  });

type Given = Partial<Omit<EhrSettings, 'connection' | 'credentials'>> & {
  quirks?: string;
  credentials?: (outbound: ReturnType<typeof createOutbound>) => EhrSettings['credentials'];
  once?: boolean;
};

/** Starts pulling with everything real; stops again with `stop`. */
async function startPull(base: string, given: Given = {}) {
  const outbound = createOutbound({
    allowedPrivateOrigins: [new URL(base).origin],
    requestTimeoutMs: 5_000,
  });
  const queues = await openQueues({
    tenant: 'o',
    url: queueUrl(scratch.url),
    stages: stageNames,
    log: silentLog,
    prefix: `{${newId()}}`,
  });
  const sentences: string[] = [];
  const ehr: EhrSettings = {
    connection: { id: 'a', tenant: 'o', base, quirks: given.quirks ?? 'plain-r4' },
    credentials: given.credentials?.(outbound),
    patients: given.patients ?? [],
    since: given.since,
  };
  const intake = wire(
    {
      writeBack: false,
      once: given.once ?? true,
      overlapMs: 300_000,
      marginMs: 0,
      coalesceMs: 10,
      intervalMs: 200,
      leaseMs: 30_000,
    },
    [ehr],
    {
      db,
      nudge: queues.nudge,
      outbound,
      clock: systemClock,
      log: silentLog,
      tell: (sentence) => void sentences.push(sentence),
    },
  );
  await intake.start();
  const runner = startRunner({ queues, works: intake.works, intervalMs: 200, log: silentLog });
  let isOpen = true;
  const stop = async () => {
    if (!isOpen) return;
    isOpen = false;
    await intake.close();
    await runner.close();
    await queues.close();
    await outbound.close();
  };
  opened.push(stop);
  return { told: sentences, stop };
}

async function until<T>(what: () => Promise<T | undefined | false>): Promise<T> {
  for (
    const started = Date.now();
    Date.now() - started < 90_000;
    await new Promise((resolve) => setTimeout(resolve, 100))
  ) {
    const result = await what();
    if (result) return result;
  }
  throw new Error('it did not come to rest');
}

/** Rows that a worker or the EHR still has to do with; what waits for an operator is at rest. */
const atRest = () =>
  until(
    async () =>
      Number(
        (
          await db.query<{ n: number }>(
            `select count(*) as n from ledger where stage = 'pull' and waits_for in ('worker', 'ehr')`,
          )
        ).rows[0]?.n,
      ) === 0,
  );
const pulledIds = async (type: string) =>
  (
    await db.query<{ id: string }>(
      'select source_id as id from ehr_resource where type = $1 order by 1',
      [type],
    )
  ).rows.map((row) => row.id);
const quarantined = async () =>
  Object.fromEntries(
    (
      await db.query<{ id: string; code: string }>(
        `select type || '/' || source_id as id, code from quarantine`,
      )
    ).rows.map((row) => [row.id, row.code]),
  );
const parked = async () =>
  (
    await db.query<{ subject: string; code: string; facts: string }>(
      `select subject, error_code as code, error_facts as facts from ledger where stage = 'pull' and waits_for = 'operator' order by subject`,
    )
  ).rows.map((row) => ({
    ...row,
    facts: JSON.parse(row.facts ?? '{}') as Record<string, unknown>,
  }));

const patient = (id: string) => ({ resourceType: 'Patient', id });
const encounter = (id: string, person: string) => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  subject: { reference: `Patient/${person}` },
});
const answer = (id: string, person: string, more: object = {}) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  category: [{ coding: [{ code: 'survey' }] }],
  code: { coding: [{ system: 'http://loinc.org', code: '88122-7' }] },
  subject: { reference: `Patient/${person}` },
  effectiveDateTime: '2026-11-01',
  valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: 'LA28397-0' }] },
  ...more,
});
const people = (count: number) =>
  Array.from({ length: count }, (_, index) => `p${String(index).padStart(3, '0')}`);
const everything = (count: number) =>
  people(count).flatMap((id) => [patient(id), encounter(`e-${id}`, id), answer(`o-${id}`, id)]);

describe('an EHR that stumbles', () => {
  it.each([
    [
      '503 now and then',
      [{ path: 'Observation|Encounter', after: 1, times: 2, effect: 'status', status: 503 }],
    ],
    [
      '429 with Retry-After in seconds',
      [{ path: 'Patient', times: 1, effect: 'status', status: 429, retryAfter: '1' }],
    ],
    [
      '429 with Retry-After as a date',
      [
        {
          path: 'Patient',
          times: 1,
          effect: 'status',
          status: 429,
          retryAfter: new Date(Date.now() + 1_000).toUTCString(),
        },
      ],
    ],
    ['HTML in mid-page', [{ path: '_offset', times: 1, effect: 'html' }]],
    ['truncated JSON in mid-page', [{ path: '_offset', times: 1, effect: 'truncated' }]],
    ['a connection cut in mid-page', [{ path: '_offset', times: 1, effect: 'cut' }]],
    [
      'an OperationOutcome without entries',
      [{ path: 'Observation', times: 2, effect: 'outcome-only' }],
    ],
    ['a next link that repeats', [{ path: 'Encounter', times: 1, effect: 'repeat-next' }]],
  ])('is read to the last row after %s', async (_what, faults) => {
    const sandbox = await openSandbox();
    await sandbox.load('a', everything(230));
    await arm(sandbox, faults);
    await startPull(sandbox.ehrBase('a'));
    await atRest();
    expect([
      (await pulledIds('Patient')).length,
      (await pulledIds('Encounter')).length,
      (await pulledIds('Observation')).length,
    ]).toEqual([230, 230, 230]);
    expect(await parked()).toEqual([]);
  });

  it('is not followed to another host; the lane waits for an operator, with what had come before', async () => {
    const sandbox = await openSandbox();
    await sandbox.load('a', everything(3));
    await arm(sandbox, [{ path: 'fhir/Encounter', effect: 'foreign-next' }]);
    await startPull(sandbox.ehrBase('a'));
    await atRest();
    expect(await parked()).toMatchObject([{ subject: 'a/Encounter/', code: 'REMOTE_INVALID' }]);
    expect(await pulledIds('Observation')).toHaveLength(3);
  });

  it('says with which key it does not let us in', async () => {
    const sandbox = await openSandbox({ name: 'a', token: 'right' });
    await sandbox.load('a', everything(1));
    await startPull(sandbox.ehrBase('a'), { credentials: () => staticBearer('wrong') });
    await atRest();
    const rows = await parked();
    expect(rows).toHaveLength(9);
    expect(rows[0]).toMatchObject({
      code: 'REMOTE_REFUSED',
      facts: { status: 401, issueCode: 'login', interaction: 'search' },
    });
    expect(JSON.stringify(rows)).not.toContain('wrong');
  });

  it.each(['ES384', 'RS384'])('renews a token (%s) that expires in mid-page', async (algorithm) => {
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1' };
    const sandbox = await openSandbox({
      name: 'a',
      smart: { clientId: 'loopwell', jwks: { keys: [jwk] }, tokenSeconds: 300 },
    });
    await sandbox.load('a', everything(230));
    const base = sandbox.ehrBase('a');
    const keyFile = { text: JSON.stringify({ ...(await exportJWK(privateKey)), kid: 'k1' }) };
    await startPull(base, {
      credentials: (outbound) =>
        backendServices({
          base,
          clientId: 'loopwell',
          keyFile,
          scopes: 'system/*.rs',
          outbound,
          clock: systemClock,
        }),
    });
    await fetch(`${sandbox.address}/admin/ehr/a/faults`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ faults: [], expireTokens: true }),
    });
    await atRest();
    expect(await pulledIds('Observation')).toHaveLength(230);
    expect(await parked()).toEqual([]);
  });

  it('refuses at the start a client whose key it does not know', async () => {
    const [keyPair, other] = [
      await generateKeyPair('ES384', { extractable: true }),
      await generateKeyPair('ES384', { extractable: true }),
    ];
    const sandbox = await openSandbox({
      name: 'a',
      smart: {
        clientId: 'loopwell',
        jwks: { keys: [await exportJWK(keyPair.publicKey)] },
        tokenSeconds: 300,
      },
    });
    const base = sandbox.ehrBase('a');
    const keyFile = { text: JSON.stringify({ ...(await exportJWK(other.privateKey)), kid: 'k1' }) };
    const started = startPull(base, {
      credentials: (outbound) =>
        backendServices({
          base,
          clientId: 'loopwell',
          keyFile,
          scopes: 's',
          outbound,
          clock: systemClock,
        }),
    });
    await expect(started).rejects.toMatchObject({
      code: 'REMOTE_REFUSED',
      message: expect.stringContaining('compare it with the registration'),
      facts: { keyId: 'k1', likely: 'client' },
    });
  });

  it('says so when nobody is there', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    await expect(startPull(`http://127.0.0.1:${port}/fhir`)).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
    });
  });

  it('quarantines what cannot be read, each with its reason, and keeps the neighbors', async () => {
    const sandbox = await openSandbox();
    const bad: Record<string, [object, string]> = {
      subject: [answer('subject', 'p', { subject: undefined }), 'missing-subject'],
      values: [answer('values', 'p', { valueString: 'x' }), 'two-values'],
      component: [
        answer('component', 'p', { component: [{ valueString: 'x', valueInteger: 1 }] }),
        'two-values',
      ],
      shape: [
        answer('shape', 'p', { subject: [{ reference: 'Patient/p' }, { reference: 'Patient/q' }] }),
        'malformed',
      ],
      zero: [answer('zero', 'p', { valueCodeableConcept: { text: 'a\u0000b' } }), 'null-character'],
      status: [answer('status', 'p', { status: undefined }), 'missing-status'],
      huge: [
        answer('huge', 'p', { valueCodeableConcept: { text: 'x'.repeat(4_500_000) } }),
        'too-large',
      ],
    };
    await sandbox.load('a', [
      patient('p'),
      ...Object.values(bad).map(([one]) => one as never),
      ...people(100).map((id) => answer(id, 'p')),
    ]);
    await startPull(sandbox.ehrBase('a'));
    await atRest();
    expect(await pulledIds('Observation')).toHaveLength(100);
    expect(await quarantined()).toEqual(
      Object.fromEntries(Object.entries(bad).map(([id, [, code]]) => [`Observation/${id}`, code])),
    );
  });
});

describe('an EHR that refuses to be searched across patients', () => {
  const refuse = (types: string, status = 403) => ({
    path: `fhir/(${types})\\?(?!.*patient=|.*_id=)`,
    effect: 'status',
    status,
    issueCode: 'forbidden',
  });

  it('is read patient by patient, also for Patients that become known later', async () => {
    const sandbox = await openSandbox();
    await sandbox.load('a', everything(2));
    await arm(sandbox, [refuse('Observation|Condition')]);
    const { told: sentences } = await startPull(sandbox.ehrBase('a'), { once: false });
    await until(async () => (await pulledIds('Observation')).length === 2);
    await sandbox.load('a', [patient('late'), answer('o-late', 'late')]);
    await until(async () => (await pulledIds('Observation')).includes('o-late'));
    expect(sentences.filter((one) => one.includes('Observation'))).toHaveLength(1);
  });

  it('is read for everybody who comes after the refusal, under --once', async () => {
    const sandbox = await openSandbox();
    await sandbox.load('a', everything(150));
    // Patients come last: their first page is slow to arrive.
    await arm(sandbox, [
      { path: 'fhir/Patient\\?', times: 2, effect: 'status', status: 503 },
      refuse('Observation'),
    ]);
    await startPull(sandbox.ehrBase('a'));
    await atRest();
    expect(await pulledIds('Observation')).toHaveLength(150);
    expect(await parked()).toEqual([]);
  });

  it('is never taken for empty: without any Patient it waits for an operator', async () => {
    const sandbox = await openSandbox();
    await sandbox.load('a', everything(2));
    await arm(sandbox, [refuse('[A-Za-z]+')]);
    const { told: sentences } = await startPull(sandbox.ehrBase('a'));
    await atRest();
    // What an EHR need not have is left alone, and has no error.
    const failed = (await parked()).filter(({ code }) => code !== null);
    expect(failed).toMatchObject([
      {
        subject: 'a/Patient/',
        code: 'REMOTE_REFUSED',
        facts: { status: 403, issueCode: 'forbidden' },
      },
    ]);
    expect(sentences.some((one) => one.includes('--patients'))).toBe(true);
  });

  it('is read for the patients that are named', async () => {
    const sandbox = await openSandbox();
    await sandbox.load('a', everything(5));
    await arm(sandbox, [refuse('[A-Za-z]+')]);
    await startPull(sandbox.ehrBase('a'), { patients: ['p001', 'p003'] });
    await atRest();
    expect([await pulledIds('Patient'), await pulledIds('Observation')]).toEqual([
      ['p001', 'p003'],
      ['o-p001', 'o-p003'],
    ]);
    expect(await parked()).toEqual([]);
  });

  it('is known as such by its kind, without being asked', async () => {
    const sandbox = await openSandbox();
    await sandbox.load('a', everything(3));
    const { told: sentences } = await startPull(sandbox.ehrBase('a'), { quirks: 'epic' });
    await atRest();
    expect(
      [await pulledIds('Encounter'), await pulledIds('Observation')].map((ids) => ids.length),
    ).toEqual([3, 3]);
    expect(sentences).toEqual([]);
  });
});

describe('the cursor of a lane', () => {
  it('goes on where a stopped pull was, and misses nothing that was written meanwhile', async () => {
    const sandbox = await openSandbox();
    await sandbox.load('a', everything(350));
    await arm(sandbox, [{ path: '_offset=200|ge', after: 2, effect: 'status', status: 503 }]);
    const first = await startPull(sandbox.ehrBase('a'));
    await until(async () => (await pulledIds('Observation')).length >= 100);
    await first.stop();
    await sandbox.load('a', [
      patient('new'),
      answer('o-new', 'new'),
      answer('o-p000', 'p000', { status: 'amended' }),
    ]);
    await arm(sandbox, []);
    await startPull(sandbox.ehrBase('a'));
    await atRest();
    expect(await pulledIds('Observation')).toHaveLength(351);
    const { rows } = await db.query<{ body: string }>(
      `select body from ehr_resource where source_id = 'o-p000'`,
    );
    expect(JSON.parse(rows[0]?.body ?? '{}')).toMatchObject({ status: 'amended' });
  });

  it('reads what changed in the moment in which the last window was closed', async () => {
    const sandbox = await openSandbox();
    await sandbox.load('a', everything(1));
    const first = await startPull(sandbox.ehrBase('a'));
    await atRest();
    // Written within the second to which the server's clock was rounded up.
    await sandbox.load('a', [answer('o-late', 'p000')]);
    await first.stop();
    await startPull(sandbox.ehrBase('a'));
    await atRest();
    expect(await pulledIds('Observation')).toContain('o-late');
  });

  it('reads nothing older than was asked for, until more is asked for', async () => {
    const sandbox = await openSandbox();
    await sandbox.load('a', everything(2));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const since = new Date();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await sandbox.load('a', [patient('late')]);
    const first = await startPull(sandbox.ehrBase('a'), { since });
    await atRest();
    expect(await pulledIds('Patient')).toEqual(['late']);
    await first.stop();
    await startPull(sandbox.ehrBase('a'));
    await atRest();
    expect(await pulledIds('Patient')).toEqual(['late', 'p000', 'p001']);
  });
});

describe('an identifier in our system', () => {
  const goal = (id: string, identifier: object) => ({
    resourceType: 'Goal',
    id,
    lifecycleStatus: 'active',
    description: { text: 'x' },
    subject: { reference: 'Patient/p000' },
    identifier: [identifier],
  });

  it('of a value that we gave is ours and left where it is; any other is kept, and told in the timeline', async () => {
    const system = await installation.identifierSystem(db);
    const id = deriveId('ours');
    const person = deriveId('o', 'person', 'a', 'p000');
    await db.tx((tx) =>
      ownResources.saveOwnResources(tx, [
        { id, tenant: 'o', connection: 'a', type: 'Observation', person, body: '{}' },
      ]),
    );
    const sandbox = await openSandbox();
    const own = { identifier: [{ system, value: id }] };
    const theirs = { identifier: [{ system, value: deriveId('theirs') }] };
    const old = {
      identifier: [{ system: 'https://loopwell.example/fhir/NamingSystem/id', value: id }],
    };
    await sandbox.load('a', [
      patient('p000'),
      answer('ours', 'p000', own),
      answer('theirs', 'p000', theirs),
      answer('old', 'p000', old),
      goal('g-ours', { system, value: id }),
      goal('g-theirs', { system, value: 'MRN-1' }),
    ]);
    await startPull(`${sandbox.address}/ehr/a/fhir`);
    await atRest();
    expect(await pulledIds('Observation')).toEqual(['old', 'theirs']);
    expect(await pulledIds('Goal')).toEqual(['g-theirs']);
    const { rows } = await db.query<{ subject: string; facts: string }>(
      "select subject, facts from history where outcome = 'identifier-not-ours' order by facts",
    );
    expect(rows.map((one) => [one.subject, JSON.parse(one.facts)])).toEqual([
      [person, { type: 'Goal', id: 'g-theirs' }],
      [person, { type: 'Observation', id: 'theirs' }],
    ]);
  });
});
