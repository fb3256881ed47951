import { addContract, addSignIn, createApp, finish, listen } from '@loopwell/http';
import { deriveId, silentLog } from '@loopwell/kit';
import { access, type Database, lanes, migrate, openDatabase, pulled } from '@loopwell/store';
import { accessibilityProblems, chromiumPath, fitsItsWindow, openBrowser, supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addQualityRoutes, readQuality, reviewContract } from '../index.ts';

const organisation = 'o';
let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let app: ReturnType<typeof createApp>;
let session = '';
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

const resources = [
  form(1, [answer('93030-5', coded('LA33-6')), answer('96779-4', { valueString: 'Maria owes them' })]),
  form(2, [answer('93030-5', coded('la33-6')), answer('96779-4', coded('U1', 'urn:oid:1.2.3'))]),
  form(3, [answer('93030-5', coded('LA32-8')), answer('12345-6', coded('LA33-6'))]),
  { ...form(4, [answer('54321-9', coded('LA33-6'))]), questionnaire: 'https://site.example/forms/7' },
];

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url });
  app = createApp({ log: silentLog, findAccess: (kind, secret) => access.findAccess(db, kind, secret), readiness: {} });
  addContract(app, reviewContract);
  addSignIn(app, access.signInDoors(db), { secure: false });
  addQualityRoutes(app, db);
  finish(app, silentLog);
  const grant = (roles: string[]) =>
    db.tx((tx) => access.grantAccess(tx, { organisation, kind: 'session', principal: 'person:olu', roles, routes: [] }));
  [session, reviewer] = [await grant(['operator']), await grant(['reviewer'])];
  await db.tx(async (tx) => {
    for (const [organisationOfEhr, id] of [
      [organisation, 'clinic'],
      ['another', 'elsewhere'],
    ] as const) {
      await lanes.saveConnection(tx, { id, organisation: organisationOfEhr, base: `https://${id}.example.org/fhir`, quirks: 'plain-r4' });
      await pulled.savePulled(
        tx,
        resources.map((one) => ({
          organisation: organisationOfEhr,
          connection: id,
          type: one.resourceType,
          sourceId: one.id,
          versionId: '1',
          person: deriveId(id, one.subject.reference),
          lastUpdated: null,
          body: JSON.stringify(one),
        })),
      );
    }
  });
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

describe('the data-quality report', () => {
  it('counts what arrives, what is not known and what was mended, for one organisation, and tells nothing of a person', async () => {
    const [clinic, ...others] = await readQuality(db, organisation);
    expect(others).toEqual([]);
    expect(clinic).toMatchObject({
      ehr: 'clinic',
      people: 4,
      screenings: 4,
      quarantined: 1,
      mended: { '93030-5': 1 },
      issues: { 'unmapped-answer': 2, 'unmapped-question': 2 },
    });
    expect(clinic?.instruments['ahc-hrsn']?.questions).toEqual({
      '93030-5': { arrived: 3, coded: 3, absent: 0, declined: 0, unread: 0 },
      '96779-4': { arrived: 2, coded: 0, absent: 0, declined: 0, unread: 2 },
    });
    expect(Object.values(clinic?.unknown ?? {}).map((one) => `${one.kind} ${one.question} ${one.code}`.trim())).toEqual(
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
    const [some] = await readQuality(db, organisation, { most: 2, progress: (people) => seen.push(people) });
    expect([some?.people, seen]).toEqual([2, [2]]);
  });

  it('is for operators, as a page and as an API', async () => {
    const ask = supertest(app.express);
    const cookie = (secret: string) => `loopwell_session=${secret}`;
    expect((await ask.get('/quality').set('cookie', cookie(reviewer))).status).toBe(403);
    const api = await ask.get('/api/v1/quality').set('cookie', cookie(session)).expect(200);
    expect(api.body.items.map((one: { ehr: string }) => one.ehr)).toEqual(['clinic']);
    const page = await ask.get('/quality').set('cookie', cookie(session)).expect(200);
    expect(page.text).toContain('93030-5');
    expect(page.text).not.toContain('Maria');
  });

  it.skipIf(chromiumPath === undefined)('has no accessibility problem and fits into 320 pixels', { timeout: 60_000 }, async () => {
    const server = await listen(app, { host: '127.0.0.1', port: 0 });
    const browser = await openBrowser();
    try {
      const context = await browser.newContext({ viewport: { width: 320, height: 700 } });
      await context.addCookies([{ name: 'loopwell_session', value: session, url: server.address }]);
      const page = await context.newPage();
      await page.goto(`${server.address}/quality`);
      expect([await accessibilityProblems(page), await fitsItsWindow(page)]).toEqual([[], true]);
      if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/quality.png`, fullPage: true });
    } finally {
      await browser.close();
      await server.close();
    }
  });
});
