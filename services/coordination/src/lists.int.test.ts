import { randomUUID } from 'node:crypto';
import { addContract, addSignIn, createApp, finish, listen } from '@loopwell/http';
import { type Clock, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { access, type Database, migrate, openDatabase, readRunTotals } from '@loopwell/store';
import {
  accessibilityProblems,
  chromiumPath,
  fitsItsWindow,
  insertTask,
  openBrowser,
  supertest,
  testDatabase,
} from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReviewRoutes } from './review.route.ts';

/**
 * What became of referrals can be listed and found, and what nobody could help with is closed by a
 * person.
 */
const tenant = 'o';
const clock: Clock = { now: () => new Date('2026-11-24T15:00:00Z') };

let db: Database;
let app: ReturnType<typeof createApp>;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let session = '';
let token = '';

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant });
  app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  addContract(app, contracts.coordination);
  addSignIn(app, access.signInDoors(db), { secure: false });
  addReviewRoutes(app, { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 });
  finish(app, silentLog);
  ask = supertest(app.express);
  const routes = [
    'GET /api/v1/reviews',
    'GET /api/v1/reviews/:referralId',
    'POST /api/v1/reviews/decisions',
  ];
  const grant = { tenant, principal: 'person:rea', roles: ['reviewer'], routes: [] };
  session = await db.tx((tx) => access.grantAccess(tx, { ...grant, kind: 'session' }));
  token = await db.tx((tx) =>
    access.grantAccess(tx, {
      tenant,
      kind: 'service',
      principal: 'service:ehr-app',
      roles: [],
      routes,
    }),
  );
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});
beforeEach(async () => {
  await db.query(
    'truncate connection, patient_link, ledger, history, person_no, referral, decision, ehr_resource, task, task_delivery, task_version, partner cascade',
  );
  await insert('connection', { id: 'clinic', tenant, base: 'https://ehr.example/fhir' });
  await insert('partner', {
    id: 'pantry',
    tenant,
    position: 0,
    name: 'Northside Pantry',
    address: 'https://p.example',
    body: '{"categories":[]}',
  });
});

async function insert(table: string, row: Record<string, unknown>): Promise<void> {
  const names = Object.keys(row);
  const values = names.map((_, index) => `$${index + 1}`);
  await db.query(
    `insert into ${table} (${names.join(',')}) values (${values.join(',')})`,
    Object.values(row),
  );
}

const somebody = randomUUID();

let minute = 0;

async function referral(state: string, more: Record<string, unknown> = {}): Promise<string> {
  const id = randomUUID();
  minute += 1;
  await insert('referral', {
    id,
    tenant,
    connection: 'clinic',
    person: randomUUID(),
    category: 'food-insecurity',
    state,
    unambiguous: true,
    sensitive: false,
    conditions: '[]',
    since: '2026-11-02',
    trace: randomUUID(),
    changed_at: new Date(Date.parse('2026-11-20T08:00:00Z') + minute * 60_000),
    ...more,
  });
  return id;
}

const task = (referralId: string, more: Record<string, unknown> = {}) =>
  insertTask(db, {
    id: randomUUID(),
    tenant,
    referral: referralId,
    person: randomUUID(),
    attempt: 1,
    partner: 'pantry',
    channel: 'fhir-rest',
    address: 'https://p.example',
    receipt_key: randomUUID(),
    status: 'accepted',
    remote_id: 'r1',
    ...more,
  });

const get = (query: string) =>
  ask.get(`/api/v1/reviews${query}`).set('authorization', `Bearer ${token}`);
