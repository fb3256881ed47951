import { type fhir4, systems } from '@loopwell/fhir';
import { deriveId, newId, silentLog, sleep, systemClock } from '@loopwell/kit';
import { createOutbound } from '@loopwell/outbound';
import { openQueues, type Queues, stageNames, startRunner } from '@loopwell/pipeline';
import {
  answers,
  contact,
  type Database,
  ledger,
  migrate,
  moveTasks,
  openDatabase,
  referrals,
  type TaskRow,
  taskDeliveries,
  tasks,
  timelineOf,
} from '@loopwell/store';
import { newTask, queueUrl, testDatabase } from '@loopwell/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { InboxAnswer } from '../answers/inbox-answer.ts';
import { writeToInbox } from '../answers/write-inbox.ts';
import { type ReferralSettings, wire } from '../index.ts';
import type { PartnerNotice, TellPartner } from '../messages/tell-partner.ts';
import { acceptAnswers } from './accept-answers.ts';

/** The inbox by its doors without a poll: Tasks that are moved here, and no server to ask. */
const tenant = 'o';
const person = deriveId('inbox', 'ada');
const hour = 3_600_000;
const now = new Date();
const context = { clock: { now: () => now } };
const opened: (() => Promise<unknown>)[] = [];
const closing: (() => Promise<unknown>)[] = [];

let db: Database;
let queues: Queues;
let task: string;
let referral: string;

beforeAll(async () => {
  const scratch = await testDatabase();
  closing.push(scratch.close);
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant, max: 8 });
  closing.push(() => db.close());
  const prefix = `{${newId()}}`;
  const options = { tenant, url: queueUrl(scratch.url), stages: stageNames, log: silentLog };
  queues = await openQueues({ ...options, prefix });
  closing.push(() => queues.close());
});
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
beforeEach(() => {
  [task, referral] = [newId(), newId()];
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  await db.query('delete from ledger');
});

/** A Task that is out by a channel, known to us as `from`. */
async function out(
  from: string,
  { acceptBy = hour, channel = 'hub', address = 'hub' } = {},
): Promise<void> {
  await db.tx(async (tx) => {
    const need = { id: referral, tenant, connection: 'clinic', person, episode: 1 };
    const since = '2026-06-01T00:00:00Z';
    await referrals.saveNeeds(tx, [
      {
        ...need,
        category: `need-${referral}`,
        unambiguous: true,
        sensitive: false,
        conditions: '[]',
        since,
        trace: newId(),
      },
    ]);
    const patch = { state: 'partner' as const, gate: 'partner', service_request: newId() };
    await referrals.patchReferrals(tx, [{ id: referral, patch }]);
    const receipt_key = `${task}_request`;
    const sent = { id: task, tenant, referral, person, attempt: 1, partner: 'pantry' };
    const delivery = { channel, address, receipt_key, door: 'here' as const };
    await tasks.addTasks(tx, [newTask({ ...sent, ...delivery, status: from })]);
    const settled = { task, state: 'delivered' as const, remote_id: task };
    await taskDeliveries.settleTaskDeliveries(tx, [settled]);
    const accept_by = new Date(now.getTime() + acceptBy);
    await tasks.patchTasks(tx, [{ id: task, patch: { accept_by } }]);
  });
}

const answer = (status: string, more: Partial<InboxAnswer> = {}): InboxAnswer => ({
  task,
  door: 'hub',
  messageId: `${task}/1`,
  who: 'partner:pantry',
  status,
  ...more,
});
const accept = async (status: string, more: Partial<InboxAnswer> = {}) => {
  const { outcomes, nudges } = await db.tx((tx) =>
    acceptAnswers(tx, context, [answer(status, more)]),
  );
  return { outcome: outcomes.get(task), stages: nudges.map(({ stage }) => stage) };
};
const taskNow = async () => (await db.tx((tx) => tasks.loadTasks(tx, [task]))).get(task) as TaskRow;
const inbox = () => db.tx((tx) => answers.answersOf(tx, referral));
const trackRow = async () =>
  (
    await db.query<{ waits_for: string; due: number | Date; error_code: string | null }>(
      "select waits_for, due, error_code from ledger where stage = 'track' and subject = $1",
      [task],
    )
  ).rows[0];
