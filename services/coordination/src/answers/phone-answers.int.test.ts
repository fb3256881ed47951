import { systems } from '@loopwell/fhir';
import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import {
  access,
  answers,
  type Database,
  directory,
  migrate,
  openDatabase,
  referrals,
  taskDeliveries,
  tasks,
} from '@loopwell/store';
import { newTask, supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReviewRoutes } from '../review.route.ts';

/** The door of a person who was told by phone: the API and the form of the referral's page. */
const tenant = 'o';
const now = new Date('2026-11-28T16:00:00Z');
const clock: Clock = { now: () => now, timeZone: 'America/Chicago' };
const nudged: string[] = [];

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let cookies: Record<'reviewer' | 'operator', Record<string, string>>;
let referral: string;
let task: string;

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
  const nudge = async (nudges: readonly { stage: string }[]) =>
    void nudged.push(...nudges.map(({ stage }) => stage));
  addReviewRoutes(app, { tx: db.tx, nudge, clock, longestConsentDays: 365 });
  finish(app, silentLog);
  ask = supertest(app.express);
  const signIn = async (role: string) => {
    const grant = { tenant, kind: 'session' as const, principal: 'person:rea', roles: [role] };
    const session = await db.tx((tx) => access.grantAccess(tx, { ...grant, routes: [] }));
    return { cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' };
  };
  cookies = { reviewer: await signIn('reviewer'), operator: await signIn('operator') };
  const pantry = { id: 'pantry', tenant, position: 0, name: 'The pantry', address: 'hub' };
  const body = { ...pantry, references: [], categories: ['food-insecurity'] };
  const partner = { ...pantry, body: JSON.stringify(body) };
  await db.tx((tx) => directory.saveDirectory(tx, tenant, [partner]));
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});
beforeEach(async () => {
  nudged.splice(0);
  [referral, task] = [newId(), newId()];
  await db.query('delete from ledger');
  await db.query('delete from partner_profile');
});

/** A referral with a Task that a partner has, sent at 8:30 in the morning there. */
async function out(status: string, { live = true, isThere = true } = {}): Promise<void> {
  const person = newId();
  const need = { id: referral, tenant, connection: 'clinic', person, episode: 1 };
  const known = { unambiguous: true, sensitive: false, conditions: '[]', trace: newId() };
  await db.tx(async (tx) => {
    await referrals.saveNeeds(tx, [
      { ...need, ...known, category: 'food-insecurity', since: '2026-11-02T10:00:00Z' },
    ]);
    const patch = { state: 'partner' as const, gate: 'partner', approval: 'approved' as const };
    await referrals.patchReferrals(tx, [{ id: referral, patch }]);
    const sent = { id: task, tenant, referral, person, attempt: 1, partner: 'pantry', status };
    const receipt_key = newId();
    await tasks.addTasks(tx, [
      newTask({ ...sent, channel: 'manual', address: 'hub', receipt_key }),
    ]);
    if (isThere)
      await taskDeliveries.settleTaskDeliveries(tx, [
        { task, state: 'delivered', remote_id: task },
      ]);
  });
  await db.query('update task set requested_at = $2, live = $3 where id = $1', [
    task,
    new Date('2026-11-28T14:30:20Z'),
    live,
  ]);
}

const said = { status: 'accepted', saidBy: 'Sue', at: '2026-11-28T15:00:00Z', by: 'phone' };
const tell = (more: object = {}, as = cookies.reviewer) =>
  ask
    .post(`/api/v1/referrals/${referral}/answers`)
    .set(as)
    .send({ ...said, ...more });
const fill = (more: object = {}) =>
  ask
    .post('/review/answers')
    .set(cookies.reviewer)
    .type('form')
    .send({ referral, status: 'accepted', saidBy: 'Sue', at: '2026-11-28T09:00', ...more });
const inbox = () => db.tx((tx) => answers.answersOf(tx, referral));
const trackRows = async () =>
  (await db.query("select 1 from ledger where stage = 'track' and subject = $1", [task])).rows
    .length;

