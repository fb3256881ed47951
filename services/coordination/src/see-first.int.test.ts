import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, deriveId, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import {
  access,
  type Database,
  migrate,
  openDatabase,
  type ReferralPatch,
  referrals,
  saveScreenings,
  timelineOf,
} from '@loopwell/store';
import { supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReviewDecision } from './decide/decisions.ts';
import { addReviewRoutes } from './review.route.ts';

const tenant = 'o';
const clock: Clock = { now: () => new Date('2026-11-24T15:00:00Z') };
const idOf = (name: string) => deriveId('test', name);

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let cookie: Record<string, string> = {};

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
  addReviewRoutes(app, { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 });
  finish(app, silentLog);
  ask = supertest(app.express);
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
beforeEach(() =>
  db.query(
    'truncate patient_link, ledger, history, person_no, referral, decision, evidence, own_resource, ehr_resource, screening, screening_review, duty_alert, task, task_delivery, task_version cascade',
  ),
);

/** Tells whether a page or a row has the mark, which stands in the menu as well. */
const bearsMark = (text: string) => /<strong[^>]*>See first/.test(text);

/** One referral of a person. */
async function seed(
  person: string,
  category: string,
  change: { danger?: string } = {},
  patch: ReferralPatch = {},
): Promise<string> {
  const id = idOf(`${person} ${category}`);
  const need = {
    id,
    tenant,
    connection: 'clinic',
    person: idOf(person),
    category,
    episode: 1,
    unambiguous: true,
    sensitive: false,
  };
  await db.tx(async (tx) => {
    await referrals.saveNeeds(tx, [
      {
        ...need,
        conditions: '[]',
        since: '2026-11-02T10:00:00Z',
        trace: newId(),
        danger_kind: change.danger === undefined ? undefined : 'call-today',
        ...change,
      },
    ]);
    if (Object.keys(patch).length > 0) await referrals.patchReferrals(tx, [{ id, patch }]);
  });
  return id;
}

const warning = {
  severity: 'warning',
  code: 'sensitive',
  text: 'A person looks at this first.',
  source: 'Observation/o',
};

/** A screening of a person, of which a warning about safety may have come. */
async function screened(person: string, safety: boolean): Promise<string> {
  const id = idOf(`screening ${person}`);
  const own = {
    id,
    tenant,
    connection: 'clinic',
    person: idOf(person),
    instrument: 'ahc-hrsn',
    authored: '2026-11-02T10:00:00Z',
  };
  const rest = {
    encounter: null,
    outcome: 'needsPerson',
    quarantine: null,
    sources: '[]',
    issues: JSON.stringify([warning]),
    safety,
  };
  await db.tx((tx) => saveScreenings(tx, [own.person], [{ ...own, ...rest }]));
  return id;
}

const decide = (
  ids: readonly string[],
  decision: ReviewDecision['decision'],
  fields: object = {},
) =>
  ask
    .post('/api/v1/reviews/decisions')
    .set(cookie)
    .send({ referrals: ids, decision, ...fields });

