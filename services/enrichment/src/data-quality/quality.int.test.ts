import { addContract, addSignIn, createApp, finish, listen } from '@loopwell/http';
import { deriveId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import {
  access,
  connections,
  type Database,
  ehrResources,
  migrate,
  openDatabase,
  saveConnection,
} from '@loopwell/store';
import {
  accessibilityProblems,
  chromiumPath,
  fitsItsWindow,
  openBrowser,
  supertest,
  testDatabase,
} from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readQuality } from '../index.ts';
import { addRecodeRoutes } from '../recode/recode.route.ts';
import { enrichmentWorks } from '../workers.ts';
import { addQualityRoutes } from './quality.route.ts';

const tenant = 'o';
let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let app: ReturnType<typeof createApp>;
let session = '';
const nudged: { stage: string; batch: string }[] = [];
let reviewer = '';
const loinc = 'http://loinc.org';

const form = (n: number, item: object[]) => ({
  resourceType: 'QuestionnaireResponse',
  id: `q${n}`,
  questionnaire: 'http://loinc.org/q/96777-8',
  status: 'completed',
  authored: '2026-05-04T10:00:00Z',
  subject: { reference: `Patient/p${n}` },
  item,
});
const answer = (question: string, value: object) => ({ linkId: `/${question}`, answer: [value] });
const coded = (code: string, system = loinc) => ({ valueCoding: { system, code } });

const [snomed, icd] = ['http://snomed.info/sct', 'http://hl7.org/fhir/sid/icd-10-cm'];
const isR = {
  meta: {
    security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }],
  },
};
const inError = { verificationStatus: { coding: [{ code: 'entered-in-error' }] } };
/** Social ones, restricted ones, and three that are neither: asthma, a mistake, a refuted one. */
const conditions: [string, string, object][] = [
  [snomed, '32911000', {}],
  [snomed, '32911000', {}],
  [snomed, '160903007', {}],
  [icd, 'Z60.2', {}],
  [snomed, '706893006', {}],
  [icd, 'Z65.1', {}],
  [snomed, '73595000', isR],
  [snomed, '195967001', {}],
  [snomed, '32911000', inError],
  [snomed, '32911000', { verificationStatus: { coding: [{ code: 'refuted' }] } }],
];

const resources = [
  form(1, [
    answer('93030-5', coded('LA33-6')),
    answer('96779-4', { valueString: 'Maria owes them' }),
  ]),
  form(2, [answer('93030-5', coded('la33-6')), answer('96779-4', coded('U1', 'urn:oid:1.2.3'))]),
  form(3, [answer('93030-5', coded('LA32-8')), answer('12345-6', coded('LA33-6'))]),
  {
    ...form(4, [answer('54321-9', coded('LA33-6'))]),
    questionnaire: 'https://site.example/forms/7',
  },
  // Of the future, and of no time: what they answer is not read.
  { ...form(3, [answer('93030-5', coded('LA33-6'))]), id: 'q5', authored: '2090-01-01' },
  { ...form(3, [answer('93030-5', coded('LA33-6'))]), id: 'q6', authored: undefined },
  ...['72166-2', '72166-2', '72106-8'].map((question, index) => ({
    resourceType: 'Observation',
    id: `n${index}`,
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: 'social-history',
          },
        ],
      },
    ],
    code: { coding: [{ system: loinc, code: question }], text: 'Maria smokes' },
    subject: { reference: 'Patient/p1' },
    effectiveDateTime: '2026-05-04',
    valueInteger: 3,
  })),
  ...conditions.map(([system, code, change], index) => ({
    resourceType: 'Condition',
    id: `c${index}`,
    code: { coding: [{ system, code, display: 'Maria has it' }] },
    subject: { reference: `Patient/p${(index % 2) + 1}` },
    ...change,
  })),
];

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant });
  app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  addContract(app, contracts.enrichment);
  addSignIn(app, access.signInDoors(db), { secure: false });
  addQualityRoutes(app, db);
  addRecodeRoutes(app, { db, nudge: async (some) => void nudged.push(...some) });
  finish(app, silentLog);
  const grant = (roles: string[]) =>
    db.tx((tx) =>
      access.grantAccess(tx, {
        tenant,
        kind: 'session',
        principal: 'person:olu',
        roles,
        routes: [],
      }),
    );
  [session, reviewer] = [await grant(['operator']), await grant(['reviewer'])];
  const another = openDatabase({ url: scratch.url, tenant: 'another', max: 1 });
  for (const [handle, tenantOfEhr, id] of [
    [db, tenant, 'clinic'],
    [another, 'another', 'elsewhere'],
  ] as const)
    await handle.tx(async (tx) => {
      await saveConnection(tx, {
        id,
        tenant: tenantOfEhr,
        base: `https://${id}.example.org/fhir`,
        quirks: 'plain-r4',
      });
      await ehrResources.saveEhrResources(
        tx,
        resources.map((one) => ({
          tenant: tenantOfEhr,
          connection: id,
          type: one.resourceType,
          sourceId: one.id,
          versionId: '1',
          person: deriveId(id, one.subject.reference),
          lastUpdated: null,
          body: JSON.stringify(one),
        })),
      );
    });
  await another.close();
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