const dueStages = async () =>
  (
    await db.query<{ stage: string }>('select stage from ledger where subject = $1', [referral])
  ).rows.map(({ stage }) => stage);

/** Starts the workers of track alone, with a clock of their own. */
function work(clock = () => now, tellPartner?: TellPartner): void {
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
  const realClock = systemClock;
  const resources = {
    db,
    nudge: queues.nudge,
    outbound,
    sendTokens: new Map(),
    realClock,
    tellPartner,
  };
  const { works } = wire(settings, { ...resources, clock: { now: clock }, log: silentLog });
  const track = works.filter(({ stage }) => stage === 'track');
  const runner = startRunner({ queues, works: track, intervalMs: 50, log: silentLog });
  opened.push(async () => {
    await runner.close();
    await outbound.close();
  });
}

const due = () =>
  db.tx((tx) =>
    ledger.due(tx, [
      { tenant, stage: 'track', subject: task, batch: newId(), trace: newId(), person },
    ]),
  );

async function until<T>(what: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 30_000;
  while (true) {
    const value = await what();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`This did not come true: ${what}`);
    await sleep(20);
  }
}

describe('an answer that a door accepts', () => {
  it.each([
    ['takes the Task', 'requested', 'accepted', ['track'], true],
    ['ends without help before it was taken', 'requested', 'rejected', ['refer', 'track'], false],
    ['ends without help later', 'accepted', 'failed', ['refer', 'track'], false],
    ['completes', 'in-progress', 'completed', ['close', 'track'], false],
  ])('%s: the Task is moved in the same transaction', async (_name, from, to, stages, live) => {
    await out(from);
    expect(await accept(to)).toEqual({ outcome: 'accepted', stages });
    expect(await taskNow()).toMatchObject({ status: to, live });
    const [row] = await inbox();
    expect(row).toMatchObject({ door: 'hub', status: to, recorded_by: 'partner:pantry' });
    expect(row?.consumed_at).toBeInstanceOf(Date);
    expect(await dueStages()).toEqual(stages.filter((stage) => stage !== 'track'));
    const moments = await db.tx((tx) => timelineOf(tx, tenant, referral));
    expect(moments).toContainEqual(
      expect.objectContaining({ stage: 'track', what: to, who: 'partner:pantry' }),
    );
  });

  it('is one row when the same message comes twice', async () => {
    await out('requested');
    await accept('accepted');
    await accept('in-progress', { messageId: `${task}/2` });
    expect((await accept('accepted')).outcome).toBe('same');
    expect(await inbox()).toHaveLength(2);
    expect(await taskNow()).toMatchObject({ status: 'in-progress' });
  });

  it.each<[string, Partial<InboxAnswer>, string]>([
    ['the same words', { reason: 'Full', note: 'Until January' }, 'same'],
    [
      'the same, said by somebody else',
      { reason: 'Full', note: 'Until January', saidBy: 'Sue' },
      'same',
    ],
    ['the same words, other blanks', { reason: ' Full', note: 'Until\r\n  January' }, 'same'],
    ['other words', { reason: 'Full', note: 'Until March' }, 'after-end'],
    ['another reason', { reason: 'Closed', note: 'Until January' }, 'after-end'],
  ])('by a second door with %s', async (_name, more, outcome) => {
    await out('requested');
    await accept('rejected', { reason: 'Full', note: 'Until January' });
    const second = { door: 'manual', messageId: newId(), recordedBy: 'person:rea', ...more };
    expect((await accept('rejected', second)).outcome).toBe(outcome);
    const rows = await inbox();
    expect(rows).toHaveLength(outcome === 'same' ? 1 : 2);
    const repeats = [{ door: 'manual', messageId: second.messageId, by: 'person:rea' }];
    expect(JSON.parse(rows[0]?.repeats ?? '')).toMatchObject(outcome === 'same' ? repeats : []);
    expect(await taskNow()).toMatchObject({ status: 'rejected', live: false });
  });

  it('to a Task that was cancelled meanwhile is kept, moves nothing, and is listed', async () => {
    await out('requested');
    await db.tx((tx) =>
      moveTasks(tx, [
        { task, from: { status: 'requested' }, to: 'cancelled', by: 'requester' as const },
      ]),
    );
    expect((await accept('accepted', { note: 'She comes on Monday' })).outcome).toBe('after-end');
    expect(await taskNow()).toMatchObject({ status: 'cancelled', live: false });
    expect(await inbox()).toMatchObject([{ came_of: 'late', note: 'She comes on Monday' }]);
    const { rows } = await db.query<{ code: string }>(
      'select code from quarantine where source_id = $1',
      [task],
    );
    expect(rows).toEqual([{ code: 'changed-after-end' }]);
  });

  it('about no Task is refused, and nothing is written', async () => {
    await expect(accept('accepted')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await inbox()).toEqual([]);
  });

  it('is one when it comes by two doors at the same moment', async () => {
    await out('requested');
    const doors = ['hub', 'manual', 'hub', 'manual'];
    const results = await Promise.all(
      doors.map((door, index) => accept('accepted', { door, messageId: `${task}/${index}` })),
    );
    expect(results.map(({ outcome }) => outcome).sort()).toEqual([
      'accepted',
      'same',
      'same',
      'same',
    ]);
    expect(await inbox()).toHaveLength(1);
    expect(JSON.parse((await inbox())[0]?.repeats ?? '')).toHaveLength(3);
  });

  it('keeps words out of the history', async () => {
    await out('requested');
    const body = { note: [{ text: 'kanari' }], statusReason: { text: 'kanari' } } as fhir4.Task;
    const rejected = { resourceType: 'Task', status: 'rejected', intent: 'order' } as const;
    await accept('rejected', { saidBy: 'kanari', body: { ...rejected, ...body } });
    for (const table of ['history', 'ledger', 'referral', 'quarantine']) {
      const { rows } = await db.query<{ text: string }>(`select t::text as text from ${table} t`);
      expect([table, rows.filter(({ text }) => text.includes('kanari'))]).toEqual([table, []]);
    }
  });
});

