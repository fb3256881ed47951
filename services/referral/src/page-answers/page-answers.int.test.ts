import { type fhir4, systems } from '@loopwell/fhir';
import { RequestProblems } from '@loopwell/http';
import { deriveId, newId, silentLog, sleep, systemClock } from '@loopwell/kit';
import { createOutbound } from '@loopwell/outbound';
import { openQueues, type Queues, stageNames, startRunner } from '@loopwell/pipeline';
import {
  answers,
  contact,
  type Database,
  directory,
  migrate,
  moveTasks,
  openDatabase,
  partnerProfiles,
  peopleOfQuietPartners,
  type ReferralPatch,
  referrals,
  type TaskRow,
  taskDeliveries,
  tasks,
} from '@loopwell/store';
import { newTask, queueUrl, testDatabase } from '@loopwell/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ReferralSettings, wire } from '../index.ts';
import { acceptAnswers } from '../track/accept-answers.ts';
import { takeWaiting } from '../track/take-waiting.ts';
import { keepPageAnswer } from './keep-page-answer.ts';
import type { PressedForm } from './page-answer.ts';
import { undoPageAnswer } from './undo-page-answer.ts';

/** Answers by a button: what counts at once, what waits, and what nobody may do. */
const tenant = 'o';
const minute = 60_000;
const hour = 60 * minute;
const ana = { id: newId(), name: 'Ana' };
const ben = { id: newId(), name: 'Ben' };
const opened: (() => Promise<unknown>)[] = [];
const closing: (() => Promise<unknown>)[] = [];
let db: Database;
let queues: Queues;
let task: string;
let referral: string;
let person: string;

beforeAll(async () => {
  const scratch = await testDatabase();
  closing.push(scratch.close);
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant, max: 8 });
  closing.push(() => db.close());
  const options = { tenant, url: queueUrl(scratch.url), stages: stageNames, log: silentLog };
  queues = await openQueues({ ...options, prefix: `{${newId()}}` });
  closing.push(() => queues.close());
});
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
beforeEach(() => {
  [task, referral, person] = [newId(), newId(), deriveId('page', newId())];
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  await db.query('delete from ledger');
});

/** A Task of the pantry that is answered here. */
async function out(status: string, { acceptMs = hour, door = 'here' as 'here' | 'copy' } = {}) {
  await db.tx(async (tx) => {
    const need = { id: referral, tenant, connection: 'clinic', person, episode: 1, trace: newId() };
    const facts = { unambiguous: true, sensitive: false, conditions: '[]', since: '2026-06-01' };
    await referrals.saveNeeds(tx, [{ ...need, ...facts, category: 'food-insecurity' }]);
    const patch: ReferralPatch = { state: 'partner', gate: 'partner', service_request: newId() };
    await referrals.patchReferrals(tx, [{ id: referral, patch }]);
    const sent = { id: task, tenant, referral, person, attempt: 1, partner: 'pantry', door };
    const delivery = { channel: 'email', address: 'mailto:a@b.org', receipt_key: `${task}_r` };
    await tasks.addTasks(tx, [newTask({ ...sent, ...delivery, status })]);
    const settled = { task, state: 'delivered' as const, remote_id: task };
    await taskDeliveries.settleTaskDeliveries(tx, [settled]);
    const accept_by = new Date(Date.now() + acceptMs);
    await tasks.patchTasks(tx, [{ id: task, patch: { accept_by } }]);
  });
}

const press = (button: unknown, more: Partial<PressedForm> = {}, undoForMs = 10 * minute) => {
  const form = { task, partner: 'pantry', helper: ana, button, typed: {}, canReach: true };
  const settings = { undoForMs, timeZone: 'America/Chicago' };
  return db.tx((tx) => keepPageAnswer(tx, settings, { ...form, formKey: newId(), ...more }));
};
const undo = (answer: number, partner = 'pantry', helper = ben) =>
  db.tx((tx) => undoPageAnswer(tx, { answer, partner, helper }));
