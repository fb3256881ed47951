import type { fhir4 } from '@loopwell/fhir';
import { createApp, finish } from '@loopwell/http';
import { deriveId, newId, newSecret, silentLog } from '@loopwell/kit';
import {
  access,
  answers,
  type Database,
  migrate,
  moveTasks,
  openDatabase,
  ownResources,
  partnerAccess,
  referrals,
  type TaskRow,
  tasks,
} from '@loopwell/store';
import { insertTask, supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReferralSettings } from '../index.ts';
import { addFhirRoutes } from './fhir.route.ts';
import { addTaskRoutes } from './task.route.ts';

/** What a partner does with its Tasks at our hub, by its bearer. DECISIONS D142. */
const tenant = 'o';
const base = 'https://loopwell.example/fhir';
const settings = { tenant, siteName: 'Clinic', publicBase: base } as ReferralSettings;
const person = deriveId('hub', 'ada');

let db: Database;
let close: () => Promise<unknown>;
let ask: ReturnType<typeof supertest>;
let nudged: string[] = [];
const bearers = new Map<string, string>();

beforeAll(async () => {
  const scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant, max: 8 });
  close = async () => {
    await db.close();
    await scratch.close();
  };
  for (const partner of ['pantry', 'shelter', 'both']) {
    const secret = newSecret();
    bearers.set(partner, secret);
    const partners = partner === 'both' ? ['pantry', 'shelter'] : [partner];
    const belongsTo = partners.map((id) => ({ address: `hub:${id}`, partner: id }));
    const bearer = { tenant, secret, principal: `partner:${partner}`, belongsTo };
    await db.tx((tx) => partnerAccess.grantPartnerAccess(tx, bearer));
  }
  const app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  const clock = { now: () => new Date() };
  const nudge = async (nudges: readonly { stage: string }[]) => {
    nudged.push(...nudges.map(({ stage }) => stage));
  };
  addTaskRoutes(app, { db, settings, clock, nudge });
  addFhirRoutes(app, { db, settings });
  finish(app, silentLog);
  ask = supertest(app.express);
});
afterAll(() => close());
beforeEach(async () => {
  nudged = [];
  for (const table of ['partner_answer', 'task_version', 'task_delivery', 'task', 'referral'])
    await db.query(`delete from ${table} where tenant = $tenant`);
  for (const table of ['disclosure_grant', 'hold', 'ledger'])
    await db.query(`delete from ${table} where tenant = $tenant`);
});

type Out = { task: string; referral: string };
type Sent = { status?: string; partner?: string; door?: 'copy' | 'here'; elements?: string };

/** A Task that is with its partner, with the grant by which it reads it. */
async function out({ elements = 'all', ...more }: Sent = {}): Promise<Out> {
  const { status = 'accepted', partner = 'pantry', door = 'here' } = more;
  const [task, referral, order] = [newId(), newId(), newId()];
  const need = {
    ...{ id: referral, tenant, connection: 'clinic', person, category: `need-${referral}` },
    ...{ episode: 1, unambiguous: true, sensitive: false, conditions: '[]' },
    ...{ since: '2026-06-01T00:00:00Z', trace: newId() },
  };
  const body = {
    resourceType: 'Task',
    id: task,
    status,
    intent: 'order',
    focus: { reference: `${base}/ServiceRequest/${order}` },
    owner: { reference: `${base}/Organization/${partner}` },
    note: [{ text: 'A first note' }],
  };
  await db.tx(async (tx) => {
    await referrals.saveNeeds(tx, [need]);
    const patch = { state: 'partner' as const, gate: 'partner', service_request: order };
    await referrals.patchReferrals(tx, [{ id: referral, patch }]);
    await insertTask(tx, {
      ...{ id: task, tenant, referral, person, attempt: 1, partner, status, door, version: 3 },
      ...{ channel: 'hub', address: `hub:${partner}`, receipt_key: task, remote_id: task },
      ...{ body: JSON.stringify(body), live: !['completed', 'cancelled'].includes(status) },
    });
    await granted(tx, { task, referral }, partner, 'Task', task, elements);
  });
  return { task, referral };
}

