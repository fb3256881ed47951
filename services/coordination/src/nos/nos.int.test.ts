import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import type { ReachChoice } from '@loopwell/sdoh';
import {
  access,
  type Database,
  directory,
  grants,
  migrate,
  openDatabase,
  people,
  referrals,
  tasks,
} from '@loopwell/store';
import { newTask, supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReviewRoutes } from '../review.route.ts';
import type { ReviewDeps } from '../reviewer.ts';
import { addContactPages } from './contact-pages.route.ts';
import { addNoRoutes } from './nos.route.ts';

const tenant = 'o';
const today = '2026-11-30';
let now = new Date(`${today}T16:00:00Z`);
const clock: Clock = { now: () => now, timeZone: 'America/Chicago' };
const nudged: string[] = [];
const food = 'food-insecurity';

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let cookies: Record<'reviewer' | 'operator', Record<string, string>>;
let token: string;
let deps: ReviewDeps;
let [kia, kiaThere, referral] = ['', '', ''];

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant, max: 8 });
  const app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
    clock,
  });
  addContract(app, contracts.coordination);
  addSignIn(app, access.signInDoors(db), { secure: false });
  const nudge = async (nudges: readonly { stage: string }[]) =>
    void nudged.push(...nudges.map(({ stage }) => stage));
  deps = { tx: db.tx, nudge, clock, longestConsentDays: 365 };
  addReviewRoutes(app, deps);
  addNoRoutes(app, deps);
  addContactPages(app, deps);
  finish(app, silentLog);
  ask = supertest(app.express);
  const signIn = async (role: string) => {
    const grant = { tenant, kind: 'session' as const, principal: 'person:rea', roles: [role] };
    const session = await db.tx((tx) => access.grantAccess(tx, { ...grant, routes: [] }));
    return { cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' };
  };
  cookies = { reviewer: await signIn('reviewer'), operator: await signIn('operator') };
  token = await db.tx((tx) =>
    access.grantAccess(tx, {
      tenant,
      kind: 'service' as const,
      principal: 'system:forms',
      roles: ['reviewer'],
      routes: [
        'POST /api/v1/people/:personId/noes',
        'POST /api/v1/people/:personId/noes/:noId/brought-up',
        'POST /api/v1/reviews/decisions',
      ],
    }),
  );
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

const reach: ReachChoice = {
  ways: ['call'],
  phone: { number: '+16125550123' },
  phoneOwner: 'self',
  voicemail: false,
  mayBeSaid: 'clinicOnly',
  reading: 'reads',
  forPartners: false,
};

/** A person with two records and one open need. */
beforeEach(async () => {
  now = new Date(`${today}T16:00:00Z`);
  nudged.splice(0);
  [kia, kiaThere, referral] = [newId(), newId(), newId()];
  await db.query('delete from ledger');
  await db.query('delete from contact_try where tenant = $tenant');
  await db.tx(async (tx) => {
    const row = (patient: string) => ({
      connection: 'clinic',
      patientId: patient,
      patient,
      unusable: null,
    });
    await people.savePatients(tx, [row(kia), row(kiaThere)]);
    const standing = { standing: 'stands' as const, recordKey: 'k' };
    await people.saveStandings(tx, [
      { patient: kia, ...standing },
      { patient: kiaThere, ...standing },
    ]);
    await people.setPerson(tx, { patient: kiaThere, samePersonAs: kia, principal: 'person:rea' });
    const asked = { answeredAt: now, askedBy: 'person:rea', instead: null };
    await people.recordReach(tx, { person: kia, choice: reach, ...asked });
    await referrals.saveNeeds(tx, [
      {
        id: referral,
        tenant,
        connection: 'clinic',
        person: kiaThere,
        episode: 1,
        category: food,
        unambiguous: true,
        sensitive: false,
        conditions: '[]',
        since: '2026-11-02T10:00:00Z',
        trace: newId(),
      },
    ]);
  });
});

const good = { kind: 'not-this-help', category: food, saidOn: '2026-11-08' };
const say = (more: object = {}, person = kia) =>
  ask
    .post(`/api/v1/people/${person}/noes`)
    .set(cookies.reviewer)
    .send({ ...good, ...more });
const nos = async (person = kia) =>
  (await ask.get(`/api/v1/people/${person}/noes`).set(cookies.reviewer)).body.nos;
const stored = async () =>
  (await db.query('select 1 from person_no where person = any($1)', [[kia, kiaThere]])).rows.length;
const dueRows = async () =>
  (await db.query("select 1 from ledger where stage = 'refer' and subject = $1", [referral])).rows
    .length;
const attempt = (more: object = {}, person = kia) =>
  ask
    .post(`/api/v1/people/${person}/tries`)
    .set(cookies.reviewer)
    .send({ channel: 'call', category: food, ...more });

describe('a no by the API', () => {
  it('is kept with who said it, to whom and when, and the gates are looked at again', async () => {
    const { status, body } = await say({ saidTo: 'Bo', note: 'Maya, mahadsanid' });
    expect([status, body.result]).toEqual([201, 'recorded']);
    expect(await nos(kiaThere)).toMatchObject([
      {
        id: body.id,
        kind: 'not-this-help',
        category: food,
        saidOn: '2026-11-08',
        saidBy: 'person',
        saidTo: 'Bo',
        note: 'Maya, mahadsanid',
        stands: true,
      },
    ]);
    expect([await dueRows(), nudged]).toEqual([1, ['refer']]);
  });

  it('is one, by two people at once too, and over both records', async () => {
    const answers = await Promise.all([say(), say({}, kiaThere), say(), say()]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 201]);
    expect(await stored()).toBe(1);
  });

  it.each<[string, object, string, string]>([
    ['of an unknown kind', { kind: 'perhaps' }, 'kind', 'enum'],
    ['of tomorrow', { saidOn: '2026-12-01' }, 'saidOn', 'future'],
    ['of a day that there is not', { saidOn: '2026-02-30' }, 'saidOn', 'date'],
    ['until yesterday', { kind: 'not-now', until: '2026-11-29' }, 'until', 'past'],
    ['for now without a day', { kind: 'not-now' }, 'until', 'required'],
    ['to a place that is not named', { kind: 'not-this-place' }, 'partner', 'required'],
    ['by a neighbor', { saidBy: 'neighbor' }, 'saidBy', 'enum'],
    ['with a note of 2,001 letters', { note: 'x'.repeat(2001) }, 'note', 'maxLength'],
    ['with a control character', { note: 'a\u0007b' }, 'note', 'characters'],
    ['with a null character', { note: 'a\u0000b' }, 'note', 'no-nul'],
    ['with a field that is unknown', { trust: 'me' }, 'trust', 'additionalProperties'],
  ])('%s is refused with field and rule, and nothing is done', async (_name, more, field, rule) => {
    const { status, body, text } = await say(more);
    expect(status).toBe(400);
    const problem = body.problems?.[0] ?? { path: `/body/${body.facts?.field}`, ...body.facts };
    expect([problem.path, problem.rule]).toEqual([`/body/${field}`, rule]);
    expect(text).not.toContain('xxx');
    expect([await stored(), await dueRows(), nudged]).toEqual([0, 0, []]);
  });

  it('with a note of 1 MB is refused, and nothing is done', async () => {
    const { status } = await say({ note: 'kanari '.repeat(150_000) });
    expect([400, 413]).toContain(status);
    expect(await stored()).toBe(0);
  });

  it('keeps markup and Hmong as they were written, and out of history and ledger', async () => {
    const note = '<b>kanari</b> Nws hais tias tsis kam';
    await say({ note });
    expect((await nos())[0].note).toBe(note);
    for (const table of ['history', 'ledger', 'referral', 'decision']) {
      const { rows } = await db.query<{ text: string }>(`select t::text as text from ${table} t`);
      expect(rows.filter(({ text }) => text.includes('kanari'))).toEqual([]);
    }
  });

  it('about nobody, without the role or a session is refused', async () => {
    expect((await say({}, newId())).status).toBe(404);
    const send = () => ask.post(`/api/v1/people/${kia}/noes`).send(good);
    expect((await send().set(cookies.operator)).status).toBe(403);
    expect((await send()).status).toBe(401);
    expect(await stored()).toBe(0);
  });
});