const taskNow = async () => (await db.tx((tx) => tasks.loadTasks(tx, [task]))).get(task) as TaskRow;
const bodyNow = async () => JSON.parse((await taskNow()).body) as fhir4.Task;
const codeNow = async () => (await bodyNow()).businessStatus?.coding?.[0]?.code;
const inbox = () => db.tx((tx) => answers.answersOf(tx, referral));
const nos = async () => (await db.tx((tx) => contact.nosOfPeople(tx, [person]))).get(person) ?? [];
const dueStages = async () =>
  (
    await db.query<{ stage: string }>('select stage from ledger where subject = $1 order by 1', [
      referral,
    ])
  ).rows.map(({ stage }) => stage);
const problemsOf = async (tried: Promise<unknown>) => {
  const error: unknown = await tried.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RequestProblems)) throw error ?? new Error('It was not refused');
  return { status: error.status, problems: error.problems, text: error.message };
};

/** Starts the workers of track and close alone. */
function work(): void {
  const outbound = createOutbound({ allowedPrivateOrigins: [] });
  const settings: ReferralSettings = {
    tenant,
    siteName: 'Clinic',
    minorAge: 18,
    readAfterEndMs: hour,
    send: true,
    approve: undefined,
    agreedByConsent: false,
    longestConsentDays: 365,
    publicBase: 'https://loopwell.example.org/fhir',
    acceptByMs: hour,
    decideBy: { ms: hour },
    pollMs: 100,
    askAgainMs: 100,
    batch: 50,
    leaseMs: 30_000,
  };
  const resources = { db, nudge: queues.nudge, outbound, sendTokens: new Map() };
  const clocks = { clock: systemClock, realClock: systemClock };
  const { works } = wire(settings, { ...resources, ...clocks, log: silentLog });
  const ours = works.filter(({ stage }) => stage === 'track' || stage === 'close');
  const runner = startRunner({ queues, works: ours, intervalMs: 50, log: silentLog });
  opened.push(async () => {
    await runner.close();
    await outbound.close();
  });
}

async function until<T>(what: () => Promise<T | false>): Promise<T> {
  const end = Date.now() + 30_000;
  while (true) {
    const value = await what();
    if (value !== false) return value;
    if (Date.now() > end) throw new Error(`This did not come true: ${what}`);
    await sleep(20);
  }
}
/** Lets the time be over in which the answers about the Task can be undone. */
const passTime = () =>
  db.query(
    `update partner_answer set held_until = loopwell_now() - interval '1 second'
      where task = $1 and held_until is not null`,
    [task],
  );
const untilEnded = () => until(async () => !(await taskNow()).live && (await taskNow()));
const trackDue = async () =>
  (
    await db.query<{ ms: number }>(
      `select (extract(epoch from due - loopwell_now()) * 1000)::float8 as ms from ledger
        where stage = 'track' and subject = $1`,
      [task],
    )
  ).rows[0]?.ms;