describe('a person who may be in danger', () => {
  it.each(['urgency', 'person', 'need'])(
    'stands on top of the list, whatever comes next, sorted by %s, page by page',
    async (sort) => {
      const calm = await Promise.all(
        ['bo', 'cy', 'di'].map((one) => seed(one, 'employment-status')),
      );
      const first = [
        await seed('ada', 'food-insecurity'),
        await seed('eve', 'utility-insecurity', { danger: 'utilities are shut off' }),
      ];
      first.push(await seed('eve', 'food-insecurity'));
      await screened('ada', true);
      await screened('bo', false);
      const shown: string[] = [];
      for (let after: string | undefined = ''; after !== undefined; ) {
        const { body }: { body: { items: { id: string }[]; next?: string } } = await ask
          .get(`/api/v1/reviews?sort=${sort}&limit=2${after === '' ? '' : `&cursor=${after}`}`)
          .set(cookie);
        shown.push(...body.items.map((one) => one.id));
        after = body.next;
      }
      expect(shown).toHaveLength(6);
      expect(shown[0]).toBe(first[1]);
      expect(new Set(shown.slice(0, 3))).toEqual(new Set(first));
      expect(new Set(shown.slice(3))).toEqual(new Set(calm));
    },
  );

  it.each(['partner', 'noPartner', 'hold', 'send'])(
    'stands on top of what others work on, page by page: %s',
    async (state) => {
      const place: ReferralPatch =
        state === 'partner' ? { state: 'partner', gate: 'partner' } : { gate: state };
      const calm = await Promise.all(
        ['bo', 'cy', 'di'].map((one) => seed(one, 'employment-status', {}, place)),
      );
      const [eve, ada] = [
        await seed('eve', 'utility-insecurity', { danger: 'utilities are shut off' }, place),
        await seed('ada', 'food-insecurity', {}, place),
      ];
      await screened('ada', true);
      const shown: string[] = [];
      for (let after: string | undefined = ''; after !== undefined; ) {
        const { body }: { body: { items: { id: string }[]; next?: string } } = await ask
          .get(`/api/v1/reviews?state=${state}&limit=2${after === '' ? '' : `&cursor=${after}`}`)
          .set(cookie);
        shown.push(...body.items.map((one) => one.id));
        after = body.next;
      }
      expect([shown.slice(0, 2), new Set(shown.slice(2)), shown.length]).toEqual([
        [eve, ada],
        new Set(calm),
        5,
      ]);
    },
  );

  it.each<[string, (id: string) => Promise<unknown>, boolean]>([
    ['nothing', async () => {}, false],
    ['an answer on safety', () => screened('ada', true), true],
    ['a warning about something else', () => screened('ada', false), false],
    [
      'a danger in another referral',
      () => seed('ada', 'utility-insecurity', { danger: 'utilities are shut off' }),
      true,
    ],
    [
      'a danger in this one',
      () => db.query("update referral set danger = 'utilities are shut off'"),
      true,
    ],
  ])('is put off for one night at most, whatever the need: %s', async (_what, happen, isFirst) => {
    const id = await seed('ada', 'food-insecurity');
    await happen(id);
    const { status, body } = await decide([id], 'postpone', { until: '2026-11-26' });
    expect([status, body.title ?? '']).toEqual(
      isFirst
        ? [
            400,
            'A suggestion is postponed to tomorrow at most while its person is to be seen first',
          ]
        : [200, ''],
    );
    expect((await decide([id], 'postpone', { until: '2026-11-25' })).status).toBe(200);
    const page = (await ask.get(`/review/${id}`).set(cookie)).text;
    expect(page.includes('max="2026-11-25"')).toBe(isFirst);
  });

  it('comes back at once when the danger becomes known while a need is put off', async () => {
    const id = await seed('ada', 'food-insecurity', {}, { postponed_until: '2027-01-15' });
    await seed('bo', 'food-insecurity', {}, { postponed_until: '2027-01-15' });
    const idsOf = async (query: string) =>
      (await ask.get(`/api/v1/reviews${query}`).set(cookie)).body.items.map(
        (one: { id: string }) => one.id,
      );
    const tab = async () =>
      /"\/later"[^>]*><span>[^<]*<\/span> <span class="count">(\d+)/.exec(
        (await ask.get('/later').set(cookie)).text,
      )?.[1];
    expect([await idsOf(''), await tab()]).toEqual([[], '2']);
    await screened('ada', true);
    expect([await idsOf(''), (await idsOf('?postponed=true')).includes(id), await tab()]).toEqual([
      [id],
      false,
      '1',
    ]);
    await db.query("update referral set postponed_until = '2026-11-25'");
    expect([await idsOf(''), await tab()]).toEqual([[], '2']);
  });

  it.each<[string, () => Promise<unknown>, boolean]>([
    ['an answer on safety', () => screened('ada', true), true],
    [
      'a danger in another referral',
      () => seed('ada', 'utility-insecurity', { danger: 'utilities are shut off' }),
      true,
    ],
    ['a warning about something else', () => screened('ada', false), false],
    ['a danger of somebody else', () => screened('bo', true), false],
    ['nothing', async () => {}, false],
  ])('is marked on every row and page: %s', async (_what, happen, isFirst) => {
    const id = await seed('ada', 'food-insecurity');
    await happen();
    const list = await ask.get('/api/v1/reviews?category=food-insecurity').set(cookie);
    expect(list.body.items.map((one: { seeFirst: boolean }) => one.seeFirst)).toEqual([isFirst]);
    expect((await ask.get(`/api/v1/reviews/${id}`).set(cookie)).body.seeFirst).toBe(isFirst);
    for (const page of ['/decide?need=food-insecurity', `/review/${id}`])
      expect(bearsMark((await ask.get(page).set(cookie)).text)).toBe(isFirst);
  });

  it('has no answer about safety on any page or in any answer of the API, also a harmless one', async () => {
    const id = await seed('ada', 'food-insecurity');
    const screening = await screened('ada', true);
    const pages = ['/decide', `/review/${id}`, '/review/screenings'];
    const apis = ['/api/v1/reviews', `/api/v1/reviews/${id}`, '/api/v1/screenings'];
    for (const path of [...pages, ...apis]) {
      const { text, status } = await ask.get(path).set(cookie);
      expect([path, status]).toEqual([path, 200]);
      expect([path, /A person looks at this first|danger:|safety|ahc-hrsn/i.test(text)]).toEqual([
        path,
        false,
      ]);
      expect(text).not.toContain(screening);
    }
    expect((await ask.get('/review/screenings').set(cookie)).text).toContain('No screenings need');
    const { rows } = await db.query<{ version: string }>(
      'select md5(issues) as version from screening',
    );
    await ask.post(`/api/v1/screenings/${screening}/seen`).set(cookie).send(rows[0]);
    expect((await ask.get(`/api/v1/reviews/${id}`).set(cookie)).body.seeFirst).toBe(true);
  });

  it('looks the same on a row as somebody whose need has a date', async () => {
    await seed('ada', 'food-insecurity');
    await screened('ada', true);
    await seed('bo', 'food-insecurity', {}, { must_by: '2026-11-30' });
    const { text } = await ask.get('/decide').set(cookie);
    const rows = text.split('<tr').filter(bearsMark);
    const plain = (row: string) =>
      row
        .split('</tr>')[0]
        ?.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16}-\d+/g, 'id')
        .trim();
    expect(rows).toHaveLength(2);
    expect(plain(rows[0] ?? '')).toBe(plain(rows[1] ?? ''));
  });

  it('is marked where somebody looks for them, although nothing is referred', async () => {
    const [person, second] = [idOf('ada'), idOf('bo')];
    const at = `/people/${person}`;
    await db.query(
      `insert into patient_link (tenant, connection, patient_id, patient, person)
       values ($1, 'clinic', 'p1', $2, $2)`,
      [tenant, person],
    );
    await screened('bo', true);
    expect(bearsMark((await ask.get(at).set(cookie)).text)).toBe(false);
    await screened('ada', true);
    expect(bearsMark((await ask.get(at).set(cookie)).text)).toBe(true);
    const body = JSON.stringify({
      resourceType: 'Patient',
      id: 'p1',
      name: [{ text: 'Somebody' }],
    });
    for (const [connection, one] of [
      ['clinic', person],
      ['other', second],
    ] as const)
      await db.query(
        `with c as (insert into connection (id, tenant, base) values ($1, $2, 'https://ehr.example') on conflict do nothing)
         insert into ehr_resource (tenant, connection, type, source_id, version_id, person, body) values ($2, $1, 'Patient', 'p1', '1', $3, $4)`,
        [connection, tenant, one, body],
      );
    const found = await ask.post('/review/find').type('form').set(cookie).send({ patient: 'p1' });
    expect(found.text.match(/>See first<\/strong>/g)).toHaveLength(2);
  });
});

