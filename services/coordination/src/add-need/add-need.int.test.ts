import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { access, type Database, migrate, openDatabase, people, referrals } from '@loopwell/store';
import { supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReviewRoutes } from '../review.route.ts';

/** Needs that no form told of: somebody says it, or a due list does. */
const tenant = 'o';
const today = '2026-11-30';
const clock: Clock = { now: () => new Date(`${today}T16:00:00Z`), timeZone: 'America/Chicago' };

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let cookie: Record<string, string>;
let [kia, kiaThere, bo] = ['', '', ''];

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant });
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
  ask = supertest(app.express);
  const grant = { tenant, kind: 'session' as const, principal: 'person:rea', roles: ['reviewer'] };
  const session = await db.tx((tx) => access.grantAccess(tx, { ...grant, routes: [] }));
  cookie = { cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' };
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

beforeEach(async () => {
  [kia, kiaThere, bo] = [newId(), newId(), newId()];
  for (const table of ['ledger', 'referral', 'added_need', 'patient_link', 'person_term'])
    await db.query(`delete from ${table} where tenant = $tenant`);
  await db.tx(async (tx) => {
    const row = (patientId: string, patient: string) => ({
      ...{ connection: 'clinic', patientId, patient, unusable: null },
    });
    await people.savePatients(tx, [row('kia', kia), row('kia-2', kiaThere), row('bo', bo)]);
    await people.setPerson(tx, { patient: kiaThere, samePersonAs: kia, principal: 'person:rea' });
  });
  await db.query(
    "insert into person_term (tenant, kind, term, patient) values ($tenant, 'mrn', 'm1001', $1)",
    [bo],
  );
});

const good = { need: 'food-insecurity', saidBy: 'person', saidOn: '2026-11-28' };
const add = (more: object = {}, person = kia) =>
  ask
    .post(`/api/v1/people/${person}/needs`)
    .set(cookie)
    .send({ ...good, ...more });
const load = async (person: string) => db.tx((tx) => referrals.referralsOfPeople(tx, [person]));
const all = async () => [...(await load(kia)), ...(await load(kiaThere)), ...(await load(bo))];
const send = (body: object) =>
  ask
    .post('/api/v1/due-lists')
    .set(cookie)
    .send({ connection: 'clinic', ...body });

describe('a need that somebody adds', () => {
  it('is a referral that waits for review, with who said it and when', async () => {
    const { status, body } = await add({ words: 'Maya <b>cunto</b>', mustBy: '2026-12-02' });
    expect(status).toBe(201);
    expect(await load(kia)).toMatchObject([
      {
        ...{ id: body.id, category: 'food-insecurity', state: 'waiting', gate: 'review' },
        ...{ added_by: 'person:rea', must_by: '2026-12-02', since: '2026-11-28' },
        ...{ approval: null, unambiguous: false, episode: 1 },
      },
    ]);
    const due = await db.query("select 1 from ledger where stage = 'refer' and subject = $1", [
      body.id,
    ]);
    expect(due.rows).toHaveLength(1);
    const { text } = await ask.get(`/review/${body.id}`).set(cookie);
    expect(text).toContain('Food insecurity: the person, Nov 28.');
    expect(text).toContain('Maya &lt;b&gt;cunto&lt;/b&gt;');
    expect((await ask.get(`/people/${kia}`).set(cookie)).text).toContain('the person, Nov 28.');
  });

  it('asks for the service that goes with it, where the guide names none', async () => {
    await add({ need: 'help-with-bills', saidBy: 'clinician' });
    const [row] = await load(kia);
    expect(row?.category).toBe('medical-cost-burden');
    expect(JSON.parse(row?.service_code ?? '{}')).toMatchObject({ code: '462491000124104' });
  });

  it('is open once over all records, and a new episode after the end', async () => {
    const first = await add();
    expect((await add({}, kiaThere)).text).toContain('already-open');
    await db.tx((tx) =>
      referrals.patchReferrals(tx, [{ id: first.body.id, patch: { state: 'failed', gate: null } }]),
    );
    expect((await add()).status).toBe(201);
    expect((await load(kia)).map(({ episode }) => episode).sort()).toEqual([1, 2]);
  });

  it('is told to somebody on duty where it must be met today', async () => {
    await db.query('truncate duty_alert cascade');
    await add({ mustBy: today });
    const { rows } = await db.query('select person, kind from duty_alert');
    expect(rows).toEqual([{ person: kia, kind: 'call-today' }]);
  });

  it('is opened once where two people add it at once', async () => {
    const answers = await Promise.all([add(), add(), add({}, kiaThere)]);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await all()).toHaveLength(1);
  });

  it.each([
    [{ need: 'massage' }, 'need'],
    [{ need: 'intimate-partner-violence' }, 'need'],
    [{ saidBy: 'neighbor' }, 'saidBy'],
    [{ saidOn: '2026-12-01' }, 'saidOn'],
    [{ saidOn: '2026-02-30' }, 'saidOn'],
    [{ mustBy: '2026-11-29' }, 'mustBy'],
    [{ words: 'x'.repeat(501) }, 'words'],
  ])('is refused with %j, at its field', async (more, field) => {
    const { status, text } = await add(more);
    expect([status, text.includes(field)]).toEqual([400, true]);
    const form = { ...good, ...more };
    const page = await ask.post(`/people/${kia}/needs`).set(cookie).type('form').send(form);
    expect(page.status).toBe(400);
    expect(page.text).toMatch(new RegExp(`id="need-${field}"[^>]*aria-invalid="true"`));
    expect(await all()).toEqual([]);
  });
});