async function granted(
  tx: Parameters<Parameters<Database['tx']>[0]>[0],
  { task, referral }: Out,
  partner: string,
  type: string,
  id: string,
  elements = 'all',
): Promise<void> {
  await tx.query(
    `insert into disclosure_grant
       (tenant, partner, type, id, task, referral, person, elements, class, after_end_ms)
     values ($tenant, $1, $2, $3, $4, $5, $6, $7, 'record', 3600000)`,
    [partner, type, id, task, referral, person, elements],
  );
}

type Headers = Record<string, string>;
const get = (path: string, partner = 'pantry', headers: Headers = {}) =>
  ask
    .get(`/fhir/${path}`)
    .set('authorization', `Bearer ${bearers.get(partner)}`)
    .set(headers);
const put = (id: string, body: unknown, headers: Headers = {}, partner = 'pantry') =>
  ask
    .put(`/fhir/Task/${id}`)
    .set('authorization', `Bearer ${bearers.get(partner)}`)
    .set('content-type', 'application/fhir+json')
    .set(headers)
    .send(typeof body === 'string' ? body : JSON.stringify(body));
const current = { 'if-match': 'W/"3"' };
const jsonOf = ({ text }: { text: string }) => JSON.parse(text);
const read = async (task: string): Promise<fhir4.Task> => jsonOf(await get(`Task/${task}`));
/** The Task as it is read, with changes. */
const changed = async (task: string, more: object) => ({ ...(await read(task)), ...more });
/** The status of an answer, the codes of its issues, and the elements or rules that it names. */
const refusalOf = ({ status, text }: { status: number; text: string }) => {
  const { issue } = JSON.parse(text) as fhir4.OperationOutcome;
  const [{ code, expression, diagnostics } = { code: 'none' }] =
    issue as fhir4.OperationOutcomeIssue[];
  return [status, code, expression?.[0] ?? diagnostics];
};
const rowOf = async (task: string) =>
  (await db.tx((tx) => tasks.loadTasks(tx, [task]))).get(task) as TaskRow & { version: number };
const versionOf = async (task: string) =>
  (await db.query<{ version: number }>('select version from task where id = $1', [task])).rows[0]
    ?.version;
const inboxOf = ({ referral }: Out) => db.tx((tx) => answers.answersOf(tx, referral));
const form = { 'content-type': /^application\/fhir\+json/, 'cache-control': /^no-store$/ };
const expectForm = ({ headers }: { headers: Record<string, string> }) => {
  for (const [name, pattern] of Object.entries(form)) expect(headers[name]).toMatch(pattern);
};

const help = {
  type: { coding: [{ code: 'resulting-activity' }] },
  valueCodeableConcept: { text: 'One bag of food' },
};
const words = { type: { text: 'Result' }, valueString: 'A bag was given' };

describe('a partner reads a Task', () => {
  it('with its version, and the read is recorded', async () => {
    const { task } = await out();
    const answer = await get(`Task/${task}`);
    expect([answer.status, answer.headers.etag]).toEqual([200, 'W/"3"']);
    expectForm(answer);
    const { meta, ...body } = jsonOf(answer) as fhir4.Task;
    expect(meta).toMatchObject({ versionId: '3', lastUpdated: expect.stringMatching(/^20.*Z$/) });
    expect(body).toMatchObject({ id: task, status: 'accepted', note: [{ text: 'A first note' }] });
    const { rows } = await db.query('select principal, person from history where subject = $1', [
      task,
    ]);
    expect(rows).toEqual([{ principal: 'partner:pantry', person }]);
  });

  it('that was taken back as its status alone', async () => {
    const { task } = await out({ status: 'cancelled', elements: 'status' });
    const shown = await read(task);
    expect(shown).toMatchObject({ status: 'cancelled', meta: { tag: [{ code: 'SUBSETTED' }] } });
    expect(Object.keys(shown).sort()).toEqual(['id', 'intent', 'meta', 'resourceType', 'status']);
  });
});

