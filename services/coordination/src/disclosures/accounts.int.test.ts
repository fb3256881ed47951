import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, deriveId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import {
  access,
  type Database,
  disclosures,
  grants,
  logViews,
  migrate,
  openDatabase,
  personViews,
  restrictedCharts,
} from '@loopwell/store';
import { insertTask, supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReviewRoutes } from '../review.route.ts';
import { addWorkRoutes } from '../work/work.route.ts';

/** The accounts of disclosures, views and sign-ins, as API and as pages. */
const tenant = 'o';
const clock: Clock = { now: () => new Date(), timeZone: 'America/Chicago' };
const ada = deriveId('account', 'ada');
const kia = deriveId('account', 'kia');
const taskOf = (person: string, partner: string) => deriveId('account', person, partner);

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let auditor: Record<string, string>;
let admin: Record<string, string>;

const session = async (principal: string, ...roles: string[]) => {
  const granted = { tenant, kind: 'session' as const, principal, roles, routes: [] };
  const secret = await db.tx((tx) => access.grantAccess(tx, granted, { ttlMs: 3_600_000 }));
  return { cookie: `loopwell_session=${secret}`, 'sec-fetch-site': 'same-origin' };
};

async function send(person: string, partner: string, at: string): Promise<void> {
  const task = taskOf(person, partner);
  await db.query(
    `insert into referral (tenant, id, connection, person, category, episode, conditions, since,
       trace, approved_by, unambiguous, sensitive)
     values ($tenant, $1::uuid, 'clinic', $2, $3, 1, '[]', '2026-01-01', $1::uuid, 'person:mai',
       true, false)`,
    [task, person, partner],
  );
  await insertTask(db, {
    ...{ id: task, status: 'requested', partner, tenant, referral: task, person, attempt: 1 },
    ...{ requested_at: at, channel: 'fhir-rest', address: 'https://x.example' },
    ...{ receipt_key: task, remote_id: task, live: false, ended_at: at },
  });
  const wish = { tenant, partner, task, referral: task, person, until: null, after_end_ms: 0 };
  await db.tx(async (tx) => {
    const personal = { ...wish, type: 'Patient', id: person, class: 'personal' as const };
    await grants.addGrants(tx, [{ ...personal, elements: 'name contact' }]);
    const ends = { tasks: [task], by: 'person:lee', hasTask: false };
    await grants.endGrantsOfTasks(tx, ends);
    await tx.query(
      'update disclosure_grant set ended_at = $2 where tenant = $tenant and task = $1',
      [task, at],
    );
    const read = { partner, task, referral: task, person, type: 'Patient', resource: person };
    if (partner === 'hill') await disclosures.logPartnerReads(tx, [read]);
  });
}

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant });
  const app = createApp({
    log: silentLog,
    clock,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  addContract(app, contracts.coordination);
  addSignIn(app, access.signInDoors(db), { secure: false });
  addReviewRoutes(app, { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 });
  addWorkRoutes(app, { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 });
  finish(app, silentLog);
  ask = supertest(app.express);
  for (const [person, name] of [
    [ada, 'Ada Canary'],
    [kia, 'Kia Canary'],
  ] as const) {
    await db.query(
      `insert into patient_link (tenant, connection, patient_id, patient, person)
       values ($tenant, 'clinic', $1::text, $1::uuid, $1::uuid)`,
      [person],
    );
    await db.query(
      `insert into ehr_resource (tenant, connection, type, source_id, version_id, person, body)
       values ($tenant, 'clinic', 'Patient', $1::text, '1', $1::uuid, $2)`,
      [person, JSON.stringify({ resourceType: 'Patient', id: person, name: [{ text: name }] })],
    );
  }
  await db.query(
    `insert into partner (id, tenant, position, name, address, body)
     values ('hill', $tenant, 1, 'Hillside <b>Food</b>', 'https://x.example', '{}')`,
  );
  await send(ada, 'hill', '2026-11-24T12:00:00Z');
  await send(kia, 'hill', '2026-11-10T12:00:00Z');
  await send(kia, 'north', '2026-11-24T12:00:00Z');
  auditor = await session('person:audrey', 'auditor');
  admin = await session('person:boss', 'admin');
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});
beforeEach(async () => {
  await db.query('delete from person_view where tenant = $tenant');
  await db.query('delete from restricted_chart where tenant = $tenant');
});

