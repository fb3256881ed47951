import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import {
  access,
  answers,
  type Database,
  directory,
  grants,
  migrate,
  moveTasks,
  type NewAnswer,
  openDatabase,
  ownResources,
  pageAnswers,
  referrals,
  taskDeliveries,
  tasks,
} from '@loopwell/store';
import { newTask, supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReviewRoutes } from '../review.route.ts';

/** What the care team sees of answers by a button, and how it removes a partner's words. */
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
});

/** A referral with a Task that a partner has, sent at 8:30 in the morning there. */
async function out(status: string): Promise<void> {
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
      newTask({ ...sent, channel: 'email', address: 'mailto:a@b.org', receipt_key }),
    ]);
    await taskDeliveries.settleTaskDeliveries(tx, [{ task, state: 'delivered', remote_id: task }]);
  });
}

/** Writes an answer into the inbox as a door does. */
async function write(more: Partial<NewAnswer>): Promise<number> {
  const { person } = (await db.tx((tx) => referrals.loadReferrals(tx, [referral]))).get(
    referral,
  ) as { person: string };
  const answer: NewAnswer = {
    ...{ tenant, task, referral, person, who: 'partner:pantry', recorded_by: 'partner:pantry' },
    ...{ door: 'page', message_id: newId(), said_by: 'Ana', said_at: now, body: '{}' },
    ...{ status: 'completed', known_status: 'completed', codes: '[]', oddities: '[]' },
    ...{ with_words: true, reason: null, note: null, business_status: null, outputs: '[]' },
    ...{ read_outputs: '[]', content: newId(), is_partial: false, button: 'gotHelp' },
    ...more,
  };
  await db.tx((tx) => answers.writeAnswers(tx, [answer]));
  return (await db.tx((tx) => answers.answersOf(tx, referral))).at(-1)?.id ?? 0;
}

/** Keeps a Procedure that the partner posted about the Task, as our hub does. */
async function post(procedure: object): Promise<void> {
  const id = newId();
  const row = (await db.tx((tx) => referrals.loadReferrals(tx, [referral]))).get(referral);
  if (!row) throw new Error('There is no such referral');
  const { person, connection } = row;
  const subject = { reference: `Patient/${person}` };
  const body = JSON.stringify({ ...procedure, id, subject });
  await db.tx(async (tx) => {
    await ownResources.addOwnResource(tx, {
      id,
      tenant,
      connection,
      type: 'Procedure',
      person,
      body,
    });
    const granted = { tenant, partner: 'pantry', task, referral, person, elements: 'all' };
    const wish = { ...granted, type: 'Procedure', id, class: 'record' as const };
    await grants.addGrants(tx, [{ ...wish, until: inTenMinutes(), after_end_ms: 0 }]);
  });
}

const inTenMinutes = () => new Date(Date.now() + 600_000);
const page = async () => {
  const { text } = await ask.get(`/review/${referral}`).set(cookies.reviewer);
  return text.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
};
const read = async () => (await ask.get(`/api/v1/reviews/${referral}`).set(cookies.reviewer)).body;
const remove = (answer: unknown, as = cookies.reviewer, of = referral) =>
  ask.delete(`/api/v1/referrals/${of}/answers/${answer}/words`).set(as);
const everything = async () => {
  const kept = ['partner_answer', 'task', 'task_version', 'history', 'own_resource'];
  const rows = await Promise.all(kept.map((table) => db.query(`select * from ${table}`)));
  return JSON.stringify(rows.map((result) => result.rows));
};

describe('an answer by a button', () => {
  it('is shown at once, with when it counts, who said it and what they typed', async () => {
    await out('accepted');
    const held_until = inTenMinutes();
    const fields = JSON.stringify({ missing: 'Diapers <b>' });
    await write({ button: 'partOfIt', held_until, fields, note: 'Call us' });
    const shown = await page();
    expect(shown).toContain('The pantry answered “They got part of it”. It counts at');
    expect(shown).toContain('Ana');
    expect(shown).toContain('Diapers &lt;b&gt;');
    expect((await read()).partnerAnswers).toMatchObject([
      { button: 'partOfIt', countsAt: held_until.toISOString(), undone: null, note: 'Call us' },
    ]);
  });

  it('that was undone stays in the list, and says who undid it', async () => {
    await out('accepted');
    const id = await write({ held_until: inTenMinutes() });
    await db.tx((tx) => pageAnswers.undoHeld(tx, id, 'Ben'));
    const shown = await page();
    expect(shown).not.toContain('It counts at');
    expect(shown).toMatch(/Undone by Ben, /);
    expect((await read()).partnerAnswers).toMatchObject([
      { countsAt: null, undone: { by: 'Ben' } },
    ]);
  });
});