it('legal help ends a Task without a reason, and none is kept', async () => {
  const services = [{ service: 'pantry', categories: [], kind: 'legal', places: [] }];
  await db.query(
    `insert into partner (id, tenant, position, name, address, body, kind, settings)
     values ('pantry', $tenant, 0, 'Legal Aid', 'hub:pantry', $1, 'hub', '{}')`,
    [JSON.stringify({ services })],
  );
  const { task, referral } = await out();
  const why = { statusReason: { text: 'kanari' }, businessStatus: { text: 'kanari' } };
  const note = [{ text: 'A first note' }, { text: 'kanari' }];
  const ended = await changed(task, { status: 'cancelled', ...why, note, output: [words] });
  for (const time of ['first', 'again']) {
    const { status } = await put(task, ended);
    expect([time, status]).toEqual([time, time === 'first' ? 200 : expect.any(Number)]);
  }
  const kept = JSON.stringify([await inboxOf({ task, referral }), await rowOf(task)]);
  expect(kept).not.toMatch(/kanari|A bag was given/);
  expect(kept).toContain('A first note');
  expect(await rowOf(task)).toMatchObject({ status: 'cancelled' });
  await db.query('delete from partner');
});

describe('a Task that is not theirs looks like a missing one', () => {
  const cases: Record<string, () => Promise<string>> = {
    'of another partner': async () => (await out({ partner: 'shelter' })).task,
    'without a grant': async () => {
      const { task } = await out();
      await db.query('delete from disclosure_grant where task = $1', [task]);
      return task;
    },
    'with a grant that has run out': async () => {
      const { task } = await out();
      await db.query('update disclosure_grant set until = $2 where task = $1', [task, new Date(0)]);
      return task;
    },
    'with a suspended grant': async () => {
      const { task } = await out();
      await db.query('update disclosure_grant set suspended_at = now() where task = $1', [task]);
      return task;
    },
    'under a hold': async () => {
      const { task } = await out();
      await db.query("insert into hold (tenant, scope, principal) values ($tenant, 'all', 'x')");
      return task;
    },
    'by an id that is none': async () => 'x',
  };
  it.each(Object.keys(cases))('%s', async (name) => {
    const task = (await cases[name]?.()) ?? '';
    const missing = newId();
    const body = (id: string) => ({ resourceType: 'Task', id, status: 'completed' });
    for (const headers of [{}, current, { 'if-match': 'W/"9"' }]) {
      const theirs = await put(task, body(task), headers);
      const none = await put(missing, body(missing), headers);
      expect([theirs.status, theirs.text]).toEqual([404, none.text]);
    }
    const [theirs, none] = [await get(`Task/${task}`), await get(`Task/${missing}`)];
    expect([theirs.status, theirs.text]).toEqual([404, none.text]);
    expectForm(theirs);
    expect(jsonOf(await get('Task')).entry).toBeUndefined();
  });

  it('by an id in capitals, which is another id', async () => {
    const { task } = await out();
    const [capital, none] = [await get(`Task/${task.toUpperCase()}`), await get(`Task/${newId()}`)];
    expect([capital.status, capital.text]).toEqual([404, none.text]);
  });
});

