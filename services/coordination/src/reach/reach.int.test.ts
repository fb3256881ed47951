import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, deriveId, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import {
  access,
  type Database,
  directory,
  migrate,
  openDatabase,
  people,
  referrals,
  saveConnection,
} from '@loopwell/store';
import { supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReviewRoutes } from '../review.route.ts';

/** How a person wants to be reached is asked, shown, and counts for all of their records. */
const tenant = 'o';
const clock: Clock = { now: () => new Date('2026-11-24T15:00:00Z') };
const idOf = (name: string) => deriveId('reach', name);
const [kia, kiaThere] = [idOf('kia'), idOf('kia there')];

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let cookie = '';
let nudged = 0;

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
  const nudge = async () => {
    nudged += 1;
  };
  addReviewRoutes(app, { tx: db.tx, nudge, clock, longestConsentDays: 365 });
  finish(app, silentLog);
  ask = supertest(app.express);
  const grant = { tenant, kind: 'session' as const, principal: 'person:rea', routes: [] };
  const secret = await db.tx((tx) => access.grantAccess(tx, { ...grant, roles: ['reviewer'] }));
  cookie = `loopwell_session=${secret}`;
  await db.tx(async (tx) => {
    const base = 'https://ehr.example';
    await saveConnection(tx, { id: 'clinic', tenant, base, quirks: 'plain-r4' });
    const body = JSON.stringify({ categories: ['food-insecurity'] });
    const row = { tenant, address: 'https://pantry.example', body, kind: 'manual' };
    await directory.saveDirectory(tx, tenant, [
      { ...row, id: 'hillside', position: 1, name: 'Hillside Food Shelf' },
      { ...row, id: 'luz', position: 2, name: 'Casa de la Luz' },
    ]);
  });
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

const tables = ['person', 'patient_link', 'person_profile', 'person_standing', 'reach_choice'];
beforeEach(async () => {
  for (const table of [...tables, 'keep_out', 'ledger', 'referral', 'history', 'person_view'])
    await db.query(`delete from ${table}`);
  await db.tx(async (tx) => {
    const rows = [kia, kiaThere].map((patient, index) => {
      return { connection: 'clinic', patientId: `p${index}`, patient, unusable: null };
    });
    await people.savePatients(tx, rows);
    const contacts = [{ system: 'phone', address: '612-555-0199 (call sister)' }];
    const rest = { languages: [], addresses: [], contactPersons: [], notes: [] };
    const profile = { names: [{ text: 'Kia Vang' }], contacts, ...rest, generalPractitioners: [] };
    await people.saveProfiles(tx, [{ patient: kia, body: JSON.stringify(profile) }]);
    await people.saveStandings(
      tx,
      [kia, kiaThere].map((patient) => ({ patient, standing: 'stands', recordKey: patient })),
    );
    const need = { tenant, connection: 'clinic', person: kiaThere, category: 'food-insecurity' };
    const facts = { episode: 1, unambiguous: true, sensitive: false, conditions: '[]' };
    const since = '2026-11-02';
    const [id, trace] = [idOf('referral'), newId()];
    await referrals.saveNeeds(tx, [{ ...need, ...facts, id, trace, since }]);
  });
});

const headers = () => ({ cookie, 'sec-fetch-site': 'same-origin' });
const join = () =>
  db.tx((tx) =>
    people.setPerson(tx, { patient: kiaThere, samePersonAs: kia, principal: 'person:rea' }),
  );
const choice = {
  ...{ ways: ['text', 'call'], phone: '(612) 555-0123', phoneOwner: 'self', voicemail: false },
  ...{ mayBeSaid: 'clinicOnly', reading: 'hears', forPartners: false },
};
const path = (person: string) => `/api/v1/people/${person}/reach`;
const put = (body: object, person = kia) =>
  ask
    .put(path(person))
    .set(headers())
    .send({ instead: null, choice, ...body });
const get = (person = kia) => ask.get(path(person)).set({ cookie });

