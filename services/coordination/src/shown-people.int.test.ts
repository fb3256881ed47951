import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, deriveId, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { personProfile } from '@loopwell/sdoh';
import {
  access,
  type Database,
  migrate,
  openDatabase,
  personViews,
  referrals,
  restrictedCharts,
  saveScreenings,
} from '@loopwell/store';
import { supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addMustByRoutes } from './must-by/must-by.route.ts';
import { addContactPages } from './nos/contact-pages.route.ts';
import { addNoRoutes } from './nos/nos.route.ts';
import { addTakenRoutes } from './people/taken.route.ts';
import { addReviewRoutes } from './review.route.ts';
import { addWorkRoutes } from './work/work.route.ts';

/** Each page and each answer of the API that shows a person leaves a row, and asks before. */
const tenant = 'o';
const clock: Clock = { now: () => new Date('2026-11-24T15:00:00Z') };
const ada = deriveId('shown', 'ada');
const referral = deriveId('shown', 'referral');
const screening = deriveId('shown', 'screening');
const name = 'Adalinde Canary';
const samples: Readonly<Record<string, string>> = {
  ...{ referralId: referral, personId: ada, screeningId: screening, patientId: ada },
  partnerId: 'pantry',
};
/** Parameters with which a list shows the person. */
const queries = ['', `?state=all&person=${ada}`, `?person=${ada}`, `?gate=review`];

const nobody = deriveId('shown', 'nobody');
/** What is sent to addresses that end so, for the others an empty body. */
const bodies: Readonly<Record<string, object>> = {
  owner: { owner: 'rea' },
  'next-step': { step: 'Call', on: '2026-11-25' },
  notes: { text: 'x' },
  household: { size: 2, saidOn: '2026-11-20' },
  restriction: { owner: 'rea', act: 'lift' },
  'must-by': { mustBy: '2026-12-01', referral },
  answers: { status: 'accepted', saidBy: 'Kim', at: '2026-11-24T12:00:00Z', by: 'phone' },
  close: { outcome: 'helped', on: '2026-11-24' },
  guardian: { guardian: ada, saidOn: '2026-11-20' },
  seen: { version: '0'.repeat(32) },
  person: { samePersonAs: null },
};

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let routes: string[] = [];

const session = async (principal: string, ...roles: string[]) => {
  const granted = { tenant, kind: 'session' as const, principal, roles, routes: [] };
  const secret = await db.tx((tx) => access.grantAccess(tx, granted));
  return { cookie: `loopwell_session=${secret}`, 'sec-fetch-site': 'same-origin' };
};

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant });
  const app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  addContract(app, contracts.coordination);
  addSignIn(app, access.signInDoors(db), { secure: false });
  const deps = { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 };
  addReviewRoutes(app, deps);
  addTakenRoutes(app, deps);
  addNoRoutes(app, deps);
  addContactPages(app, deps);
  addMustByRoutes(app, deps);
  addWorkRoutes(app, deps);
  finish(app, silentLog);
  ask = supertest(app.express);
  routes = [...app.declared];
  await seed();
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});
beforeEach(async () => {
  await db.query('delete from person_view where tenant = $tenant');
  await db.query('delete from restricted_chart where tenant = $tenant');
});