describe('a partner puts a Task', () => {
  it.each<[string, Headers]>([
    ['a weak current If-Match', current],
    ['a strong current If-Match', { 'if-match': '"3"' }],
    ['no If-Match', {}],
  ])('and moves it, with %s', async (_what, headers) => {
    const at = await out();
    const sent = await changed(at.task, {
      status: 'in-progress',
      statusReason: { text: 'A place is free' },
      businessStatus: { text: 'Called' },
      executionPeriod: { start: '2026-11-30' },
      note: [{ text: 'A first note' }, { text: 'Monday at ten' }],
      lastModified: '2001-01-01T00:00:00Z',
    });
    const answer = await put(at.task, sent, headers);
    expect([answer.status, answer.headers.etag]).toEqual([200, 'W/"4"']);
    expectForm(answer);
    const shown = jsonOf(answer) as fhir4.Task;
    const { lastModified: _theirs, meta: _before, ...words } = sent;
    expect(shown).toMatchObject({ ...words, meta: { versionId: '4' } });
    expect(shown.lastModified).not.toBe(sent.lastModified);
    expect(await read(at.task)).toEqual(shown);
    expect(await rowOf(at.task)).toMatchObject({ status: 'in-progress', live: true });
    expect(await inboxOf(at)).toMatchObject([
      { door: 'hub', who: 'partner:pantry', status: 'in-progress', came_of: 'moved:in-progress' },
    ]);
  });

  it('and completes it with help, and close is nudged', async () => {
    const at = await out();
    const answer = await put(
      at.task,
      await changed(at.task, { status: 'completed', output: [help] }),
    );
    expect([answer.status, jsonOf(answer).status]).toEqual([200, 'completed']);
    expect(await rowOf(at.task)).toMatchObject({ live: false, reason: 'helped' });
    expect(nudged).toContain('close');
  });

  it('and reads its answer, even if nothing is readable after the end', async () => {
    const at = await out();
    await db.query('update disclosure_grant set after_end_ms = 0 where task = $1', [at.task]);
    const answer = await put(at.task, await changed(at.task, { status: 'completed' }), current);
    expect([answer.status, answer.headers.etag]).toEqual([200, 'W/"4"']);
    expect([jsonOf(answer).status, (await get(`Task/${at.task}`)).status]).toEqual([
      'completed',
      404,
    ]);
  });

  it('and names a Procedure that it has posted here, and no other', async () => {
    const [at, id, foreign] = [await out(), newId(), newId()];
    const reference = (to: string) => ({
      type: { coding: [{ code: 'resulting-activity' }] },
      valueReference: { reference: `Procedure/${to}` },
    });
    const subject = { reference: `Patient/${person}` };
    const done = {
      resourceType: 'Procedure',
      status: 'completed',
      code: { text: 'Food' },
      subject,
    };
    const common = { tenant, connection: 'clinic', type: 'Procedure', person };
    const row = (named: string) => ({
      ...common,
      id: named,
      body: JSON.stringify({ ...done, id: named }),
    });
    await db.tx(async (tx) => {
      await ownResources.saveOwnResources(tx, [row(id), row(foreign)]);
      await granted(tx, at, 'pantry', 'Procedure', id);
      await granted(tx, at, 'shelter', 'Procedure', foreign);
    });
    const other = await out();
    const lone = { status: 'completed', output: [reference(foreign)] };
    const unshown = await put(other.task, await changed(other.task, lone));
    expect([unshown.status, (await rowOf(other.task)).reason]).toEqual([200, 'no-outcome']);
    const sent = await changed(at.task, { status: 'completed', output: [reference(id)] });
    const answer = await put(at.task, sent);
    expect([answer.status, jsonOf(answer).output]).toEqual([200, sent.output]);
    expect((await rowOf(at.task)).reason).toBe('helped');
  });

  it('twice with the same answer, and it counts once', async () => {
    const at = await out();
    const sent = await changed(at.task, {
      status: 'in-progress',
      note: [{ text: 'A first note' }],
    });
    const [first, second] = [await put(at.task, sent), await put(at.task, sent)];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.text).toBe(first.text);
    expect(await inboxOf(at)).toHaveLength(1);
    expect((await put(at.task, sent, current)).status).toBe(412);
    const later = { ...sent, executionPeriod: { start: '2026-11-30' } };
    expect(jsonOf(await put(at.task, later))).toMatchObject({
      executionPeriod: { start: '2026-11-30' },
      meta: { versionId: '5' },
    });
    expect(await inboxOf(at)).toHaveLength(1);
  });

  it('and says something more after its end', async () => {
    const at = await out();
    await put(at.task, await changed(at.task, { status: 'completed' }));
    const answer = await put(at.task, await changed(at.task, { output: [words] }));
    expect([answer.status, jsonOf(answer).output]).toEqual([200, [words]]);
  });

  it.each([
    ['both with an If-Match', current, [200, 412]],
    ['both without one', {}, [200, 422]],
  ])(
    'at once with another, and the second sees the first: %s',
    async (_what, headers, statuses) => {
      for (const status of ['accepted', 'completed']) {
        const at = await out({ status });
        const sent = await read(at.task);
        const note = (text: string) => [{ text: 'A first note' }, { text }];
        const both = await Promise.all(
          ['a', 'b'].map((text) => put(at.task, { ...sent, note: note(text) }, headers)),
        );
        expect(both.map((answer) => answer.status).sort()).toEqual(statuses);
        const accepted = both.find((answer) => answer.status === 200);
        expect(await read(at.task)).toEqual(accepted && jsonOf(accepted));
      }
    },
  );
});