describe('the data-quality report', () => {
  it('counts what arrives, what is not known and what was mended, for one tenant, and tells nothing of a person', async () => {
    const [clinic, ...others] = await readQuality(db, tenant);
    expect(others).toEqual([]);
    expect(clinic).toMatchObject({
      ehr: 'clinic',
      people: 4,
      screenings: 6,
      quarantined: 3,
      mended: { '93030-5': 1 },
      issues: {
        'unmapped-answer': 2,
        'unmapped-question': 2,
        'invalid-value': 1,
        'missing-data': 1,
      },
      address: 'https://clinic.example.org/fhir',
      verdicts: ['AHC-HRSN: 42 % of answers read; 5 need a person'],
      notScreening: {
        '72166-2': { label: 'Tobacco smoking status', count: 2 },
        '72106-8': { count: 1 },
      },
      onFile: { conditions: 7, people: 2, restricted: 3 },
    });
    expect(
      Object.entries(clinic?.onFile.byCode ?? {}).map(([code, { count }]) => `${count} × ${code}`),
    ).toEqual(['2 × 32911000', '1 × 160903007', '1 × Z60.2']);
    expect(clinic?.instruments['ahc-hrsn']?.questions).toEqual({
      '93030-5': {
        label: 'Lack of transportation',
        arrived: 5,
        coded: 3,
        absent: 0,
        declined: 0,
        unread: 2,
      },
      '96779-4': {
        label: 'Utility shut-off threatened',
        arrived: 2,
        coded: 0,
        absent: 0,
        declined: 0,
        unread: 2,
      },
    });
    expect(
      Object.values(clinic?.unknown ?? {}).map((one) =>
        `${one.kind} ${one.question} ${one.code}`.trim(),
      ),
    ).toEqual(
      expect.arrayContaining([
        'answer 96779-4 free text',
        'answer 96779-4 urn:oid:1.2.3|U1',
        'question https://site.example/forms/7 /54321-9',
        'question http://loinc.org/q/96777-8 /12345-6',
      ]),
    );
    expect(clinic?.neverSeen).toHaveLength(22);
    expect(JSON.stringify(clinic)).not.toContain('Maria');
  });

  it('reads people page by page and stops where it was told to', async () => {
    const seen: number[] = [];
    const [some] = await readQuality(db, tenant, {
      most: 2,
      progress: (people) => seen.push(people),
    });
    expect([some?.people, seen]).toEqual([2, [2]]);
  });

  it('is for operators, as a page and as an API', async () => {
    const ask = supertest(app.express);
    const cookie = (secret: string) => `loopwell_session=${secret}`;
    expect((await ask.get('/quality').set('cookie', cookie(reviewer))).status).toBe(403);
    const api = await ask.get('/api/v1/quality').set('cookie', cookie(session)).expect(200);
    expect(api.body.items.map((one: { ehr: string }) => one.ehr)).toEqual(['clinic']);
    const page = await ask.get('/quality').set('cookie', cookie(session)).expect(200);
    for (const says of [
      '93030-5',
      'Lack of transportation',
      'https://clinic.example.org/fhir',
      '42 % of answers read',
      'Tobacco smoking status',
      '3 of them restricted',
    ])
      expect(page.text).toContain(says);
    expect(page.text).not.toContain('706893006');
    expect(page.text).not.toContain('Maria');
  });

  it.skipIf(chromiumPath === undefined)(
    'has no accessibility problem and fits into 320 pixels',
    { timeout: 60_000, tags: ['browser'] },
    async () => {
      const server = await listen(app, { host: '127.0.0.1', port: 0 });
      const browser = await openBrowser();
      try {
        const context = await browser.newContext({ viewport: { width: 320, height: 700 } });
        await context.addCookies([
          { name: 'loopwell_session', value: session, url: server.address },
        ]);
        const page = await context.newPage();
        await page.goto(`${server.address}/quality`);
        expect([await accessibilityProblems(page), await fitsItsWindow(page)]).toEqual([[], true]);
        if (process.env.SCREENSHOTS)
          await page.screenshot({ path: `${process.env.SCREENSHOTS}/quality.png`, fullPage: true });
      } finally {
        await browser.close();
        await server.close();
      }
    },
  );
});

