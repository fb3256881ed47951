import type { fhir4 } from '@loopwell/fhir';
import { createApp, finish } from '@loopwell/http';
import { deriveId, newId, newSecret, silentLog } from '@loopwell/kit';
import {
  access,
  type Database,
  directory,
  type GrantWish,
  grants,
  migrate,
  openDatabase,
  ownResources,
  partnerAccess,
  partnerProcedures,
  referrals,
} from '@loopwell/store';
import { insertTask, supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partnerRowsOf, type ReferralSettings } from '../index.ts';
import { addFhirRoutes } from './fhir.route.ts';

/** What partners post as Procedures, by their bearers, and read again. */
const tenant = 'o';
const base = 'https://loopwell.example/fhir';
const settings = { tenant, siteName: 'Clinic', publicBase: base } as ReferralSettings;

let db: Database;
let close: () => Promise<unknown>;
let ask: ReturnType<typeof supertest>;
const bearers = new Map<string, string>();

beforeAll(async () => {
  const scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant, max: 8 });
  close = async () => {
    await db.close();
    await scratch.close();
  };
  const partner = (id: string) => ({
    id,
    references: [`Organization/${id}`],
    name: id,
    address: `https://${id}.example/fhir`,
    categories: ['food-insecurity'],
    organization: { resourceType: 'Organization', id, name: id } as fhir4.Organization,
  });
  const partners = [partner('pantry'), partner('shelter')];
  await db.tx((tx) => directory.saveDirectory(tx, tenant, partnerRowsOf(partners, tenant)));
  for (const { id, address } of partners) {
    const secret = newSecret();
    bearers.set(id, secret);
    const bearer = { tenant, secret, principal: `partner:${id}` };
    const belongsTo = [{ address, partner: id }];
    await db.tx((tx) => partnerAccess.grantPartnerAccess(tx, { ...bearer, belongsTo }));
  }
  const app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  addFhirRoutes(app, { db, settings });
  finish(app, silentLog);
  ask = supertest(app.express);
});
afterAll(() => close());

type Referred = { person: string; order: string; task: string; referral: string };

/** A referral at a partner with a Task and its grants, as `refer` leaves them. */
async function referred(partner = 'pantry'): Promise<Referred> {
  const [person, order, task, referral] = [newId(), newId(), newId(), newId()];
  const common = { tenant, connection: 'clinic', person };
  const need = {
    ...{ ...common, id: referral, category: 'food-insecurity', episode: 1, unambiguous: true },
    ...{ sensitive: false, conditions: '[]', since: '2026-11-01', trace: newId() },
  };
  const body = JSON.stringify({ resourceType: 'ServiceRequest', id: order, status: 'active' });
  const wish = (type: string, id: string): GrantWish => ({
    ...{ tenant, partner, type, id, task, referral, person, elements: 'all' },
    ...{ class: 'record', until: null, after_end_ms: 1_000 },
  });
  await db.tx(async (tx) => {
    await referrals.saveNeeds(tx, [need]);
    await ownResources.saveOwnResources(tx, [
      { ...common, id: order, type: 'ServiceRequest', body },
    ]);
    await insertTask(tx, {
      ...{ id: task, tenant, referral, person, attempt: 1, partner },
      status: 'accepted',
      ...{ channel: 'hub', address: `hub:${partner}`, receipt_key: task, remote_id: task },
    });
    const wishes = [wish('Patient', person), wish('ServiceRequest', order), wish('Task', task)];
    await grants.saveGrants(tx, { tasks: [task], by: 'system:referral', lifted: [] }, wishes);
  });
  return { person, order, task, referral };
}

const procedureOf = ({ person, order }: Referred, more: object = {}): Record<string, unknown> => ({
  resourceType: 'Procedure',
  status: 'completed',
  identifier: [{ system: 'https://pantry.example/visits', value: newId() }],
  code: { text: 'A box of food' },
  subject: { reference: `Patient/${person}` },
  basedOn: [{ reference: `${base}/ServiceRequest/${order}` }],
  performedDateTime: '2026-11-20',
  note: [{ text: 'Words of theirs' }],
  ...more,
});

type Headers = Record<string, string>;
const post = (body: unknown, headers: Headers = {}, partner = 'pantry') =>
  ask
    .post('/fhir/Procedure')
    .set('authorization', `Bearer ${bearers.get(partner)}`)
    .set('content-type', 'application/fhir+json')
    .set(headers)
    .send(typeof body === 'string' ? body : JSON.stringify(body));
const get = (path: string, partner = 'pantry') =>
  ask.get(`/fhir/${path}`).set('authorization', `Bearer ${bearers.get(partner)}`);