describe('Remove these words', () => {
  it('erases what was typed beside a button, and keeps that it happened and by whom', async () => {
    await out('accepted');
    const typed = { fields: JSON.stringify({ missing: 'kanari' }), note: 'kanari <script>' };
    const id = await write({ ...typed, reason: 'Ours', business_status: 'Ours, too' });
    expect(await page()).toContain('Remove these words');
    const form = ask.post('/review/words').set(cookies.reviewer).type('form');
    const { status, headers } = await form.send({ referral, answer: id });
    expect([status, headers.location]).toEqual([303, `/review/${referral}?words=removed#said`]);
    expect(await everything()).not.toContain('kanari');
    const shown = await page();
    expect(shown).not.toContain('Remove these words');
    expect(shown).toMatch(/Words removed by /);
    expect((await read()).partnerAnswers).toMatchObject([
      { button: 'gotHelp', saidBy: 'Ana', reason: 'Ours', wordsRemoved: { by: 'person:rea' } },
    ]);
    const { rows } = await db.query('select outcome, principal from history where subject = $1', [
      task,
    ]);
    expect(rows).toEqual([{ outcome: 'words-removed', principal: 'person:rea' }]);
  });

  it('leaves what the button does: until when it is full, and to whom it hands over', async () => {
    await out('requested');
    const held_until = inTenMinutes();
    const stays = { pauseUntil: '2027-01-04', partner: 'shelter' };
    const fields = JSON.stringify({ ...stays, whoElse: 'kanari' });
    const id = await write({ button: 'noFull', status: 'rejected', held_until, fields });
    expect((await remove(id)).status).toBe(200);
    expect(await everything()).not.toContain('kanari');
    const [row] = await db.tx((tx) => answers.answersOf(tx, referral));
    expect(JSON.parse(row?.fields ?? '')).toEqual(stays);
  });

  it('erases those of a partner’s own Task in all answers, the Task and its versions', async () => {
    await out('requested');
    const note = [{ text: 'kanari' }];
    const reason = { text: 'kanari' };
    const says = (from: string, to: string) =>
      db.tx((tx) =>
        moveTasks(tx, [
          {
            task,
            from: { status: from },
            to,
            by: 'target',
            statement: { note, statusReason: reason },
          },
        ]),
      );
    await says('requested', 'accepted');
    await says('accepted', 'on-hold');
    const theirs = { door: 'hub', button: null, note: 'kanari', reason: 'kanari' };
    const shown = { outputs: '[{"value":"kanari"}]', read_outputs: '[{"content":"kanari"}]' };
    const first = await write({ ...theirs, ...shown, body: '{"note":[{"text":"kanari"}]}' });
    await write({ ...theirs, status: 'kanari', known_status: null, business_status: 'kanari' });
    await post({ resourceType: 'Procedure', status: 'completed', note, code: { text: 'kanari' } });
    expect(await everything()).toContain('kanari');
    expect((await remove(first)).body).toEqual({ result: 'removed' });
    expect(await everything()).not.toContain('kanari');
    expect((await remove(first)).body).toEqual({ result: 'removed' });
    const lines = await db.query("select 1 from history where subject = $1 and stage = 'track'", [
      task,
    ]);
    expect(lines.rows).toHaveLength(1);
  });

  it('is for the care team, and for answers of this referral', async () => {
    await out('accepted');
    const id = await write({ note: 'kanari' });
    expect((await remove(id, cookies.operator)).status).toBe(403);
    expect((await remove(id, cookies.reviewer, newId())).status).toBe(404);
    expect((await remove(id + 1_000)).status).toBe(404);
    for (const wrong of ['0', '-1', 'x', '99999999999999999999'])
      expect([wrong, (await remove(wrong)).status]).toEqual([wrong, 400]);
    const form = () => ask.post('/review/words').set(cookies.reviewer).type('form');
    expect((await form().send({ referral: 'x', answer: id })).status).toBe(404);
    expect((await form().send({ referral, answer: 'x' })).status).toBe(404);
    expect(await everything()).toContain('kanari');
  });
});