describe('a decision about a need', () => {
  const decide = (body: object, as: Record<string, string> = cookies.reviewer) =>
    ask
      .post('/api/v1/reviews/decisions')
      .set(as)
      .send({ referrals: [referral], ...body });
  const need = async (id = referral) =>
    (await db.tx((tx) => referrals.loadReferrals(tx, [id]))).get(id);
  /** Another need of the same person, in the other EHR. */
  const another = async (category = food, person = kia) => {
    const id = newId();
    await db.tx((tx) =>
      referrals.saveNeeds(tx, [
        {
          id,
          tenant,
          connection: 'other',
          person,
          episode: 1,
          category,
          unambiguous: true,
          sensitive: false,
          conditions: '[]',
          since: '2026-11-20T10:00:00Z',
          trace: newId(),
        },
      ]),
    );
    return id;
  };
  const refusal = { decision: 'refuse', reason: 'The person does not want help with this' };

  it.each<[string, object, object]>([
    ['that takes the yes back', { decision: 'withdrawAgreement' }, {}],
    ['that refuses, for the person', refusal, {}],
    ['that refuses, in other words', { decision: 'refuse', reason: 'Declined by phone' }, {}],
    [
      'that says who said it, to whom and when',
      { ...refusal, saidBy: 'guardian', saidTo: 'Bo', saidOn: '2026-11-08' },
      { saidBy: 'guardian', saidTo: 'Bo', saidOn: '2026-11-08' },
    ],
    [
      'that asks not to ask again',
      { ...refusal, kind: 'dont-ask-again' },
      { kind: 'dont-ask-again', category: null },
    ],
  ])('%s is the no of the person, for all their EHRs', async (_name, body, more) => {
    const there = await another();
    await db.query('delete from ledger');
    expect((await decide(body)).status).toBe(200);
    const said = { saidBy: 'person', saidTo: 'rea', saidOn: today, broughtUpOn: null };
    const kept = { kind: 'not-this-help', category: food, ...said, stands: true, ...more };
    expect(await nos(kia)).toMatchObject([kept]);
    const { rows } = await db.query<{ subject: string }>(
      "select subject from ledger where stage = 'refer'",
    );
    expect(rows.map(({ subject }) => subject).toSorted()).toEqual([referral, there].toSorted());
    expect((await attempt()).body.facts).toMatchObject({ rule: 'said-no' });
  });

  it('that is the own one of the staff is no no of anybody', async () => {
    await decide({ decision: 'refuse', reason: 'Help is already in place' });
    const mistaken = await another('housing-instability');
    const staff = { ...refusal, referrals: [mistaken], saidBy: 'staff' };
    expect((await decide(staff)).status).toBe(200);
    expect(await nos()).toEqual([]);
  });

  it('that says not now does not end the need, and asks for a new yes later', async () => {
    await decide({ decision: 'agree', agreedOn: '2026-11-20', askedBy: 'Bo' });
    const notNow = { decision: 'withdrawAgreement', kind: 'not-now', until: '2026-12-10' };
    expect((await decide(notNow)).status).toBe(200);
    expect(await need()).toMatchObject({
      state: 'waiting',
      agreement_on: null,
      agreement_withdrawn_at: null,
      approval: null,
    });
    expect(await nos()).toMatchObject([{ kind: 'not-now', until: '2026-12-10' }]);
  });

  it.each<[string, object, string, string]>([
    ['not now, without a day', { kind: 'not-now' }, 'until', 'required'],
    ['not now, until a day that is over', { kind: 'not-now', until: today }, 'until', 'past'],
    ['of tomorrow', { saidOn: '2026-12-01' }, 'saidOn', 'future'],
    ['to no place', { kind: 'not-this-place' }, 'partner', 'required'],
    ['to an unknown place', { kind: 'not-this-place', partner: 'moon' }, 'partner', 'known'],
    ['until a day, for good', { until: '2026-12-10' }, 'until', 'not-with-this-kind'],
  ])('%s is refused, and nothing is done', async (_name, more, field, rule) => {
    const { status, body } = await decide({ ...refusal, ...more });
    expect([status, body.facts]).toMatchObject([400, { referral, field, rule }]);
    expect([await stored(), (await need())?.approval]).toEqual([0, null]);
  });

  it.each<[string, object]>([
    ['kind', { kind: 'perhaps' }],
    ['saidBy', { saidBy: 'neighbor' }],
    ['saidOn', { saidOn: '2026-02-30' }],
    ['saidTo', { saidTo: 'a\u0007' }],
  ])('with a wrong %s is refused', async (_field, more) => {
    expect((await decide({ ...refusal, ...more })).status).toBe(400);
    expect(await stored()).toBe(0);
  });

  const yes = { decision: 'agree', agreedOn: today, askedBy: 'Bo' };

  it.each<[string, object]>([
    ['yes', yes],
    ['approval', { decision: 'approve' }],
    ['next partner', { decision: 'askNext' }],
    ['both at once', { decision: 'approve', also: [yes] }],
  ])('against a no takes no %s, until they brought it up', async (_name, body) => {
    await say();
    const against = await decide({ ...body, referrals: [referral] });
    expect([against.status, against.body.facts]).toMatchObject([
      409,
      { referral, field: 'broughtUpOn', rule: 'said-no', saidOn: '2026-11-08' },
    ]);
    expect(await need()).toMatchObject({ approval: null, agreement_on: null });
  });

  it.each<[string, object, number, string]>([
    ['before the no', { broughtUpOn: '2026-11-07' }, 400, 'before-said'],
    ['tomorrow', { broughtUpOn: '2026-12-01' }, 400, 'future'],
  ])('that they brought it up %s is refused', async (_name, more, status, rule) => {
    await say();
    const answer = await decide({ ...yes, ...more });
    expect([answer.status, answer.body.facts]).toMatchObject([status, { rule }]);
    expect(await nos()).toMatchObject([{ stands: true }]);
  });

  it.each<[string, object, string]>([
    ['that is older than the no', { agreedOn: '2026-11-02' }, 'before-said'],
    ['from before they brought it up', { agreedOn: '2026-11-20' }, 'before-brought-up'],
  ])('is ended by no yes %s', async (_name, more, rule) => {
    await say();
    const old = { ...yes, broughtUpOn: '2026-11-29', ...more };
    const { status, body } = await decide(old);
    expect([status, body.facts]).toMatchObject([400, { referral, field: 'agreedOn', rule }]);
    expect(await nos()).toMatchObject([{ stands: true }]);
    const [{ id }] = await nos();
    const lift = `/api/v1/people/${kia}/noes/${id}/brought-up`;
    await ask.post(lift).set(cookies.reviewer).send({ on: '2026-11-29' });
    expect((await decide({ ...yes, ...more })).body.facts).toMatchObject({ rule });
    expect((await decide(yes)).status).toBe(200);
  });

  it('that was an agreement taken back without more is reversed by a new yes', async () => {
    now = new Date('2026-11-20T16:00:00Z');
    await decide({ ...yes, agreedOn: '2026-11-19' });
    expect((await decide({ decision: 'withdrawAgreement' })).status).toBe(200);
    now = new Date(`${today}T16:00:00Z`);
    const old = await decide({ ...yes, agreedOn: '2026-11-19' });
    expect([old.status, old.body.facts]).toMatchObject([400, { rule: 'before-said' }]);
    const machine = { authorization: `Bearer ${token}` };
    expect((await decide({ ...yes, agreedOn: '2026-11-20' }, machine)).status).toBe(200);
    expect(await nos()).toMatchObject([{ stands: false }]);
    await decide({ decision: 'withdrawAgreement', kind: 'not-this-help' });
    expect((await decide(yes)).body.facts).toMatchObject({ rule: 'said-no' });
  });

  it('by a machine does not say that somebody brought it up', async () => {
    await say();
    const machine = { authorization: `Bearer ${token}` };
    expect((await decide({ ...yes, broughtUpOn: today }, machine)).status).toBe(403);
    expect((await decide(yes, machine)).status).toBe(409);
    expect(await nos()).toMatchObject([{ stands: true }]);
  });

  it('that they brought it up ends the no, and its undo lets it stand again', async () => {
    await say();
    const made = await decide({ ...yes, broughtUpOn: '2026-11-29' });
    expect(made.status).toBe(200);
    expect(await nos()).toMatchObject([{ broughtUpOn: '2026-11-29', stands: false }]);
    expect(await need()).toMatchObject({ agreement_on: today });
    const { request } = made.body;
    const undone = await ask.post('/api/v1/reviews/undo').set(cookies.reviewer).send({ request });
    expect(undone.status).toBe(200);
    expect(await nos()).toMatchObject([{ broughtUpOn: null, stands: true }]);
    expect((await decide(yes)).status).toBe(409);
  });

  it('that they brought up holds the same help of their other record, and its undo stops it', async () => {
    const there = await another();
    await say();
    deps.undoForMs = 600_000;
    const form = { referral, decision: 'agree', agreedOn: today, askedBy: 'Bo' };
    const sent = await ask
      .post('/review/decisions')
      .set(cookies.reviewer)
      .type('form')
      .send({ ...form, broughtUpOn: today, back: '/decide' });
    deps.undoForMs = 0;
    const other = async () =>
      (await db.tx((tx) => referrals.loadReferrals(tx, [there]))).get(there);
    expect((await other())?.undo_until).toEqual(new Date(now.getTime() + 600_000));
    const task = newId();
    await db.tx((tx) =>
      grants.addGrants(tx, [
        {
          tenant,
          partner: 'pantry',
          task,
          referral: there,
          person: kia,
          type: 'Patient',
          id: kia,
          elements: 'name',
          class: 'personal',
          until: null,
          after_end_ms: 0,
        },
      ]),
    );
    await db.tx((tx) =>
      tasks.addTasks(tx, [
        newTask({
          tenant,
          id: task,
          referral: there,
          person: kia,
          partner: 'pantry',
          attempt: 1,
          status: 'accepted',
          channel: 'hub',
          address: 'https://pantry.example',
          receipt_key: task,
        }),
      ]),
    );
    await db.query('delete from ledger');
    const request = /request=([0-9a-f-]{36})/.exec(sent.headers.location ?? '')?.[1];
    const undone = await ask.post('/api/v1/reviews/undo').set(cookies.reviewer).send({ request });
    expect(undone.status).toBe(200);
    const due = await db.query('select 1 from ledger where subject = $1', [there]);
    const read = await db.query('select 1 from disclosure_grant where ended_at is null');
    expect([due.rows.length, read.rows.length]).toEqual([1, 0]);
    expect((await other())?.undo_until).toBeNull();
  });

  it('that they brought up leaves their no to every other help', async () => {
    const ride = await another('transportation-insecurity');
    await say({ kind: 'dont-ask-again', category: undefined });
    const made = await decide({ ...yes, broughtUpOn: today });
    expect(made.status).toBe(200);
    expect((await decide({ ...yes, referrals: [ride] })).status).toBe(409);
    expect((await decide({ decision: 'approve' })).status).toBe(200);
    expect((await attempt({ outcome: 'spoke' })).status).toBe(201);
    const other = await attempt({ category: 'transportation-insecurity' });
    expect(other.body.facts).toMatchObject({ rule: 'said-no' });
    await ask
      .post('/api/v1/reviews/undo')
      .set(cookies.reviewer)
      .send({ request: made.body.request });
  });
});