const get = (path: string, headers = auditor) => ask.get(path).set(headers);

describe('GET /api/v1/disclosures', () => {
  it('gives each field of the account', async () => {
    const { status, body } = await get(`/api/v1/disclosures?person=${ada}`);
    expect([status, body]).toEqual([
      200,
      {
        items: [
          {
            ...{ at: '2026-11-24T12:00:00.000Z', person: ada, patient: ada, partner: 'hill' },
            ...{ partnerName: 'Hillside <b>Food</b>', purpose: null, consent: null },
            ...{ elements: ['Patient.contact', 'Patient.name'], approvedBy: 'person:mai' },
            ...{ reads: 1, lastRead: expect.any(String), endedAt: expect.any(String) },
            ...{ endedBy: 'person:lee', channel: 'fhir-rest', state: 'delivered' },
            ...{ referral: taskOf(ada, 'hill'), task: taskOf(ada, 'hill') },
          },
        ],
      },
    ]);
  });

  it.each<[string, string, number]>([
    ['everything', '', 3],
    ['a partner in a week', '?partner=hill&from=2026-11-23&to=2026-11-29', 1],
    ['a partner by name', '?partner=hillside%20%3Cb%3Efood%3C/b%3E', 2],
    ['who approved', '?by=mai', 3],
    ['who approved, by the whole name', '?by=person:mai', 3],
    ['a time between instants', '?from=2026-11-24T06:00:00-06:00&to=2026-11-24T13:00:00Z', 2],
    ['a person who is not known', `?person=${deriveId('nobody')}`, 0],
  ])('lists %s', async (_what, query, count) => {
    expect((await get(`/api/v1/disclosures${query}`)).body.items).toHaveLength(count);
  });

  it('goes page by page', async () => {
    const seen: string[] = [];
    for (let next = ''; ; ) {
      const { body } = await get(`/api/v1/disclosures?limit=1${next}`);
      seen.push(...body.items.map(({ task }: { task: string }) => task));
      if (!body.next) break;
      next = `&cursor=${body.next}`;
    }
    expect(new Set(seen).size).toBe(3);
  });

  it.each<[string, string, string, string | RegExp]>([
    ['an unknown partner', 'partner=hil', 'partner', 'is not known here'],
    [
      'an end before the beginning',
      'from=2026-11-30&to=2026-11-29',
      'to',
      'must not be before from',
    ],
    ['a day in another form', 'from=11/23/2026', 'from', /^must be a day such as/],
    ['a day that there is not', 'to=2026-02-30', 'to', /^must be a day such as/],
    ['a person who is no id', 'person=Ada', 'person', 'must be an id'],
    ['a cursor of another list', 'cursor=x', 'cursor', 'from-next'],
  ])('refuses %s, naming the field and the rule', async (_what, query, field, rule) => {
    const { status, body } = await get(`/api/v1/disclosures?${query}`);
    expect([status, body.problems]).toEqual([
      400,
      [
        {
          path: `/query/${field}`,
          rule: typeof rule === 'string' ? rule : expect.stringMatching(rule),
        },
      ],
    ]);
  });

  it.each(['reviewer', 'operator', 'lead'])('is closed to the role %s', async (role) => {
    const headers = await session('person:x', role);
    for (const path of ['/api/v1/disclosures', '/api/v1/views', '/api/v1/sign-ins', '/disclosures'])
      expect((await get(path, headers)).status).toBe(403);
  });

  it('gives nothing of another tenant', async () => {
    const other = openDatabase({ url: scratch.url, tenant: 'p', max: 1 });
    const page = await other.tx((tx) => disclosures.listDisclosures(tx, { limit: 9, person: ada }));
    expect(page.items).toEqual([]);
    await other.close();
  });
});