describe('the API of how to reach a person', () => {
  it('says that nobody has asked, and then what the person said', async () => {
    expect((await get()).body).toEqual({
      ...{ person: kia, standing: 'active', recorded: null, keepOuts: [] },
      askAgain: { due: true, why: 'never-asked' },
    });
    const put1 = await put({});
    expect([put1.status, put1.body.recorded.choice.phone]).toEqual([200, '+16125550123']);
    expect((await get()).body).toMatchObject({
      recorded: { choice: { ways: ['text', 'call'], reading: 'hears' }, askedBy: 'person:rea' },
      askAgain: { due: false, from: '2027-02-22T15:00:00.000Z' },
    });
  });

  it('counts for every record of the person, and is asked again where records are joined', async () => {
    await put({});
    await join();
    expect((await get(kiaThere)).body).toMatchObject({
      ...{ person: kia, standing: 'changed', recorded: { choice: { reading: 'hears' } } },
      askAgain: { due: true, why: 'record-changed' },
    });
  });

  it.each<[string, object, string, RegExp]>([
    ['a number that is none', { phone: '555-0123' }, '/body/choice/phone', /area code/],
    ['two numbers', { phone: '612 555 0123 or 651 555 0124' }, '/body/choice/phone', /one number/],
    ['words beside it', { phone: 'call sister 6125550123' }, '/body/choice/phone', /alone/],
    ['a text to an extension', { phone: '612-555-0123 x45' }, '/body/choice/phone', /texted/],
    ['no number', { phone: undefined }, '/body/choice/phone', /needed/],
    ['a text abroad', { phone: '+52 55 1234 5678' }, '/body/choice/phone', /texted/],
    ['nobody’s number', { phoneOwner: undefined }, '/body/choice/phoneOwner', /whose/],
    ['the clinic and a call', { ways: ['clinic', 'call'] }, '/body/choice/ways', /clinic only/],
    ['markup and lines', { hours: '<b>\nmornings' }, '/body/choice/hours', /one line/],
  ])('refuses %s with the field and the rule, and no value', async (_name, more, field, rule) => {
    const { status, body, text } = await put({ choice: { ...choice, ...more } });
    expect([status, body.errors?.[0]?.path ?? body.problems?.[0]?.path]).toEqual([400, field]);
    expect(text).toMatch(rule);
    expect(text).not.toMatch(/0123|sister|mornings/);
    expect((await get()).body.recorded).toBeNull();
  });

  it('refuses an answer of tomorrow, an unknown person, and nobody signed in', async () => {
    expect((await put({ answeredAt: '2026-11-25T00:00:00Z' })).status).toBe(400);
    expect((await put({}, idOf('nobody'))).status).toBe(404);
    expect((await ask.get(path(kia))).status).toBe(401);
  });

  it('tells the second of two people at once that the first has answered', async () => {
    const answers = await Promise.all([put({}), put({})]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('needs to know whether somebody with the mark was alone, and says it at the field', async () => {
    await db.query("update referral set must_by = '2026-12-01'");
    await join();
    const refused = await put({});
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('askedAlone')]);
    expect((await get()).body.recorded).toBeNull();
    const saved = await put({ askedAlone: false });
    expect([saved.status, saved.body.recorded.askedAlone]).toEqual([200, false]);
    const again = await put({ askedAlone: true, instead: saved.body.recorded.id });
    expect(again.body.recorded.askedAlone).toBe(true);
  });

  it('logs who looked', async () => {
    await get();
    const { rows } = await db.query('select principal, what from person_view where person = $1', [
      kia,
    ]);
    expect(rows).toEqual([{ principal: 'person:rea', what: 'person' }]);
  });
});

describe('a place or person to keep out', () => {
  const dueNow = async () => {
    const { rows } = await db.query<{ subject: string }>(
      "select subject from ledger where stage = 'refer'",
    );
    return rows.map(({ subject }) => subject);
  };

  it('means a partner by its name, and what is on its way is judged again', async () => {
    await join();
    const before = nudged;
    const { body } = await put({ keepOut: ['hillside food shelf'] });
    expect(body.keepOuts).toMatchObject([{ words: 'hillside food shelf', partners: ['hillside'] }]);
    expect(await dueNow()).toEqual([idOf('referral')]);
    expect(nudged).toBe(before + 1);
  });

  it('is not offered, and nobody can choose it by hand', async () => {
    await join();
    const recipients = async () => {
      const { text } = await ask.get(`/review/${idOf('referral')}`).set({ cookie });
      return ['Hillside Food Shelf', 'Casa de la Luz'].filter((name) => text.includes(name));
    };
    expect(await recipients()).toEqual(['Hillside Food Shelf', 'Casa de la Luz']);
    await put({ keepOut: ['Hillside Food Shelf'] });
    expect(await recipients()).toEqual(['Casa de la Luz']);
    const { version } = (await ask.get(`/api/v1/reviews/${idOf('referral')}`).set({ cookie })).body;
    const referral = idOf('referral');
    const { status, body } = await ask
      .post('/api/v1/reviews/decisions')
      .set(headers())
      .send({
        ...{ referrals: [referral], versions: { [referral]: version }, decision: 'approve' },
        recipient: 'hillside',
      });
    expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining('keep this')]);
  });

  it('stays when a later answer does not name it, until the person takes it back', async () => {
    const first = await put({ keepOut: ['my ex'] });
    const [keepOut] = first.body.keepOuts;
    expect(keepOut.partners).toBeNull();
    const second = await put({ instead: first.body.recorded.id });
    expect(second.body.keepOuts).toHaveLength(1);
    const back = { instead: second.body.recorded.id, allowAgain: [keepOut.id] };
    expect((await put(back)).body.keepOuts).toEqual([]);
    const { rows } = await db.query('select ended_by from keep_out');
    expect(rows).toEqual([{ ended_by: 'person:rea' }]);
  });

  it.each([
    ['of the directory', ['luz'], 200],
    ['none', [], 200],
    ['that nobody knows', ['elsewhere'], 400],
  ])('is resolved by a person: partners %s', async (_name, partners, status) => {
    const { body } = await put({ keepOut: ['my ex'] });
    const id = body.keepOuts[0].id;
    const url = `/api/v1/people/${kia}/keep-outs/${id}/partners`;
    const resolved = await ask.put(url).set(headers()).send({ partners });
    expect(resolved.status).toBe(status);
    const now = (await get()).body.keepOuts[0].partners;
    expect(now).toEqual(status === 200 ? partners : null);
    const other = `/api/v1/people/${kiaThere}/keep-outs/${id}/partners`;
    expect((await ask.put(other).set(headers()).send({ partners: [] })).status).toBe(404);
  });
});