/** Changes that are refused: with a current If-Match, and without one. */
type Refusal = [number, string, string];
const refused: Record<string, [object, Refusal, Refusal]> = {
  'a changed focus': [
    { focus: { reference: 'ServiceRequest/x' } },
    [422, 'business-rule', 'Task.focus'],
    [409, 'conflict', 'Task.focus'],
  ],
  'a further element': [
    { priority: 'stat' },
    [422, 'business-rule', 'Task.priority'],
    [409, 'conflict', 'Task.priority'],
  ],
  'a modifier': [
    { modifierExtension: [{ url: 'https://x.example', valueBoolean: true }] },
    [422, 'business-rule', 'Task.modifierExtension'],
    [409, 'conflict', 'Task.modifierExtension'],
  ],
  'a contained resource': [
    { contained: [{ resourceType: 'Procedure', id: 'p' }] },
    [422, 'business-rule', 'Task.contained'],
    [409, 'conflict', 'Task.contained'],
  ],
  'a missing owner': [
    { owner: undefined },
    [422, 'business-rule', 'Task.owner'],
    [409, 'conflict', 'Task.owner'],
  ],
  'an earlier note gone': [
    { note: [{ text: 'Another' }] },
    [422, 'business-rule', 'Task.note'],
    [422, 'business-rule', 'Task.note'],
  ],
  'a move that is not allowed': [
    { status: 'requested' },
    [422, 'business-rule', 'Task.status'],
    [422, 'business-rule', 'Task.status'],
  ],
  'a mistake that is not theirs to declare': [
    { status: 'entered-in-error' },
    [422, 'business-rule', 'Task.status'],
    [422, 'business-rule', 'Task.status'],
  ],
  'no status': [
    { status: undefined },
    [422, 'business-rule', 'Task.status'],
    [422, 'business-rule', 'Task.status'],
  ],
  'a reason without text': [
    { status: 'failed', statusReason: { coding: [{ code: 'x' }] } },
    [422, 'business-rule', 'Task.statusReason.text'],
    [422, 'business-rule', 'Task.statusReason.text'],
  ],
  'an output without a value': [
    { output: [{ type: { text: 'x' } }] },
    [422, 'business-rule', 'Task.output'],
    [422, 'business-rule', 'Task.output'],
  ],
  'another type': [
    { resourceType: 'Patient' },
    [400, 'invalid', 'resourceType'],
    [400, 'invalid', 'resourceType'],
  ],
  'another id': [{ id: newId() }, [400, 'invalid', 'Task.id'], [400, 'invalid', 'Task.id']],
  'no id': [{ id: undefined }, [400, 'invalid', 'Task.id'], [400, 'invalid', 'Task.id']],
};