describe('the date by which something must happen', () => {
  const agree = { agreedOn: '2026-11-24', askedBy: 'Bo' };
  const mustByOf = async (id: string) =>
    (await db.query<{ must_by: string | null }>('select must_by from referral where id = $1', [id]))
      .rows[0]?.must_by;

  it('is asked in the form that asks the person, and puts them on the list of people to call', async () => {
    const id = await seed('ada', 'food-insecurity', {}, { gate: 'agreement' });
    const { text } = await ask.get(`/review/${id}`).set(cookie);
    expect(text).toContain('Is there a date by which this must happen?');
    const form = { referral: id, decision: 'agree', back: `/review/${id}` };
    const fields = { 'agree.agreedOn': '2026-11-24', 'agree.askedBy': 'Bo' };
    const sent = { ...form, ...fields, 'agree.mustBy': '2026-11-30' };
    const { status } = await ask.post('/review/decisions').type('form').set(cookie).send(sent);
    expect([status, await mustByOf(id)]).toEqual([303, '2026-11-30']);
    expect((await ask.get('/call-today').set(cookie)).text).toContain('By Nov 30');
  });

  it.each<[string, object, number, string | null, number]>([
    ['is optional', {}, 200, null, 0],
    ['of today is told to somebody on duty', { mustBy: '2026-11-24' }, 200, '2026-11-24', 1],
    ['is taken by the API', { mustBy: '2026-11-25' }, 200, '2026-11-25', 0],
    ['is not in the past', { mustBy: '2026-11-23' }, 400, null, 0],
    ['is a day of the calendar', { mustBy: '2026-02-30' }, 400, null, 0],
    ['is not mistyped by years', { mustBy: '2062-11-24' }, 400, null, 0],
  ])('%s', async (_, fields, status, mustBy, told) => {
    const id = await seed('ada', 'food-insecurity', {}, { gate: 'agreement' });
    const answer = await decide([id], 'agree', { ...agree, ...fields });
    expect([answer.status, await mustByOf(id)]).toEqual([status, mustBy]);
    const alerts = await db.query("select 1 from duty_alert where kind = 'call-today'");
    expect(alerts.rows).toHaveLength(told);
  });

  it('lets nothing be put off to that day or later', async () => {
    const id = await seed('ada', 'food-insecurity', {}, { must_by: '2026-11-25' });
    expect((await decide([id], 'postpone', { until: '2026-11-25' })).status).toBe(400);
    const other = await seed('bo', 'food-insecurity', {}, { must_by: '2026-11-26' });
    expect((await decide([other], 'postpone', { until: '2026-11-25' })).status).toBe(200);
  });
});