describe('an answer by phone', () => {
  it('is a row of the inbox, and makes track due in the same transaction', async () => {
    await out('requested');
    const { status, body } = await tell({ note: 'She comes on Monday' });
    expect([status, body]).toEqual([201, { result: 'recorded' }]);
    expect(await inbox()).toMatchObject([
      {
        door: 'manual',
        task,
        who: 'partner:pantry',
        said_by: 'Sue',
        recorded_by: 'person:rea',
        said_at: new Date('2026-11-28T15:00:00Z'),
        status: 'accepted',
        note: 'She comes on Monday',
        consumed_at: null,
      },
    ]);
    expect([await trackRows(), nudged]).toEqual([1, ['track']]);
  });

  it('is recorded once, also when the Task has ended by it', async () => {
    await out('accepted');
    const end = { status: 'failed', reason: 'She moved away' };
    expect((await tell(end)).status).toBe(201);
    const again = await tell(end);
    expect([again.status, again.body]).toEqual([200, { result: 'same' }]);
    await db.query("update task set live = false, status = 'failed' where id = $1", [task]);
    expect((await tell(end)).body).toEqual({ result: 'same' });
    expect(await inbox()).toHaveLength(1);
  });

  it('is one with the same words of another caller, which are noted', async () => {
    await out('accepted');
    await tell({ status: 'on-hold', note: 'Until Monday' });
    const other = { status: 'on-hold', note: 'Until Monday', saidBy: 'Bo' };
    expect((await tell(other)).body).toEqual({ result: 'same' });
    const [row] = await inbox();
    expect(JSON.parse(row?.repeats ?? '')).toMatchObject([{ door: 'manual', by: 'person:rea' }]);
    expect((await tell(other)).body).toEqual({ result: 'same' });
    expect(JSON.parse((await inbox())[0]?.repeats ?? '')).toHaveLength(1);
  });

  it('can say of the person that they said no thank you, without words', async () => {
    await out('accepted');
    const { status } = await tell({ status: 'rejected', reasonCode: 'person-declined' });
    expect(status).toBe(201);
    const [row] = await inbox();
    const coded = [{ system: systems.declineReason, code: 'person-declined' }];
    expect([row?.reason, JSON.parse(row?.codes ?? '')]).toEqual([null, coded]);
    expect((await fill({ status: 'on-hold', reasonCode: 'unable-to-reach' })).status).toBe(409);
  });

  it('of legal help gives no reason for a no, and keeps none', async () => {
    const kind = JSON.stringify({ kind: 'legal' });
    await db.query(
      `insert into partner_profile (tenant, partner, edits, edited_by, edited_at)
       values ($tenant, 'pantry', $1, 'person:rea', $2)`,
      [kind, now],
    );
    await out('requested');
    const { text } = await ask.get(`/review/${referral}`).set(cookies.reviewer);
    expect(text).not.toContain('id="answer-reason"');
    expect(text).not.toContain('id="answer-reasonCode"');
    const why = { reason: 'kanari', reasonCode: 'person-declined', note: 'kanari' };
    expect((await tell({ status: 'rejected', ...why })).status).toBe(201);
    expect(JSON.stringify(await inbox())).not.toMatch(/kanari|person-declined/);
    [referral, task] = [newId(), newId()];
    await out('requested');
    expect((await fill({ status: 'rejected' })).status).toBe(303);
    expect(await inbox()).toMatchObject([{ status: 'rejected', reason: null, note: null }]);
  });

  it('by the form can say that the person could not be reached', async () => {
    await out('accepted');
    expect((await fill({ status: 'accepted', reasonCode: 'unable-to-reach' })).status).toBe(303);
    expect((await inbox())[0]?.codes).toContain('unable-to-reach');
    const odd = await fill({ status: 'accepted', reasonCode: 'tired' });
    expect([odd.status, odd.text]).toEqual([400, expect.stringContaining('aria-invalid="true"')]);
  });

  it('is judged after those that wait', async () => {
    await out('requested');
    expect((await tell({ status: 'in-progress' })).status).toBe(201);
    expect((await tell({ status: 'accepted', note: 'Now' })).body.facts).toMatchObject({
      rule: 'move-not-allowed',
      from: 'in-progress',
      to: 'accepted',
    });
    expect((await tell({ status: 'completed' })).status).toBe(201);
    expect(await inbox()).toHaveLength(2);
  });

  it.each<[string, object, number, string, string]>([
    ['of the future', { at: '2026-11-28T16:00:01Z' }, 400, 'at', 'future'],
    ['from before the Task was sent', { at: '2026-11-28T14:29:00Z' }, 400, 'at', 'before-sent'],
    ['that ends without a reason', { status: 'rejected' }, 400, 'reason', 'required'],
    ['that says nothing new', {}, 400, 'note', 'nothing-new'],
    ['that goes back', { status: 'received' }, 409, 'status', 'move-not-allowed'],
  ])(
    '%s is refused with field and rule, and nothing is done',
    async (_name, more, status, field, rule) => {
      await out('accepted');
      const answer = await tell(more);
      expect([answer.status, answer.body.facts]).toMatchObject([status, { field, rule }]);
      expect(answer.text).not.toContain('Sue');
      expect([await inbox(), await trackRows(), nudged]).toEqual([[], 0, []]);
    },
  );

  it.each<[string, object, string, string]>([
    ['an unknown status', { status: 'done' }, '/body/status', 'enum'],
    ['no name', { saidBy: '' }, '/body/saidBy', 'minLength'],
    ['a name that is too long', { saidBy: 'x'.repeat(121) }, '/body/saidBy', 'maxLength'],
    ['a reason that is too long', { reason: 'x'.repeat(501) }, '/body/reason', 'maxLength'],
    ['a note that is too long', { note: 'x'.repeat(2001) }, '/body/note', 'maxLength'],
    ['a null character', { note: 'a\u0000b' }, '/body/note', 'no-nul'],
    ['a control character', { note: 'a\u0007b' }, '/body/note', 'characters'],
    ['a day alone', { at: '2026-11-28' }, '/body/at', 'format'],
    ['another way', { by: 'fax' }, '/body/by', 'enum'],
    ['an unknown field', { trust: 'me' }, '/body/trust', 'additionalProperties'],
  ])('with %s is refused', async (_name, more, path, rule) => {
    await out('requested');
    const { status, body } = await tell(more);
    expect([status, body.problems]).toMatchObject([400, [{ path, rule }]]);
    expect(await inbox()).toEqual([]);
  });

  it.each([
    ['has ended', 'cancelled', { live: false }],
    ['has not arrived', 'requested', { isThere: false }],
  ])('about a Task that %s is refused', async (_name, status, how) => {
    await out(status, how);
    const answer = await tell();
    expect([answer.status, answer.body.facts]).toMatchObject([409, { rule: 'no-open-task' }]);
    expect([await inbox(), await trackRows()]).toEqual([[], 0]);
  });

  it('about no referral is refused, and without the role', async () => {
    expect((await tell()).status).toBe(404);
    await out('requested');
    expect((await tell({}, cookies.operator)).status).toBe(403);
    expect((await ask.post(`/api/v1/referrals/${referral}/answers`).send(said)).status).toBe(401);
    expect(await inbox()).toEqual([]);
  });

  it('keeps its words out of the ledger and the history', async () => {
    await out('accepted');
    await tell({ status: 'failed', reason: 'kanari', note: 'kanari', saidBy: 'kanari' });
    for (const table of ['history', 'ledger', 'referral', 'task', 'decision']) {
      const { rows } = await db.query<{ text: string }>(`select t::text as text from ${table} t`);
      expect([table, rows.filter(({ text }) => text.includes('kanari'))]).toEqual([table, []]);
    }
  });
});