describe('a no that a partner passed on', () => {
  const askNext = (more: object = {}) =>
    ask
      .post('/api/v1/reviews/decisions')
      .set(cookies.reviewer)
      .send({ referrals: [referral], decision: 'askNext', ...more });
  const need = async () =>
    (await db.tx((tx) => referrals.loadReferrals(tx, [referral]))).get(referral);
  beforeEach(async () => {
    const own = { tenant, position: 0, id: 'kitchen', name: 'Kitchen', address: 'hub' };
    const body = JSON.stringify({ ...own, references: [], categories: [food] });
    await db.tx(async (tx) => {
      await directory.saveDirectory(tx, tenant, [{ ...own, body }]);
      const waits = { gate: 'withoutHelp', without_help: 'person-declined' } as const;
      const approved = { approval: 'approved', approved_by: 'person:rea' } as const;
      await referrals.patchReferrals(tx, [{ id: referral, patch: { ...waits, ...approved } }]);
    });
    await say({ saidTo: 'partner:pantry' });
  });

  it('takes no next partner, until they brought it up: then the next one is asked', async () => {
    expect((await askNext()).body.facts).toMatchObject({ rule: 'said-no' });
    const [{ id }] = await nos();
    const lift = `/api/v1/people/${kia}/noes/${id}/brought-up`;
    expect((await ask.post(lift).set(cookies.reviewer).send({ on: today })).status).toBe(200);
    expect((await askNext()).status).toBe(200);
    expect(await need()).toMatchObject({ approval: 'approved', without_help: null });
  });

  it('ends with the decision that says when they brought it up', async () => {
    expect((await askNext({ broughtUpOn: today, recipient: 'kitchen' })).status).toBe(200);
    expect(await need()).toMatchObject({ recipient: 'kitchen', without_help: null });
    expect(await nos()).toMatchObject([{ stands: false }]);
  });
});