async function seed(): Promise<void> {
  await db.query(
    "insert into connection (id, tenant, base) values ('clinic', $tenant, 'https://ehr.example')",
  );
  await db.query(
    `insert into patient_link (tenant, connection, patient_id, patient, person)
     values ($tenant, 'clinic', 'ada-in-chart', $1, $1)`,
    [ada],
  );
  const profile = { names: [{ text: name }], birthDate: '1980-02-03' };
  const patient = { resourceType: 'Patient', id: 'ada-in-chart', name: [{ text: name }] };
  await db.query(
    `insert into ehr_resource (tenant, connection, type, source_id, version_id, person, body)
     values ($tenant, 'clinic', 'Patient', 'ada-in-chart', '1', $1, $2)`,
    [ada, JSON.stringify({ ...patient, birthDate: profile.birthDate })],
  );
  await db.query('insert into person_profile (tenant, patient, body) values ($tenant, $1, $2)', [
    ada,
    JSON.stringify(personProfile({ resourceType: 'Patient', name: [{ text: name }] })),
  ]);
  const need = { id: referral, tenant, connection: 'clinic', person: ada, category: 'food' };
  const warning = {
    severity: 'warning',
    code: 'sensitive',
    text: 'Look.',
    source: 'Observation/o',
  };
  const row = {
    ...{ id: screening, tenant, connection: 'clinic', person: ada, instrument: 'ahc-hrsn' },
    ...{ authored: '2026-11-02T10:00:00Z', encounter: null, outcome: 'needsPerson' },
    ...{ quarantine: null, sources: '[]', issues: JSON.stringify([warning]), safety: false },
  };
  await db.tx(async (tx) => {
    await referrals.saveNeeds(tx, [
      {
        ...need,
        ...{ episode: 1, unambiguous: true, sensitive: false, conditions: '[]' },
        ...{ since: '2026-11-02T10:00:00Z', trace: newId() },
      },
    ]);
    await saveScreenings(tx, [ada], [row]);
  });
}

/** Asks for everything that can be read here, and gives where the person was to be seen. */
async function sightings(headers: Record<string, string>): Promise<string[]> {
  const seen = new Set<string>();
  for (const route of routes) {
    const [method = '', path = ''] = route.split(' ');
    if (method !== 'GET' || /^\/(live|ready|sign-in|style|icon)/.test(path)) continue;
    const concrete = path.replace(/:(\w+)/g, (_all, parameter: string) => {
      const sample = samples[parameter];
      if (sample === undefined) throw new Error(`Name a sample for ${parameter} of ${path}`);
      return sample;
    });
    for (const query of queries) {
      const { text } = await ask.get(`${concrete}${query}`).set(headers);
      const isShown = text.includes(name) || (path.startsWith('/api/') && text.includes(ada));
      if (isShown) seen.add(path);
    }
  }
  return [...seen].sort();
}

const pagesLogged = async (principal: string) => {
  const views = await db.tx((tx) =>
    personViews.listViews(tx, { person: ada, principal, limit: 1_000 }),
  );
  return [...new Set(views.map(({ page }) => page))].sort();
};

describe('a view of a person', () => {
  it('is a row for each page and each answer that shows one', async () => {
    const headers = await session('person:rea', 'reviewer');
    const seen = await sightings(headers);
    expect(seen).toEqual(
      expect.arrayContaining([
        ...['/api/v1/reviews', '/api/v1/reviews/:referralId', '/api/v1/screenings'],
        ...['/people/:personId', '/decide', '/review/:referralId', '/review/screenings'],
      ]),
    );
    expect(await pagesLogged('person:rea')).toEqual(expect.arrayContaining(seen));
  });

  it('is a row for a result of a search, and for a form that is shown again', async () => {
    const headers = await session('person:rea', 'reviewer');
    await ask.post('/review/find').type('form').set(headers).send({ patient: 'ada-in-chart' });
    expect(await pagesLogged('person:rea')).toEqual(['/review/find']);
    const again = await ask
      .post('/review/decisions')
      .type('form')
      .set(headers)
      .send({ back: `/review/${referral}`, decision: 'refuse', referral });
    expect(again.text).toContain(name);
    expect(await pagesLogged('person:rea')).toEqual(['/review/:referralId', '/review/find']);
  });

  it('is a row for a service token, too', async () => {
    const route = 'GET /api/v1/reviews';
    const secret = await db.tx((tx) =>
      access.grantAccess(tx, {
        ...{ tenant, kind: 'service', principal: 'service:export', roles: [], routes: [route] },
      }),
    );
    await ask.get('/api/v1/reviews').set({ authorization: `Bearer ${secret}` });
    expect(await pagesLogged('service:export')).toEqual(['/api/v1/reviews']);
  });

  it('shows nothing where it cannot be recorded', async () => {
    const headers = await session('person:rea', 'reviewer');
    await db.query('alter table person_view rename to person_view_away');
    try {
      const answer = await ask.get(`/review/${referral}`).set(headers);
      expect([answer.status, answer.text.includes(name)]).toEqual([500, false]);
    } finally {
      await db.query('alter table person_view_away rename to person_view');
    }
  });
});