describe('coding everybody anew', () => {
  const ask = () => supertest(app.express);
  const as = (secret: string) => ({
    cookie: `loopwell_session=${secret}`,
    'sec-fetch-site': 'same-origin',
  });
  const post = (body: object = {}) => ask().post('/api/v1/recode').set(as(session)).send(body);
  const progress = async () =>
    (await ask().get('/api/v1/recode').set(as(session)).expect(200)).body;
  const work = async () => {
    const [, code] = enrichmentWorks({
      db,
      nudge: async () => undefined,
      log: silentLog,
      batch: 3,
      concurrency: 1,
    });
    for (const { batch } of nudged.splice(0)) while (((await code?.work({ batch })) ?? 0) > 0);
  };

  it('is for operators and for tokens that list it', async () => {
    await ask().post('/api/v1/recode').set(as(reviewer)).send({}).expect(403);
    await ask().post('/api/v1/recode').send({}).expect(401);
    const token = await db.tx((tx) =>
      access.grantAccess(tx, {
        tenant,
        kind: 'service',
        principal: 'service:t',
        roles: [],
        routes: ['GET /api/v1/recode'],
      }),
    );
    const bearer = { authorization: `Bearer ${token}` };
    await ask().post('/api/v1/recode').set(bearer).send({ dryRun: false }).expect(403);
    expect((await ask().get('/api/v1/recode').set(bearer).expect(200)).body).toEqual({
      waiting: 0,
      failed: 0,
      last: null,
    });
    expect((await post({ dryRun: 'no' })).status).toBe(400);
  });

  it('counts first what it would change, and changes nothing by that', async () => {
    const { body } = await post().expect(200);
    expect(body).toEqual({
      dryRun: true,
      at: expect.any(String),
      most: 2000,
      people: 4,
      changed: 2,
      counts: { new: 2 },
      instruments: { 'ahc-hrsn': { new: 2 } },
    });
    expect(await progress()).toMatchObject({ waiting: 0, last: null });
  });

  it('is work of the stage code: seen while it waits, asked for again without harm, done by the workers', async () => {
    expect((await post({ dryRun: false }).expect(202)).body).toMatchObject({
      dryRun: false,
      people: 4,
      progress: { waiting: 4 },
    });
    // Whoever asked died before the nudge: the same again makes nobody due twice.
    nudged.splice(0);
    await post({ dryRun: false }).expect(202);
    expect(await progress()).toEqual({
      waiting: 4,
      failed: 0,
      last: { at: expect.any(String), by: 'person:olu', people: 4 },
    });
    await work();
    expect(await progress()).toMatchObject({ waiting: 0, failed: 0, last: { people: 4 } });
    expect((await post().expect(200)).body).toMatchObject({
      changed: 0,
      counts: {},
      instruments: {},
    });
    const { rows } = await db.query<{ outcome: string; n: number }>(
      "select outcome, count(*) as n from history where stage = 'code' group by 1 order by 1",
    );
    expect(rows).toEqual([
      { outcome: 'coded', n: 2 },
      { outcome: 'nothing-to-code', n: 2 },
      { outcome: 'recode-asked', n: 2 },
    ]);
  });

  it('keeps what people decided, and says which instrument the rest was taken back from', async () => {
    // The site says that its answers mean something else: nothing supports either Condition any
    // more.
    const to = (code: string, target: string) => ({ code, target: [{ code: target }] });
    const map = {
      resourceType: 'ConceptMap',
      group: [{ source: 'urn:oid:1.2.3', target: loinc, element: [to('U1', 'LA32002-0')] }],
    };
    await db.tx((tx) =>
      connections.saveSite(tx, 'clinic', { concept_map: JSON.stringify(map), choices: null }),
    );
    expect((await post().expect(200)).body).toMatchObject({ changed: 1, counts: { new: 1 } });
    await db.query(
      "update ehr_resource set body = replace(body, 'LA33-6', 'LA32-8') where connection = 'clinic' and type = 'QuestionnaireResponse'",
    );
    await db.query(
      "update referral set approval = 'approved', approved_by = 'person:olu' where tenant = $1",
      [tenant],
    );
    const { counts } = (await post().expect(200)).body;
    expect(counts['taken back']).toBeUndefined();
    expect(counts['approved, for a person again']).toBeGreaterThan(0);
    await db.query('update referral set approval = null, approved_by = null where tenant = $1', [
      tenant,
    ]);
    const [first] = (
      await db.query<{ id: string }>('select id from referral where tenant = $1 order by id', [
        tenant,
      ])
    ).rows;
    await db.query(
      "update referral set approval = 'approved', approved_by = 'person:olu', approved_at = now() where id = $1",
      [first?.id],
    );
    expect((await post().expect(200)).body).toMatchObject({
      changed: 2,
      counts: { new: 1, 'taken back': 1 },
      instruments: { 'ahc-hrsn': { new: 1, 'taken back': 1 } },
    });
    await post({ dryRun: false }).expect(202);
    await work();
    const { rows } = await db.query<{ status: string; approved_by: string }>(
      `select m.body::jsonb #>> '{verificationStatus,coding,0,code}' as status, r.approved_by from referral r
         join own_resource m on r.conditions::jsonb ? m.id::text where r.tenant = $1 order by 1, 2`,
      [tenant],
    );
    expect(rows).toEqual([
      { status: 'entered-in-error', approved_by: 'system:enrichment' },
      { status: 'unconfirmed', approved_by: 'person:olu' },
      { status: 'unconfirmed', approved_by: null },
    ]);
  });
});
