import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { deriveId, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import {
  access,
  type Database,
  migrate,
  openDatabase,
  referrals,
  saveEvidence,
} from '@loopwell/store';
import { supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReviewRoutes } from './review.route.ts';

const tenant = 'o';
const id = deriveId('test', 'referral');
let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let cookie: Record<string, string> = {};

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant });
  const session = await db.tx((tx) =>
    access.grantAccess(tx, {
      tenant,
      kind: 'session',
      principal: 'person:rea',
      roles: ['reviewer'],
      routes: [],
    }),
  );
  cookie = { cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' };
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});
beforeEach(async () => {
  await db.query('truncate ledger, history, person_no, referral, decision cascade');
  const need = {
    id,
    tenant,
    connection: 'clinic',
    person: deriveId('test', 'ada'),
    category: 'food-insecurity',
    episode: 1,
  };
  const rest = {
    unambiguous: true,
    sensitive: false,
    conditions: '[]',
    since: '2026-11-28T03:30:00Z',
    trace: newId(),
  };
  await db.tx((tx) => referrals.saveNeeds(tx, [{ ...need, ...rest }]));
});

/** A site with its clock on the wall. */
function siteAt(timeZone: string, now: string) {
  const clock = { now: () => new Date(now), timeZone };
  const app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
    clock,
  });
  addContract(app, contracts.coordination);
  addSignIn(app, access.signInDoors(db), { secure: false });
  addReviewRoutes(app, { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 });
  finish(app, silentLog);
  const ask = supertest(app.express);
  return {
    page: async (path: string) => (await ask.get(path).set(cookie)).text,
    decide: async (fields: object) =>
      (
        await ask
          .post('/api/v1/reviews/decisions')
          .set(cookie)
          .send({ referrals: [id], ...fields })
      ).status,
  };
}

const [minneapolis, auckland] = ['America/Chicago', 'Pacific/Auckland'];
const sites: [
  string,
  string,
  string,
  { yesterday: string; today: string; tomorrow: string; after: string },
][] = [
  [
    'the evening of Minneapolis',
    minneapolis,
    '2026-11-29T05:30:00Z',
    { yesterday: '2026-11-27', today: '2026-11-28', tomorrow: '2026-11-29', after: '2026-11-30' },
  ],
  [
    'the first hour of a day in Auckland',
    auckland,
    '2026-11-28T11:30:00Z',
    { yesterday: '2026-11-28', today: '2026-11-29', tomorrow: '2026-11-30', after: '2026-12-01' },
  ],
  [
    'half past eleven on the day on which summer ends',
    minneapolis,
    '2026-11-02T05:30:00Z',
    { yesterday: '2026-10-31', today: '2026-11-01', tomorrow: '2026-11-02', after: '2026-11-03' },
  ],
  [
    'half past eleven on the day on which it begins',
    minneapolis,
    '2026-03-09T04:30:00Z',
    { yesterday: '2026-03-07', today: '2026-03-08', tomorrow: '2026-03-09', after: '2026-03-10' },
  ],
  [
    'noon in UTC',
    'UTC',
    '2026-11-28T12:00:00Z',
    { yesterday: '2026-11-27', today: '2026-11-28', tomorrow: '2026-11-29', after: '2026-11-30' },
  ],
];

/** How people call the zones. */
const zoneNames: Readonly<Record<string, string>> = {
  [minneapolis]: 'Central Time',
  [auckland]: 'New Zealand Time',
  UTC: 'Universal Time',
};

describe.each(sites)('today is the site’s: %s', (_what, zone, now, days) => {
  let made: ReturnType<typeof siteAt> | undefined;
  const site = () => (made ??= siteAt(zone, now));
  const { yesterday, today, tomorrow, after } = days;

  it.each([
    [yesterday, 400],
    [today, 400],
    [tomorrow, 200],
  ])('postpones to %s: %d', async (until, status) => {
    expect(await site().decide({ decision: 'postpone', until })).toBe(status);
  });

  it('postpones to tomorrow and no longer while somebody may be in danger', async () => {
    await db.query("update referral set danger = 'utilities are shut off'");
    expect(await site().decide({ decision: 'postpone', until: after })).toBe(400);
    expect(await site().decide({ decision: 'postpone', until: tomorrow })).toBe(200);
    const isListed = 'data-person=';
    expect(await site().page('/decide')).not.toContain(isListed);
    expect(await site().page('/later')).toContain(isListed);
  });

  it.each([
    [yesterday, 200],
    [today, 200],
    [tomorrow, 400],
  ])('takes a yes and a signature of %s: %d', async (day, status) => {
    expect(await site().decide({ decision: 'agree', agreedOn: day, askedBy: 'Bo' })).toBe(status);
    expect(
      await site().decide({
        decision: 'recordConsent',
        dateTime: day,
        scope: 'name and need',
        askedBy: 'Bo',
      }),
    ).toBe(status);
  });

  it.each([
    [yesterday, 400],
    [today, 200],
    [tomorrow, 200],
  ])('takes a consent until the end of %s: %d', async (until, status) => {
    const consent = {
      decision: 'recordConsent',
      dateTime: yesterday,
      scope: 'name and need',
      askedBy: 'Bo',
    };
    expect(await site().decide({ ...consent, until })).toBe(status);
    if (status === 200)
      expect(await site().page(`/review/${id}`)).toContain(`It counts until ${longDay(until)}.`);
  });

  it('offers tomorrow, and says whose times they are', async () => {
    const text = await site().page(`/review/${id}`);
    expect(text).toContain(`type="date" min="${tomorrow}" value="${tomorrow}"`);
    expect(text).toContain(`Times are in ${zoneNames[zone]}.`);
  });
});

/** Writes a day as pages do: `Nov 28, 2026`. */
const longDay = (day: string): string =>
  new Intl.DateTimeFormat('en-US', {
    ...{ year: 'numeric', month: 'short', day: 'numeric', timeZone: 'UTC' },
  }).format(new Date(day));

describe('times on a page', () => {
  it('are those on the wall of the site', async () => {
    await db.query(
      "update referral set approval = 'approved', approved_by = 'person:rea', approved_at = '2020-11-28T21:48:00Z'",
    );
    const text = await siteAt(minneapolis, '2026-11-29T05:30:00Z').page(`/review/${id}`);
    expect(text).toContain('approved by rea, Nov 28, 2020, 3:48 pm');
    expect(text).toMatch(/<dt>Answered<\/dt><dd>Nov 27(, 2026)?<\/dd>/);
  });

  it('and so are the days in sentences, on the page and over the API', async () => {
    const person = deriveId('test', 'ada');
    const own = {
      tenant,
      connection: 'clinic',
      person,
      condition: 'Condition/c',
      observation: 'o',
      source: 'Observation/o',
    };
    const sentence =
      'Suggested because “often true” was answered on 2026-11-28 (Hunger Vital Sign).';
    const rule = {
      rule: 'hvs/1',
      ruleVersion: '1',
      codeSystems: '[]',
      sentence,
      authored: '2026-11-28T03:30:00Z',
    };
    await db.tx((tx) => saveEvidence(tx, [{ ...own, ...rule }]));
    await db.query('update referral set conditions = \'["Condition/c"]\'');
    const site = siteAt(minneapolis, '2026-11-29T05:30:00Z');
    for (const path of [`/review/${id}`, `/api/v1/reviews/${id}`, '/api/v1/reviews'])
      expect([path, await site.page(path)]).toEqual([
        path,
        expect.stringMatching(/was answered on (2026-11-27|Nov 27)/),
      ]);
  });
});