describe('an answer is refused, and nothing is kept', () => {
  const expectNothing = async (at: Out, answer: Parameters<typeof expectForm>[0]) => {
    expectForm(answer);
    expect([await versionOf(at.task), await inboxOf(at), nudged]).toEqual([3, [], []]);
    const { rows } = await db.query('select 1 from ledger');
    expect(rows).toEqual([]);
  };

  it.each(Object.keys(refused))('%s', async (name) => {
    const at = await out();
    const [change, matched, unmatched] = refused[name] ?? [{}];
    const sent = await changed(at.task, change);
    const answer = await put(at.task, sent, current);
    expect(refusalOf(answer)).toEqual(matched);
    expect(refusalOf(await put(at.task, sent))).toEqual(unmatched);
    await expectNothing(at, answer);
  });

  it.each(['W/"2"', '"2"', 'W/"4"', '3', '*', '', 'W/"3", W/"4"', '"03"'])(
    'an If-Match that is not current: %s',
    async (ifMatch) => {
      const at = await out();
      const sent = await changed(at.task, { status: 'in-progress' });
      const answer = await put(at.task, sent, { 'if-match': ifMatch });
      expect(refusalOf(answer)).toEqual([412, 'conflict', 'Task.meta.versionId']);
      await expectNothing(at, answer);
    },
  );

  it.each<[string, string, Headers, number, string]>([
    ['no JSON', '{', {}, 400, '/body: json'],
    ['no body', '', {}, 400, '/body: required'],
    ['a list', '[]', {}, 400, 'resourceType'],
    ['a text', '"Task"', {}, 400, '/body: json'],
    ['a member twice', '{"id":"a","id":"b"}', {}, 400, '/body/id: once'],
    ['another media type', '{}', { 'content-type': 'text/plain' }, 415, ''],
  ])('%s', async (_what, body, headers, status, place) => {
    const at = await out();
    const answer = await put(at.task, body, headers);
    expect(answer.status).toBe(status);
    if (place) expect(refusalOf(answer)).toEqual([status, 'invalid', place]);
    await expectNothing(at, answer);
  });

  it.each<[string, Headers]>([
    ['current', current],
    ['stale', { 'if-match': 'W/"1"' }],
    ['none', {}],
  ])("a Task that is moved on the partner's own server, If-Match %s", async (_what, headers) => {
    const at = await out({ door: 'copy' });
    const sent = await changed(at.task, { status: 'in-progress' });
    const answer = await put(at.task, sent, headers);
    expect(refusalOf(answer)).toEqual([409, 'conflict', 'Task']);
    expect(jsonOf(answer).issue[0].details.text).toBe('Answer on your own copy');
    await expectNothing(at, answer);
  });

  it('a Task that was cancelled meanwhile', async () => {
    const at = await out();
    const sent = await changed(at.task, { status: 'in-progress' });
    const move = { task: at.task, from: { status: 'accepted' }, to: 'cancelled' };
    await db.tx((tx) => moveTasks(tx, [{ ...move, by: 'requester' }]));
    expect(refusalOf(await put(at.task, sent, current))[0]).toBe(412);
    const answer = await put(at.task, sent);
    expect(refusalOf(answer)).toEqual([422, 'business-rule', 'Task.status']);
    expect((await rowOf(at.task)).status).toBe('cancelled');
    expect(await inboxOf(at)).toEqual([]);
  });

  it('a note on a Task that was taken back, of which only the status is shown', async () => {
    const at = await out({ status: 'cancelled', elements: 'status' });
    const answer = await put(at.task, await changed(at.task, { note: [{ text: 'But' }] }));
    expect(refusalOf(answer)).toEqual([422, 'business-rule', 'Task.status']);
    await expectNothing(at, answer);
  });

  it('without a bearer of a partner, before the body is read', async () => {
    const { task } = await out();
    for (const authorization of ['', `Bearer ${newSecret()}`])
      expect((await ask.put(`/fhir/Task/${task}`).set({ authorization }).send('{')).status).toBe(
        401,
      );
  });
});