const cookie = () => ({ cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' });
const idsOf = async (query: string) =>
  ((await get(query).expect(200)).body as { items: { id: string }[] }).items.map((one) => one.id);

/** One referral for each place that there is, and what the counts call it. */
async function oneOfEach(): Promise<Record<string, string>> {
  const partner = await referral('partner', { gate: 'partner', sent: true });
  await task(partner);
  const unsent = await referral('waiting', { gate: 'send' });
  await task(unsent, { status: 'requested', remote_id: null });
  const refusal = { approval: 'refused', approved_by: 'person:rea' };
  const ids = {
    review: await referral('waiting', { gate: 'review' }),
    withoutHelp: await referral('waiting', {
      gate: 'withoutHelp',
      without_help: 'all-declined',
      approval: 'approved',
      decide_by: new Date('2026-11-23'),
    }),
    noPartner: await referral('waiting', { gate: 'noPartner', approval: 'approved' }),
    hold: await referral('waiting', { gate: 'hold', approval: 'approved' }),
    send: await referral('waiting', { gate: 'send', approval: 'approved' }),
    closed: await referral('closed', { sent: true }),
    failed: await referral('failed', { given_up_by: 'person:rea' }),
    refused: await referral('withdrawn', refusal),
    withdrawn: await referral('withdrawn', { sent: true, agreement_withdrawn_at: new Date() }),
  };
  // Taken back by coding before anybody had looked: it was no need, and is in no list.
  await referral('withdrawn', { approval: 'refused', approved_by: 'system:enrichment' });
  // Another tenant's.
  await referral('closed', { tenant: 'other' });
  return { partner, unsent, ...ids };
}

describe('lists by state', () => {
  it('hold what the totals count, each in one place', async () => {
    const ids = await oneOfEach();
    const of = (...names: string[]) => names.map((name) => ids[name]);
    expect(await idsOf('')).toEqual(of('review', 'withoutHelp'));
    expect(await idsOf('?state=waiting')).toEqual(of('review', 'withoutHelp'));
    for (const state of ['withoutHelp', 'noPartner', 'hold', 'send', 'closed', 'failed', 'refused'])
      expect([state, ...(await idsOf(`?state=${state}`))]).toEqual([state, ids[state]]);
    // Longest unchanged first where it is work, latest first where it has ended; refused ones are
    // withdrawn, too.
    expect(await idsOf('?state=partner')).toEqual(of('partner', 'unsent'));
    expect(await idsOf('?state=withdrawn')).toEqual(of('withdrawn', 'refused'));
    const { referrals } = await db.tx((tx) => readRunTotals(tx, tenant));
    expect(referrals).toMatchObject({
      needed: 11,
      closed: 1,
      failed: 1,
      withdrawn: 2,
      waiting: { partner: 2, withoutHelp: 1, send: 1 },
    });
  });

  it('say who has it, also of what may not have arrived', async () => {
    await oneOfEach();
    const { items } = (await get('?state=partner').expect(200)).body;
    expect(items).toMatchObject([
      { state: 'partner', tasks: [{ partner: 'pantry', status: 'accepted', live: true }] },
      { state: 'partner', tasks: [{ partner: 'pantry', status: 'requested', live: true }] },
    ]);
    const [waits] = (await get('?state=withoutHelp').expect(200)).body.items;
    expect(waits).toMatchObject({
      withoutHelp: { reason: 'all-declined', owner: 'reviewer', overdue: true, told: 'operator' },
    });
  });

  it.each(['closed', 'partner'])(
    'are paged without losing or repeating one (%s)',
    async (state) => {
      const same = { changed_at: new Date('2026-11-20T08:00:00Z') };
      const made = new Set<string>();
      for (let n = 0; n < 7; n += 1) {
        const id = await referral(state, n < 4 ? same : {});
        if (state === 'partner') await task(id);
        made.add(id);
      }
      const seen: string[] = [];
      let next = '';
      do {
        const { body } = await get(`?state=${state}&limit=2${next}`).expect(200);
        seen.push(...body.items.map((one: { id: string }) => one.id));
        next = body.next ? `&cursor=${encodeURIComponent(body.next)}` : '';
      } while (next !== '');
      expect([seen.length, new Set(seen)]).toEqual([7, made]);
    },
  );

  it('are narrowed to a need and to a person', async () => {
    const person = randomUUID();
    const own = await referral('closed', { person });
    const rides = await referral('closed', { person, category: 'transportation-insecurity' });
    await referral('closed');
    const open = await referral('waiting', { gate: 'review', person, category: 'homelessness' });
    expect(await idsOf(`?state=closed&person=${person}`)).toEqual([rides, own]);
    expect(await idsOf('?state=closed&category=transportation-insecurity')).toEqual([rides]);
    expect(await idsOf(`?state=all&person=${person}`)).toEqual([open, rides, own]);
  });

  it.each([
    ['?state=lost', 'state'],
    ['?state=', 'state'],
    ['?state=closed&state=failed', 'state'],
    ['?state=closed&gate=review', 'gate'],
    ['?state=withoutHelp&gate=review', 'gate'],
    ['?state=closed&postponed=true', 'postponed'],
    ['?state=closed&sort=need', 'sort'],
    ['?state=all', 'person'],
    ['?state=closed&cursor=bm8', 'cursor'],
  ])('refuse %s naming %s', async (query, name) => {
    const { body } = await get(query).expect(400);
    expect(JSON.stringify(body)).toContain(name);
  });

  it('refuse a cursor of another list', async () => {
    for (let n = 0; n < 3; n += 1) await referral('closed');
    const { body } = await get('?state=closed&limit=1').expect(200);
    await get(`?state=failed&cursor=${encodeURIComponent(body.next)}`).expect(400);
  });
});

describe('the pages', () => {
  it('show each list, and say of a recall that it was one', async () => {
    const ids = await oneOfEach();
    await task(ids.withdrawn ?? '', {
      live: false,
      status: 'cancelled',
      reason: 'agreement-withdrawn',
      recalled_from: 'accepted',
    });
    const page = async (path: string) => (await ask.get(path).set(cookie()).expect(200)).text;
    for (const state of ['failed', 'refused', 'withdrawn'])
      expect(await page(`/review?state=${state}`)).toContain(`/review/${ids[state]}`);
    expect(await page('/without-help')).toContain('overdue, the operators have been told');
    const withdrawn = await page('/review?state=withdrawn');
    expect(withdrawn).toMatch(
      /taken back: the person no longer wants this help\. Northside Pantry had it from .* \(accepted\)/,
    );
    const detail = await page(`/review/${ids.withdrawn}`);
    expect(detail).toContain('what the partner had read by then cannot be taken back');
    expect(detail).not.toContain('ended before it went to a partner');
    await ask.get('/review?state=lost').set(cookie()).expect(400);
  });

  it.each([
    ['/review', '/decide'],
    ['/review?gate=review&sort=need', '/decide'],
    ['/review?gate=agreement&category=stress', '/ask?need=stress'],
    ['/review?gate=consent', '/signature'],
    ['/review?gate=noServiceCode', '/service'],
    ['/review?gate=withoutHelp', '/without-help'],
    ['/review?gate=saidNo', '/later'],
    ['/review?gate=postponed', '/later'],
    ['/review?gate=nothing', '/decide'],
    ['/review?category=intimate-partner-violence', '/decide'],
    ['/review?state=noPartner', '/without-help'],
    ['/review?state=hold', '/waiting'],
    ['/review?state=send', '/waiting'],
    ['/review?state=partner', '/waiting'],
    ['/review?state=closed', '/helped'],
    ['/review?done=approved&n=2', '/decide?done=approved&n=2'],
    [`/review?state=all&person=${somebody}`, `/people/${somebody}`],
    [`/review?gate=review&person=${somebody}`, `/people/${somebody}`],
  ])('of the old list %s lead to the list of people %s', async (old, now) => {
    const answer = await ask.get(old).set(cookie());
    expect([answer.status, answer.headers.location]).toEqual([303, now]);
  });

  it.each([
    ['2015-05-04', 'active', 'Under age: decide whom to ask'],
    [undefined, 'active', 'Age not known, may be a child: decide whom to ask'],
    ['1980-05-04', 'active', undefined],
    ['1980-05-04', 'odd', 'Record unclear: nothing goes out until the chart says'],
  ])(
    'rows say what a reviewer has to know of the record: born %s, %s',
    async (birthDate, kind, says) => {
      const person = randomUUID();
      await referral('waiting', { gate: 'review', person });
      const active = kind === 'active' ? true : 'perhaps';
      const body = JSON.stringify({
        resourceType: 'Patient',
        id: 'p1',
        active,
        ...(birthDate ? { birthDate } : {}),
      });
      await insert('ehr_resource', {
        tenant,
        connection: 'clinic',
        type: 'Patient',
        version_id: '1',
        person,
        body,
        source_id: 'p1',
      });
      const { text } = await ask.get('/decide').set(cookie()).expect(200);
      const all = ['Under age', 'Age not known', 'Record unclear'].filter((one) =>
        text.includes(one),
      );
      expect(all).toEqual(says === undefined ? [] : [says.split(/[:,]/)[0]]);
    },
  );

  it('find a person by the Patient id of the chart', async () => {
    const person = randomUUID();
    const own = await referral('closed', { person });
    const body = JSON.stringify({
      resourceType: 'Patient',
      id: 'p1',
      name: [{ text: 'Ada Lind' }],
    });
    const row = {
      tenant,
      connection: 'clinic',
      type: 'Patient',
      version_id: '1',
      person,
      body,
    };
    await insert('ehr_resource', { ...row, source_id: 'p1' });
    const link = { tenant, connection: 'clinic', patient_id: 'p1' };
    await insert('patient_link', { ...link, patient: person, person });
    const find = (patient: string) =>
      ask.post('/review/find').type('form').set(cookie()).send({ patient });
    const found = await find('Patient/p1').expect(303);
    expect(found.headers.location).toBe(`/people/${person}`);
    const { text } = await ask
      .get(found.headers.location ?? '')
      .set(cookie())
      .expect(200);
    expect([text.includes('Ada Lind'), text.includes(own)]).toEqual([true, true]);
    expect((await find('p2').expect(404)).text).toContain('No person with this Patient id');
  });
});

describe('closing without help', () => {
  const decide = (referrals: string[], more: object = {}) =>
    ask
      .post('/api/v1/reviews/decisions')
      .set('authorization', `Bearer ${token}`)
      .send({
        referrals,
        decision: 'closeWithoutHelp',
        reason: 'She found a food shelf herself',
        ...more,
      });
  const rowOf = async (id: string) =>
    (await db.query('select * from referral where id = $1', [id])).rows[0];

  it('is a decision with a reason, and leaves the list at once; the gates end it', async () => {
    const id = await referral('waiting', {
      gate: 'withoutHelp',
      without_help: 'partner-failed',
      approval: 'approved',
    });
    await decide([id], { reason: undefined }).expect(400);
    await decide([id]).expect(200);
    expect(await rowOf(id)).toMatchObject({ given_up_by: 'service:ehr-app', state: 'waiting' });
    expect(await idsOf('?state=withoutHelp')).toEqual([]);
    expect(
      (
        await db.query(
          "select 1 from ledger where stage = 'refer' and waits_for = 'worker' and subject = $1",
          [id],
        )
      ).rows,
    ).toHaveLength(1);
    const { rows } = await db.query('select decision, reason from decision');
    expect(rows).toEqual([
      { decision: 'closeWithoutHelp', reason: 'She found a food shelf herself' },
    ]);
    await decide([id]).expect(409);
    const taken = { referrals: [id], decision: 'withdrawConsent' };
    await ask
      .post('/api/v1/reviews/decisions')
      .set('authorization', `Bearer ${token}`)
      .send(taken)
      .expect(200);
  });

  it('is for what nobody could help with, and nothing else', async () => {
    const { withoutHelp = '', ...others } = await oneOfEach();
    for (const [place, id] of Object.entries(others)) {
      const { status, body } = await decide([id]);
      expect([place, status, body.facts?.referral]).toEqual([place, 409, id]);
      await decide([withoutHelp, id]).expect(409);
    }
    expect(
      (
        await db.query(
          'select 1 from decision union all select 1 from referral where approved_at > now()',
        )
      ).rows,
    ).toEqual([]);
    expect(await rowOf(withoutHelp)).toMatchObject({ given_up_by: null });
    await decide([randomUUID()]).expect(404);
  });

  // A form has no numbers, and a browser sends no half of a character.
  it.each<[string, unknown, boolean]>([
    ['none', undefined, true],
    ['an empty one', '', true],
    ['blanks', '  ', true],
    ['one of two lines', 'one\ntwo', true],
    ['one that is too long', 'x'.repeat(501), true],
    ['a number', 7, false],
    ['half a character', 'a\ud800', false],
  ])('takes no reason that is none: %s', async (_what, reason, isFormToo) => {
    const id = await referral('waiting', {
      gate: 'withoutHelp',
      without_help: 'silent',
      approval: 'approved',
    });
    const { status, body } = await decide([id], { reason });
    expect([status, JSON.stringify(body).includes('reason')]).toEqual([400, true]);
    if (isFormToo) {
      const form = { back: `/review/${id}`, referral: id, decision: 'closeWithoutHelp', reason };
      const page = await ask.post('/review/decisions').type('form').set(cookie()).send(form);
      expect([page.status, page.text.includes('Give a reason in one line')]).toEqual([400, true]);
    }
    expect((await db.query('select 1 from decision where referral = $1', [id])).rows).toEqual([]);
  });

  it('is a button of the page, which says why nobody could help', async () => {
    const why = {
      without_help: 'partner-failed',
      without_help_since: new Date('2026-11-20'),
      decide_by: new Date('2026-11-25T12:00:00Z'),
    };
    const id = await referral('waiting', { gate: 'withoutHelp', approval: 'approved', ...why });
    const { text } = await ask.get(`/review/${id}`).set(cookie()).expect(200);
    expect(text).toContain('The partner accepted it, and then ended it without help.');
    expect(text).toContain('value="closeWithoutHelp"');
    const form = {
      back: `/review/${id}`,
      referral: id,
      decision: 'closeWithoutHelp',
      reason: 'Nobody is left to ask',
    };
    const told = await ask
      .post('/review/decisions')
      .type('form')
      .set(cookie())
      .send(form)
      .expect(303);
    expect(
      (
        await ask
          .get(told.headers.location ?? '')
          .set(cookie())
          .expect(200)
      ).text,
    ).toContain('Closed without help for a person without a name on file.');
  });
});

describe('asking the next partner', () => {
  const decide = (referrals: string[], more: object = {}, who: 'token' | 'person' = 'token') => {
    const asked = ask.post('/api/v1/reviews/decisions');
    return (
      who === 'token' ? asked.set('authorization', `Bearer ${token}`) : asked.set(cookie())
    ).send({
      referrals,
      decision: 'askNext',
      ...more,
    });
  };
  const rowOf = async (id: string) =>
    (await db.query('select * from referral where id = $1', [id])).rows[0];
  /** One that the pantry has answered; the shelter serves the need, too. */
  const answered = async (why: string, more: Record<string, unknown> = {}) => {
    const before = {
      approval: 'approved',
      approved_by: 'person:ada',
      decide_by: new Date('2026-11-26'),
    };
    const id = await referral('waiting', {
      gate: 'withoutHelp',
      without_help: why,
      without_help_since: new Date('2026-11-20'),
      ...before,
      ...more,
    });
    await task(id, { live: false, status: 'rejected' });
    return id;
  };
  beforeEach(async () => {
    const serving = { tenant, body: '{"categories":["food-insecurity"]}' };
    await db.query(`update partner set body = '{"categories":["food-insecurity"]}'`);
    await insert('partner', {
      id: 'shelter',
      position: 1,
      name: 'Shelter',
      address: 'https://s.example',
      ...serving,
    });
    await insert('partner', {
      id: 'rides',
      position: 2,
      name: 'Rides',
      address: 'https://r.example',
      tenant,
      body: '{"categories":[]}',
    });
  });

  it.each([
    'rejected-after-acceptance',
    'partner-failed',
    'cancelled-by-partner',
    'unable-to-reach',
    'wrong-contact',
    'did-not-come',
    'outcome-doubted',
  ])("is a person's choice after %s, and leaves the list at once", async (why) => {
    const id = await answered(why);
    expect((await get(`/${id}`)).body.nextPartners).toEqual([{ id: 'shelter', name: 'Shelter' }]);
    expect((await decide([id])).body).toMatchObject({ decided: 1, skipped: [] });
    expect(await rowOf(id)).toMatchObject({
      asked_after: 1,
      without_help: null,
      decide_by: null,
      approved_by: 'service:ehr-app',
      recipient: null,
    });
    expect(await idsOf('?state=withoutHelp')).toEqual([]);
    await decide([id]).expect(409);
  });

  it('is none where the person does not want this help, where nobody is left, and where it does not wait for that', async () => {
    const declined = await answered('person-declined');
    const through = await answered('all-declined');
    await task(through, {
      attempt: 2,
      live: false,
      partner: 'shelter',
      address: 'https://s.example',
      status: 'rejected',
    });
    for (const id of [
      declined,
      through,
      await referral('waiting', { gate: 'review' }),
      await referral('partner', { gate: 'partner' }),
    ])
      await decide([id]).expect(409);
    await decide([await answered('partner-failed')], { recipient: 'rides' }).expect(400);
    await decide([await answered('partner-failed')], { recipient: 'pantry' }).expect(409);
    await decide([await answered('partner-failed', { sensitive: true })]).expect(403);
  });

  it('gives one that took no part its turn: what never arrived, and what we took back', async () => {
    const id = await referral('waiting', {
      gate: 'withoutHelp',
      without_help: 'partner-failed',
      approval: 'approved',
    });
    await task(id, { live: false, status: 'cancelled', reason: 'never-arrived' });
    expect((await get(`/${id}`)).body.nextPartners).toHaveLength(2);
  });

  it('is a second pick for what is restricted, by a signed-in person who names the partner', async () => {
    const restricted = { restriction: 'one-recipient', recipient: 'pantry' };
    const [one, two] = [
      await answered('all-declined', restricted),
      await answered('all-declined', restricted),
    ];
    await decide([one], { recipient: 'shelter' }).expect(403);
    await decide([one], {}, 'person').expect(400);
    await decide([one], { recipient: 'shelter' }, 'person').expect(200);
    // An approval for another partner says the same.
    await decide([two], { decision: 'approve', recipient: 'shelter' }, 'person').expect(200);
    for (const id of [one, two])
      expect(await rowOf(id)).toMatchObject({
        recipient: 'shelter',
        asked_after: 1,
        approved_by: 'person:rea',
      });
    await decide(
      [await answered('all-declined', { restriction: 'named-consent' })],
      { recipient: 'shelter' },
      'person',
    ).expect(403);
  });

  it('may change before it is out, too: the one that was picked cannot be asked', async () => {
    const picked = {
      restriction: 'one-recipient',
      recipient: 'pantry',
      approval: 'approved',
      approved_by: 'person:ada',
    };
    const id = await referral('waiting', { gate: 'consent', ...picked });
    await decide([id], { decision: 'approve', recipient: 'pantry' }, 'person').expect(409);
    await decide([id], { decision: 'approve', recipient: 'shelter' }, 'person').expect(200);
    expect(await rowOf(id)).toMatchObject({ recipient: 'shelter', asked_after: 0 });
    const out = await referral('partner', { gate: 'partner', ...picked });
    await decide([out], { decision: 'approve', recipient: 'shelter' }, 'person').expect(409);
  });

  it('goes to one that had its turn where somebody says so', async () => {
    const id = await answered('partner-failed');
    const page = await ask.get(`/review/${id}`).set(cookie()).expect(200);
    expect(page.text).toContain('(had its turn)</option>');
    expect(page.text).toContain('name="askNext.askAgain"');
    const form = {
      ...{ back: `/review/${id}`, referral: id, decision: 'askNext' },
      ...{ 'askNext.recipient': 'pantry', 'askNext.askAgain': 'true' },
    };
    const asked = ask.post('/review/decisions').set(cookie()).type('form');
    await asked.set('sec-fetch-site', 'same-origin').send(form).expect(303);
    expect(await rowOf(id)).toMatchObject({ recipient: 'pantry', asked_after: 1, turns_from: 1 });
    const declined = await answered('person-declined');
    await decide([declined], { askAgain: true }, 'person').expect(409);
  });

  it('is a button of the page', async () => {
    const id = await answered('partner-failed');
    const { text } = await ask.get(`/review/${id}`).set(cookie()).expect(200);
    expect(text).toContain('value="askNext"');
    const form = {
      back: `/review/${id}`,
      referral: id,
      decision: 'askNext',
      'askNext.recipient': 'shelter',
    };
    const told = await ask
      .post('/review/decisions')
      .type('form')
      .set(cookie())
      .send(form)
      .expect(303);
    expect(told.headers.location).toContain(`/review/${id}?done=next-asked&n=1&request=`);
    expect(await rowOf(id)).toMatchObject({ recipient: 'shelter' });
  });
});

describe.skipIf(chromiumPath === undefined)('the lists in a browser', { tags: ['browser'] }, () => {
  it('have no accessibility problem and fit a phone', { timeout: 90_000 }, async () => {
    const ids = await oneOfEach();
    await task(ids.withdrawn ?? '', {
      live: false,
      status: 'cancelled',
      reason: 'agreement-withdrawn',
      recalled_from: 'accepted',
    });
    const server = await listen(app, { host: '127.0.0.1', port: 0 });
    const browser = await openBrowser();
    try {
      for (const width of [320, 1280]) {
        const context = await browser.newContext({
          viewport: { width, height: 800 },
          colorScheme: width === 320 ? 'dark' : 'light',
        });
        await context.addCookies([
          { name: 'loopwell_session', value: session, url: server.address },
        ]);
        const page = await context.newPage();
        const lists = ['failed', 'refused', 'withdrawn'].map((state) => `/review?state=${state}`);
        for (const path of [...lists, `/review/${ids.withoutHelp}`, `/review/${ids.withdrawn}`]) {
          await page.goto(`${server.address}${path}`);
          expect([path, await accessibilityProblems(page), await fitsItsWindow(page)]).toEqual([
            path,
            [],
            true,
          ]);
          const shot = `${process.env.SCREENSHOTS}/${path.replaceAll(/[^a-z]+/gi, '-').slice(0, 30)}-${width}.png`;
          if (process.env.SCREENSHOTS) await page.screenshot({ path: shot, fullPage: true });
        }
        await context.close();
      }
    } finally {
      await browser.close();
      await server.close();
    }
  });
});
