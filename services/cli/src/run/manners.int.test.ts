import { backendServices } from '@loopwell/fhir/client';
import { type EhrSettings, wire } from '@loopwell/intake';
import { newId, silentLog, systemClock } from '@loopwell/kit';
import { createOutbound } from '@loopwell/outbound';
import { openQueues, stageNames, startRunner } from '@loopwell/pipeline';
import { startSandbox } from '@loopwell/sandbox';
import {
  closeGaps,
  connectionNotes,
  type Database,
  gaps,
  migrate,
  openDatabase,
  peopleWithUnreadConsents,
  quarantinedPapers,
} from '@loopwell/store';
import { queueUrl, suiteDatabase } from '@loopwell/testing';
import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFindings } from './findings.ts';

/**
 * EHRs that lock us out, cannot show a record, or give less than was asked: real database, queue
 * and HTTP.
 */
let scratch: { url: string };
let db: Database;
let sandbox: Awaited<ReturnType<typeof startSandbox>>;
const opened: (() => Promise<unknown>)[] = [];
const suite = suiteDatabase(migrate);
afterAll(suite.close);
beforeEach(async () => {
  scratch = await suite.fresh();
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 8, log: silentLog });
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  await db.close();
});

async function open(
  ehr: Partial<Parameters<typeof startSandbox>[0]['ehrs'][number]> = {},
): Promise<void> {
  sandbox = await startSandbox({
    port: 0,
    host: '127.0.0.1',
    ehrs: [{ name: 'a', ...ehr }],
    partners: [],
  });
  opened.push(sandbox.close);
}