describe('the yes of a person under age', () => {
  const agree = (more: object = {}) =>
    ask
      .post('/api/v1/reviews/decisions')
      .set(cookies.reviewer)
      .send({
        referrals: [referral],
        decision: 'agree',
        agreedOn: today,
        askedBy: 'Bo',
        ...more,
      });
  beforeEach(async () => {
    deps.state = 'MN';
    const body = JSON.stringify({ resourceType: 'Patient', id: 'k', birthDate: '2011-05-01' });
    await db.query(
      `insert into ehr_resource (tenant, connection, type, source_id, version_id, person, body)
       values ($tenant, 'clinic', 'Patient', $1, '1', $2, $3)`,
      [kiaThere, kiaThere, body],
    );
  });

  it.each<[string, object, string, string]>([
    ['of the minor alone', { agreedBy: 'self' }, 'agreedBy', 'minor-alone'],
    [
      'of a parent to what the minor agrees to alone',
      { agreedBy: 'parent', minorService: 'pregnancy' },
      'minorService',
      'self-only',
    ],
  ])('%s is refused', async (_name, more, field, rule) => {
    const { status, body } = await agree(more);
    expect([status, body.facts]).toMatchObject([400, { referral, field, rule }]);
  });

  it('is kept without who said it, for several people too, and waits for that', async () => {
    const adult = newId();
    await db.tx((tx) =>
      referrals.saveNeeds(tx, [
        {
          id: adult,
          tenant,
          connection: 'clinic',
          person: newId(),
          episode: 1,
          category: food,
          unambiguous: true,
          sensitive: false,
          conditions: '[]',
          since: '2026-11-02T10:00:00Z',
          trace: newId(),
        },
      ]),
    );
    expect((await agree({ referrals: [referral, adult] })).status).toBe(200);
    const rows = await db.tx((tx) => referrals.loadReferrals(tx, [referral]));
    expect(rows.get(referral)).toMatchObject({ agreement_on: today, agreement_authority: null });
    const approve = {
      referral,
      decision: 'approve',
      back: '/decide',
    };
    const sent = await ask
      .post('/review/decisions')
      .set(cookies.reviewer)
      .type('form')
      .send(approve);
    const page = await ask.get(sent.headers.location ?? '').set(cookies.reviewer);
    expect(page.text).toContain('write down who said yes');
    const form = {
      referral,
      decision: 'agree',
      agreedOn: today,
      askedBy: 'Bo',
      back: '/decide',
    };
    const typed = await ask.post('/review/decisions').set(cookies.reviewer).type('form').send(form);
    expect([typed.status, typed.text]).toEqual([400, expect.stringContaining('say who said yes')]);
  });

  it('is that of a guardian, or of the minor alone by the law of the state of the site', async () => {
    expect((await agree({ agreedBy: 'guardian' })).status).toBe(200);
    const alone = { agreedBy: 'self', minorService: 'pregnancy' };
    const signs = {
      decision: 'recordConsent',
      dateTime: today,
      askedBy: 'Bo',
      authority: 'self',
      signer: 'Kia',
      method: 'paper',
      document: 'shelf 2',
      elements: ['name'],
      places: ['pantry'],
    };
    const consent = () =>
      ask
        .post('/api/v1/reviews/decisions')
        .set(cookies.reviewer)
        .send({ ...signs, referrals: [referral] });
    expect(JSON.stringify((await consent()).body)).toContain('minor-alone');
    expect((await agree(alone)).status).toBe(200);
    const row = (await db.tx((tx) => referrals.loadReferrals(tx, [referral]))).get(referral);
    expect(row).toMatchObject({ agreement_authority: 'self', minor_service: 'pregnancy' });
    expect(JSON.stringify((await consent()).body)).not.toContain('minor-alone');
    deps.state = undefined;
    expect((await agree(alone)).body.facts).toMatchObject({ rule: 'minor-alone' });
  });

  it('is asked for on the page of the need', async () => {
    const { text } = await ask.get(`/review/${referral}`).set(cookies.reviewer);
    expect(text).toContain('Who said yes (the person is under age)');
  });
});