describe('the page of what went out', () => {
  it('names people, partners and what they got, and records who was shown', async () => {
    const { text } = await get('/disclosures?partner=hill');
    expect(text).toContain('Ada Canary');
    expect(text).toContain('Hillside &lt;b&gt;Food&lt;/b&gt;');
    expect(text).toContain('phone or e-mail, name');
    expect(text).toContain('The partner has a copy.');
    expect(text.split('<main')[1]).not.toMatch(/person:|system:|UTC|Patient\./);
    const views = await db.tx((tx) => personViews.listViews(tx, { limit: 9 }));
    expect(views.map(({ page, principal }) => [page, principal])).toEqual([
      ['/disclosures', 'person:audrey'],
      ['/disclosures', 'person:audrey'],
    ]);
  });

  it('lists a restricted chart without its name: the account stays whole', async () => {
    const lead = { id: 'person:mai', roles: ['lead'] };
    const chart = { person: ada, owner: 'person:mai' };
    await db.tx((tx) => restrictedCharts.restrictChart(tx, lead, chart));
    const { text } = await get('/disclosures?partner=hill');
    expect(text).toContain('Restricted chart');
    expect(text).not.toContain('Ada Canary');
  });

  it('shows what is wrong at its field, with all that was typed', async () => {
    const { status, text } = await get('/disclosures?partner=hil&from=11%2F23%2F2026');
    expect(status).toBe(400);
    expect(text).toContain('value="hil"');
    expect(text).toContain('value="11/23/2026"');
    expect(text).toMatch(/id="from-error">must be a day such as/);
    const { text: partner } = await get('/disclosures?partner=hil');
    expect(partner).toContain('id="partner-error">is not known here');
  });

  it('is saved as CSV without names, and no cell is a formula', async () => {
    const answer = await get('/disclosures/csv?partner=hill&from=2026-11-23&to=2026-11-29');
    expect(answer.headers['content-type']).toContain('text/csv');
    expect(answer.headers['content-disposition']).toContain('attachment');
    const lines = answer.text.trimEnd().split('\r\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain(`${ada},hill,"Patient.contact; Patient.name",,,person:mai,`);
    expect(answer.text).not.toContain('Canary');
    const [view] = await db.tx((tx) => personViews.listViews(tx, { limit: 1 }));
    expect(view).toMatchObject({ page: '/disclosures/csv', what: 'export', person: ada });
  });
});

describe('views', () => {
  beforeEach(() =>
    db.tx(async (tx) => {
      const [mai, lee] = [{ id: 'person:mai' }, { id: 'person:lee' }];
      await logViews(tx, {
        principal: mai,
        page: '/people/:personId',
        people: [ada],
        what: 'person',
      });
      await logViews(tx, { principal: lee, page: '/review', people: [ada, kia] });
    }),
  );

  it('are listed by person and by who looked', async () => {
    const count = async (query: string) => (await get(`/api/v1/views${query}`)).body.items.length;
    expect(await count(`?person=${ada}`)).toBe(2);
    expect(await count('?by=lee')).toBe(2);
    expect(await count('?by=person:mai')).toBe(1);
    expect(await count('?to=2026-01-01')).toBe(0);
    const { body } = await get('/api/v1/views?limit=1&by=mai');
    expect(body.items[0]).toMatchObject({
      ...{ by: 'person:mai', person: ada, patient: ada, page: '/people/:personId', what: 'person' },
    });
  });

  it('are a page for auditors, which leaves rows itself', async () => {
    const { text } = await get('/disclosures/views?by=mai');
    expect(text).toContain('Ada Canary');
    expect(text).toContain('Opened');
    const views = await db.tx((tx) =>
      personViews.listViews(tx, { limit: 9, principal: 'person:audrey' }),
    );
    expect(views).toHaveLength(1);
  });
});

describe('sign-ins', () => {
  it('are listed, and all of one person end at once', async () => {
    const mai = await session('person:mai', 'auditor');
    await session('person:mai', 'auditor');
    const { text } = await get('/disclosures/sign-ins');
    expect(text).toMatch(/mai[\s\S]*Signed in[\s\S]*Open, locks/);
    expect(text).not.toContain('End all');
    expect((await get('/disclosures/sign-ins', admin)).text).toContain('End all sign-ins of mai');
    const ended = await ask
      .post('/disclosures/sign-ins')
      .type('form')
      .set(admin)
      .send({ name: 'person:mai' });
    expect(ended.headers.location).toBe('/disclosures/sign-ins?ended=2');
    expect((await get('/disclosures', mai)).status).toBe(303);
    expect((await get('/disclosures/sign-ins?ended=2')).text).toContain('2 were ended.');
  });

  it('end by the API, for administrators alone', async () => {
    const mai = await session('person:kim', 'auditor');
    const end = (headers: Record<string, string>, name: string) =>
      ask.post('/api/v1/sign-ins/end').set(headers).send({ name });
    expect((await end(auditor, 'kim')).status).toBe(403);
    expect((await end(admin, 'two words')).status).toBe(400);
    expect((await end(admin, 'kim')).body).toEqual({ ended: 1 });
    expect((await get('/api/v1/disclosures', mai)).status).toBe(401);
    const { body } = await get('/api/v1/sign-ins?by=kim');
    expect(body.items).toMatchObject([
      { who: 'person:kim', isOpen: false, endedBy: 'person:boss' },
    ]);
  });
});

describe('a restriction', () => {
  const path = `/api/v1/people/${ada}/restriction`;

  it('is set and ended by who may open the chart, and by nobody else', async () => {
    const [mai, lee] = [
      await session('person:mai', 'reviewer'),
      await session('person:lee', 'reviewer'),
    ];
    const set = await ask.put(path).set(mai).send({ owner: 'mai' });
    expect(set.body).toEqual({ person: ada, isRestricted: true, owner: 'person:mai' });
    expect((await get(`/people/${ada}`, lee)).status).toBe(404);
    expect((await ask.put(path).set(lee).send({ owner: 'lee' })).status).toBe(404);
    expect((await ask.delete(path).set(lee)).status).toBe(404);
    const ended = await ask.delete(path).set(mai);
    expect(ended.body).toEqual({ person: ada, isRestricted: false, owner: null });
    expect((await get(`/people/${ada}`, lee)).status).toBe(200);
  });

  it('follows the owner of the work, and who covers for them', async () => {
    const lead = await session('person:lea', 'reviewer', 'lead');
    const [rita, vera, omar] = [
      await session('person:rita', 'reviewer'),
      await session('person:vera', 'reviewer'),
      await session('person:omar', 'reviewer'),
    ];
    const work = (owner: string) =>
      ask.put(`/api/v1/people/${ada}/owner`).set(lead).send({ owner }).expect(200);
    const opens = async () => {
      const statuses: number[] = [];
      for (const who of [rita, vera, omar])
        statuses.push((await get(`/people/${ada}`, who)).status);
      return statuses;
    };
    await work('rita');
    expect((await get(`/people/${ada}`, lead)).text).toContain('Restrict it to rita and leads');
    const form = ask.post(`/people/${ada}/restriction`).type('form').set(lead);
    await form.send({ act: 'restrict' }).expect(303);
    expect(await opens()).toEqual([200, 404, 404]);
    await work('vera');
    expect(await opens()).toEqual([404, 200, 404]);
    expect((await get(`/people/${ada}`, vera)).text).toContain('Only vera and leads may open it.');

    const until = new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10);
    const cover = { away: 'vera', cover: 'omar', until };
    const { body } = await ask.post('/api/v1/covers').set(lead).send(cover).expect(201);
    expect(await opens()).toEqual([404, 200, 200]);
    await ask.delete(`/api/v1/covers/${body.id}`).set(lead);
    expect(await opens()).toEqual([404, 200, 404]);

    await ask.put(path).set(lead).send({ owner: 'rita' }).expect(200);
    expect(await opens()).toEqual([200, 404, 404]);
    const nobody = expect.stringContaining('Nobody of the care team has this name');
    const unknown = await ask.put(path).set(lead).send({ owner: 'nobody.known' });
    expect([unknown.status, unknown.body.title]).toEqual([400, nobody]);
    await ask.put(`/api/v1/people/${ada}/owner`).set(lead).send({}).expect(200);
    expect(await opens()).toEqual([404, 404, 404]);
    await ask.delete(path).set(lead).expect(200);
  });

  it('names the field of an owner who is no name', async () => {
    const mai = await session('person:mai', 'reviewer');
    const { status, body } = await ask.put(path).set(mai).send({ owner: 'a b' });
    expect([status, body.problems]).toEqual([400, [{ path: '/body/owner', rule: 'pattern' }]]);
  });
});