describe('a Task that nobody polls', () => {
  it('waits for its deadline, and once it is taken for half of the time for its next news', async () => {
    await out('requested');
    await due();
    work();
    const waiting = await until(async () => {
      const row = await trackRow();
      return row?.waits_for === 'partner' && row;
    });
    expect(new Date(waiting.due).getTime()).toBeGreaterThan(Date.now() + hour / 2);
    await accept('accepted');
    const taken = await until(async () => {
      const row = await trackRow();
      const isNextClock = new Date(row?.due ?? 0).getTime() > Date.now() + 8 * hour;
      return row?.waits_for === 'partner' && isNextClock && row;
    });
    expect(taken.error_code).toBeNull();
  });

  it.each(['hub', 'manual'])(
    'by %s is cancelled here when it is silent too long',
    async (channel) => {
      await out('requested', { channel, acceptBy: -1 });
      await due();
      work();
      const ended = await until(async () => {
        const row = await taskNow();
        return !row.live && row;
      });
      expect(ended).toMatchObject({ status: 'cancelled', reason: 'not-accepted-in-time' });
      expect(await dueStages()).toEqual(['refer']);
      expect(await inbox()).toEqual([]);
    },
  );

  it('that was told by text is reminded once at half of its time, and nobody is named', async () => {
    const [to, notices] = ['+16125550100', [] as PartnerNotice[]];
    await out('requested', { channel: 'text', address: `tel:${to}` });
    const half_at = new Date(now.getTime() + hour / 2);
    await db.tx((tx) => tasks.patchTasks(tx, [{ id: task, patch: { half_at } }]));
    await due();
    let at = now;
    work(
      () => at,
      async (notice) => {
        notices.push(notice);
        return { state: 'accepted' };
      },
    );
    await until(async () => (await trackRow())?.waits_for === 'partner');
    expect(notices).toEqual([]);
    at = half_at;
    await due();
    await until(async () => (await taskNow()).reminded_at !== null);
    expect(await taskNow()).toMatchObject({ status: 'requested', half_told_at: half_at });
    const [{ way, kind, tasks: about } = {}, ...more] = notices;
    expect([way, kind, about, more]).toEqual(['text', 'partner-reminder', [task], []]);
    const words = notices[0]?.words(1) ?? '';
    expect(words).toMatch(/^Clinic: 1 request waits for an answer of pantry\. https:.*\/p\//);
    await due();
    await until(async () => (await trackRow())?.waits_for === 'partner');
    expect(notices).toHaveLength(1);
  });

  it('keeps its row of the inbox when a worker ends between writing and taking it', async () => {
    await out('requested', { acceptBy: -1 });
    // The door's transaction wrote the row and made `track` due; no worker ran.
    await db.tx((tx) => writeToInbox(tx, [answer('accepted', { door: 'manual' })]));
    expect(await inbox()).toMatchObject([{ consumed_at: null }]);
    await due();
    work();
    await until(async () => (await taskNow()).status === 'accepted');
    expect(await inbox()).toMatchObject([{ came_of: 'moved:accepted' }]);
    expect(await taskNow()).toMatchObject({ live: true });
  });

  it('is given to an operator for a move that is not allowed, until a later answer goes on', async () => {
    await out('in-progress');
    await accept('requested');
    work();
    const row = await until(async () => {
      const parked = await trackRow();
      return parked?.waits_for === 'operator' && parked;
    });
    expect(row.error_code).toBe('TASK_MOVE_ILLEGAL');
    expect(await inbox()).toMatchObject([{ consumed_at: null, came_of: 'illegal' }]);
    expect(await taskNow()).toMatchObject({ status: 'in-progress' });
    await accept('completed', { messageId: `${task}/2` });
    expect((await inbox()).map(({ came_of }) => came_of)).toEqual(['illegal', 'completed']);
    expect((await inbox()).every(({ consumed_at }) => consumed_at !== null)).toBe(true);
  });
});

describe('a partner that says the person declined', () => {
  const declined = {
    reason: 'They said no thank you',
    body: {
      resourceType: 'Task',
      status: 'rejected',
      intent: 'order',
      statusReason: { coding: [{ system: systems.declineReason, code: 'person-declined' }] },
    } as fhir4.Task,
  };
  const nos = async () => (await db.tx((tx) => contact.personNos(tx, [person]))).get(person) ?? [];
  beforeEach(() => db.query('delete from person_no where tenant = $tenant'));

  it.each(['requested', 'accepted'])(
    'brings a no of the person, from a Task that was %s',
    async (from) => {
      await out(from);
      await accept('rejected', { ...declined, at: new Date('2026-11-21T04:00:00Z') });
      expect(await nos()).toMatchObject([
        {
          kind: 'not-this-help',
          category: `need-${referral}`,
          said_by: 'person',
          said_to: 'partner:pantry',
          recorded_by: 'partner:pantry',
          referral,
          brought_up_on: null,
        },
      ]);
      expect(await dueStages()).toContain('refer');
    },
  );

  it('brings it once, by whatever doors and however late', async () => {
    await out('accepted');
    await accept('rejected', declined);
    await accept('rejected', { ...declined, messageId: `${task}/2`, note: 'Again' });
    expect(await nos()).toHaveLength(1);
  });

  it('brings it after the Task had ended, too', async () => {
    await out('requested');
    await db.query("update task set live = false, status = 'cancelled' where id = $1", [task]);
    await accept('rejected', declined);
    expect(await nos()).toHaveLength(1);
  });

  it.each([
    [
      'gives another reason',
      'rejected',
      { coding: [{ system: systems.declineReason, code: 'did-not-come' }] },
    ],
    ['declines itself', 'rejected', { text: 'We declined, no room' }],
    ['has done it', 'completed', declined.body.statusReason],
  ])('and one that %s brings none', async (_name, status, statusReason) => {
    await out('accepted');
    await accept(status, { body: { ...declined.body, status, statusReason } as fhir4.Task });
    expect(await nos()).toEqual([]);
  });

  it.each<[string, fhir4.CodeableConcept]>([
    ['in words', { text: 'They said no thank you' }],
    ['in other words', { text: 'Pt. declined' }],
    [
      'by a code of another system that reads so',
      { coding: [{ system: 'https://elsewhere.example', code: 'person-declined' }] },
    ],
    [
      'by the code of the guide that forbids to contact the person',
      { coding: [{ system: systems.sdohcc, code: 'contacting-subject-prohibited' }] },
    ],
  ])('brings it also %s, and no other partner is asked', async (_how, statusReason) => {
    await out('requested');
    await accept('rejected', { body: { ...declined.body, statusReason } });
    expect(await nos()).toHaveLength(1);
    const { rows } = await db.query('select reason, live from task where id = $1', [task]);
    expect(rows).toEqual([{ reason: 'person-declined', live: false }]);
  });

  it.each<[string, string, Partial<fhir4.Task>]>([
    ['on hold', 'on-hold', {}],
    [
      'by its business status',
      'failed',
      { statusReason: { text: 'no' }, businessStatus: declined.body.statusReason ?? {} },
    ],
  ])('brings it also where the Task is %s', async (_name, status, more) => {
    await out('accepted');
    const body = { ...declined.body, status, ...more } as fhir4.Task;
    await accept(status, { body });
    expect(await nos()).toHaveLength(1);
    expect(await dueStages()).toContain('refer');
  });

  it('takes back what the same help has out elsewhere, for the same human', async () => {
    await out('accepted');
    const other = { task: newId(), referral: newId() };
    const [first, firstReferral] = [task, referral];
    [task, referral] = [other.task, other.referral];
    await out('accepted');
    const rename = 'update referral set category = $2, episode = $3 where id = $1';
    await db.query(rename, [firstReferral, 'food-insecurity', 1]);
    await db.query(rename, [referral, 'food-insecurity', 2]);
    await accept('rejected', { ...declined, task: first, messageId: `${first}/1` });
    const { rows } = await db.query<{ subject: string }>(
      "select subject from ledger where stage = 'refer'",
    );
    const due = rows.map(({ subject }) => subject).toSorted();
    expect(due).toEqual([firstReferral, referral].toSorted());
  });
});

describe('a partner that says it could not reach the person', () => {
  const body = (status: string, code: string) =>
    ({
      ...{ resourceType: 'Task', status, intent: 'order' },
      statusReason: { coding: [{ system: systems.declineReason, code }] },
    }) as fhir4.Task;
  const tries = async () =>
    (await db.tx((tx) => contact.personTries(tx, [person]))).get(person) ?? [];
  beforeEach(() => db.query('delete from contact_try where tenant = $tenant'));

  it.each([
    ['unable-to-reach', 'on-hold', 'no-answer'],
    ['wrong-contact', 'failed', 'wrong-number'],
  ])('has taken a try of the person: %s', async (code, status, outcome) => {
    await out('accepted');
    await accept(status, { body: body(status, code), at: new Date('2026-11-21T04:00:00Z') });
    const made = { outcome, partner: 'pantry', channel: 'call', referral };
    expect(await tries()).toMatchObject([{ ...made, recorded_by: 'partner:pantry' }]);
  });

  it('has taken one a day, whatever it says of that day again', async () => {
    await out('accepted');
    const onHold = body('on-hold', 'unable-to-reach');
    await accept('on-hold', { body: onHold, at: new Date('2026-11-21T16:00:00Z') });
    const again = { ...onHold, note: [{ text: 'Twice' }] };
    await accept('on-hold', { body: again, messageId: '2', at: new Date('2026-11-21T17:00:00Z') });
    await accept('failed', {
      ...{ body: body('failed', 'unable-to-reach'), messageId: '3' },
      at: new Date('2026-11-23T17:00:00Z'),
    });
    expect((await tries()).map(({ day }) => day)).toEqual(['2026-11-23', '2026-11-21']);
  });

  it('has taken none where the person did not come', async () => {
    await out('accepted');
    await accept('failed', { body: body('failed', 'did-not-come') });
    expect(await tries()).toEqual([]);
  });
});