const jsonOf = ({ text }: { text: string }) => JSON.parse(text);
/** The status of an answer, and the elements and rules that it names. */
const refusalOf = ({ status, text }: { status: number; text: string }) => {
  const { issue } = JSON.parse(text) as fhir4.OperationOutcome;
  return [status, ...issue.map(({ expression, diagnostics }) => expression?.[0] ?? diagnostics)];
};
const existing = (system: string, visit: string) => ({
  'if-none-exist': `identifier=${system}|${visit}`,
});
const countOf = async (task: string) =>
  (await db.tx((tx) => partnerProcedures.proceduresOfTasks(tx, [task]))).get(task)?.length ?? 0;

describe('a Procedure that is granted', () => {
  it.each([
    ['relative references', {}],
    ['a status that is no help', { status: 'not-done' }],
    ['a status that was a mistake', { status: 'entered-in-error' }],
    ['a performer of its own', { performer: [{ actor: { display: 'A volunteer' } }] }],
    ['an id and a version of its own', { id: 'theirs', meta: { versionId: '9' } }],
  ])('is kept whole and read again: %s', async (_what, more) => {
    const at = await referred();
    const sent = procedureOf(at, more);
    const added = await post(sent);
    const shown = jsonOf(added);
    expect([added.status, shown.resourceType]).toEqual([201, 'Procedure']);
    expect(shown).toEqual({
      performer: [{ actor: { reference: 'Organization/pantry' } }],
      ...sent,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      meta: { versionId: '1', lastUpdated: expect.any(String) },
    });
    expect(added.headers).toMatchObject({
      etag: 'W/"1"',
      location: `${base}/Procedure/${shown.id}`,
      'cache-control': 'no-store',
      'content-type': expect.stringContaining('application/fhir+json'),
    });
    const again = await get(`Procedure/${shown.id}`);
    expect([again.status, again.text, again.headers.etag]).toEqual([200, added.text, 'W/"1"']);
    expect(again.headers['cache-control']).toBe('no-store');
    const history = await db.query<{ outcome: string; facts: unknown }>(
      'select outcome, facts from history where subject = $1 order by id',
      [shown.id],
    );
    expect(history.rows.map((row) => row.outcome)).toEqual([
      'posted-by-partner',
      'read-by-partner',
    ]);
    expect(JSON.stringify(history.rows)).not.toContain('Words');
  });

  it("is nobody else's, in the same bytes as one that is not there", async () => {
    const { id } = jsonOf(await post(procedureOf(await referred())));
    const theirs = await get(`Procedure/${id}`, 'shelter');
    const missing = await get(`Procedure/${newId()}`, 'shelter');
    expect([theirs.status, theirs.text]).toEqual([404, missing.text]);
  });

  it('stays for as long as its order, and no longer', async () => {
    const at = await referred();
    const { id } = jsonOf(await post(procedureOf(at)));
    await db.tx((tx) => grants.letGrantsRunOut(tx, [at.task]));
    expect((await get(`Procedure/${id}`)).status).toBe(200);
    const ends = { tasks: [at.task], by: 'person:rea', hasTask: true };
    await db.tx((tx) => grants.endGrantsOfTasks(tx, ends));
    expect((await get(`Procedure/${id}`)).status).toBe(404);
    expect(await countOf(at.task)).toBe(1);
  });
});