describe('the page of a referral', () => {
  const page = async () => (await ask.get(`/review/${referral}`).set(cookies.reviewer)).text;
  const fill = (form: object) =>
    ask
      .post('/review/decisions')
      .set(cookies.reviewer)
      .type('form')
      .send({ referral, back: `/review/${referral}`, ...form });
  const empty = { 'no.kind': '', 'no.partner': '', 'no.until': '', 'no.saidOn': '' };

  it('takes a no with who said it, and then a yes with the day that they brought it up', async () => {
    const typed = { ...empty, 'no.saidBy': 'agent', 'no.saidTo': 'Bo', 'no.saidOn': '2026-11-08' };
    const notNow = { ...typed, 'no.kind': 'not-now', 'no.until': '2026-12-20' };
    const noted = await fill({ ...notNow, decision: 'withdrawAgreement' });
    expect(noted.status).toBe(303);
    const said = { kind: 'not-now', saidBy: 'agent', saidTo: 'Bo', saidOn: '2026-11-08' };
    expect(await nos()).toMatchObject([{ ...said, until: '2026-12-20' }]);
    const shown = await page();
    expect(shown).toContain('Said no on Nov 8 to Bo: Not now (Food insecurity).');
    expect(shown).toContain('name="broughtUpOn"');
    const yes = { ...empty, 'agree.agreedOn': today, 'agree.askedBy': 'Bo' };
    const against = await fill({ ...yes, decision: 'together' });
    expect([against.status, against.text]).toEqual([
      409,
      expect.stringContaining('Say on which day they brought it up again'),
    ]);
    expect((await fill({ ...yes, broughtUpOn: today, decision: 'together' })).status).toBe(303);
    expect(await nos()).toMatchObject([{ stands: false }]);
    expect(await page()).not.toContain('name="broughtUpOn"');
  });

  it('keeps a refusal of the staff apart from a no', async () => {
    const form = { ...empty, reason: 'Help is already in place', decision: 'refuse' };
    expect((await fill({ ...form, 'refuse.saidBy': 'staff' })).status).toBe(303);
    expect(await nos()).toEqual([]);
  });

  it('guesses no refusal from its words: somebody chooses whose it is', async () => {
    const form = { ...empty, reason: 'Declined by phone', decision: 'refuse' };
    const missing = await fill({ ...form, 'refuse.saidBy': '' });
    expect(missing.status).toBe(400);
    expect(missing.text).toContain('id="refused-by-error"');
    expect(missing.text).toContain('value="Declined by phone"');
    const personsNo = { ...form, reason: 'The person does not want help with this' };
    expect((await fill({ ...personsNo, 'refuse.saidBy': 'staff' })).status).toBe(400);
    expect(await nos()).toEqual([]);
    expect((await fill({ ...form, 'refuse.saidBy': 'guardian' })).status).toBe(303);
    expect(await nos()).toMatchObject([{ kind: 'not-this-help', saidBy: 'guardian' }]);
  });

  it('takes the word of the care team for its own reason, whatever its words are', async () => {
    const form = { ...empty, reason: 'Insurance declined it, not wanted by the county' };
    const own = { ...form, decision: 'refuse', 'refuse.saidBy': 'staff' };
    expect((await fill(own)).status).toBe(303);
    expect(await nos()).toEqual([]);
  });
});

