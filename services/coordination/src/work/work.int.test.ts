import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { access, type Database, migrate, openDatabase, people, referrals } from '@loopwell/store';
import { supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReviewRoutes } from '../review.route.ts';
import { addWorkRoutes } from './work.route.ts';

/** Who looks after a person, the next step, and what the care team notes. */
const tenant = 'o';
const now = new Date('2026-11-30T16:00:00Z');
const clock: Clock = { now: () => now, timeZone: 'America/Chicago' };

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let cookies: Record<'ada' | 'bo' | 'olu', Record<string, string>>;
let [kia, kiaThere] = ['', ''];

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
  const deps = { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 };
  addReviewRoutes(app, deps);
  addWorkRoutes(app, deps);
  finish(app, silentLog);
  ask = supertest(app.express);
  const signIn = async (name: string, role: string) => {
    const grant = { tenant, kind: 'session' as const, principal: `person:${name}`, roles: [role] };
    const session = await db.tx((tx) => access.grantAccess(tx, { ...grant, routes: [] }));
    return { cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' };
  };
  cookies = {
    ada: await signIn('ada', 'reviewer'),
    bo: await signIn('bo', 'reviewer'),
    olu: await signIn('olu', 'operator'),
  };
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

/** A person with two records and one need. */
beforeEach(async () => {
  [kia, kiaThere] = [newId(), newId()];
  for (const table of ['work_cover', 'work_owner', 'referral'])
    await db.query(`delete from ${table} where tenant = $tenant`);
  await db.tx(async (tx) => {
    const row = (patient: string) => ({
      ...{ connection: 'clinic', patientId: patient, patient, unusable: null },
    });
    await people.savePatients(tx, [row(kia), row(kiaThere)]);
    await people.setPerson(tx, { patient: kiaThere, samePersonAs: kia, principal: 'person:ada' });
    await referrals.saveNeeds(tx, [
      {
        ...{ id: newId(), tenant, connection: 'clinic', person: kia, episode: 1 },
        ...{ category: 'food-insecurity', unambiguous: true, sensitive: false, conditions: '[]' },
        ...{ since: '2026-11-02T10:00:00Z', trace: newId() },
      },
    ]);
  });
});

const work = async (person = kia, as = cookies.ada) =>
  (await ask.get(`/api/v1/people/${person}/work`).set(as)).body;
const put = (path: string, body: object, as = cookies.ada, person = kia) =>
  ask.put(`/api/v1/people/${person}/${path}`).set(as).send(body);
const post = (path: string, body: object, as = cookies.ada) =>
  ask.post(`/api/v1${path}`).set(as).send(body);
const page = async (as = cookies.ada) => (await ask.get(`/people/${kia}`).set(as)).text;
const fill = (path: string, form: object, as = cookies.ada) =>
  ask.post(path).set(as).type('form').send(form);
const isOnMine = async (as: Record<string, string>) =>
  (await ask.get('/decide?owner=me').set(as)).text.includes(`data-person="${kia}"`);

describe('who looks after a person', () => {
  it('is nobody at first, and then whoever it was handed to, with the note', async () => {
    expect(await work()).toMatchObject({ owner: null, handedOver: [] });
    expect((await put('owner', { owner: 'bo', note: 'Prefers mornings' })).status).toBe(200);
    expect(await work(kiaThere)).toMatchObject({
      owner: 'person:bo',
      handedOver: [{ owner: 'person:bo', note: 'Prefers mornings', by: 'person:ada' }],
    });
    const text = await page();
    expect(text).toMatch(/bo, since [A-Z][a-z]{2} \d{1,2}, \d{1,2}:\d\d [ap]m\./);
    expect(text).toContain('Prefers mornings');
    expect(text).not.toContain('person:bo');
  });

  it('narrows a list to those of the reader, by a filter that keeps the need', async () => {
    await put('owner', { owner: 'bo' });
    expect([await isOnMine(cookies.ada), await isOnMine(cookies.bo)]).toEqual([false, true]);
    await put('owner', { owner: 'me' }, cookies.ada, kiaThere);
    expect([await isOnMine(cookies.ada), await isOnMine(cookies.bo)]).toEqual([true, false]);
    await put('owner', {});
    expect(await isOnMine(cookies.ada)).toBe(false);
    const { text } = await ask.get('/decide?need=food-insecurity').set(cookies.ada);
    expect(text).toContain('/decide?owner=me&amp;need=food-insecurity');
  });

  it('is covered for until a day, and no longer', async () => {
    await put('owner', { owner: 'bo' });
    const cover = { away: 'bo', cover: 'me', until: '2026-12-04' };
    const { status, body } = await post('/covers', cover);
    expect(status).toBe(201);
    expect([await isOnMine(cookies.ada), await isOnMine(cookies.bo)]).toEqual([true, true]);
    expect((await work()).cover).toEqual({ cover: 'person:ada', until: '2026-12-04' });
    expect(await page()).toContain('ada covers for bo until Dec 4.');
    await db.query("update work_cover set until = '2026-11-29' where tenant = $tenant");
    expect(await isOnMine(cookies.ada)).toBe(false);
    await db.query("update work_cover set until = '2026-12-04' where tenant = $tenant");
    const end = () => ask.delete(`/api/v1/covers/${body.id}`).set(cookies.ada);
    expect([(await end()).status, (await end()).status]).toEqual([204, 404]);
    expect(await isOnMine(cookies.ada)).toBe(false);
  });

  it.each([
    ['an owner whom nobody knows', 'owner', { owner: 'zed' }, 'owner'],
    ['an owner of another role', 'owner', { owner: 'olu' }, 'owner'],
    ['a note that is too long', 'owner', { owner: 'bo', note: 'x'.repeat(2_001) }, 'note'],
    ['a step without a day', 'next-step', { step: 'Call' }, 'on'],
    ['a step on no day', 'next-step', { step: 'Call', on: '2026-02-30' }, 'on'],
    ['a step on a day that has passed', 'next-step', { step: 'Call', on: '2026-11-29' }, 'on'],
    ['a step years ahead', 'next-step', { step: 'Call', on: '2028-11-29' }, 'on'],
    ['a step without words', 'next-step', { step: '  ', on: '2026-12-01' }, 'step'],
  ])('refuses %s, naming the field', async (_title, path, body, field) => {
    const { status, text } = await put(path, body);
    expect(status).toBe(400);
    expect(text).toContain(field);
    expect(await work()).toMatchObject({ owner: null, nextStep: null });
  });

  it.each([
    [{ away: 'bo', cover: 'bo', until: '2026-12-01' }, 'cover'],
    [{ away: 'zed', cover: 'bo', until: '2026-12-01' }, 'away'],
    [{ away: 'bo', cover: 'ada', until: '2026-11-01' }, 'until'],
  ])('refuses a cover with a bad field', async (cover, field) => {
    const { status, text } = await post('/covers', cover);
    expect([status, text.includes(field)]).toEqual([400, true]);
    const { text: shown } = await fill('/covers', cover);
    expect(shown).toMatch(new RegExp(`id="${field}"[^>]*aria-invalid="true"`));
  });

  it('is recorded on the page without scripts, with the message where reading begins', async () => {
    const { status, headers } = await fill(`/people/${kia}/owner`, { owner: 'bo', take: 'me' });
    expect([status, headers.location]).toEqual([303, `/people/${kia}?recorded=work#work`]);
    expect((await work()).owner).toBe('person:ada');
    const { text } = await ask.get(`/people/${kia}?recorded=work`).set(cookies.ada);
    expect(text).toMatch(/<div tabindex="-1" autofocus><p class="note" role="status">/);
    const wrong = await fill(`/people/${kia}/next-step`, { step: 'Call', on: '2026-11-01' });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toMatch(/id="step-on"[^>]*aria-invalid="true"/);
    expect(wrong.text).toContain('value="Call"');
    expect((await fill('/covers', { away: 'bo', cover: 'ada', until: '2026-12-04' })).status).toBe(
      303,
    );
    expect((await ask.get('/covers').set(cookies.bo)).text).toContain(
      'ada covers for bo until Dec 4.',
    );
  });
});

describe('the next step', () => {
  it('is one: a new one takes the place of the one before, and is done once', async () => {
    await put('next-step', { step: 'Call the pantry', on: '2026-12-02' });
    await put('next-step', { step: 'Ask about rides', on: '2026-12-03' }, cookies.bo, kiaThere);
    expect((await work()).nextStep).toEqual({ step: 'Ask about rides', on: '2026-12-03' });
    expect(await page()).toContain('By Dec 3: Ask about rides');
    const done = () => post(`/people/${kia}/next-step/done`, {});
    expect([(await done()).status, (await done()).status]).toEqual([200, 409]);
    expect((await work()).nextStep).toBeNull();
  });
});

describe('a note', () => {
  const words =
    'Waxay jeceshahay subaxdii <b>hore</b> & "xaas" · Nws nyiam sawv ntxov 你好\nline 2';

  it('is kept as it was written, escaped on the page, and in no history', async () => {
    expect((await post(`/people/${kia}/notes`, { text: words })).status).toBe(201);
    expect((await work()).notes).toMatchObject([{ text: words, by: 'person:ada' }]);
    const text = await page();
    expect(text).toContain(
      '&lt;b&gt;hore&lt;/b&gt; &amp; &quot;xaas&quot; · Nws nyiam sawv ntxov 你好',
    );
    expect(text).not.toContain('<b>hore');
    const { rows } = await db.query('select * from history where tenant = $tenant');
    expect(JSON.stringify(rows)).not.toContain('subaxdii');
    expect(text).toMatch(/<ol class="timeline unprinted">/);
  });

  it('is refused where it is too long, at its field, with what was typed', async () => {
    const long = await post(`/people/${kia}/notes`, { text: 'x'.repeat(10_001) });
    expect([long.status, long.text.includes('text')]).toEqual([400, true]);
    const megabyte = await post(`/people/${kia}/notes`, { text: 'ẅ'.repeat(1_048_576) });
    expect([megabyte.status, megabyte.text.includes('at-most-1048576-bytes')]).toEqual([413, true]);
    const typed = `${'x'.repeat(10_000)}end`;
    const shown = await fill(`/people/${kia}/notes`, { text: typed });
    expect(shown.status).toBe(400);
    expect(shown.text).toMatch(/id="note-text"[^>]*aria-invalid="true"/);
    expect(shown.text).toContain(typed);
    const onPage = await fill(`/people/${kia}/notes`, { text: 'x'.repeat(1_048_576) });
    expect([onPage.status, onPage.text.includes('too large')]).toEqual([413, true]);
    expect((await work()).notes).toEqual([]);
  });

  it('opens for reviewers alone', async () => {
    await post(`/people/${kia}/notes`, { text: words });
    for (const path of [`/people/${kia}`, `/api/v1/people/${kia}/work`, '/covers'])
      expect((await ask.get(path).set(cookies.olu)).status).toBe(403);
    expect((await post(`/people/${newId()}/notes`, { text: words })).status).toBe(404);
  });
});