describe('a yes', () => {
  it('moves the Task at once, and keeps what was typed out of it', async () => {
    await out('requested');
    const typed = { when: 'Thursday 3 pm', where: '12 Elm St', bring: 'kanari', note: 'kanari 2' };
    const { kind, answer } = await press('yesTheyCanCome', { typed });
    expect(kind).toBe('kept');
    expect(answer).toMatchObject({ saidBy: 'Ana', heldUntil: null, isUndone: false });
    expect(await taskNow()).toMatchObject({ status: 'accepted', live: true });
    expect(await codeNow()).toBe('expects-visit');
    expect(JSON.stringify(await bodyNow())).not.toContain('kanari');
    const [row] = await inbox();
    expect(row).toMatchObject({ door: 'page', note: 'kanari 2', helper: ana.id });
    expect(JSON.parse(row?.fields ?? '')).toMatchObject({ bring: 'kanari' });
    expect(await undo(answer.id)).toMatchObject({ kind: 'too-late' });
  });

  it('of two people at once is the first one’s, and the other sees who said what', async () => {
    await out('requested');
    const both = await Promise.all([
      press('yesWeCall', { helper: ana }),
      press('noFull', { helper: ben }),
    ]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(['kept', 'said']);
    expect(new Set(both.map(({ answer }) => answer.id)).size).toBe(1);
    expect(await inbox()).toHaveLength(1);
  });

  it('that is posted twice is one answer', async () => {
    await out('requested');
    const formKey = newId();
    const first = await press('yesWeCall', { formKey });
    const again = await Promise.all([1, 2].map(() => press('yesWeCall', { formKey })));
    expect(again.map(({ kind }) => kind)).toEqual(['repeated', 'repeated']);
    expect(again.map(({ answer }) => answer.id)).toEqual([first.answer.id, first.answer.id]);
    expect(await inbox()).toHaveLength(1);
  });
});

describe('an answer that ends the Task', () => {
  it('is there at once, and nothing follows until it cannot be undone any more', async () => {
    await out('accepted');
    const { answer } = await press('gotHelp');
    expect(answer.heldUntil).toBeInstanceOf(Date);
    expect(await taskNow()).toMatchObject({ status: 'accepted', live: true });
    expect(await codeNow()).toBe('answer-pending');
    expect(await dueStages()).toEqual([]);
    expect(await inbox()).toMatchObject([{ button: 'gotHelp', consumed_at: null }]);
    work();
    const waits = await until(async () => ((await trackDue()) ?? 0) > minute && (await trackDue()));
    expect(waits).toBeLessThanOrEqual(10 * minute);
    expect(await taskNow()).toMatchObject({ status: 'accepted', live: true });
  });

  it('counts when its time is over, though nobody nudges: the row of the ledger is there', async () => {
    await out('accepted');
    await press('gotHelp', {}, 300);
    work();
    expect(await untilEnded()).toMatchObject({ status: 'completed', reason: 'helped' });
    const { businessStatus, output } = await bodyNow();
    expect(businessStatus).toBeUndefined();
    expect(output?.[0]?.type.coding?.[0]?.code).toBe('resulting-activity');
  });

  it('stops the clock of silence at once', async () => {
    await out('requested', { acceptMs: 200 });
    await press('noOutsideArea', {}, 1_000);
    work();
    const ended = await untilEnded();
    expect(ended).toMatchObject({ status: 'rejected', reason: null });
    expect(await inbox()).toMatchObject([{ came_of: 'declined:rejected' }]);
  });

  it('is undone by any helper of the partner: the row stays, and the Task is as before', async () => {
    await out('requested');
    await press('yesWeCall');
    const { answer } = await press('saidNo', { helper: ana });
    expect(await undo(answer.id, 'pantry', ben)).toMatchObject({ kind: 'undone' });
    expect(await undo(answer.id)).toMatchObject({ kind: 'repeated' });
    expect(await codeNow()).toBe('will-contact');
    const [, row] = await inbox();
    expect(row).toMatchObject({ button: 'saidNo', undone_by: 'Ben', came_of: 'undone' });
    await passTime();
    await db.tx((tx) => takeWaiting(tx, { clock: systemClock }, [task]));
    expect(await nos()).toEqual([]);
    expect(await taskNow()).toMatchObject({ status: 'accepted', live: true });
    expect((await press('saidNo', { helper: ana }, 0)).kind).toBe('kept');
    expect(await taskNow()).toMatchObject({ status: 'cancelled', reason: 'person-declined' });
  });

  it('cannot be undone too late, by another partner, or by a number that is none', async () => {
    await out('accepted');
    const { answer } = await press('cantAfterAll');
    for (const number of [answer.id + 1_000, -1, 1.5, Number.NaN, 1e20])
      await expect(undo(number)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(undo(answer.id, 'shelter')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await passTime();
    expect(await undo(answer.id)).toMatchObject({ kind: 'too-late' });
    work();
    expect(await untilEnded()).toMatchObject({ status: 'cancelled', reason: 'handed-back' });
    expect((await bodyNow()).statusReason?.coding?.[0]?.code).toBe('handed-back');
  });

  it('shows to the second helper who gave it, while it is held', async () => {
    await out('accepted');
    const first = await press('partOfIt', { helper: ana });
    const second = await press('gotHelp', { helper: ben });
    expect(second).toMatchObject({ kind: 'said', answer: { id: first.answer.id, saidBy: 'Ana' } });
  });

  it('gives way to a move over FHIR, which is final at once', async () => {
    await out('accepted');
    await press('cantAfterAll');
    const moved = { task, door: 'hub', messageId: newId(), who: 'partner:pantry' };
    await db.tx((tx) =>
      acceptAnswers(tx, { clock: systemClock }, [{ ...moved, status: 'completed' }]),
    );
    expect(await taskNow()).toMatchObject({ status: 'completed', live: false });
    await passTime();
    work();
    await until(async () => (await inbox())[0]?.came_of === 'late');
    expect(await taskNow()).toMatchObject({ status: 'completed' });
  });
});

describe('what follows', () => {
  const profile = async () =>
    (await db.tx((tx) => partnerProfiles.loadProfiles(tx))).get('pantry')?.profile();

  it('a full partner gets nothing new until the day that it named, and not before it counts', async () => {
    const pantry = { id: 'pantry', tenant, position: 0, name: 'The pantry', address: 'hub' };
    const body = JSON.stringify({ ...pantry, references: [], categories: ['food-insecurity'] });
    await db.tx((tx) => directory.saveDirectory(tx, tenant, [{ ...pantry, body }]));
    await out('requested');
    const day = new Date(Date.now() + 20 * 24 * hour).toISOString().slice(0, 10);
    await press('noFull', { typed: { pauseUntil: day } }, 300);
    expect((await profile())?.intake.pausedUntil).toBeUndefined();
    work();
    expect(await untilEnded()).toMatchObject({ status: 'rejected', reason: null });
    expect(await dueStages()).toEqual(['refer']);
    expect((await profile())?.intake.pausedUntil?.slice(0, 10)).toBe(day);
    expect((await bodyNow()).statusReason?.coding?.[0]).toEqual({
      ...{ system: systems.sdohcc, code: 'no-capacity' },
    });
  });

  it('a person who was not seen yet is somebody’s to look after, until there is news', async () => {
    await out('accepted');
    const { kind } = await press('notSeenYet');
    expect(kind).toBe('kept');
    expect(await taskNow()).toMatchObject({ status: 'on-hold', live: true });
    const quiet = () => db.tx((tx) => peopleOfQuietPartners(tx));
    const humans = async () =>
      (await db.query<{ human: string }>('select human from referral where id = $1', [referral]))
        .rows;
    const [{ human } = { human: '' }] = await humans();
    expect(await quiet()).toContain(human);
    const { rows } = await db.query("select 1 from duty_alert where kind = 'partner-late'");
    expect(rows.length).toBeGreaterThan(0);
    await press('noAnswer1', {}, 0);
    expect(await quiet()).not.toContain(human);
  });

  it('a part of it closes the loop as help, and the rest waits for review', async () => {
    await out('accepted');
    await press('partOfIt', { typed: { missing: 'Diapers' } }, 300);
    work();
    const ofPerson = () => db.tx((tx) => referrals.referralsOfPeople(tx, [person]));
    const both = await until(async () => {
      const rows = await ofPerson();
      return rows.length === 2 && rows;
    });
    const [closed, rest] = both.sort((a, b) => a.episode - b.episode);
    expect(closed).toMatchObject({ id: referral, state: 'closed' });
    const added_by = 'partner:pantry';
    expect(rest).toMatchObject({ state: 'waiting', gate: 'review', approval: null, added_by });
    expect(rest).toMatchObject({ category: 'food-insecurity', unambiguous: false });
    expect(await taskNow()).toMatchObject({ status: 'completed', reason: 'helped' });
    const all = await db.query('select * from history where person = $1', [person]);
    expect(JSON.stringify(all.rows)).not.toContain('Diapers');
  });
});

describe('the person’s no', () => {
  it('is what the button says, and is no refusal of the partner', async () => {
    await out('accepted');
    await press('saidNo', {}, 0);
    expect(await nos()).toMatchObject([{ kind: 'not-this-help', category: 'food-insecurity' }]);
    expect(await taskNow()).toMatchObject({ status: 'cancelled', reason: 'person-declined' });
  });

  it('is not what somebody types beside another button', async () => {
    await out('requested');
    await press('noOther', { typed: { note: 'They said no thank you' } }, 0);
    expect(await nos()).toEqual([]);
    expect(await taskNow()).toMatchObject({ status: 'rejected', reason: null });
  });
});

it('counts a try of the partner, one a day, and offers no second one on that day', async () => {
  await out('accepted');
  await press('noAnswer1', {}, 0);
  expect(await taskNow()).toMatchObject({ status: 'in-progress', live: true });
  expect(await codeNow()).toBe('no-answer-1');
  const { rows } = await db.query('select outcome from contact_try where person = $1', [person]);
  expect(rows).toEqual([{ outcome: 'no-answer' }]);
  expect(await press('noAnswer2')).toMatchObject({ kind: 'said', answer: { button: 'noAnswer1' } });
  const earlier =
    "received_at = received_at - interval '1 day', said_at = said_at - interval '1 day'";
  await db.query(`update partner_answer set ${earlier} where task = $1`, [task]);
  expect(await press('noAnswer2', {}, 0)).toMatchObject({ kind: 'kept' });
  expect(await codeNow()).toBe('no-answer-2');
  await db.query(`update partner_answer set ${earlier} where task = $1`, [task]);
  await press('noAnswer3', {}, 0);
  expect(await taskNow()).toMatchObject({ status: 'failed', reason: 'unable-to-reach' });
});

it('counts no try that is undone, and one that is not once its time is over', async () => {
  const tries = async () =>
    (await db.query('select 1 from contact_try where person = $1', [person])).rows.length;
  await out('accepted');
  const { answer } = await press('noAnswer1');
  expect(answer.heldUntil).toBeInstanceOf(Date);
  expect(await undo(answer.id)).toMatchObject({ kind: 'undone' });
  expect(await taskNow()).toMatchObject({ status: 'accepted', live: true });
  expect(await press('noAnswer1', {}, 300)).toMatchObject({ kind: 'kept' });
  expect(await tries()).toBe(0);
  work();
  await until(async () => (await taskNow()).status === 'in-progress');
  expect(await tries()).toBe(1);
});

it('waits with the next try for the day that was named', async () => {
  await out('accepted');
  const next = new Date(Date.now() + 3 * 24 * hour).toISOString().slice(0, 10);
  await press('noAnswer1', { typed: { nextTry: next } }, 0);
  const dayBefore =
    "received_at = received_at - interval '1 day', said_at = said_at - interval '1 day'";
  await db.query(`update partner_answer set ${dayBefore} where task = $1`, [task]);
  expect(await press('noAnswer2')).toMatchObject({ kind: 'said', answer: { button: 'noAnswer1' } });
});

it('takes no call and counts no try where the page shows no way to reach the person', async () => {
  await out('requested');
  const refused = await problemsOf(press('yesWeCall', { canReach: false }));
  expect(refused).toMatchObject({ status: 409, problems: [{ rule: 'not-offered' }] });
  await press('yesTheyCanCome', { canReach: false });
  await press('noAnswer1', { canReach: false }, 0);
  expect(await taskNow()).toMatchObject({ status: 'accepted' });
  const { rows } = await db.query('select 1 from contact_try where person = $1', [person]);
  expect(rows).toEqual([]);
});

describe('a Task that we took back', () => {
  it('keeps an answer for the care team, and says so', async () => {
    await out('requested');
    const move = { task, from: { status: 'requested' }, to: 'cancelled', by: 'requester' as const };
    await db.tx((tx) => moveTasks(tx, [{ ...move, recalledFrom: 'requested', reason: 'refused' }]));
    const { kind } = await press('yesWeCall', { typed: { note: 'She comes on Monday' } });
    expect(kind).toBe('after-end');
    expect(await taskNow()).toMatchObject({ status: 'cancelled', live: false });
    expect(await inbox()).toMatchObject([{ came_of: 'late', note: 'She comes on Monday' }]);
  });

  it('takes the person’s no all the same, once it cannot be undone', async () => {
    await out('accepted');
    const move = { task, from: { status: 'accepted' }, to: 'cancelled', by: 'requester' as const };
    await db.tx((tx) => moveTasks(tx, [{ ...move, recalledFrom: 'accepted', reason: 'refused' }]));
    expect((await press('saidNo', {}, 300)).kind).toBe('after-end');
    expect(await nos()).toEqual([]);
    work();
    await until(async () => (await nos()).length === 1);
  });
});

describe('the person’s no after a mistake', () => {
  const held = async () => (await inbox()).map(({ button, note }) => [button, note]);

  it('is kept beside an end that waits, and counts with it', async () => {
    await out('accepted');
    await press('gotHelp', {}, 300);
    const typed = { note: 'She wants none of it' };
    expect(await press('saidNo', { typed, helper: ben }, 300)).toMatchObject({ kind: 'beside' });
    expect(await held()).toEqual([
      ['gotHelp', null],
      ['saidNo', 'She wants none of it'],
    ]);
    expect(await nos()).toEqual([]);
    work();
    await until(async () => (await nos()).length === 1);
  });

  it('stands alone once the mistake is undone, and is not taken twice', async () => {
    await out('accepted');
    const first = await press('gotHelp');
    const { answer } = await press('saidNo');
    expect(await press('saidNo')).toMatchObject({ kind: 'said', answer: { button: 'gotHelp' } });
    await undo(first.answer.id);
    expect(await codeNow()).toBe('answer-pending');
    expect((await taskNow()).live).toBe(true);
    expect(await undo(answer.id)).toMatchObject({ kind: 'undone' });
    expect(await codeNow()).toBeUndefined();
  });
});

it('takes a form again after an undo, and another button of the same form', async () => {
  await out('accepted');
  const formKey = newId();
  const first = await press('gotHelp', { formKey });
  expect(await press('gotHelp', { formKey })).toMatchObject({ kind: 'repeated' });
  await undo(first.answer.id);
  const second = await press('gotHelp', { formKey });
  expect(second).toMatchObject({ kind: 'kept', answer: { isUndone: false } });
  expect(await press('gotHelp', { formKey })).toMatchObject({ kind: 'repeated' });
  await undo(second.answer.id);
  expect(await press('cantAfterAll', { formKey })).toMatchObject({ kind: 'kept' });
});

describe('nothing is recorded of', () => {
  it.each([
    ['a button that does not exist', 'yes', {}, 400, '/body/button', 'unknown'],
    ['a list of buttons', ['saidNo'], {}, 400, '/body/button', 'unknown'],
    ['a button of a legal partner', 'closedLegal', {}, 400, '/body/button', 'unknown'],
    ['a button of other partners', 'noFull', { kind: 'legal' }, 400, '/body/button', 'unknown'],
    ['a button before its time', 'gotHelp', {}, 409, '/body/button', 'not-offered'],
    [
      'a note of 1 MB',
      'yesWeCall',
      { typed: { note: 'kanari'.repeat(200_000) } },
      400,
      '/body/note',
      'too-long',
    ],
  ])('%s', async (_what, button, more, status, path, rule) => {
    await out('requested');
    const refused = await problemsOf(press(button, more));
    expect(refused).toMatchObject({ status, problems: [{ path, rule }] });
    expect(JSON.stringify(refused)).not.toContain('kanari');
    expect(await inbox()).toEqual([]);
    expect(await taskNow()).toMatchObject({ status: 'requested', version: 1 });
  });

  it.each([
    ['another partner’s Task', { partner: 'shelter' }],
    ['a Task that is none', { task: newId() }],
    ['an id that is none', { task: "x' or 1=1 --" }],
  ])('%s, which looks like a missing one', async (_what, more) => {
    await out('requested');
    await expect(press('yesWeCall', more)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await inbox()).toEqual([]);
  });

  it('a Task that is answered on the partner’s own server', async () => {
    await out('requested', { door: 'copy' });
    await expect(press('yesWeCall')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

it('keeps scripts and other alphabets as they were typed, and words out of the history', async () => {
  await out('accepted');
  const note = '<script>alert("kanari")</script> ሰላም السلام 🍞';
  await press('saidNo', { typed: { note } }, 0);
  expect(await inbox()).toMatchObject([{ note, reason: 'The person said no thank you' }]);
  const { rows } = await db.query('select * from history where person = $1', [person]);
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain('kanari');
  expect(JSON.stringify(rows)).not.toContain('Ana');
});
