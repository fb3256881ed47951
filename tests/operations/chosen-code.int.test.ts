import { decide } from '@loopwell/coordination';
import { wire } from '@loopwell/enrichment';
import type { fhir4 } from '@loopwell/fhir';
import { deriveId, newId, silentLog } from '@loopwell/kit';
import {
  type Database,
  ehrResources,
  ledger,
  migrate,
  openDatabase,
  type ReferralRow,
  saveConnection,
} from '@loopwell/store';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** A code that a reviewer chose, and workers that code the person meanwhile. */

const tenant = 'o';
const person = deriveId('test', 'ada');
const nudge = async () => undefined;
const chosen = '551731000124103';

let db: Database;
let scratch: { url: string; close: () => Promise<void> };

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant });
  const base = 'https://ehr.example.org/fhir';
  await db.tx((tx) => saveConnection(tx, { id: 'clinic', tenant, base, quirks: 'plain-r4' }));
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

const formOf = (id: string, change: object = {}) =>
  ({
    resourceType: 'QuestionnaireResponse',
    id,
    status: 'completed',
    questionnaire: 'http://loinc.org/q/96777-8',
    subject: { reference: 'Patient/p1' },
    authored: '2026-05-04T10:00:00-05:00',
    item: [
      {
        linkId: '/93030-5',
        answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA33-6' } }],
      },
    ],
    ...change,
  }) as fhir4.QuestionnaireResponse;

let version = 0;

/** Stores forms as pull leaves them, and lets the worker code the person. */
async function pull(...forms: fhir4.QuestionnaireResponse[]): Promise<void> {
  version += 1;
  const batch = newId();
  const resources = forms.map((form) => ({
    tenant,
    connection: 'clinic',
    person,
    type: form.resourceType,
    sourceId: form.id ?? '',
    versionId: String(version),
    lastUpdated: null,
    body: JSON.stringify(form),
  }));
  const due = { tenant, stage: 'screen' as const, subject: person, person, batch, trace: newId() };
  await db.tx(async (tx) => {
    await ehrResources.saveEhrResources(tx, resources);
    await ledger.due(tx, [due]);
  });
  const { works } = wire({ batch: 50, concurrency: 1 }, { db, nudge, log: silentLog });
  await works.find(({ stage }) => stage === 'screen')?.work({ batch });
}

async function rows<T extends object>(sql: string): Promise<T[]> {
  return (await db.query<T>(sql)).rows;
}

async function conditions(): Promise<fhir4.Condition[]> {
  const bodies = await rows<{ body: string }>(
    "select body from own_resource where type = 'Condition' order by id",
  );
  return bodies.map(({ body }) => JSON.parse(body) as fhir4.Condition);
}

async function codes() {
  return (await conditions()).map(({ code }) => code?.coding?.map((coding) => coding.code));
}

it('is kept when the person is coded again, whatever a worker wrote meanwhile', async () => {
  await pull(formOf('r1'));
  const [referral] = await rows<ReferralRow>('select * from referral');
  const [before] = await conditions();
  const clock = { now: () => new Date('2026-06-05T10:00:00Z') };
  const deps = { tx: db.tx, nudge, clock, longestConsentDays: undefined };
  const rea = { id: 'person:rea', kind: 'person' as const, tenant };
  await decide(deps, rea, {
    referrals: [referral?.id ?? ''],
    decision: 'chooseCode',
    condition: before?.id ?? '',
    code: chosen,
  });
  expect(await codes()).toEqual([[chosen, 'Z59.82']]);
  await db.query("update own_resource set body = $1, hash = 'old' where type = 'Condition'", [
    JSON.stringify(before),
  ]);
  await pull(formOf('r2', { authored: '2026-06-04T10:00:00-05:00' }));
  expect(await codes()).toEqual([[chosen, 'Z59.82']]);
  expect((await conditions())[0]?.evidence).toHaveLength(2);
  const inError = { status: 'entered-in-error' };
  await pull(formOf('r1', inError), formOf('r2', inError));
  const verification = (await conditions()).map(
    ({ verificationStatus }) => verificationStatus?.coding?.[0]?.code,
  );
  expect(verification).toEqual(['unconfirmed']);
  expect(await rows<ReferralRow>('select * from referral')).toMatchObject([
    { approval: null, state: 'waiting' },
  ]);
});