describe('a no that the person brought up again', () => {
  const bring = (id: string, on = today, as: Record<string, string> = cookies.reviewer) =>
    ask.post(`/api/v1/people/${kiaThere}/noes/${id}/brought-up`).set(as).send({ on });

  it('has ended, once, and the gates are looked at again', async () => {
    const { id } = (await say()).body;
    await db.query('delete from ledger');
    expect((await bring(id)).status).toBe(200);
    expect(await nos()).toMatchObject([{ broughtUpOn: today, stands: false }]);
    expect(await dueRows()).toBe(1);
    expect((await bring(id)).status).toBe(409);
    expect((await say()).status).toBe(201);
  });

  it.each<[string, string, number]>([
    ['on a day before it was said', '2026-11-07', 400],
    ['tomorrow', '2026-12-01', 400],
    ['on no day', 'soon', 400],
  ])('%s stands', async (_name, on, status) => {
    const { id } = (await say()).body;
    expect((await bring(id, on)).status).toBe(status);
    expect(await nos()).toMatchObject([{ stands: true }]);
  });

  it('by a machine stands, and so does that of somebody else', async () => {
    const { id } = (await say()).body;
    const machine = { authorization: `Bearer ${token}` };
    expect((await bring(id, today, machine)).status).toBe(403);
    const [other] = [newId()];
    expect((await bring(other)).status).toBe(404);
    expect(await nos()).toMatchObject([{ stands: true }]);
  });
});