describe('the form', () => {
  const page = () => ask.get(`/people/${kia}`).set({ cookie });
  const form = () => ask.get(`/people/${kia}/reach`).set({ cookie });
  const fields = {
    ...{ instead: '', best: 'call', also: ['text'], phone: '612-555-0123', phoneOwner: 'self' },
    ...{ voicemail: 'no', mayBeSaid: 'clinicOnly', reading: 'reads', forPartners: 'no' },
    ...{ language: 'Hmong', gender: 'woman', notFromCommunity: 'yes', hours: 'mornings' },
    keepOut: 'my ex\nHillside Food Shelf\n',
  };
  const send = (more: object = {}) =>
    ask
      .post(`/people/${kia}/reach`)
      .type('form')
      .set(headers())
      .send({ ...fields, ...more });

  it('is offered, and shows the numbers of the chart as a proposal, with every word', async () => {
    expect((await page()).text).toContain('You may call once');
    const { text } = await form();
    expect(text).toContain('Any place or person we should keep out of this?');
    expect(text).toContain('612-555-0199 (call sister)');
    expect(text).not.toContain('value="612-555-0199');
  });

  it('leads back to the page, which says what the person said', async () => {
    const sent = await send();
    expect([sent.status, sent.headers.location]).toEqual([303, `/people/${kia}#reach`]);
    const { text } = await page();
    for (const words of ['+16125550123', 'their own phone', 'mornings', 'Leave no message'])
      expect(text).toContain(words);
    expect(text).toContain('Hmong, a woman, not from their community');
    expect(text).toContain('Never asked: Hillside Food Shelf');
    expect(text).toContain('Nothing goes out until you say which partners are meant.');
  });

  it('keeps all that was typed, and marks the field, where something is wrong', async () => {
    const { status, text } = await send({ phone: 'call sister 6125550123' });
    expect(status).toBe(400);
    expect(text).toMatch(/id="reach-phone-error">must be the number alone/);
    for (const typed of ['call sister 6125550123', 'my ex', 'value="mornings"'])
      expect(text).toContain(typed);
    expect((await send({ best: '', also: [] })).text).toContain('id="reach-best-error"');
    expect((await send({ hours: 'x'.repeat(300) })).status).toBe(400);
  });

  it('asks whether they are alone, each time anew', async () => {
    await send({ askedAlone: 'yes' });
    const { text } = await form();
    expect(text).toContain('Are they alone with you?');
    expect(text).not.toMatch(/value="yes" selected>Yes<\/option>\s*<option value="no">No/);
    await db.query("update referral set must_by = '2026-12-01'");
    await join();
    const instead = /name="instead" value="([^"]+)"/.exec(text)?.[1];
    const missing = await send({ instead });
    expect(missing.status).toBe(400);
    expect(missing.text).toContain('id="reach-askedAlone-error">must say whether');
    expect((await send({ instead, askedAlone: 'no' })).status).toBe(303);
  });

  it('asks to compare where somebody else has answered meanwhile, and then saves', async () => {
    await put({});
    const stale = await send();
    expect(stale.status).toBe(409);
    const instead = /name="instead" value="([^"]+)"/.exec(stale.text)?.[1];
    expect((await send({ instead })).status).toBe(303);
  });

  it('resolves whom to keep out; no tick is no answer', async () => {
    const { body } = await put({ keepOut: ['my ex'] });
    const url = `/people/${kia}/keep-outs/${body.keepOuts[0].id}`;
    const resolve = (more: object) => ask.post(url).type('form').set(headers()).send(more);
    await resolve({ meant: 'these' });
    expect((await get()).body.keepOuts[0].partners).toBeNull();
    await resolve({ meant: 'these', partners: 'luz' });
    expect((await get()).body.keepOuts[0].partners).toEqual(['luz']);
    await resolve({ meant: 'none' });
    expect((await get()).body.keepOuts[0].partners).toEqual([]);
  });
});