describe('a partner searches its Tasks', () => {
  const search = async (query: string, partner = 'pantry', headers: Headers = {}) => {
    const answer = await get(`Task${query}`, partner, headers);
    const bundle = jsonOf(answer) as fhir4.Bundle;
    const link = (relation: string) =>
      bundle.link?.find((entry) => entry.relation === relation)?.url.slice(`${base}/Task`.length);
    const ids = (bundle.entry ?? []).map(({ resource }) => resource?.id);
    return { answer, bundle, ids, self: link('self'), next: link('next') };
  };
  /** Tasks of the pantry, the latest first; two of one millisecond. */
  const several = async (count: number, more: Sent = {}) => {
    const made: { id: string; at: number }[] = [];
    for (let index = 0; index < count; index += 1) {
      const { task: id } = await out(more);
      const at = Date.UTC(2026, 10, 1 + Math.floor(index / 2));
      await db.query('update task set last_updated = $2 where id = $1', [id, new Date(at)]);
      made.push({ id, at });
    }
    made.sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1));
    return made.map(({ id }) => id);
  };

  it('and gets a searchset of its own, the latest first', async () => {
    const ids = await several(3);
    await out({ partner: 'shelter' });
    const all = await search('');
    expect(all.answer.status).toBe(200);
    expectForm(all.answer);
    expect(all.bundle).toMatchObject({ resourceType: 'Bundle', type: 'searchset' });
    expect([all.ids, all.self, all.next]).toEqual([ids, '', undefined]);
    expect(all.bundle.entry?.[0]).toMatchObject({
      fullUrl: `${base}/Task/${ids[0]}`,
      search: { mode: 'match' },
      resource: await read(ids[0] ?? ''),
    });
    expect((await search('', 'both')).ids).toHaveLength(4);
    const { rows } = await db.query("select 1 from history where outcome = 'read-by-partner'");
    expect(rows.length).toBeGreaterThan(3);
    const counted = await db.query('select 1 from partner_read');
    expect(counted.rows).toHaveLength(rows.length);
  });

  it('page by page', async () => {
    const ids = await several(7);
    const paged: unknown[] = [];
    let query: string | undefined = '?_count=3&_sort=-_lastUpdated';
    while (query !== undefined) {
      const page = await search(query);
      expect(page.ids.length).toBeLessThanOrEqual(3);
      expect(page.self?.startsWith('?_count=3&_sort=-_lastUpdated')).toBe(true);
      paged.push(...page.ids);
      query = page.next;
    }
    expect(paged).toEqual(ids);
  });

  it('by status, id, owner and time', async () => {
    const ids = await several(4);
    const [, second = ''] = ids;
    const { task: done } = await out({ status: 'completed' });
    await db.query('update task set last_updated = $2 where id = $1', [done, new Date(0)]);
    const cases: [string, unknown[]][] = [
      ['?status=completed', [done]],
      ['?status=completed,accepted', [...ids, done]],
      ['?status=http://hl7.org/fhir/task-status%7Ccompleted', [done]],
      ['?status=unheard-of', []],
      [`?_id=${second},${done}`, [second, done]],
      ['?_id=x', []],
      [`?_id=${newId()}`, []],
      ['?owner=Organization/pantry', [...ids, done]],
      ['?owner=pantry,shelter', [...ids, done]],
      [`?owner=${encodeURIComponent(`${base}/Organization/pantry`)}`, [...ids, done]],
      ['?_lastUpdated=ge2026-11-02', ids.slice(0, 2)],
      ['?_lastUpdated=gt2026-11-01', ids.slice(0, 2)],
      ['?_lastUpdated=2026-11-01', ids.slice(2)],
      ['?_lastUpdated=le2026-11-01', [...ids.slice(2), done]],
      ['?_lastUpdated=lt2026-11-01T00:00:00Z', [done]],
      ['?_lastUpdated=ge2026-11-01&_lastUpdated=lt2026-11-02', ids.slice(2)],
    ];
    for (const [query, expected] of cases) {
      const { answer, ids: matched } = await search(query);
      expect([query, answer.status, matched]).toEqual([query, 200, expected]);
    }
  });

  it.each(['owner=shelter', 'owner=Organization/shelter', 'owner=nobody'])(
    'and finds nothing of another: %s',
    async (query) => {
      await several(1);
      await out({ partner: 'shelter' });
      const { answer, bundle } = await search(`?${query}`);
      expect([answer.status, bundle.entry, bundle.link]).toEqual([
        200,
        undefined,
        [{ relation: 'self', url: expect.stringContaining(query.slice(0, 6)) }],
      ]);
    },
  );

  it('50 at a time if it does not say, and 200 at most', async () => {
    await several(203);
    expect((await search('')).ids).toHaveLength(50);
    const page = await search('?_count=1000');
    expect([page.ids.length, (await search(page.next ?? '')).ids.length]).toEqual([200, 3]);
    expect(page.next).toMatch(/^\?_count=1000&_after=/);
  });

  it('and what we do not know is left out of the self link, or refused if it is strict', async () => {
    const ids = await several(1);
    const query = '?color=blue&status=accepted';
    const lenient = await search(query, 'pantry', { prefer: 'handling=lenient' });
    expect([lenient.ids, lenient.self]).toEqual([ids, '?status=accepted']);
    const strict = { prefer: 'return=minimal, handling=strict' };
    const answer = await get(`Task${query}`, 'pantry', strict);
    expect(refusalOf(answer)).toEqual([400, 'invalid', '/query/color: not-supported']);
    expect((await search('?status=accepted', 'pantry', strict)).ids).toEqual(ids);
  });

  it.each([
    ['patient=x', '/query/patient: not-supported'],
    ['patient:Patient=x', '/query/patient:Patient: not-supported'],
    ['patient.name=x', '/query/patient.name: not-supported'],
    ['requester=Organization/x', '/query/requester: not-supported'],
    ['status:not=completed', '/query/status:not: not-supported'],
    ['owner.name=x', '/query/owner.name: not-supported'],
    ['status=Accepted!', '/query/status: form'],
    ['owner=a%20b', '/query/owner: form'],
    ['_id=a%20b', '/query/_id: form'],
    ['status=accepted&status=completed', '/query/status: once'],
    ['_count=0', '/query/_count: form'],
    ['_count=-1', '/query/_count: form'],
    ['_count=x', '/query/_count: form'],
    ['_sort=status', '/query/_sort: form'],
    ['_lastUpdated=yesterday', '/query/_lastUpdated: form'],
    ['_lastUpdated=ne2026-11-01', '/query/_lastUpdated: form'],
    ['_after=x', '/query/_after: form'],
    ['_after=9999999999999999_x', '/query/_after: form'],
  ])('and is refused: %s', async (query, place) => {
    const answer = await get(`Task?${query}`);
    expect(refusalOf(answer)).toEqual([400, 'invalid', place]);
    expectForm(answer);
  });
});

it('the CapabilityStatement says what is served of Tasks', async () => {
  const { rest } = jsonOf(await ask.get('/fhir/metadata')) as fhir4.CapabilityStatement;
  const task = rest?.[0]?.resource?.find(({ type }) => type === 'Task');
  expect(task?.interaction?.map(({ code }) => code)).toEqual(['read', 'search-type', 'update']);
});

it('other methods are refused', async () => {
  const authorization = `Bearer ${bearers.get('pantry')}`;
  const posted = await ask.post('/fhir/Task').set({ authorization });
  const deleted = await ask.delete(`/fhir/Task/${newId()}`).set({ authorization });
  expect([posted.status, deleted.status]).toEqual([405, 405]);
  expect(deleted.headers.allow).toContain('PUT');
});