describe('a try', () => {
  const end = (id: string, body: object) =>
    ask.post(`/api/v1/people/${kia}/tries/${id}`).set(cookies.reviewer).send(body);
  const nextDay = () => {
    now = new Date(now.getTime() + 86_400_000);
  };

  it('is taken before the call, by one of two who want it at once', async () => {
    const answers = await Promise.all([attempt(), attempt({}, kiaThere)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    const taken = answers.find(({ status }) => status === 201);
    expect(taken?.body).toMatchObject({ left: 2, onlyClinic: true, mayLeaveMessage: false });
    expect((await end(taken?.body.id, { outcome: 'no-answer' })).status).toBe(200);
    expect((await end(taken?.body.id, { outcome: 'spoke' })).status).toBe(409);
  });

  it('is one a day and three in 14 days, then it is the next visit', async () => {
    for (let day = 0; day < 3; day += 1) {
      expect((await attempt({ outcome: 'no-answer' })).status).toBe(201);
      expect((await attempt()).body.facts).toMatchObject({ rule: 'no-tries-left' });
      nextDay();
    }
    const { status, body } = await attempt();
    expect([status, body.facts]).toMatchObject([
      409,
      { rule: 'no-tries-left', until: '2026-12-14' },
    ]);
    expect((await attempt({ channel: 'clinic', outcome: 'spoke' })).status).toBe(201);
  });

  it.each<[string, () => Promise<unknown>, object, string]>([
    ['against a no', () => say(), {}, 'said-no'],
    ['against a no, at the visit', () => say(), { channel: 'clinic' }, 'said-no'],
    ['in a way that they did not choose', async () => {}, { channel: 'text' }, 'way-not-chosen'],
  ])('%s is not given', async (_name, before, more, rule) => {
    await before();
    const { status, body } = await attempt(more);
    expect([status, body.facts?.rule]).toEqual([409, rule]);
    expect((await db.query('select 1 from contact_try where tenant = $tenant')).rows).toEqual([]);
  });

  it('that somebody else answered needs to say what they were told', async () => {
    const { id } = (await attempt()).body;
    const bare = await end(id, { outcome: 'wrong-number' });
    expect([bare.status, bare.body.facts]).toMatchObject([400, { field: 'saidWhy' }]);
    expect((await end(id, { outcome: 'wrong-number', saidWhy: true })).status).toBe(200);
    const listed = await ask.get('/api/v1/contact-incidents').set(cookies.reviewer);
    expect(listed.body.incidents).toMatchObject([{ id, outcome: 'wrong-number', saidWhy: true }]);
  });

  it('that told nobody why is no incident; a message that was not allowed is one', async () => {
    await attempt({ outcome: 'someone-else', saidWhy: false });
    nextDay();
    await attempt({ outcome: 'left-message' });
    const listed = await ask.get('/api/v1/contact-incidents').set(cookies.reviewer);
    expect(listed.body.incidents).toMatchObject([{ outcome: 'left-message' }]);
  });
});

describe('the page of a person', () => {
  const page = async () => (await ask.get(`/people/${kia}`).set(cookies.reviewer)).text;
  const fill = (path: string, form: object) =>
    ask.post(`/people/${kia}/${path}`).set(cookies.reviewer).type('form').send(form);

  it('says when they said no, and takes that they brought it up', async () => {
    const form = { ...good, until: '', partner: '', saidTo: 'Bo', note: '' };
    const { status, headers } = await fill('noes', form);
    expect([status, headers.location]).toEqual([303, `/people/${kia}?contact=done#contact`]);
    const shown = await page();
    expect(shown).toContain('Said no on Nov 8 to Bo: Not this help (Food insecurity).');
    expect(shown).toContain('Do not bring up what they said no to.');
    const [{ id }] = await nos();
    expect((await fill(`noes/${id}/brought-up`, { on: today })).status).toBe(303);
    expect(await page()).toContain('They have not said no to anything.');
  });

  it.each<[string, object, string]>([
    ['a day that is over', { kind: 'not-now', until: '2026-11-01' }, 'Enter a later day'],
    ['a day in the future', { saidOn: '2027-01-01' }, 'This day is in the future.'],
    ['no place', { kind: 'not-this-place' }, 'Choose the place'],
  ])('marks the field with %s, and keeps what was typed', async (_name, more, words) => {
    const { status, text } = await fill('noes', { ...good, note: 'Typed <before>', ...more });
    expect(status).toBe(400);
    expect(text).toContain(words);
    expect(text).toContain('aria-invalid="true"');
    expect(text).toContain('value="Typed &lt;before&gt;"');
    expect(await stored()).toBe(0);
  });

  it('says nothing of a call where nobody asked how, and they said no or were called', async () => {
    await db.query('delete from reach_choice where person = any($1)', [[kia, kiaThere]]);
    const page = async () =>
      (await ask.get(`/people/${kia}`).set(cookies.reviewer)).text.replace(/\s+/g, ' ');
    expect(await page()).toContain('You may call once.');
    expect((await attempt({ outcome: 'no-answer' })).status).toBe(201);
    expect(await page()).not.toContain('You may call once.');
    expect(await page()).toContain('Ask at the next visit.');
    await db.query('delete from contact_try where tenant = $tenant');
    await say({ kind: 'dont-ask-again', category: undefined });
    expect(await page()).not.toContain('You may call once.');
    expect(await page()).toContain('They said no.');
  });

  it('records a try in two clicks, and then says why there is no other one today', async () => {
    expect(await page()).toContain('I am calling now');
    expect((await fill('tries', { channel: 'call' })).status).toBe(303);
    const open = await page();
    expect(open).toContain('No answer');
    expect(open).not.toContain('Left a message');
    const id = /tries\/([0-9a-f-]{36})/.exec(open)?.[1];
    const bare = await fill(`tries/${id}`, { outcome: 'someone-else', saidWhy: '' });
    expect(bare.status).toBe(400);
    expect((await fill(`tries/${id}`, { outcome: 'no-answer', saidWhy: '' })).status).toBe(303);
    const after = await page();
    expect(after).toContain('No tries are left.');
    expect(after).not.toContain('I am calling now');
  });

  it('is for reviewers from our own pages only', async () => {
    const foreign = { ...cookies.reviewer, 'sec-fetch-site': 'cross-site' };
    const form = () => ask.post(`/people/${kia}/noes`).type('form');
    expect((await form().set(foreign).send(good)).status).toBe(403);
    expect((await form().set(cookies.operator).send(good)).status).toBe(403);
    expect(await stored()).toBe(0);
  });
});

describe('the lists of the team', () => {
  const get = (path: string) => ask.get(path).set(cookies.reviewer);

  it('names the people of calls that went wrong, and what happened', async () => {
    await attempt({ outcome: 'someone-else', saidWhy: true, note: 'kanari' });
    const { text } = await get('/contact-incidents');
    expect(text).toMatch(new RegExp(`href="/people/${kia}"[^]*Nov 30[^]*Someone else answered`));
    expect(text).toContain('They were told why we called.');
    expect(text).not.toContain('kanari');
    const views = await db.query<{ page: string }>(
      "select page from person_view where person = $1 and page = '/contact-incidents'",
      [kia],
    );
    expect(views.rows).toHaveLength(1);
  });

  it('names the people whose keep-out matches no partner, without their words', async () => {
    await db.query('delete from keep_out where tenant = $tenant');
    expect((await get('/keep-outs')).text).toContain('There are none.');
    const words = { person: kia, words: ['my cousin Pao'], askedBy: 'person:rea' };
    await db.tx((tx) => people.addKeepOuts(tx, words, []));
    const { text } = await get('/keep-outs');
    expect(text).toContain(`href="/people/${kia}#reach"`);
    const listed = await get('/api/v1/keep-outs');
    expect(listed.body.keepOuts).toMatchObject([{ person: kia, askedBy: 'person:rea' }]);
    expect(`${text}${listed.text}`).not.toContain('Pao');
    const [{ id }] = listed.body.keepOuts;
    await ask
      .post(`/people/${kia}/keep-outs/${id}`)
      .set(cookies.reviewer)
      .type('form')
      .send({ meant: 'none' });
    expect((await get('/api/v1/keep-outs')).body.keepOuts).toEqual([]);
  });

  it.each(['/contact-incidents', '/keep-outs', '/api/v1/keep-outs'])(
    'is for reviewers: %s',
    async (path) => {
      expect((await ask.get(path).set(cookies.operator)).status).toBe(403);
    },
  );
});