describe('a due list', () => {
  it('opens a need for each row, by MRN or id, and leaves what is open', async () => {
    const csv = 'who,what,by\nM-1001,free-screening,12/31/2026\nkia-2,class,\nkia,class,\n';
    const { status, body } = await send({ csv });
    expect([status, body]).toEqual([201, { opened: 2, already: 1 }]);
    const rows = await db.query<{ need: string; due_on: string; said_by: string }>(
      'select need, due_on, said_by from added_need order by need',
    );
    expect(rows.rows).toEqual([
      { need: 'class', due_on: null, said_by: 'due-list' },
      { need: 'free-screening', due_on: '2026-12-31', said_by: 'due-list' },
    ]);
    expect((await ask.get(`/people/${bo}`).set(cookie)).text).toContain(
      'Free screening: due list, Nov 30. By Dec 31.',
    );
  });

  it('may be a Group of Patients', async () => {
    const group = {
      resourceType: 'Group',
      code: { coding: [{ system: 'https://loopwell.example/CodeSystem/need', code: 'class' }] },
      member: [{ entity: { reference: 'Patient/kia' } }, { entity: { reference: 'Patient/bo' } }],
    };
    expect((await send({ group })).body).toEqual({ opened: 2, already: 0 });
  });

  it('is recorded whole or not at all, and names each bad row without its words', async () => {
    const csv = 'who,what,by\nkia,class,2026-12-31\nZZ-9,class,\nbo,massage,2026-02-30\n';
    const { status, text } = await send({ csv });
    expect(status).toBe(400);
    for (const path of ['/rows/2/who', '/rows/3/what', '/rows/3/by']) expect(text).toContain(path);
    expect(text).not.toMatch(/ZZ-9|massage/);
    expect(await all()).toEqual([]);
    const form = { connection: 'clinic', csv };
    const page = await ask.post('/due-lists').set(cookie).type('form').send(form);
    expect(page.status).toBe(400);
    expect(page.text).toContain('Row 2: Nobody of this EHR has this MRN or id.');
    expect(page.text).toContain('ZZ-9,class');
  });

  it('needs one list, and an EHR', async () => {
    expect((await send({})).status).toBe(400);
    expect((await send({ csv: 'who,what\n', group: {} })).status).toBe(400);
    expect((await send({ connection: 'nowhere', csv: 'who,what\nkia,class' })).status).toBe(400);
    expect((await ask.get('/due-lists').set(cookie)).status).toBe(200);
  });
});
