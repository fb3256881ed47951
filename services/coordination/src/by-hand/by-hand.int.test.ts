import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import {
  access,
  contact,
  type Database,
  directory,
  migrate,
  openDatabase,
  people,
  referrals,
  tasks,
  work,
} from '@loopwell/store';
import { newTask, supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addNoRoutes } from '../nos/nos.route.ts';
import { addReviewRoutes } from '../review.route.ts';

/** What somebody does to a referral by hand: its end, its partner, a list of places. */
const tenant = 'o';
const today = '2026-11-30';
const clock: Clock = { now: () => new Date(`${today}T16:00:00Z`), timeZone: 'America/Chicago' };
const food = 'food-insecurity';

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let cookies: Record<'reviewer' | 'operator', Record<string, string>>;
let [kia, kiaThere, referral, other] = ['', '', '', ''];

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
  addNoRoutes(app, deps);
  finish(app, silentLog);
  ask = supertest(app.express);
  const signIn = async (role: string) => {
    const grant = { tenant, kind: 'session' as const, principal: 'person:rea', roles: [role] };
    const session = await db.tx((tx) => access.grantAccess(tx, { ...grant, routes: [] }));
    return { cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' };
  };
  cookies = { reviewer: await signIn('reviewer'), operator: await signIn('operator') };
  const partner = (id: string, position: number) => {
    const organization = {
      ...{ resourceType: 'Organization', id, telecom: [{ value: `612-555-010${position}` }] },
      address: [{ line: [`${position} Lake Street`], city: 'Minneapolis', state: 'MN' }],
    };
    const row = { id, tenant, position, name: `The ${id}`, address: 'hub' };
    const body = { ...row, references: [], categories: [food], organization };
    return { ...row, body: JSON.stringify(body) };
  };
  const rows = ['pantry', 'shelf', 'kitchen', 'market'].map(partner);
  await db.tx((tx) => directory.saveDirectory(tx, tenant, rows));
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

/** A person with two records, a need on each, and nothing sent. */
beforeEach(async () => {
  [kia, kiaThere, referral, other] = [newId(), newId(), newId(), newId()];
  await db.query('delete from ledger');
  await db.tx(async (tx) => {
    const row = (patient: string) => ({
      ...{ connection: 'clinic', patientId: patient, patient, unusable: null },
    });
    await people.savePatients(tx, [row(kia), row(kiaThere)]);
    const standing = { standing: 'stands' as const, recordKey: 'k' };
    await people.saveStandings(tx, [
      { patient: kia, ...standing },
      { patient: kiaThere, ...standing },
    ]);
    await people.setPerson(tx, { patient: kiaThere, samePersonAs: kia, principal: 'person:rea' });
    const need = { tenant, connection: 'clinic', episode: 1, unambiguous: true, sensitive: false };
    const more = { conditions: '[]', since: '2026-11-02T10:00:00Z', trace: newId() };
    await referrals.saveNeeds(tx, [
      { ...need, ...more, id: referral, person: kia, category: food },
      { ...need, ...more, id: other, person: kiaThere, category: 'homelessness' },
    ]);
  });
});

/** A Task that the pantry has. */
async function sendToPantry(): Promise<string> {
  const task = newId();
  await db.tx(async (tx) => {
    const patch = { state: 'partner' as const, gate: 'partner', approval: 'approved' as const };
    await referrals.patchReferrals(tx, [{ id: referral, patch }]);
    const sent = { id: task, tenant, referral, person: kia, attempt: 1, partner: 'pantry' };
    const way = { status: 'accepted', channel: 'manual', address: 'hub', receipt_key: newId() };
    await tasks.addTasks(tx, [newTask({ ...sent, ...way })]);
  });
  return task;
}

const row = async (id = referral) =>
  (await db.tx((tx) => referrals.loadReferrals(tx, [id]))).get(id);
const post = (path: string, body: object, id = referral) =>
  ask.post(`/api/v1/referrals/${id}/${path}`).set(cookies.reviewer).send(body);
const choose = (partner: string) =>
  ask.put(`/api/v1/referrals/${referral}/partner`).set(cookies.reviewer).send({ partner });
const fill = (path: string, form: object) =>
  ask.post(`/review/${referral}/${path}`).set(cookies.reviewer).type('form').send(form);
const page = async () => (await ask.get(`/review/${referral}`).set(cookies.reviewer)).text;
const due = async () =>
  (
    await db.query<{ subject: string }>(
      "select subject from ledger where stage = 'refer' order by subject",
    )
  ).rows.map(({ subject }) => subject);
const nosOf = async () =>
  (await db.tx((tx) => contact.personNos(tx, [kiaThere]))).get(kiaThere) ?? [];
const standingNow = async () =>
  (await db.tx((tx) => people.reachOf(tx, [kiaThere]))).get(kiaThere)?.standing;

describe('a referral that is closed by hand', () => {
  it.each(['helped-elsewhere', 'not-reached', 'moved'])(
    'because of %s ends, and the gates look at it',
    async (why) => {
      expect((await post('close', { why, note: 'Heard at the visit' })).status).toBe(200);
      expect(await row()).toMatchObject({ approval: 'refused', closed_for: why });
      expect([await due(), await nosOf()]).toEqual([[referral], []]);
      expect((await post('close', { why })).status).toBe(409);
    },
  );

  it('as no longer wanted is the no of the person, over all records', async () => {
    await post('close', { why: 'no-longer-wanted', on: '2026-11-28' });
    expect(await nosOf()).toMatchObject([
      { kind: 'not-this-help', category: food, said_on: '2026-11-28', said_to: 'rea', referral },
    ]);
  });

  it('because of a death stops everything of the person, and a mistake is taken back', async () => {
    await sendToPantry();
    expect((await post('close', { why: 'died', on: '2026-11-29' })).status).toBe(200);
    expect([await standingNow(), await due()]).toEqual(['deceased', [referral, other].sort()]);
    const { text } = await ask.get(`/people/${kia}`).set(cookies.reviewer);
    expect(text).toContain('rea recorded that this person died, heard on Nov 29.');
    const undo = () => ask.delete(`/api/v1/people/${kiaThere}/death`).set(cookies.reviewer);
    expect([(await undo()).status, (await undo()).status]).toEqual([204, 409]);
    expect(await standingNow()).toBe('active');
  });

  it.each([
    [{ why: 'tired' }, 'why'],
    [{}, 'why'],
    [{ why: 'moved', on: '2026-12-01' }, 'on'],
    [{ why: 'moved', on: '2026-02-30' }, 'on'],
    [{ why: 'moved', note: 'x'.repeat(501) }, 'note'],
  ])('is refused for %j, at its field', async (body, field) => {
    const { status, text } = await post('close', body);
    expect([status, text.includes(field)]).toEqual([400, true]);
    const { text: shown } = await fill('close', body);
    expect(shown).toMatch(new RegExp(`id="close-${field}"[^>]*aria-invalid="true"`));
    expect(await row()).toMatchObject({ approval: null, closed_for: null });
  });
});

describe('a partner that is chosen by hand', () => {
  it('is the only one that it may go to, and may be changed while another has it', async () => {
    await sendToPantry();
    expect((await choose('shelf')).status).toBe(200);
    expect(await row()).toMatchObject({ approval: 'approved', recipient: 'shelf' });
    expect(await due()).toEqual([referral]);
    expect((await choose('pantry')).text).toContain('had-turn');
  });

  it('is never a place to keep out, or one that the person does not want', async () => {
    await ask
      .post(`/api/v1/people/${kia}/noes`)
      .set(cookies.reviewer)
      .send({ kind: 'not-this-place', partner: 'shelf', saidOn: today });
    const refused = await choose('shelf');
    expect([refused.status, refused.text.includes('not-this-place')]).toEqual([400, true]);
    expect((await choose('nobody')).status).toBe(400);
    const { text } = await fill('partner', { partner: 'shelf' });
    expect(text).toMatch(/id="chosen-partner"[^>]*aria-invalid="true"/);
    expect((await row())?.recipient).toBeNull();
  });
});

describe('a list of places', () => {
  const list = { partners: ['pantry', 'shelf'], way: 'printed' };

  it('is kept, printed without the person or the need, and waits for what they say', async () => {
    const { headers } = await fill('list', { partners: ['pantry', '', 'shelf'], way: 'printed' });
    expect(headers.location).toBe(`/review/${referral}/list`);
    const { text } = await ask.get(headers.location ?? '').set(cookies.reviewer);
    expect(text).toContain('The pantry');
    expect(text).toContain('0 Lake Street, Minneapolis, MN');
    expect(text).toContain('612-555-0101');
    expect(text).not.toMatch(/food/i);
    expect((await row())?.list_given_at).toEqual(expect.any(Date));
    expect(await page()).toContain('They have a list of places since Nov 30');
  });

  it('ends as helped, goes back to review, or is a no, by what the person says', async () => {
    await post('list', list);
    await post('list/said', { said: 'not-helped' });
    expect(await row()).toMatchObject({ state: 'waiting', list_given_at: null });
    expect((await post('list/said', { said: 'helped' })).status).toBe(409);
    await post('list', list);
    await post('list/said', { said: 'helped', on: '2026-11-29' });
    expect(await row()).toMatchObject({ state: 'closed', closed_for: 'helped-by-list' });
  });

  it('that they no longer want is their no', async () => {
    await post('list', { ...list, way: 'read-aloud' });
    await fill('list/said', { said: 'no-longer-wanted', on: today });
    expect(await nosOf()).toHaveLength(1);
    expect(await row()).toMatchObject({ approval: 'refused', closed_for: 'no-longer-wanted' });
  });

  it.each([
    ['four places', ['pantry', 'shelf', 'kitchen', 'market'], 400],
    ['no place', [], 400],
    ['a place twice', ['pantry', 'pantry'], 400],
    ['a place that is not in the directory', ['pantry', 'nowhere'], 400],
  ])('is refused with %s', async (_title, partners, status) => {
    const answer = await post('list', { partners, way: 'printed' });
    expect([answer.status, answer.text.includes('partners')]).toEqual([status, true]);
    expect((await row())?.list_given_at).toBeNull();
  });

  it('is not given while a partner has the referral, or against a no', async () => {
    await sendToPantry();
    expect((await post('list', list)).text).toContain('at-partner');
    await post('close', { why: 'no-longer-wanted' }, other);
    expect((await post('list', list, other)).status).toBe(409);
  });
});

it('opens for reviewers alone', async () => {
  const asOperator = (path: string) =>
    ask.post(`/api/v1/referrals/${referral}/${path}`).set(cookies.operator).send({ why: 'moved' });
  expect((await asOperator('close')).status).toBe(403);
  expect((await post('close', { why: 'moved' }, newId())).status).toBe(404);
});

describe('the same need of one person, in two records', () => {
  const underWay = async () => {
    const found = await db.tx((tx) => work.needsUnderWay(tx, [referral, other]));
    return [...found.values()].map(({ behind, referral: id, state }) => ({ behind, id, state }));
  };
  const approve = (id: string, at: string, more: object = {}) =>
    db.tx((tx) => {
      const patch = { approval: 'approved' as const, approved_at: new Date(at), ...more };
      return referrals.patchReferrals(tx, [{ id, patch }]);
    });
  beforeEach(() =>
    db.query('update referral set category = $2 where id = $1', [other, food]).then(() => {}),
  );

  it('is behind the one that was approved first, and behind the one that a partner has', async () => {
    await approve(other, `${today}T12:00:00Z`);
    expect(await underWay()).toEqual([{ behind: referral, id: other, state: 'waiting' }]);
    await approve(referral, `${today}T13:00:00Z`);
    expect(await underWay()).toEqual([{ behind: referral, id: other, state: 'waiting' }]);
    await sendToPantry();
    expect(await underWay()).toEqual([{ behind: other, id: referral, state: 'partner' }]);
  });

  it('goes out alone where a policy approves both at one moment', async () => {
    const [first, second] = [referral, other].sort();
    expect(await underWay()).toEqual([{ behind: second, id: first, state: 'waiting' }]);
  });

  it('is no longer behind one that was refused, is another need, or is about somebody else', async () => {
    await approve(other, `${today}T12:00:00Z`, { approval: 'refused' });
    expect(await underWay()).toEqual([]);
    await approve(other, `${today}T12:00:00Z`);
    await db.query("update referral set category = 'homelessness' where id = $1", [other]);
    expect(await underWay()).toEqual([]);
  });

  it('waits for a person where the other one has helped since', async () => {
    await approve(other, `${today}T12:00:00Z`);
    const task = await sendToPantry();
    await db.query("update referral set state = 'closed' where id = $1", [referral]);
    await db.query(
      "update task set status = 'completed', live = false, ended_at = $2 where id = $1",
      [task, `${today}T14:00:00Z`],
    );
    expect(await underWay()).toEqual([{ behind: other, id: referral, state: 'closed' }]);
    await approve(other, `${today}T15:00:00Z`);
    expect(await underWay()).toEqual([]);
  });

  it('goes out where somebody who sees both says so', async () => {
    await sendToPantry();
    await approve(other, `${today}T12:00:00Z`, { gate: 'underWay' });
    const shown = (await ask.get(`/review/${other}`).set(cookies.reviewer)).text;
    expect(shown).toMatch(/The same need is under way already[\s\S]*The pantry has it since/);
    expect(shown).toContain(`href="/review/${referral}"`);
    expect((await post('send-anyway', {}, newId())).status).toBe(404);
    expect((await post('send-anyway', {}, referral)).status).toBe(409);
    const sent = await ask
      .post(`/review/${other}/send-anyway`)
      .set(cookies.reviewer)
      .type('form')
      .send({});
    expect(sent.status).toBe(303);
    expect(await row(other)).toMatchObject({ sent_anyway_by: 'person:rea' });
    expect([await underWay(), await due()]).toEqual([[], [other]]);
    expect((await post('send-anyway', {}, other)).status).toBe(409);
    const denied = await ask
      .post(`/api/v1/referrals/${other}/send-anyway`)
      .set(cookies.operator)
      .send({});
    expect(denied.status).toBe(403);
  });
});