describe('a restricted chart', () => {
  beforeEach(() =>
    db.tx((tx) =>
      restrictedCharts.restrictChart(
        tx,
        { id: 'person:owner', roles: ['reviewer'] },
        { person: ada, owner: 'person:owner' },
      ),
    ),
  );

  it('is nowhere to be seen by another reviewer, and nobody is told that it is there', async () => {
    const headers = await session('person:rea', 'reviewer');
    expect(await sightings(headers)).toEqual([]);
    expect(await pagesLogged('person:rea')).toEqual([]);
    const found = await ask
      .post('/review/find')
      .type('form')
      .set(headers)
      .send({ patient: 'ada-in-chart' });
    expect([found.status, found.text.includes(name)]).toEqual([404, false]);
    for (const path of ['/api/v1/reviews/', '/review/']) {
      const hidden = await ask.get(`${path}${referral}`).set(headers);
      const missing = await ask.get(`${path}${deriveId('nothing')}`).set(headers);
      expect([hidden.status, hidden.text]).toEqual([missing.status, missing.text]);
    }
  });

  it('is as if it was not there at every address that has an id', async () => {
    const headers = await session('person:rea', 'reviewer');
    await db.query(
      `insert into duty_alert (tenant, id, person, kind, source)
         values ($tenant, $1::uuid, $1, 'see-first', 'x')`,
      [ada],
    );
    const doors = routes.filter((route) => /:(person|referral|screening|patient)Id/.test(route));
    expect(doors.length).toBeGreaterThan(40);
    const telling: unknown[] = [];
    for (const door of doors) {
      const [method = 'GET', path = ''] = door.split(' ');
      const answerFor = async (ids: Readonly<Record<string, string>>) => {
        const address = path.replace(/:(\w+)/g, (_all, key: string) => ids[key] ?? nobody);
        const sent = ask[method.toLowerCase() as 'get' | 'post'](address).set(headers);
        const body = bodies[path.split('/').at(-1) ?? ''] ?? {};
        if (!path.startsWith('/api/') && method !== 'GET') sent.type('form');
        const { status, text } = method === 'GET' ? await sent : await sent.send(body);
        return [status, text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')];
      };
      const missing = { personId: nobody, referralId: nobody, screeningId: nobody };
      const [hidden, unknown] = [await answerFor(samples), await answerFor(missing)];
      if (JSON.stringify(hidden) !== JSON.stringify(unknown)) telling.push([door, hidden[0] ?? '']);
    }
    expect(telling).toEqual([]);
    const { rows } = await db.query('select taken_by from duty_alert where tenant = $tenant');
    expect(rows).toEqual([{ taken_by: null }]);
  });

  it.each<[string, string[]]>([
    ['person:owner', ['reviewer']],
    ['person:lee', ['reviewer', 'lead']],
  ])('opens for %s with the roles %j', async (principal, roles) => {
    const seen = await sightings(await session(principal, ...roles));
    expect(seen).toContain('/people/:personId');
    expect(await pagesLogged(principal)).toEqual(expect.arrayContaining(seen));
  });

  it.each<[string, () => string, object]>([
    [
      'decided about',
      () => '/api/v1/reviews/decisions',
      { referrals: [referral], decision: 'refuse', reason: 'x' },
    ],
    [
      'answered for',
      () => `/api/v1/referrals/${referral}/answers`,
      { status: 'accepted', saidBy: 'Kim', at: '2026-11-24T12:00:00Z', by: 'phone' },
    ],
  ])('is not %s by somebody who may not open it', async (_what, path, body) => {
    const headers = await session('person:rea', 'reviewer');
    const answer = await ask.post(path()).set(headers).send(body);
    expect([answer.status, answer.body.title]).toEqual([404, 'There is no such referral']);
    const { rows } = await db.query('select 1 from decision where tenant = $tenant');
    expect(rows).toEqual([]);
  });
});
