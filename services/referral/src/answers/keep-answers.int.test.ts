import { type fhir4, systems } from '@loopwell/fhir';
import { deriveId, newId, silentLog, sleep, systemClock } from '@loopwell/kit';
import { createOutbound } from '@loopwell/outbound';
import { openQueues, type Queues, stageNames, startRunner } from '@loopwell/pipeline';
import {
  answers,
  type Database,
  directory,
  ehrResources,
  holds,
  type InboxRow,
  installation,
  ledger,
  migrate,
  openDatabase,
  ownResources,
  readRunTotals,
  referrals,
  saveConnection,
  taskDeliveries,
  tasks,
  timelineOf,
} from '@loopwell/store';
import { newTask, queueUrl, suiteDatabase } from '@loopwell/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../../sandbox/src/index.ts';
import { partnerRowsOf, type ReferralSettings, wire } from '../index.ts';

/**
 * What partners say, and what becomes of it: Tasks that are out already, at sandbox partners over
 * real HTTP.
 */
const tenant = 'o';
const connection = 'clinic';
const idOf = (name: string) => deriveId('answers', name);
const person = idOf('ada');
const referral = idOf('referral');
const task = idOf('task');
const order = idOf('order');
const hub = 'https://loopwell.example.org/fhir';
const receipt = `${task}_fhir-rest_request`;
const opened: (() => Promise<unknown>)[] = [];
const hour = 3_600_000;

let db: Database;
let queues: Queues;
let sandbox: Sandbox;