describe('If-None-Exist', () => {
  const system = 'https://pantry.example/visits';

  it('adds one Procedure of an identifier, and shows it from then on', async () => {
    const at = await referred();
    const visit = newId();
    const sent = procedureOf(at, { identifier: [{ system, value: visit }] });
    const answers = await Promise.all([1, 2, 3].map(() => post(sent, existing(system, visit))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    const encoded = `identifier=${encodeURIComponent(`${system}|${visit}`)}`;
    const again = await post(sent, { 'if-none-exist': encoded });
    expect([again.status, again.text]).toEqual([200, answers[0]?.text]);
    expect(again.headers).toMatchObject({ etag: 'W/"1"' });
    expect(jsonOf(again).id).toBe(deriveId(tenant, 'posted-procedure', 'pantry', system, visit));
    expect(await countOf(at.task)).toBe(1);
  });

  it('finds a Procedure that was posted without it, and says so when there are two', async () => {
    const at = await referred();
    const visit = newId();
    const sent = procedureOf(at, { identifier: [{ system, value: visit }] });
    const first = await post(sent);
    expect((await post(sent, existing(system, visit))).text).toBe(first.text);
    expect((await post(sent)).status).toBe(201);
    const answer = await post(sent, existing(system, visit));
    expect(refusalOf(answer)).toEqual([412, '/headers/if-none-exist: at-most-one-match']);
  });

  it('does not look at the Procedures of other partners', async () => {
    const visit = newId();
    const [ours, theirs] = [await referred(), await referred('shelter')];
    const identifier = [{ system, value: visit }];
    const first = await post(procedureOf(ours, { identifier }), existing(system, visit));
    const other = procedureOf(theirs, { identifier });
    const second = await post(other, existing(system, visit), 'shelter');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(jsonOf(second).id).not.toBe(jsonOf(first).id);
  });

  it.each([
    '',
    'identifier=',
    'identifier=alone',
    'identifier=|value',
    'identifier=system|',
    'identifier=a|b|c',
    'identifier=a|b,c|d',
    'identifier=a|b%00',
    'identifier=a|b&status=completed',
    'identifier=a|b&identifier=a|b',
    'identifier:not=a|b',
    '_id=1',
  ])('is refused in another form: %s', async (header) => {
    const at = await referred();
    const answer = await post(procedureOf(at), { 'if-none-exist': header });
    const place = '/headers/if-none-exist: identifier=system|value';
    expect([refusalOf(answer), await countOf(at.task)]).toEqual([[400, place], 0]);
  });
});

/** Bodies that are refused, and the elements that the answer names. */
type Bad = (at: Referred, another: Referred) => unknown;
const modifier = [{ url: 'https://x.example', valueBoolean: true }];
const to = (reference: unknown) => ({ reference });
const bad: Record<string, [Bad, ...(string | number)[]]> = {
  'no JSON': [() => '{', 400, '/body: json'],
  'no body': [() => '', 400, '/body: required'],
  'a list': [() => '[]', 400, 'Procedure'],
  'no type': [() => ({ status: 'completed' }), 400, 'Procedure.resourceType'],
  'another type': [() => ({ resourceType: 'Task' }), 400, 'Procedure.resourceType'],
  'no status': [(at) => procedureOf(at, { status: undefined }), 400, 'Procedure.status'],
  'a status that is a list': [(at) => procedureOf(at, { status: ['x'] }), 400, 'Procedure.status'],
  'a member twice': [
    () => '{"resourceType":"Procedure","status":"completed","status":"not-done"}',
    400,
    '/body/status: once',
  ],
  'NUL in a text': [
    (at) => procedureOf(at, { note: [{ text: '\0' }] }),
    400,
    '/body/note/0/text: no-nul',
  ],
  'a subject that is text': [(at) => procedureOf(at, { subject: 'x' }), 400, 'Procedure.subject'],
  'a basedOn that is no list': [(at) => procedureOf(at, { basedOn: {} }), 400, 'Procedure.basedOn'],
  'an identifier that is null': [
    (at) => procedureOf(at, { identifier: null }),
    400,
    'Procedure.identifier',
  ],
  'no performer in its list': [
    (at) => procedureOf(at, { performer: [] }),
    400,
    'Procedure.performer',
  ],
  'an unknown status': [(at) => procedureOf(at, { status: 'Completed' }), 422, 'Procedure.status'],
  'a modifier': [
    (at) => procedureOf(at, { modifierExtension: modifier }),
    422,
    'Procedure.modifierExtension',
  ],
  'implicit rules': [
    (at) => procedureOf(at, { implicitRules: 'https://x.example' }),
    422,
    'Procedure.implicitRules',
  ],
  'a modifier within': [
    (at) => procedureOf(at, { performer: [{ actor: {}, modifierExtension: modifier }] }),
    422,
    'Procedure',
  ],
  'a modifier in a contained resource': [
    (at) => procedureOf(at, { contained: [{ modifierExtension: modifier }] }),
    422,
    'Procedure',
  ],
  'nothing that was done': [(at) => procedureOf(at, { code: undefined }), 422, 'Procedure.code'],
  'no subject': [(at) => procedureOf(at, { subject: undefined }), 422, 'Procedure.subject'],
  'a subject without reference': [
    (at) => procedureOf(at, { subject: {} }),
    422,
    'Procedure.subject',
  ],
  'a subject that is a number': [
    (at) => procedureOf(at, { subject: to(7) }),
    422,
    'Procedure.subject',
  ],
  'a subject elsewhere': [
    (at) => procedureOf(at, { subject: to(`https://x.example/Patient/${at.person}`) }),
    422,
    'Procedure.subject',
  ],
  'a subject of another type': [
    (at) => procedureOf(at, { subject: to(`Group/${at.person}`) }),
    422,
    'Procedure.subject',
  ],
  'a subject that is missing': [
    (at) => procedureOf(at, { subject: to(`Patient/${newId()}`) }),
    422,
    'Procedure.subject',
  ],
  'a person of another Task': [
    (at, another) => procedureOf(at, { subject: to(`Patient/${another.person}`) }),
    422,
    'Procedure.subject',
  ],
  'no order': [(at) => procedureOf(at, { basedOn: undefined }), 422, 'Procedure.basedOn'],
  'an order that is missing': [
    (at) => procedureOf(at, { basedOn: [to(`ServiceRequest/${newId()}`)] }),
    422,
    'Procedure.basedOn',
  ],
  'a second order that is missing': [
    (at) =>
      procedureOf(at, { basedOn: [to(`ServiceRequest/${at.order}`), to('ServiceRequest/x')] }),
    422,
    'Procedure.basedOn',
  ],
  'a contained order': [
    (at) => procedureOf(at, { basedOn: [to('#order')] }),
    422,
    'Procedure.basedOn',
  ],
  'several at once': [
    () => ({ resourceType: 'Procedure', status: 'x' }),
    422,
    'Procedure.status',
    'Procedure.code',
    'Procedure.basedOn',
    'Procedure.subject',
  ],
};

it.each(Object.keys(bad))('a bad Procedure is refused, and nothing is kept: %s', async (what) => {
  const [at, another] = [await referred(), await referred()];
  const [body = () => '', ...refusal] = bad[what] ?? [];
  const answer = await post(body(at, another));
  expect(refusalOf(answer)).toEqual(refusal);
  expect(answer.headers['content-type']).toContain('application/fhir+json');
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.text).not.toContain(at.person);
  expect(await countOf(at.task)).toBe(0);
});

describe('what is not granted is answered as what is missing', () => {
  const missing = async () => {
    const at = await referred();
    return post(procedureOf({ ...at, person: newId(), order: newId() }));
  };
  const cases: Record<string, (at: Referred) => Promise<unknown>> = {
    'the grants are suspended': ({ person }) =>
      db.tx((tx) => grants.suspendGrantsOfPeople(tx, [person])),
    'the grants have ended': ({ task }) =>
      db.tx((tx) => grants.endGrantsOfTasks(tx, { tasks: [task], by: 'x', hasTask: true })),
    'the grants have run out': ({ task }) =>
      db.query(
        "update disclosure_grant set until = loopwell_now() - interval '1 second' where task = $1",
        [task],
      ),
    'the Task has ended': ({ task }) =>
      db.query('update task set live = false where id = $1', [task]),
  };
  it.each(Object.keys(cases))('%s', async (name) => {
    const at = await referred();
    await cases[name]?.(at);
    const answer = await post(procedureOf(at));
    expect([answer.status, answer.text]).toEqual([422, (await missing()).text]);
  });

  it('another partner has them', async () => {
    const at = await referred('shelter');
    const answer = await post(procedureOf(at));
    expect([answer.status, answer.text]).toEqual([422, (await missing()).text]);
  });

  it('a hold stands', async () => {
    const at = await referred('shelter');
    await db.query(
      "insert into hold (tenant, scope, principal) values ('o', 'partner:shelter', 'x')",
    );
    const answer = await post(procedureOf(at), {}, 'shelter');
    await db.query("delete from hold where tenant = 'o'");
    expect([answer.status, answer.text]).toEqual([422, (await missing()).text]);
    expect((await post(procedureOf(at), {}, 'shelter')).status).toBe(201);
  });

  it('the person is not granted any more, and the order is', async () => {
    const at = await referred();
    await db.query("delete from disclosure_grant where task = $1 and type = 'Patient'", [at.task]);
    expect(refusalOf(await post(procedureOf(at)))).toEqual([422, 'Procedure.subject']);
  });
});

it.each([
  ['no bearer', {}, 401],
  ['an unknown bearer', { authorization: `Bearer ${newSecret()}` }, 401],
])('%s is refused before the body is read', async (_what, headers: Headers, status) => {
  const answer = await ask.post('/fhir/Procedure').set(headers).send('{');
  expect(answer.status).toBe(status);
});

it('a body of another kind or too large is refused', async () => {
  const text = await post('x', { 'content-type': 'text/plain' });
  const large = await post(
    procedureOf(await referred(), { note: [{ text: 'x'.repeat(1_048_576) }] }),
  );
  expect([text.status, large.status]).toEqual([415, 413]);
});

it('the CapabilityStatement says that Procedures are created', async () => {
  const { rest } = jsonOf(await ask.get('/fhir/metadata')) as fhir4.CapabilityStatement;
  expect(rest?.[0]?.resource).toContainEqual({
    type: 'Procedure',
    interaction: [{ code: 'read' }, { code: 'create' }],
    conditionalCreate: true,
  });
});