/** What each decision needs beside its name, and what must have been recorded before. */
const agreed = { agreement_on: '2026-11-20', agreement_by: 'Bo', agreement_source: 'reviewer' };
const decisions: [ReviewDecision['decision'], object, ReferralPatch][] = [
  ['approve', {}, {}],
  ['postpone', { until: '2026-11-25' }, {}],
  ['agree', { agreedOn: '2026-11-24', askedBy: 'Bo' }, {}],
  ['recordConsent', { dateTime: '2026-11-23', scope: 'name and need', askedBy: 'Bo' }, {}],
];

describe('a decision about more than one referral', () => {
  it.each(decisions)(
    'leaves out whoever may be in danger: %s',
    async (decision, fields, before) => {
      const ids = [
        await seed('ada', 'food-insecurity', {}, before),
        await seed('bo', 'food-insecurity', {}, before),
      ];
      await screened('ada', true);
      const { status, body } = await decide(ids, decision, fields);
      expect([status, body]).toEqual([
        200,
        {
          decided: 1,
          skipped: [{ referral: ids[0], reason: 'danger' }],
          request: expect.anything(),
        },
      ]);
      const { rows } = await db.query('select referral from decision');
      expect(rows).toEqual([{ referral: ids[1] }]);
      // By itself it goes through.
      expect((await decide([ids[0] ?? ''], decision, fields)).body).toMatchObject({
        decided: 1,
        skipped: [],
      });
    },
  );

  it('may be about nobody else', async () => {
    const ids = [await seed('ada', 'food-insecurity'), await seed('ada', 'housing-instability')];
    await screened('ada', true);
    const { status, body } = await decide(ids, 'approve');
    expect([
      status,
      body.decided,
      body.skipped.map((one: { referral: string }) => one.referral).sort(),
    ]).toEqual([200, 0, [...ids].sort()]);
  });

  it.each<[ReviewDecision['decision'], object, ReferralPatch]>([
    ['refuse', { reason: 'no need' }, {}],
    ['refuse', { reason: 'She said it', kind: 'dont-ask-again' }, {}],
    ['closeWithoutHelp', { reason: 'nobody is left' }, { gate: 'withoutHelp' }],
    ['withdrawAgreement', {}, agreed],
    ['withdrawConsent', {}, {}],
  ])('leaves out nobody where it stops: %s %o', async (decision, fields, before) => {
    const ids = [
      await seed('ada', 'food-insecurity', {}, before),
      await seed('bo', 'food-insecurity', {}, before),
    ];
    await screened('ada', true);
    expect((await decide(ids, decision, fields)).body).toMatchObject({ decided: 2, skipped: [] });
  });

  it('is about one when it names one twice', async () => {
    const id = await seed('ada', 'food-insecurity');
    await screened('ada', true);
    expect((await decide([id, id], 'approve')).body).toMatchObject({ decided: 1, skipped: [] });
  });

  it('is still all or nothing for the rest', async () => {
    const ids = [
      await seed('ada', 'food-insecurity'),
      await seed('bo', 'food-insecurity'),
      await seed('cy', 'food-insecurity'),
    ];
    await screened('ada', true);
    await decide([ids[2] ?? ''], 'refuse', { reason: 'no need' });
    expect((await decide(ids, 'approve')).status).toBe(409);
    expect((await db.query("select 1 from referral where approval = 'approved'")).rows).toEqual([]);
  });

  it('says on the page who was left out and why', async () => {
    const ids = [await seed('ada', 'food-insecurity'), await seed('bo', 'food-insecurity')];
    await screened('ada', true);
    const form = { referral: ids, decision: 'approve', back: '/decide' };
    const { status, text } = await ask
      .post('/review/decisions')
      .type('form')
      .set(cookie)
      .send(form);
    expect(status).toBe(200);
    expect(text).toMatch(/Approved for [^<.]+\./);
    expect(text).toMatch(/Left out:<\/strong> see these people first\. Decide each/);
    expect(text).toContain(
      `<a href="/review/${ids[0]}">Food insecurity of a person without a name on file</a>`,
    );
    const again = await ask
      .post('/review/decisions')
      .type('form')
      .set(cookie)
      .send({ ...form, referral: [ids[0], await seed('ada', 'housing-instability')] });
    expect([again.status, again.text.includes('Nothing was recorded.')]).toEqual([200, true]);
  });
});