describe('the form of the page', () => {
  const page = async () => (await ask.get(`/review/${referral}`).set(cookies.reviewer)).text;

  it('takes a time of the site, and the page shows who said it, when and by which door', async () => {
    await out('requested');
    const { status, headers } = await fill({ note: 'She comes on Monday' });
    expect([status, headers.location]).toEqual([303, `/review/${referral}?answer=recorded`]);
    expect((await inbox())[0]?.said_at).toEqual(new Date('2026-11-28T15:00:00Z'));
    const shown = await page();
    for (const text of ['Sue', 'Nov 28, 9:00', 'by phone', 'She comes on Monday', 'Recorded by'])
      expect(shown).toContain(text);
    expect((await fill({ note: 'She comes on Monday' })).headers.location).toContain('answer=same');
    const told = await ask.get(`/review/${referral}?answer=recorded`).set(cookies.reviewer);
    expect(told.text).toContain('The answer was recorded.');
  });

  it.each<[string, object, number, string]>([
    ['no status', { status: '' }, 400, 'Choose what they said.'],
    ['no reason', { status: 'rejected' }, 400, 'Enter the reason they gave.'],
    ['the future', { at: '2026-11-28T11:00' }, 400, 'This time is in the future.'],
    ['no time', { at: '' }, 400, 'Enter the day and time of the call.'],
    ['a month 13', { at: '2026-13-28T09:00' }, 400, 'Enter the day and time of the call.'],
    ['a day that there is not', { at: '2026-02-30T09:00' }, 400, 'Enter the day and time'],
    ['nobody', { saidBy: ' ' }, 400, 'Enter who said it'],
  ])(
    'says beside the field what is wrong with %s, and keeps what was typed',
    async (_name, more, status, text) => {
      await out('requested');
      const answer = await fill({ note: 'Typed before', ...more });
      expect(answer.status).toBe(status);
      expect(answer.text).toContain(text);
      expect(answer.text).toContain('aria-invalid="true"');
      expect(answer.text).toContain('value="Typed before"');
      expect(await inbox()).toEqual([]);
    },
  );

  it('offers the statuses that the Task may go to, and is not there without an open Task', async () => {
    await out('in-progress');
    const shown = await page();
    expect(shown).toContain('It is done');
    expect(shown).not.toContain('They have it and have not decided');
    await db.query('update task set live = false where id = $1', [task]);
    expect(await page()).not.toContain('Record what the partner said');
    const late = await fill();
    expect([late.status, late.text.includes('No partner has this referral any more.')]).toEqual([
      409,
      true,
    ]);
  });

  it('is for reviewers from our own pages only', async () => {
    await out('requested');
    const form = ask.post('/review/answers').type('form');
    expect((await form.set(cookies.operator).send({ referral })).status).toBe(403);
    const foreign = { ...cookies.reviewer, 'sec-fetch-site': 'cross-site' };
    const other = ask.post('/review/answers').type('form');
    expect((await other.set(foreign).send({ referral })).status).toBe(403);
    expect((await fill({ referral: 'x' })).status).toBe(404);
  });
});