const suite = suiteDatabase(migrate);
afterAll(suite.close);
beforeEach(async () => {
  const scratch = await suite.fresh();
  db = openDatabase({ url: scratch.url, tenant, max: 8 });
  opened.push(() => db.close());
  queues = await openQueues({
    tenant,
    url: queueUrl(scratch.url),
    stages: stageNames,
    log: silentLog,
    prefix: `{${newId()}}`,
  });
  opened.push(() => queues.close());
  const partner = (name: string) => ({
    name,
    behavior: 'silent' as const,
    stepMs: 50,
    sendToken: 'send',
  });
  sandbox = await startSandbox({
    port: 0,
    host: '127.0.0.1',
    ehrs: [],
    partners: [partner('pantry'), partner('shelter')],
  });
  opened.push(() => sandbox.close());
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const base = () => sandbox.partnerBase('pantry');

const patient = {
  resourceType: 'Patient',
  id: 'ada',
  name: [{ family: 'Lind' }],
  birthDate: '1980-01-01',
};
const consent = {
  resourceType: 'Consent',
  id: 'ada-consent',
  status: 'active',
  scope: { coding: [{ system: systems.consentScope, code: 'patient-privacy' }] },
  category: [{ coding: [{ system: systems.actCode, code: 'IDSCL' }] }],
  patient: { reference: 'Patient/ada' },
  dateTime: '2026-06-01',
  organization: [{ reference: 'Organization/clinic' }],
  policyRule: { text: 'Authorization to share' },
};

/**
 * A Task that is out, known to us as `from`. Two partners serve the need; sends to the next one are
 * on hold.
 */
async function out(from: string, acceptBy = new Date(Date.now() + hour)): Promise<void> {
  const common = { tenant, connection, person };
  const directoryRows = partnerRowsOf(
    ['pantry', 'shelter'].map((id) => ({
      id,
      references: [`Organization/${id}`],
      name: `The ${id}`,
      address: sandbox.partnerBase(id),
      categories: ['food-insecurity'],
      organization: { resourceType: 'Organization', id, name: `The ${id}` },
    })),
    tenant,
  );
  await db.tx(async (tx) => {
    await saveConnection(tx, {
      id: connection,
      tenant,
      base: 'https://ehr.example/fhir',
      quirks: 'plain-r4',
    });
    await directory.saveDirectory(tx, tenant, directoryRows);
    await holds.addHold(tx, { tenant, scope: 'partner:shelter', principal: 'person:op' });
    await ehrResources.saveEhrResources(
      tx,
      [patient, consent].map((resource) => ({
        tenant,
        connection,
        type: resource.resourceType,
        sourceId: resource.id,
        versionId: '1',
        person,
        lastUpdated: null,
        body: JSON.stringify(resource),
      })),
    );
    await referrals.saveNeeds(tx, [
      {
        ...common,
        id: referral,
        category: 'food-insecurity',
        episode: 1,
        unambiguous: true,
        sensitive: false,
        conditions: '[]',
        since: '2026-06-01T00:00:00Z',
        trace: newId(),
      },
    ]);
    const request = {
      resourceType: 'ServiceRequest',
      id: order,
      status: 'active',
      intent: 'order',
      subject: {},
    };
    await ownResources.saveOwnResources(tx, [
      { ...common, id: order, type: 'ServiceRequest', body: JSON.stringify(request) },
    ]);
    const agreed = {
      agreement_on: '2026-06-01',
      agreement_by: 'Rea',
      agreement_source: 'reviewer',
    };
    const patch = {
      state: 'partner' as const,
      gate: 'partner',
      approval: 'approved' as const,
      approved_by: 'person:rea',
      service_request: order,
    };
    await referrals.patchReferrals(tx, [{ id: referral, patch: { ...patch, ...agreed } }]);
    await tasks.addTasks(tx, [
      newTask({
        id: task,
        tenant,
        referral,
        person,
        attempt: 1,
        partner: 'pantry',
        channel: 'fhir-rest',
        address: base(),
        receipt_key: receipt,
        status: from,
      }),
    ]);
    await taskDeliveries.settleTaskDeliveries(tx, [
      { task, state: 'delivered', remote_id: 'remote' },
    ]);
    await tasks.patchTasks(tx, [{ id: task, patch: { accept_by: acceptBy } }]);
  });
}

const sent = async (): Promise<fhir4.Task> => ({
  resourceType: 'Task',
  id: 'remote',
  identifier: [{ system: await db.tx((tx) => installation.identifierSystem(tx)), value: receipt }],
  status: 'requested',
  intent: 'order',
  focus: { reference: `${hub}/ServiceRequest/${order}` },
  for: { reference: `${hub}/Patient/${person}` },
  owner: { reference: `${hub}/Organization/pantry`, display: 'The pantry' },
});

async function put(
  resource: { resourceType: string; id?: string | undefined; [key: string]: unknown },
  partner = 'pantry',
): Promise<void> {
  const answer = await fetch(
    `${sandbox.partnerBase(partner)}/${resource.resourceType}/${resource.id}`,
    {
      method: 'PUT',
      headers: { 'content-type': 'application/fhir+json', authorization: 'Bearer send' },
      body: JSON.stringify(resource),
    },
  );
  if (!answer.ok) throw new Error(`The partner's own server said ${answer.status}`);
}

const says = async (more: object): Promise<void> => put({ ...(await sent()), ...more });

/** Starts the workers. */
async function work(more: Partial<ReferralSettings> = {}): Promise<void> {
  const outbound = createOutbound({
    allowedPrivateOrigins: [new URL(sandbox.address).origin],
    requestTimeoutMs: 3_000,
  });
  const settings: ReferralSettings = {
    tenant,
    siteName: 'Clinic',
    minorAge: 18,
    readAfterEndMs: hour,
    send: true,
    approve: undefined,
    agreedByConsent: false,
    longestConsentDays: 365,
    publicBase: hub,
    acceptByMs: hour,
    decideBy: { ms: hour },
    pollMs: 100,
    askAgainMs: 100,
    batch: 50,
    leaseMs: 30_000,
    ...more,
  };
  const sendTokens = new Map([base(), sandbox.partnerBase('shelter')].map((at) => [at, 'send']));
  const { works } = wire(settings, {
    db,
    nudge: queues.nudge,
    outbound,
    sendTokens,
    clock: { now: () => new Date() },
    realClock: systemClock,
    log: silentLog,
  });
  const runner = startRunner({ queues, works, intervalMs: 50, log: silentLog });
  opened.push(async () => {
    await runner.close();
    await outbound.close();
  });
  await ask();
}

const ask = () =>
  db.tx((tx) =>
    ledger.due(tx, [
      { tenant, stage: 'track', subject: task, batch: newId(), trace: newId(), person },
    ]),
  );

async function until<T>(what: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 60_000;
  while (true) {
    const value = await what();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`This did not come true: ${what}`);
    await sleep(30);
  }
}

const said = (): Promise<InboxRow[]> => db.tx((tx) => answers.answersOf(tx, referral));
const taskNow = async () => (await db.tx((tx) => tasks.loadTasks(tx, [task]))).get(task);
const referralNow = async () =>
  (await db.tx((tx) => referrals.loadReferrals(tx, [referral]))).get(referral);
const trackRow = async () =>
  (
    await db.query<{ waits_for: string; error_code: string | null }>(
      "select waits_for, error_code from ledger where stage = 'track'",
    )
  ).rows[0];
const heard = (count = 1) => until(async () => (await said()).length >= count && (await said()));

/** Where it stands once nothing more happens by itself. */
async function comesTo(where: string): Promise<void> {
  await until(async () => {
    const row = await referralNow();
    const tracked = await trackRow();
    if (tracked?.waits_for === 'operator') return where === `operator:${tracked.error_code}`;
    const at =
      row?.state === 'waiting'
        ? `${row.gate}${row.without_help ? `:${row.without_help}` : ''}`
        : row?.state;
    return at === where;
  });
}

const ours = (code: string) => ({ coding: [{ system: systems.declineReason, code }] });
const procedure = (more: object = {}) => ({
  resourceType: 'Procedure',
  id: 'p',
  status: 'completed',
  code: { coding: [{ system: systems.snomed, code: '710925007' }] },
  subject: { reference: `${hub}/Patient/${person}` },
  performedDateTime: '2026-11-20',
  ...more,
});
const activity = { coding: [{ system: systems.sdohcc, code: 'resulting-activity' }] };
const output = [{ type: activity, valueReference: { reference: 'Procedure/p' } }];

/**
 * The rows of what partners' systems send back: each has one way on, and the answer is kept as it
 * came.
 */
describe('an answer', () => {
  it.each<[string, string, object, string]>([
    ['skips acceptance and shows nothing: ended', 'requested', { status: 'completed' }, 'closed'],
    ['has received it: seen and nothing more', 'requested', { status: 'received' }, 'partner'],
    [
      'is ready, which is no status of a referral: the clock runs on',
      'requested',
      { status: 'ready' },
      'partner',
    ],
    [
      'has a status with a capital: the clock runs on',
      'accepted',
      { status: 'Completed' },
      'partner',
    ],
    [
      'declines, untaken and without a reason: the next one is asked',
      'requested',
      { status: 'rejected' },
      'hold',
    ],
    [
      'declines, seen: the next one is asked',
      'received',
      { status: 'rejected', statusReason: { text: 'Full until January 6' } },
      'hold',
    ],
    [
      'declines for the person',
      'requested',
      { status: 'rejected', statusReason: ours('person-declined') },
      'saidNo',
    ],
    [
      'has the wrong person',
      'received',
      { status: 'rejected', statusReason: ours('wrong-contact') },
      'withoutHelp:wrong-contact',
    ],
    [
      'reaches nobody',
      'accepted',
      { status: 'failed', statusReason: ours('unable-to-reach') },
      'withoutHelp:unable-to-reach',
    ],
    [
      'saw nobody come',
      'in-progress',
      { status: 'cancelled', statusReason: ours('did-not-come') },
      'withoutHelp:did-not-come',
    ],
    [
      'declines after acceptance',
      'accepted',
      { status: 'rejected', statusReason: { text: 'Changed her mind' } },
      'withoutHelp:rejected-after-acceptance',
    ],
    ['cancels untaken', 'requested', { status: 'cancelled' }, 'withoutHelp:cancelled-by-partner'],
    ['cancels at work', 'in-progress', { status: 'cancelled' }, 'withoutHelp:cancelled-by-partner'],
    [
      'fails',
      'in-progress',
      { status: 'failed', note: [{ text: 'Gave part of it' }] },
      'withoutHelp:partner-failed',
    ],
    [
      'changes nothing but how it stands',
      'accepted',
      { status: 'accepted', businessStatus: { text: 'Waitlist, 3 weeks' } },
      'partner',
    ],
    [
      'goes back',
      'accepted',
      { status: 'requested', note: [{ text: 'Oops' }] },
      'operator:TASK_MOVE_ILLEGAL',
    ],
    [
      'is entered in error',
      'requested',
      { status: 'entered-in-error' },
      'operator:TASK_MOVE_ILLEGAL',
    ],
    [
      'is modified',
      'requested',
      { status: 'accepted', modifierExtension: [{ url: 'x', valueBoolean: true }] },
      'operator:REMOTE_INVALID',
    ],
    [
      'has rules of its own',
      'accepted',
      { status: 'completed', implicitRules: 'https://x.example' },
      'operator:REMOTE_INVALID',
    ],
    [
      'is for somebody else',
      'accepted',
      { status: 'completed', for: { reference: 'Patient/other' } },
      'operator:REMOTE_INVALID',
    ],
    [
      'is for another order',
      'accepted',
      { status: 'rejected', focus: { reference: 'ServiceRequest/x' } },
      'operator:REMOTE_INVALID',
    ],
    [
      'has a reason of another version of FHIR',
      'accepted',
      { status: 'rejected', statusReason: { concept: { text: 'No room' } } },
      'withoutHelp:rejected-after-acceptance',
    ],
    [
      'has a reason of no shape at all',
      'requested',
      { status: 'rejected', statusReason: [7, ['x']] },
      'hold',
    ],
  ])('that %s', async (_name, from, more, where) => {
    await out(from);
    await says(more);
    await work();
    const [answer] = await heard();
    await comesTo(where);
    expect(answer).toMatchObject({
      door: 'fhir-rest',
      who: 'partner:pantry',
      status: (more as { status: string }).status,
      task,
      person,
    });
    expect(JSON.parse(answer?.body ?? '{}')).toMatchObject(more);
    expect(await said()).toHaveLength(1);
  });

  it('with an unknown status is told to a person after the deadline, and nothing is written at the partner', async () => {
    await out('requested', new Date(Date.now() - hour));
    await says({ status: 'Accepted' });
    await work();
    await comesTo('operator:REMOTE_INVALID');
    expect(await taskNow()).toMatchObject({ status: 'requested', live: true });
    const { rows } = await db.query<{ text: string }>(
      "select outcome || coalesce(facts, '') as text from history",
    );
    expect(rows.map((row) => row.text).join()).not.toContain('Accepted');
  });

  it('that hands the Task on to another Organization goes on, and is listed for a person', async () => {
    await out('accepted');
    await says({ status: 'in-progress', owner: { reference: 'Organization/other' } });
    await work();
    await until(async () => (await taskNow())?.status === 'in-progress');
    expect((await db.tx((tx) => readRunTotals(tx, tenant))).quarantine).toEqual([
      { code: 'owner-changed', count: 1, example: `Task/${task}` },
    ]);
  });

  it('that changes nothing but the owner is kept and listed, though nobody has taken the Task', async () => {
    await out('requested');
    await says({ owner: { reference: '/Organization/other' } });
    await work();
    const [answer] = await heard();
    expect(JSON.parse(answer?.oddities ?? '[]')).toEqual(['other-owner']);
    expect((await db.tx((tx) => readRunTotals(tx, tenant))).quarantine).toMatchObject([
      { code: 'owner-changed' },
    ]);
  });

  it('is one however often it is polled, and a new one when a note, a reason or an output changes', async () => {
    await out('accepted');
    await says({ status: 'accepted', note: [{ text: 'a' }] });
    await work();
    await heard();
    await sleep(500);
    await says({ status: 'accepted', note: [{ text: 'b' }] });
    await heard(2);
    await says({ status: 'accepted', note: [{ text: 'a' }] });
    await heard(3);
    await says({
      status: 'accepted',
      note: [{ text: 'a' }],
      output: [{ type: { text: 'So far' }, valueString: 'One box' }],
    });
    await heard(4);
    await sleep(400);
    expect((await said()).map((one) => one.note)).toEqual(['a', 'b', 'a', 'a']);
    expect(JSON.parse((await said())[3]?.outputs ?? '[]')).toMatchObject([
      { type: 'So far', value: 'One box' },
    ]);
  });

  it('says nothing while the Task is as it was sent', async () => {
    await out('requested');
    await says({});
    await work();
    await sleep(500);
    expect(await said()).toEqual([]);
  });
});

describe('an answer that comes by another door', () => {
  it('is not lost when a silent Task is taken back', async () => {
    await out('requested', new Date(Date.now() - hour));
    await says({ status: 'requested', note: [{ text: 'Full until January 6' }] });
    await work();
    await until(async () => (await taskNow())?.live === false);
    expect(await taskNow()).toMatchObject({ status: 'cancelled', reason: 'not-accepted-in-time' });
    expect(await said()).toMatchObject([{ note: 'Full until January 6', status: 'requested' }]);
  });

  it('is known for our own cancellation when a worker ended before it could write it down', async () => {
    await out('requested', new Date(Date.now() - hour));
    await says({ status: 'cancelled', statusReason: { text: 'Not accepted in time' } });
    await work();
    await comesTo('hold');
    expect(await taskNow()).toMatchObject({ status: 'cancelled', reason: 'not-accepted-in-time' });
  });

  it('is known for a recall of ours, and from which status, when it is read before the recall was written down', async () => {
    await out('in-progress');
    await says({
      status: 'cancelled',
      statusReason: { text: 'The consent to share was taken back' },
    });
    await work();
    await until(async () => (await taskNow())?.live === false);
    expect(await taskNow()).toMatchObject({
      status: 'cancelled',
      reason: 'consent-revoked',
      recalled_from: 'in-progress',
    });
  });

  it('is read when a Task is recalled, with what it led to', async () => {
    await out('in-progress');
    await put({
      resourceType: 'Observation',
      id: 'o',
      status: 'final',
      code: { text: 'Household' },
      valueString: 'wrong person',
    });
    await says({
      status: 'in-progress',
      output: [{ type: { text: 'Found' }, valueReference: { reference: 'Observation/o' } }],
    });
    await db.tx((tx) =>
      referrals.patchReferrals(tx, [{ id: referral, patch: { approval: 'refused' } }]),
    );
    await db.tx((tx) =>
      ledger.due(tx, [
        { tenant, stage: 'refer', subject: referral, batch: newId(), trace: newId(), person },
      ]),
    );
    await work({ pollMs: 60_000 });
    await until(async () => (await referralNow())?.state === 'withdrawn');
    const [answer] = await said();
    expect(answer).toMatchObject({ status: 'in-progress' });
    expect(JSON.parse(answer?.outputs ?? '[]')).toMatchObject([
      { value: 'Observation; final; Household; wrong person' },
    ]);
  });
});

describe('what a completed Task led to', () => {
  const rows = async () =>
    (await db.tx((tx) => ownResources.ownResourcesOfPeople(tx, [person], 'Procedure'))).map(
      (one) => JSON.parse(one.body) as fhir4.Procedure,
    );
  const listed = async () =>
    (await db.tx((tx) => readRunTotals(tx, tenant))).quarantine.map((one) => one.code);

  it('is help with who, when and what, and no words', async () => {
    await out('in-progress');
    await put(
      procedure({
        note: [{ text: 'Two bags' }],
        performer: [{ actor: { reference: 'Practitioner/9', display: 'Sue' } }],
      }),
    );
    await says({ status: 'completed', output });
    await work();
    await comesTo('closed');
    expect(await taskNow()).toMatchObject({ status: 'completed', reason: 'helped' });
    expect(await rows()).toMatchObject([
      {
        status: 'completed',
        performedDateTime: '2026-11-20',
        performer: [{ actor: { reference: 'Organization/pantry', display: 'The pantry' } }],
      },
    ]);
    expect(JSON.stringify(await rows())).not.toMatch(/Two bags|Sue|Practitioner/);
    expect((await said())[0]?.outputs).toContain('Two bags');
    expect(await listed()).toEqual([]);
  });

  it.each<[string, object]>([
    ['entered in error', { status: 'entered-in-error' }],
    ['not done', { status: 'not-done' }],
    ['in preparation', { status: 'preparation' }],
    ["somebody else's", { subject: { reference: 'Patient/other' } }],
    ["another order's", { basedOn: [{ reference: 'ServiceRequest/other' }] }],
    ['modified', { modifierExtension: [{ url: 'x' }] }],
  ])('is no help when it is %s: a person is told', async (_name, more) => {
    await out('in-progress');
    await put(procedure(more));
    await says({ status: 'completed', output });
    await work();
    await comesTo('withoutHelp:outcome-doubted');
    expect(await rows()).toEqual([]);
    expect(await listed()).toEqual(['outcome-is-no-help']);
    expect(await taskNow()).toMatchObject({
      status: 'completed',
      live: false,
      reason: 'outcome-doubted',
    });
  });

  it.each([
    [
      'by reference to something that cannot be read',
      [{ type: { text: 'resulting activity' }, valueReference: { reference: 'Procedure/404' } }],
      'no-outcome',
    ],
    ['not at all', [], 'no-outcome'],
    ['in words', [{ type: { text: 'What we did' }, valueString: 'A box of food' }], 'helped'],
    [
      'by a code',
      [
        {
          type: activity,
          valueCodeableConcept: { coding: [{ system: systems.snomed, code: '710925007' }] },
        },
      ],
      'helped',
    ],
  ] as [string, unknown[], string][])(
    'said %s is counted as ended',
    async (_name, outputs, verdict) => {
      await out('accepted');
      await says({ status: 'completed', ...(outputs.length > 0 ? { output: outputs } : {}) });
      await work();
      await comesTo('closed');
      expect((await taskNow())?.reason).toBe(verdict);
      expect(await listed()).toEqual(
        JSON.stringify(outputs).includes('404') ? ['outcome-unreadable'] : [],
      );
    },
  );

  it('is one Procedure however often it is named', async () => {
    await out('accepted');
    await put(procedure());
    await says({
      status: 'completed',
      output: [
        ...output,
        { type: activity, valueReference: { reference: `${base()}/Procedure/p` } },
      ],
    });
    await work();
    await comesTo('closed');
    expect(await rows()).toHaveLength(1);
  });

  it('is contained in the Task', async () => {
    await out('accepted');
    await says({
      status: 'completed',
      contained: [procedure()],
      output: [{ type: activity, valueReference: { reference: '#p' } }],
    });
    await work();
    await comesTo('closed');
    expect(await rows()).toHaveLength(1);
  });
});

describe('what a partner says after the end', () => {
  it('is kept and, in another status, told to a person; nothing is undone', async () => {
    await out('in-progress');
    await says({ status: 'completed', output: [{ type: activity, valueString: 'A box of food' }] });
    await work();
    await comesTo('closed');
    await says({ status: 'in-progress', note: [{ text: 'She came back' }] });
    const [, answer] = await heard(2);
    expect(answer).toMatchObject({ status: 'in-progress', note: 'She came back' });
    expect(await taskNow()).toMatchObject({ status: 'completed', live: false, reason: 'helped' });
    expect((await db.tx((tx) => readRunTotals(tx, tenant))).quarantine).toMatchObject([
      { code: 'changed-after-end' },
    ]);
  });

  it('may be what it did: then it has helped', async () => {
    await out('in-progress');
    await put(procedure());
    await says({ status: 'completed' });
    await work();
    await comesTo('closed');
    expect((await taskNow())?.reason).toBe('no-outcome');
    await says({ status: 'completed', output });
    await until(async () => (await taskNow())?.reason === 'helped');
    expect(
      await db.tx((tx) => ownResources.ownResourcesOfPeople(tx, [person], 'Procedure')),
    ).toHaveLength(1);
    expect(
      (await db.query("select 1 from ledger where stage = 'write-back' and subject = $1", [person]))
        .rows,
    ).toHaveLength(1);
  });
});

describe('words', () => {
  it('with null characters, of any length, stand in no history and break nothing', async () => {
    await out('accepted');
    await says({
      status: 'accepted',
      statusReason: { text: 'kanari reason\u0000' },
      businessStatus: {
        text: 'kanari business',
        coding: [{ system: systems.declineReason, code: 'wrong-contact' }],
      },
      note: [{ text: `kanari note ${'x'.repeat(30_000)}` }],
      output: [{ type: { text: 'kanari type' }, valueString: 'kanari value' }],
    });
    await work();
    const [answer] = await heard();
    expect(answer).toMatchObject({
      reason: 'kanari reason\uFFFD',
      business_status: 'kanari business',
    });
    expect(answer?.note?.length).toBeLessThan(10_100);
    for (const table of [
      'history',
      'ledger',
      'receipt',
      'referral',
      'quarantine',
      'own_resource',
      'write_back',
    ]) {
      const { rows } = await db.query<{ text: string }>(`select t::text as text from ${table} t`);
      expect([table, rows.filter((row) => row.text.includes('kanari'))]).toEqual([table, []]);
    }
  });

  it('are shown on a timeline to reviewers, and to operators as codes and "with words"', async () => {
    await out('requested');
    await says({
      status: 'rejected',
      statusReason: {
        text: 'kanari',
        coding: [{ system: systems.declineReason, code: 'wrong-contact' }],
      },
    });
    await work();
    await heard();
    const timeline = (withWords: boolean) =>
      db.tx((tx) => timelineOf(tx, tenant, task, { withWords }));
    expect(await timeline(false)).toContainEqual(
      expect.objectContaining({
        what: 'answered rejected, wrong-contact, with words',
        who: 'partner:pantry',
        stage: 'track',
      }),
    );
    expect(JSON.stringify(await timeline(false))).not.toContain('kanari');
    expect((await timeline(true)).flatMap((one) => one.words ?? [])).toEqual(['kanari']);
  });
});