const arm = (faults: object[]) =>
  fetch(`${sandbox.address}/admin/ehr/a/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ faults }),
  });
const requests = async () =>
  (await (await fetch(`${sandbox.address}/admin/requests`)).json()) as string[];

async function pull(
  credentials?: (outbound: ReturnType<typeof createOutbound>) => EhrSettings['credentials'],
) {
  const outbound = createOutbound({
    allowedPrivateOrigins: [sandbox.address],
    requestTimeoutMs: 20_000,
  });
  const queues = await openQueues({
    tenant: 'o',
    url: queueUrl(scratch.url),
    stages: stageNames,
    log: silentLog,
    prefix: `{${newId()}}`,
  });
  const sentences: string[] = [];
  const connection = { id: 'a', tenant: 'o', base: sandbox.ehrBase('a'), quirks: 'plain-r4' };
  const intake = wire(
    {
      writeBack: false,
      once: true,
      overlapMs: 300_000,
      marginMs: 0,
      coalesceMs: 10,
      intervalMs: 200,
      leaseMs: 30_000,
    },
    [{ connection, credentials: credentials?.(outbound), patients: [], since: undefined }],
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
  const runner = startRunner({
    queues,
    works: intake.works.filter((one) => one.stage === 'pull'),
    intervalMs: 200,
    log: silentLog,
  });
  const stop = async () => {
    await intake.close();
    await runner.close();
    await queues.close();
    await outbound.close();
  };
  let isOpen = true;
  const close = async () => {
    if (isOpen) await stop();
    isOpen = false;
  };
  opened.push(close);
  return { told: sentences, close };
}

async function atRest(): Promise<void> {
  for (
    const started = Date.now();
    Date.now() - started < 90_000;
    await new Promise((resolve) => setTimeout(resolve, 100))
  ) {
    const { rows } = await db.query<{ n: number }>(
      `select count(*) as n from ledger where stage = 'pull' and waits_for in ('worker', 'ehr')`,
    );
    if (Number(rows[0]?.n) === 0) return;
  }
  throw new Error('it did not come to rest');
}
const pulledIds = async (type: string) =>
  (
    await db.query<{ id: string }>(
      'select source_id as id from ehr_resource where type = $1 order by 1',
      [type],
    )
  ).rows.map((row) => row.id);
const quarantined = async () =>
  (
    await db.query<{ id: string; code: string; facts: string }>(
      `select type || '/' || source_id as id, code, facts from quarantine`,
    )
  ).rows.map((row) => ({ ...row, facts: JSON.parse(row.facts) as object }));

const people = (count: number) =>
  Array.from({ length: count }, (_, n) => `p${String(n).padStart(3, '0')}`);
const everything = (count: number) =>
  people(count).flatMap((id) => [
    { resourceType: 'Patient', id },
    {
      resourceType: 'Encounter',
      id: `e-${id}`,
      status: 'finished',
      subject: { reference: `Patient/${id}` },
    },
  ]);

describe('an EHR that locks us out for some seconds, and says so in words only', () => {
  it('is asked nothing before, says until when, and is read to the last row', async () => {
    await open();
    await sandbox.load('a', everything(150));
    await arm([
      {
        path: 'fhir/Encounter',
        after: 1,
        times: 1,
        effect: 'status',
        status: 429,
        text: 'Rate Limit Exceeded, try in another 3 seconds',
      },
    ]);
    const { told: sentences } = await pull();
    await atRest();
    expect(await pulledIds('Encounter')).toHaveLength(150);
    expect(sentences.filter((one) => one.includes('asks us to wait until'))).toHaveLength(1);
    expect(await connectionNotes.readNotes(db, 'o')).toEqual([]);
  });
});

describe('an EHR of which nothing was ever read', () => {
  it('is said to be empty only when it has answered', async () => {
    await open();
    await pull();
    await atRest();
    const kinds = async () => (await db.tx((tx) => gaps.readGaps(tx, 'o'))).map((one) => one.kind);
    expect(await kinds()).toEqual(['nothing']);
    const until = new Date(Date.now() + 3_600_000);
    await connectionNotes.saveNote(db, {
      tenant: 'o',
      connection: 'a',
      kind: 'locked-out',
      says: 'wait',
      until,
    });
    expect(await kinds()).toEqual([]);
  });
});

describe('a record that the EHR cannot show', () => {
  it('is quarantined with what the server named; all else is read, and it too when it was mended', async () => {
    await open();
    await sandbox.load('a', everything(250));
    const before = (await requests()).length;
    await arm([{ path: 'fhir/Encounter', effect: 'unshowable', ids: ['e-p123'] }]);
    const first = await pull();
    await atRest();
    const read = await pulledIds('Encounter');
    // What came in the same millisecond of the same patient is all that may lack with it.
    expect(
      people(250)
        .map((id) => `e-${id}`)
        .filter((id) => !read.includes(id)),
    ).toEqual(['e-p123']);
    expect(await quarantined()).toMatchObject([
      { code: 'ehr-cannot-show', facts: { element: 'Encounter.status', patient: 'p123' } },
    ]);
    expect(
      (await requests()).slice(before).filter((one) => one.includes('/Encounter')).length,
    ).toBeLessThanOrEqual(150);
    await first.close();
    await arm([]);
    await pull();
    await atRest();
    expect(await pulledIds('Encounter')).toHaveLength(250);
    expect(await quarantined()).toEqual([]);
  });
});

describe('a Consent that the EHR cannot show, of nobody who is known', () => {
  it('is open until it is shown or a person closes it, and what waited for it is looked at again', async () => {
    await open();
    const consent = {
      resourceType: 'Consent',
      id: 'c-ghost',
      status: 'active',
      patient: { reference: 'Patient/ghost' },
    };
    await sandbox.load('a', [...everything(3), consent]);
    await arm([{ path: 'fhir/Consent', effect: 'unshowable', ids: ['c-ghost'] }]);
    const first = await pull();
    await atRest();
    await first.close();
    const unread = async () => (await db.tx((tx) => gaps.readGaps(tx, 'o'))).map(gaps.unreadOf);
    expect(await unread()).toMatchObject([{ type: 'Consent', kind: 'cannot-show', open: true }]);
    const papers = () => db.tx((tx) => quarantinedPapers(tx, ['a'], []));
    expect(await papers()).toMatchObject([
      { type: 'Consent', code: 'ehr-cannot-show', person: null },
    ]);
    await waitingReferral();
    expect(
      await db.tx((tx) =>
        closeGaps(tx, {
          tenant: 'o',
          connection: 'a',
          type: 'Consent',
          by: 'person:olu',
        }),
      ),
    ).toBe(1);
    expect(await unread()).toMatchObject([
      { kind: 'cannot-show', open: false, closedBy: 'person:olu' },
    ]);
    expect([await papers(), await dueReferrals()]).toEqual([[], [referral]]);
    // Mended, and known: it is nobody's gap any more.
    await db.query("delete from ledger where stage = 'refer'");
    await arm([]);
    await pull();
    await atRest();
    expect([await unread(), await quarantined(), await dueReferrals()]).toEqual([
      [],
      [],
      [referral],
    ]);
  });
});

describe('Consents that cannot be read any more', () => {
  it.each([
    ['refused', { effect: 'status', status: 403 }],
    ['failing', { effect: 'status', status: 401 }],
  ])(
    'while they are %s stop what rests on them, until they are read again',
    async (_name, fault) => {
      await open();
      await sandbox.load('a', everything(2));
      const first = await pull();
      await atRest();
      await first.close();
      const stopped = async () => {
        const { rows } = await db.query<{ person: string }>(
          "select person from ehr_resource where type = 'Patient'",
        );
        const unread = await db.tx((tx) =>
          peopleWithUnreadConsents(
            tx,
            rows.map((row) => row.person),
          ),
        );
        return unread.size;
      };
      expect(await stopped()).toBe(0);
      await arm([{ path: 'fhir/Consent', ...fault }]);
      const second = await pull();
      await atRest();
      await second.close();
      expect(await stopped()).toBe(2);
      await waitingReferral();
      expect(await dueReferrals()).toEqual([]);
      await arm([]);
      await db.query("update ledger set waits_for = 'worker', due = now() where stage = 'pull'");
      await pull();
      await atRest();
      expect([await stopped(), await dueReferrals()]).toEqual([0, [referral]]);
    },
  );
});

const referral = newId();
const waitingReferral = () =>
  db.query(
    `insert into referral (id, tenant, connection, person, category, gate, unambiguous, sensitive, conditions, since, trace)
     values ($1, 'o', 'a', $2, 'food-insecurity', 'consent', true, false, '[]', '2026-11-01', $2)`,
    [referral, newId()],
  );
const dueReferrals = async () =>
  (
    await db.query<{ subject: string }>(
      "select subject from ledger where stage = 'refer' and waits_for = 'worker'",
    )
  ).rows.map((row) => row.subject);

describe('a token that is good for less than was asked', () => {
  it('says before the first search what cannot be read, until another one is good for it', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true });
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1' }] };
    await open({
      smart: {
        clientId: 'loopwell',
        jwks,
        tokenSeconds: 300,
        grants: 'system/Patient.read system/Encounter.read',
      },
    });
    const keyFile = { text: JSON.stringify({ ...(await exportJWK(privateKey)), kid: 'k1' }) };
    const { told: sentences } = await pull((outbound) =>
      backendServices({
        base: sandbox.ehrBase('a'),
        clientId: 'loopwell',
        keyFile,
        scopes: 'system/*.rs',
        outbound,
        clock: systemClock,
      }),
    );
    await atRest();
    expect(sentences[0]).toContain(
      'The token reads Patient, Encounter; missing: QuestionnaireResponse, Observation',
    );
    expect(await connectionNotes.readNotes(db, 'o')).toMatchObject([
      { connection: 'a', kind: 'scopes', says: sentences[0] },
    ]);
    // In the result too, for whoever reads only that.
    const { connections, left } = await readFindings(db, 'o');
    expect(connections).toEqual([
      { connection: 'a', kind: 'scopes', says: sentences[0], until: null },
    ]);
    expect(left).toContain(sentences[0]);
  });
});