describe('having looked at a screening', () => {
  const note = 'Called her sister; <b>safe</b> tonight';
  const versionIn = async () =>
    (await ask.get('/api/v1/screenings').set(cookie)).body.items[0].version as string;
  const doors = {
    API: async (screening: string, body: { version: string; note?: string }) =>
      (await ask.post(`/api/v1/screenings/${screening}/seen`).set(cookie).send(body)).status,
    form: async (screening: string, body: { version: string; note?: string }) =>
      (
        await ask
          .post('/review/screenings/seen')
          .type('form')
          .set(cookie)
          .send({ screening, ...body })
      ).status,
  };
  const codeOf = { API: 200, form: 303 };

  it.each(['API', 'form'] as const)(
    'leaves a trace with who and when, and a note for reviewers only, by the %s',
    async (door) => {
      const id = await seed('ada', 'food-insecurity');
      const screening = await screened('ada', false);
      expect(await doors[door](screening, { version: await versionIn(), note })).toBe(codeOf[door]);
      const timeline = await db.tx((tx) => timelineOf(tx, tenant, screening));
      expect(timeline).toContainEqual(
        expect.objectContaining({
          what: `looked at Screening/${screening}, with words`,
          who: 'person:rea',
        }),
      );
      const history = await db.query('select * from history');
      expect(JSON.stringify([timeline, history.rows])).not.toContain('sister');
      const page = await ask.get(`/review/${id}`).set(cookie);
      expect(page.text).toMatch(/Reviewed by rea, [^<]+: Called her sister; &lt;b&gt;safe/);
      // What is found later calls a person again, who reads what was noted before.
      await db.query('update screening set seen_at = null');
      const [item] = (await ask.get('/api/v1/screenings').set(cookie)).body.items;
      expect(item.looks).toEqual([{ by: 'person:rea', at: expect.stringMatching(/Z$/), note }]);
    },
  );

  it.each(['API', 'form'] as const)('needs no note, by the %s', async (door) => {
    const screening = await screened('ada', false);
    expect(
      await doors[door](screening, {
        version: await versionIn(),
        ...(door === 'form' ? { note: '  ' } : {}),
      }),
    ).toBe(codeOf[door]);
    const timeline = await db.tx((tx) => timelineOf(tx, tenant, screening));
    expect(timeline.map((one) => one.what)).toContain(`looked at Screening/${screening}`);
  });

  it('stands in what the API says of each referral of the person, like the screening itself', async () => {
    const id = await seed('ada', 'food-insecurity');
    const screening = await screened('ada', false);
    await screened('bo', false);
    const detail = async () => (await ask.get(`/api/v1/reviews/${id}`).set(cookie)).body.screenings;
    expect(await detail()).toMatchObject([
      {
        ...{ id: screening, looks: [], seeFirst: false },
        issues: [{ ...warning, text: 'An answer is read by one person alone.' }],
      },
    ]);
    const version = (await detail())[0].version;
    expect(await doors.API(screening, { version, note })).toBe(200);
    expect(await detail()).toMatchObject([
      { id: screening, looks: [{ by: 'person:rea', at: expect.stringMatching(/Z$/), note }] },
    ]);
  });

  it.each<[string, string, number]>([
    [
      'a worker has attached an Encounter',
      "encounter = 'e1', changed_at = now() + interval '1 minute'",
      200,
    ],
    [
      'a worker has coded anew',
      "outcome = 'coded', sources = '[1]', changed_at = now() + interval '1 minute'",
      200,
    ],
    ['something new was found', 'issues = \'[{"severity":"warning"}]\'', 409],
    ['somebody else was faster', "seen_at = now(), seen_by = 'person:bo'", 409],
    ['the same person has, and adds a note', "seen_at = now(), seen_by = 'person:rea'", 200],
  ])(
    'is in conflict with people and with new answers, never with a worker: %s',
    async (_what, change, status) => {
      const screening = await screened('ada', false);
      const version = await versionIn();
      await db.query(`update screening set ${change}`);
      expect(await doors.API(screening, { version, note })).toBe(status);
      expect((await db.query('select 1 from screening_review')).rows).toHaveLength(
        status === 200 ? 1 : 0,
      );
    },
  );

  it.each([
    ['too long', 'x'.repeat(501)],
    ['of two lines', 'one\ntwo'],
  ])('records nothing where the note is %s', async (_what, text) => {
    const screening = await screened('ada', false);
    const version = await versionIn();
    for (const door of ['API', 'form'] as const)
      expect(await doors[door](screening, { version, note: text })).toBe(400);
    expect((await db.query('select 1 from screening_review')).rows).toEqual([]);
    expect(await versionIn()).toBe(version);
  });
});
