import { systems } from '@loopwell/fhir';
import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, deriveId, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { conditionCodesOf } from '@loopwell/sdoh';
import {
  access,
  type Database,
  directory,
  ehrResources,
  migrate,
  type NewTask,
  openDatabase,
  ownResources,
  type ReferralPatch,
  type ReferralRow,
  referrals,
  tasks,
} from '@loopwell/store';
import { supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReviewRoutes } from '../../review.route.ts';

/**
 * Decisions in one go, and undone: what a page and the API say, and what the referral holds
 * afterward. `tests/operations/undo.int.test.ts` shows what goes out meanwhile.
 */
const tenant = 'o';
const start = new Date('2026-11-24T15:00:00Z');
const clock: Clock = { now: () => start };
const idOf = (name: string) => deriveId('test', name);
const [kia, sam] = [idOf('kia'), idOf('sam')];
const [food, ride] = [idOf('food'), idOf('ride')];
const minutes = 60_000;

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
const sessions: Record<string, string> = {};
let token = '';
const deps = { undoForMs: 10 * minutes };

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
  const review = { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 };
  addReviewRoutes(app, {
    ...review,
    get undoForMs() {
      return deps.undoForMs;
    },
  });
  finish(app, silentLog);
  ask = supertest(app.express);
  const grant = (kind: 'session' | 'service', principal: string, routes: string[]) =>
    db.tx((tx) => access.grantAccess(tx, { tenant, kind, principal, roles: ['reviewer'], routes }));
  for (const name of ['rea', 'bo']) sessions[name] = await grant('session', `person:${name}`, []);
  token = await grant('service', 'service:ehr-app', [
    'POST /api/v1/reviews/decisions',
    'POST /api/v1/reviews/undo',
  ]);
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

beforeEach(async () => {
  deps.undoForMs = 10 * minutes;
  await db.query(
    'truncate ledger, history, person_no, referral, decision, decision_undo, evidence, own_resource, ehr_resource, screening, task, task_delivery, task_version, partner cascade',
  );
  await db.tx((tx) => directory.saveDirectory(tx, tenant, [partner]));
  await seed(kia, food, 'food-insecurity', 'Kia', 'Lor');
  await seed(sam, ride, 'transportation-insecurity', 'Sam', 'Vang');
});

const pantry = {
  ...{ id: 'pantry', name: 'The pantry', address: 'https://pantry.example' },
  categories: ['food-insecurity', 'transportation-insecurity'],
};
const partner = {
  ...{ id: 'pantry', tenant, position: 0, name: pantry.name, address: pantry.address },
  body: JSON.stringify(pantry),
};

async function seed(person: string, id: string, category: string, given: string, family: string) {
  const own = { tenant, connection: 'clinic', person };
  const patient = { resourceType: 'Patient', id: given, name: [{ given: [given], family }] };
  await db.tx(async (tx) => {
    await ehrResources.saveEhrResources(tx, [
      {
        ...{ ...own, type: 'Patient', sourceId: given, versionId: '1', lastUpdated: start },
        body: JSON.stringify(patient),
      },
    ]);
    await referrals.saveNeeds(tx, [
      {
        ...{ ...own, id, category, episode: 1, unambiguous: true, sensitive: false },
        ...{ conditions: '[]', since: '2026-11-02T10:00:00Z', trace: newId() },
        evidence_version: 'a',
      },
    ]);
  });
}

const cookieOf = (name: string) => ({
  cookie: `loopwell_session=${sessions[name]}`,
  'sec-fetch-site': 'same-origin',
});
const bearer = () => ({ authorization: `Bearer ${token}` });
const rowOf = async (id: string): Promise<ReferralRow> => {
  const row = (await referrals.loadReferrals(db, [id])).get(id);
  if (!row) throw new Error('The referral is gone');
  return row;
};
const worker = (id: string, patch: ReferralPatch) =>
  db.tx((tx) => referrals.patchReferrals(tx, [{ id, patch }]));

/** Adds a Task of a referral as `refer` does when it claims a send. */
async function claim(id: string, person: string): Promise<string> {
  const task = newId();
  const row: NewTask = {
    ...{ id: task, tenant, referral: id, person, attempt: 1, partner: 'pantry' },
    ...{ status: 'requested', body: '{}', requester: 'us', focus: newId() },
    ...{ channel: 'fhir-rest', address: 'https://pantry.example', receipt_key: task },
  } as NewTask;
  await db.tx((tx) => tasks.addTasks(tx, [row]));
  await worker(id, { gate: 'send' });
  return task;
}

const decide = (name: string, body: object) =>
  ask.post('/api/v1/reviews/decisions').set(cookieOf(name)).send(body);
const undo = (name: string, request: string, only?: readonly string[]) =>
  ask.post('/api/v1/reviews/undo').set(cookieOf(name)).send({ request, referrals: only });
const form = (name: string, path: string, body: object) =>
  ask.post(path).type('form').set(cookieOf(name)).send(body);

/** Makes a decision in a form, and returns the address of the page that comes after it. */
async function onPage(name: string, fields: object): Promise<string> {
  const answer = await form(name, '/review/decisions', { back: '/decide', ...fields });
  expect([answer.status, answer.text]).toEqual([303, expect.anything()]);
  return String(answer.headers.location);
}
const requestIn = (address: string) => /request=([0-9a-f-]{36})/.exec(address)?.[1] ?? '';

const inOneGo = {
  referrals: [food],
  decision: 'approve',
  also: [
    { decision: 'agree', agreedOn: '2026-11-24', askedBy: 'Ada' },
    { decision: 'recordConsent', dateTime: '2026-11-23', scope: 'name and need', askedBy: 'Ada' },
    { decision: 'chooseService', serviceCode: '713109004' },
  ],
};

describe('decisions in one go', () => {
  it('are recorded together, each by itself in the history', async () => {
    const answer = await decide('rea', inOneGo);
    expect(answer.body).toMatchObject({ decided: 1, skipped: [], request: expect.anything() });
    expect(await rowOf(food)).toMatchObject({
      ...{ approval: 'approved', approved_by: 'person:rea', agreement_on: '2026-11-24' },
      ...{ consent_recorded: expect.stringContaining('name and need'), people_decided: 4 },
    });
    const { rows } = await db.query<{ outcome: string }>('select outcome from history order by id');
    expect(rows.map(({ outcome }) => outcome)).toEqual([
      ...['approved', 'agreement-recorded', 'consent-recorded', 'service-chosen'],
    ]);
  });

  it.each<[string, object, string, string]>([
    ['a missing field', { decision: 'agree', askedBy: 'Ada' }, '/body/also/0/agreedOn', 'form'],
    ['a day that is none', agreedOn('2026-02-30'), '/body/also/0/agreedOn', 'form'],
    ['the same twice', { decision: 'approve' }, '/body/also/0/decision', 'once'],
  ])('are refused with the place of the field: %s', async (_what, step, path, rule) => {
    const answer = await decide('rea', { ...inOneGo, also: [step] });
    expect([answer.status, answer.body.problems]).toEqual([400, [{ path, rule }]]);
    expect((await rowOf(food)).approval).toBeNull();
  });

  it.each(['refuse', 'withdrawConsent', 'postpone', 'askNext'])(
    'have no %s among them',
    async (decision) => {
      const step = { decision, reason: 'x', until: '2026-11-25' };
      expect((await decide('rea', { ...inOneGo, also: [step] })).status).toBe(400);
    },
  );

  it('are recorded for nobody where one person’s cannot be', async () => {
    await decide('bo', { referrals: [ride], decision: 'refuse', reason: 'has a car' });
    const answer = await decide('rea', { ...inOneGo, referrals: [food, ride], also: [] });
    expect([answer.status, answer.body.facts.referral]).toEqual([409, ride]);
    expect((await rowOf(food)).approval).toBeNull();
  });
});

function agreedOn(day: string) {
  return { decision: 'agree', agreedOn: day, askedBy: 'Ada' };
}

describe('the wait', () => {
  const until = new Date(start.getTime() + 10 * minutes);
  const onForm = { referral: food, decision: 'approve' };

  it.each<[string, () => Promise<unknown>, Date | null]>([
    ['a form', () => onPage('rea', onForm), until],
    ['the API and a person', () => decide('rea', { referrals: [food], decision: 'approve' }), null],
    [
      'the API and a token',
      () =>
        ask
          .post('/api/v1/reviews/decisions')
          .set(bearer())
          .send({ referrals: [food], decision: 'approve' }),
      null,
    ],
  ])('begins with a decision by %s', async (_door, make, expected) => {
    await make();
    expect((await rowOf(food)).undo_until).toEqual(expected);
  });

  it.each([
    ['today', '2026-11-24', null],
    ['a later day', '2026-11-26', until],
  ])('of help that has to come by %s', async (_what, mustBy, expected) => {
    await db.query('update referral set must_by = $1', [mustBy]);
    await onPage('rea', onForm);
    expect((await rowOf(food)).undo_until).toEqual(expected);
  });

  it('is none where the site has none', async () => {
    deps.undoForMs = 0;
    await onPage('rea', onForm);
    expect((await rowOf(food)).undo_until).toBeNull();
  });

  it('begins with nothing that stops or postpones', async () => {
    await onPage('rea', { referral: food, decision: 'postpone', until: '2026-11-25' });
    expect((await rowOf(food)).undo_until).toBeNull();
    await onPage('rea', { referral: food, decision: 'withdrawAgreement' });
    expect((await rowOf(food)).undo_until).toBeNull();
  });
});

/** What a form records so that a referral goes out. */
const wholly = {
  ...{ decision: 'together', 'approve.wanted': 'yes', 'agree.agreedOn': '2026-11-24' },
  ...{ 'agree.askedBy': 'Ada', 'recordConsent.askedBy': 'Ada' },
  ...{ 'recordConsent.dateTime': '2026-11-23', 'recordConsent.scope': 'name and need' },
};
const pageAt = async (address: string) => (await ask.get(address).set(cookieOf('rea'))).text;
const before = 'Nothing is sent before';

describe('the page after a decision', () => {
  it('names the people, which the address does not, and offers the undo', async () => {
    const address = await onPage('rea', { referral: [food, ride], ...wholly });
    expect(address).not.toMatch(/Kia|Lor|Sam|Vang/);
    const text = await pageAt(address);
    expect(text).toContain('consent recorded for Kia Lor and Sam Vang.');
    expect(text).toContain('Nothing is sent before Nov 24, 3:10 pm.');
    expect(text).toContain(`name="request" value="${requestIn(address)}"`);
    expect(text).toContain('Undo for all 2');
  });

  it.each<[string, () => Promise<unknown>, object, string]>([
    [
      'nobody has asked them',
      async () => {},
      { decision: 'approve' },
      'Kia Lor: nothing is sent yet. Next, ask them whether they want this help.',
    ],
    [
      'no consent is on file',
      async () => {},
      {
        ...wholly,
        'recordConsent.dateTime': '',
        'recordConsent.scope': '',
        'recordConsent.askedBy': '',
      },
      'Kia Lor: nothing is sent. No consent to share is on file.',
    ],
    [
      'the consent is for another place',
      async () => {},
      {
        ...{ ...wholly, 'recordConsent.kind': 'food-insecurity', 'recordConsent.signer': 'Kia' },
        ...{ 'recordConsent.except': 'pantry', 'recordConsent.elements': 'name' },
        ...{ 'recordConsent.authority': 'self', 'recordConsent.method': 'paper' },
        'recordConsent.document': 'binder',
      },
      'Kia Lor: nothing is sent. This consent permits no partner that helps with this need now',
    ],
    [
      'no partner helps with it',
      () => db.query('truncate partner'),
      wholly,
      'Kia Lor: nothing is sent. No partner in the directory helps with this',
    ],
    [
      'a Consent of theirs cannot be read',
      () => unreadable(),
      wholly,
      'Kia Lor: nothing is sent. Consent.status holds a code that FHIR R4 does not have there.',
    ],
  ])('says what stands in the way where %s', async (_what, event, fields, sentence) => {
    await event();
    await db.query("update referral set must_by = '2026-11-26'");
    const text = await pageAt(await onPage('rea', { referral: food, ...fields }));
    expect(text).toContain(sentence);
    expect(text).not.toContain(before);
    expect(text).not.toContain('value="sendNow"');
  });

  const unreadable = () => {
    const consent = {
      ...{ resourceType: 'Consent', id: 'odd', status: 'perhaps', dateTime: '2026-11-01' },
      scope: { coding: [{ system: systems.consentScope, code: 'patient-privacy' }] },
      category: [{ coding: [{ system: systems.actCode, code: 'IDSCL' }] }],
      ...{ patient: { reference: 'Patient/Kia' }, policyRule: { text: 'hipaa-auth' } },
    };
    const own = { tenant, connection: 'clinic', person: kia, type: 'Consent', sourceId: 'odd' };
    const row = { ...own, versionId: '1', lastUpdated: start, body: JSON.stringify(consent) };
    return db.tx((tx) => ehrResources.saveEhrResources(tx, [row]));
  };

  it.each<[string, string]>([
    ['withdrawConsent', 'Food insecurity of Kia Lor: nothing goes out.'],
    ['withdrawAgreement', 'Food insecurity of Kia Lor: nothing goes out.'],
    ['refuse', 'Food insecurity of Kia Lor: nothing goes out.'],
  ])('says what a stop has stopped, and never that something waits: %s', async (decision, says) => {
    await db.query("update referral set must_by = '2026-11-26'");
    await onPage('rea', { referral: food, ...wholly });
    await worker(food, { gate: 'send' });
    const back = `/review/${food}`;
    const sayer = { 'refuse.saidBy': 'person' };
    const stop = { referral: food, decision, reason: 'does not want it', back, ...sayer };
    const text = await pageAt(await onPage('rea', stop));
    expect(text).toContain(says);
    expect(text).not.toContain(before);
    expect(text).not.toContain('value="sendNow"');
    expect(text).toContain('being updated');
  });

  it('says from whom a stop takes something back', async () => {
    await onPage('rea', { referral: food, ...wholly });
    await claim(food, kia);
    await worker(food, { state: 'partner', gate: null });
    const text = await pageAt(await onPage('rea', { referral: food, decision: 'withdrawConsent' }));
    expect(text).toContain('Food insecurity of Kia Lor: we are taking it back from The pantry.');
  });

  it('tells somebody else who has its address neither name nor undo', async () => {
    const address = await onPage('rea', { referral: food, decision: 'approve' });
    const page = await ask.get(address).set(cookieOf('bo'));
    expect(page.text).toContain('Approved for one referral.');
    expect(page.text).not.toContain('/review/undo');
  });

  it.each(['refuse', 'withdrawAgreement', 'withdrawConsent'])(
    'offers no undo of a stop: %s',
    async (decision) => {
      const reason = 'does not want it';
      const fields = { referral: food, decision, reason, 'refuse.saidBy': 'person' };
      const page = await ask.get(await onPage('rea', fields)).set(cookieOf('rea'));
      expect(page.text).toContain('for Kia Lor.');
      expect(page.text).not.toContain('/review/undo');
    },
  );

  it('undoes it for one referral on the page of that referral, and the rest stays', async () => {
    const address = await onPage('rea', { referral: [food, ride], decision: 'approve' });
    const text = await pageAt(`/review/${food}`);
    expect(text).toContain(`name="referral" value="${food}"`);
    const page = { back: `/review/${food}`, request: requestIn(address), referral: food };
    const answer = await form('rea', '/review/undo', page);
    expect(answer.text).toContain('Undone for Kia Lor. Nothing was sent.');
    expect([(await rowOf(food)).approval, (await rowOf(ride)).approval]).toEqual([
      ...[null, 'approved'],
    ]);
    expect((await undo('rea', requestIn(address), [ride])).body.undone).toEqual([ride]);
    const stranger = await undo('rea', requestIn(address), [food, newId()]);
    expect([stranger.status, stranger.body.facts.field]).toEqual([404, 'referrals']);
    expect((await undo('rea', requestIn(address), [])).status).toBe(400);
  });

  it('shows who is left as it was, and that nothing was sent', async () => {
    const address = await onPage('rea', { referral: [food, ride], decision: 'approve' });
    await decide('bo', { referrals: [ride], decision: 'refuse', reason: 'has a car' });
    const back = { back: '/decide', request: requestIn(address) };
    for (let pressed = 0; pressed < 2; pressed += 1) {
      const page = await form('rea', '/review/undo', back);
      expect(page.status).toBe(200);
      expect(page.text).toContain('Undone for Kia Lor. Nothing was sent.');
      expect(page.text).toContain('Not undone for Sam Vang: there is a later decision.');
    }
    expect([(await rowOf(food)).approval, (await rowOf(ride)).approval]).toEqual([null, 'refused']);
  });

  it('says that it is a recall once the send was claimed', async () => {
    const address = await onPage('rea', { referral: food, decision: 'approve' });
    await claim(food, kia);
    const page = await form('rea', '/review/undo', {
      back: '/decide',
      request: requestIn(address),
    });
    expect(page.text).toContain('of Kia Lor had been sent already. We are taking it back.');
  });
});

/** Whatever comes after a decision, what its undo then answers, and the row that it leaves. */
type After = (made: { request: string; task: () => Promise<string> }) => Promise<unknown>;
const undone = { approval: null, approved_by: null, consent_recorded: null, agreement_on: null };
const recalled = { ...undone, undone_at: start };

const nothing = { undone: [], recalled: [], answered: [], refused: [] };

describe('an undo', () => {
  it.each<[string, After, object, Partial<ReferralRow>]>([
    ['nothing', async () => {}, { undone: [food] }, { ...undone, gate: 'review' }],
    ['the gates were looked at', () => worker(food, { gate: 'send' }), { undone: [food] }, undone],
    ['the send was claimed', ({ task }) => task(), { recalled: [food] }, recalled],
    [
      'the partner has it',
      async ({ task }) => {
        await task();
        await worker(food, { state: 'partner', gate: null });
      },
      { recalled: [food] },
      { ...recalled, state: 'partner' },
    ],
    [
      'the partner has said yes',
      async ({ task }) => {
        const id = await task();
        await db.query(`update task set status = 'accepted' where id = $1`, [id]);
        await worker(food, { state: 'partner', gate: null });
      },
      { recalled: [food], answered: [food] },
      { ...recalled, state: 'partner' },
    ],
    [
      'the same undo',
      ({ request }) => undo('rea', request),
      { undone: [food] },
      { ...undone, people_decided: 5 },
    ],
  ])('after this: %s', async (_what, event, answered, row) => {
    const { request } = (await decide('rea', inOneGo)).body;
    await event({ request, task: () => claim(food, kia) });
    const answer = await undo('rea', request);
    expect(answer.body).toEqual({ request, ...nothing, ...answered });
    expect(await rowOf(food)).toMatchObject(row);
  });

  it.each<[string, After, number, string]>([
    [
      'the partner said no',
      async ({ task }) => {
        const id = await task();
        await db.query(`update task set live = false, status = 'rejected' where id = $1`, [id]);
      },
      409,
      'answered',
    ],
    [
      'the partner has helped',
      async ({ task }) => {
        const id = await task();
        await db.query(`update task set status = 'completed' where id = $1`, [id]);
        await worker(food, { state: 'closed', gate: null });
      },
      409,
      'answered',
    ],
    [
      'the person was merged in the EHR',
      () => worker(food, { state: 'withdrawn', gate: null, ended_reason: 'person-merged' }),
      409,
      'ended',
    ],
    [
      'another reviewer decided',
      () => decide('bo', { referrals: [food], decision: 'withdrawAgreement' }),
      409,
      'decided-since',
    ],
    [
      'I decided anew',
      () => decide('rea', { referrals: [food], decision: 'refuse', reason: 'no' }),
      409,
      'decided-since',
    ],
  ])('changes nothing after this: %s', async (_what, event, status, rule) => {
    const { request } = (await decide('rea', inOneGo)).body;
    await event({ request, task: () => claim(food, kia) });
    const before = await rowOf(food);
    const answer = await undo('rea', request);
    expect([answer.status, answer.body.facts.rule]).toEqual([status, rule]);
    expect(await rowOf(food)).toEqual(before);
  });

  it.each(['refuse', 'withdrawAgreement', 'withdrawConsent'])(
    'never takes back a stop: %s',
    async (decision) => {
      const stop = { referrals: [food], decision, ...(decision === 'refuse' && { reason: 'no' }) };
      const { request } = (await decide('rea', stop)).body;
      const before = await rowOf(food);
      const answer = await undo('rea', request);
      expect([answer.status, answer.body.facts.rule]).toEqual([409, 'stop']);
      expect(await rowOf(food)).toEqual(before);
    },
  );

  it('is for the person who decided, and for nobody else', async () => {
    const { request } = (await decide('rea', inOneGo)).body;
    expect((await undo('bo', request)).status).toBe(403);
    const byToken = ask.post('/api/v1/reviews/undo').set(bearer()).send({ request });
    expect((await byToken).status).toBe(403);
    expect((await undo('rea', newId())).status).toBe(404);
    expect((await undo('rea', 'x')).status).toBe(400);
    expect((await rowOf(food)).approval).toBe('approved');
  });

  it('puts back what a policy and another reviewer had decided before', async () => {
    await worker(food, { approval: 'approved', approved_by: 'policy:unambiguous' });
    await decide('bo', { referrals: [food], ...agreedOn('2026-11-20') });
    const { request } = (await decide('rea', inOneGo)).body;
    await undo('rea', request);
    expect(await rowOf(food)).toMatchObject({
      ...{ approved_by: 'policy:unambiguous', agreement_on: '2026-11-20', consent_recorded: null },
    });
  });

  it('stands in the history, and in the list of decisions', async () => {
    const { request } = (await decide('rea', inOneGo)).body;
    await undo('rea', request);
    const { rows } = await db.query<{ outcome: string; facts: string }>(
      'select outcome, facts from history order by id desc limit 1',
    );
    expect(rows).toEqual([{ outcome: 'undone', facts: JSON.stringify({ request }) }]);
    const page = await ask.get(`/review/${food}`).set(cookieOf('rea'));
    expect(page.text).toContain('Decision undone');
  });
});

describe('an undo of a recall that the partner has answered', () => {
  it('says so, and that somebody has to call', async () => {
    const address = await onPage('rea', { referral: food, decision: 'approve' });
    const id = await claim(food, kia);
    await db.query(`update task set status = 'accepted' where id = $1`, [id]);
    const fields = { back: '/decide', request: requestIn(address) };
    const { text } = await form('rea', '/review/undo', fields);
    expect(text).toContain('A partner had said yes already for Kia Lor.');
    expect(text).toContain('Call the partner');
    expect(text).not.toContain('had been sent already');
  });
});

describe('a chosen finding', () => {
  const id = idOf('condition');
  const suggested = { coding: [{ system: 'http://snomed.info/sct', code: '733423003' }] };
  const other = conditionCodesOf('food-insecurity').find(({ code }) => code !== '733423003');
  const codeOf = async () => {
    const { rows } = await db.query<{ body: string }>(
      'select body from own_resource where id = $1',
      [id],
    );
    return JSON.parse(rows[0]?.body ?? '{}').code.coding[0].code as string;
  };
  const keep = (more: object = {}) =>
    db.tx((tx) => {
      const condition = { resourceType: 'Condition', id, code: suggested, ...more };
      const own = { tenant, connection: 'clinic', person: kia, trace: newId() };
      const body = JSON.stringify(condition);
      return ownResources.saveOwnResources(tx, [{ ...own, id, type: 'Condition', body }]);
    });
  const choose = { referral: food, decision: 'chooseCode', condition: id };
  beforeEach(async () => {
    await keep();
    await db.query('update referral set conditions = $1 where id = $2', [
      JSON.stringify([id]),
      food,
    ]);
  });

  it('is what was suggested again, with the evidence that came since', async () => {
    const back = `/review/${food}`;
    const address = await onPage('rea', { ...choose, back, code: other?.code });
    expect(await codeOf()).toBe(other?.code);
    expect((await ask.get(address).set(cookieOf('rea'))).text).toContain('action="/review/undo"');
    await keep({ code: { coding: [other] }, note: [{ text: 'since' }] });
    const { body } = await undo('rea', requestIn(address));
    expect(body.undone).toEqual([food]);
    expect(await codeOf()).toBe('733423003');
    expect((await rowOf(food)).codes_chosen).toBeNull();
    const { rows } = await db.query('select body from own_resource where id = $1', [id]);
    expect(JSON.stringify(rows)).toContain('since');
    const due = await db.query("select 1 from ledger where stage = 'code' and subject = $1", [kia]);
    expect(due.rows).toHaveLength(1);
  });

  it('stays where the need was approved since, because the chart has it by now', async () => {
    const address = await onPage('rea', { ...choose, back: `/review/${food}`, code: other?.code });
    await worker(food, { approval: 'approved', approved_by: 'policy:unambiguous' });
    const answer = await undo('rea', requestIn(address));
    expect([answer.status, answer.body.facts.rule]).toEqual([409, 'in-chart']);
    expect(await codeOf()).toBe(other?.code);
  });
});

describe('two people at once', () => {
  it('each undo their own decision, the later one first', async () => {
    const first = (await decide('rea', { referrals: [food], decision: 'approve' })).body.request;
    const second = (await decide('bo', { referrals: [food], ...agreedOn('2026-11-20') })).body;
    expect((await undo('rea', first)).body.facts.rule).toBe('decided-since');
    expect((await undo('rea', second.request)).status).toBe(403);
    expect((await undo('bo', second.request)).body.undone).toEqual([food]);
    // What came before is the latest again.
    expect((await undo('rea', first)).body.undone).toEqual([food]);
    expect(await rowOf(food)).toMatchObject({ approval: null, agreement_on: null });
  });

  it('undo the same decision and each other’s in the same moment, and nothing is left half', async () => {
    const first = (await decide('rea', { referrals: [food], decision: 'approve' })).body.request;
    const second = (await decide('bo', { referrals: [food], ...agreedOn('2026-11-20') })).body;
    const pairs = [
      ['rea', first],
      ['bo', second.request],
      ['rea', second.request],
      ['bo', first],
      ['bo', second.request],
    ] as const;
    const answers = await Promise.all(pairs.map(([who, request]) => undo(who, request)));
    expect(answers.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
    const { approval, agreement_on: agreed } = await rowOf(food);
    expect(agreed).toBeNull();
    const firstUndone = answers[0]?.status === 200;
    expect(approval).toBe(firstUndone ? null : 'approved');
  });

  it('one decides in one go, and the other one’s form comes back with all that was typed', async () => {
    const page = (await ask.get(`/review/${food}`).set(cookieOf('bo'))).text;
    const version = new RegExp(`name="version.${food}" value="([^"]+)"`).exec(page)?.[1] ?? '';
    await decide('rea', inOneGo);
    const typed = {
      ...{ referral: food, [`version.${food}`]: version, decision: 'recordConsent' },
      ...{ 'recordConsent.dateTime': '2026-11-22', 'recordConsent.scope': 'All of it' },
      ...{ 'recordConsent.askedBy': 'Bo B.', 'agree.askedBy': 'Bo again', back: `/review/${food}` },
    };
    const answer = await form('bo', '/review/decisions', typed);
    expect(answer.status).toBe(409);
    for (const text of ['2026-11-22', 'All of it', 'Bo B.', 'Bo again'])
      expect(answer.text).toContain(`value="${text}"`);
    expect((await rowOf(food)).consent_recorded).toContain('name and need');
  });

  it('both press their button in the same moment, and one of them is told', async () => {
    const version = (await ask.get(`/api/v1/reviews/${food}`).set(cookieOf('rea'))).body.version;
    const body = { ...inOneGo, versions: { [food]: version } };
    const answers = await Promise.all([decide('rea', body), decide('bo', body)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await rowOf(food)).people_decided).toBe(4);
  });

  it('one undoes while the other one refuses: the refusal stands', async () => {
    const { request } = (await decide('rea', inOneGo)).body;
    const refusal = { referrals: [food], decision: 'refuse', reason: 'no' };
    await Promise.all([undo('rea', request), decide('bo', refusal)]);
    expect((await rowOf(food)).approval).toBe('refused');
  });
});

describe('send now', () => {
  it('ends the wait by hand, and what it sends can still be taken back', async () => {
    const address = await onPage('rea', { referral: food, ...wholly });
    await worker(food, { gate: 'send' });
    await db.query(`update ledger set due = now() + interval '1 hour' where subject = $1`, [food]);
    const page = await ask.get(`/review/${food}`).set(cookieOf('rea'));
    expect(page.text).toContain('Nothing is sent before Nov 24, 3:10 pm.');
    expect(page.text).toContain('Goes out after');
    expect(page.text).not.toContain('sending is switched on');
    expect(page.text).toContain('value="sendNow"');
    await onPage('rea', { referral: food, decision: 'sendNow' });
    expect((await rowOf(food)).undo_until).toBeNull();
    await claim(food, kia);
    const answer = await undo('rea', requestIn(address));
    expect(answer.body).toMatchObject({ undone: [], recalled: [food] });
  });

  it('is offered beside the undo for a need with a date', async () => {
    const without = await onPage('rea', { referral: food, ...wholly });
    const page = await ask.get(without).set(cookieOf('rea'));
    expect(page.text).not.toContain('value="sendNow"');
    await db.query("update referral set must_by = '2026-11-26'");
    const address = await onPage('rea', { referral: ride, ...wholly });
    const { text } = await ask.get(address).set(cookieOf('rea'));
    expect(text).toContain('for Sam Vang.');
    expect(text).toContain('value="sendNow"');
    await onPage('rea', { referral: ride, decision: 'sendNow' });
    expect((await rowOf(ride)).undo_until).toBeNull();
  });

  it('is offered alike for somebody whose mark is an answer about safety', async () => {
    await db.query(
      `insert into screening (id, tenant, connection, person, instrument, authored, outcome,
              sources, issues, safety)
       select gen_random_uuid(), tenant, connection, person, 'ahc-hrsn', '2026-11-02T10:00:00Z',
              'needsPerson', '[]', '[]', true
         from referral where id = $1`,
      [food],
    );
    const address = await onPage('rea', { referral: food, ...wholly });
    const { text } = await ask.get(address).set(cookieOf('rea'));
    expect(text).toContain('value="sendNow"');
    await db.query('delete from screening');
  });

  it('is nothing where nothing waits, and for no token', async () => {
    const now = { referrals: [food], decision: 'sendNow' };
    expect((await decide('rea', now)).status).toBe(409);
    const byToken = ask.post('/api/v1/reviews/decisions').set(bearer()).send(now);
    expect((await byToken).status).toBe(403);
  });
});

describe('the button that records all at once', () => {
  const filled = {
    ...{ referral: food, decision: 'together', back: `/review/${food}` },
    ...{ 'approve.wanted': 'yes', 'agree.agreedOn': '2026-11-24', 'agree.askedBy': 'Ada' },
    ...{ 'recordConsent.dateTime': '2026-11-23', 'recordConsent.scope': 'name and need' },
    ...{ 'recordConsent.askedBy': 'Ada', 'chooseService.serviceCode': '713109004' },
  };

  it('records what is filled in, and names it', async () => {
    const page = await ask.get(await onPage('rea', filled)).set(cookieOf('rea'));
    expect(page.text).toContain('consent recorded, service chosen for Kia Lor.');
    expect(await rowOf(food)).toMatchObject({ approval: 'approved', people_decided: 4 });
  });

  it('records nothing else', async () => {
    const page = { referral: food, decision: 'together', back: '/decide' };
    await onPage('rea', { ...page, 'chooseService.serviceCode': '713109004' });
    expect(await rowOf(food)).toMatchObject({ approval: null, people_decided: 1 });
  });

  it.each<[string, Record<string, string>]>([
    ['nothing is filled in', { decision: 'together' }],
    ['half of a part is', { ...filled, 'agree.askedBy': '' }],
    ['a day is none', { ...filled, 'recordConsent.dateTime': '2026-02-30' }],
  ])('comes back with all that was typed where %s', async (_what, fields) => {
    const body = { referral: food, back: `/review/${food}`, ...fields };
    const answer = await form('rea', '/review/decisions', body);
    expect(answer.status).toBe(400);
    for (const text of Object.entries(fields).flatMap(([name, typed]) =>
      name.includes('.') && !/wanted|serviceCode|dateTime/.test(name) ? typed : [],
    ))
      expect(answer.text).toContain(`value="${text}"`);
    expect((await rowOf(food)).approval).toBeNull();
  });
});

describe('open again', () => {
  const again = (name: string, more: object = {}) =>
    decide(name, { referrals: [food], decision: 'openAgain', ...more });
  const refused = async (reason: string) => {
    await decide('bo', { referrals: [food], decision: 'refuse', reason });
    await worker(food, { state: 'withdrawn', gate: null, ended_reason: 'refused' });
  };

  it('brings back what staff refused, for review and past every policy', async () => {
    await refused('Help is already in place');
    const page = await ask.get(`/review/${food}`).set(cookieOf('rea'));
    expect(page.text).toContain('value="openAgain"');
    expect((await again('rea')).status).toBe(200);
    expect(await rowOf(food)).toMatchObject({
      ...{ state: 'waiting', gate: 'review', approval: null, ended_reason: null },
      undone_at: start,
    });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['the person does not want it', () => refused('The person does not want help with this')],
    [
      'the person took the agreement back',
      async () => {
        await decide('bo', { referrals: [food], decision: 'withdrawAgreement' });
        await worker(food, { state: 'withdrawn', gate: null, ended_reason: 'agreement-withdrawn' });
      },
    ],
  ])('needs the day on which the person brought it up where %s', async (_what, end) => {
    await end();
    const without = await again('rea');
    expect([without.status, without.body.facts.field]).toEqual([400, 'broughtUpOn']);
    expect((await again('rea', { broughtUpOn: '2026-11-25' })).status).toBe(400);
    expect((await again('rea', { broughtUpOn: '2026-11-24' })).status).toBe(200);
    expect(await rowOf(food)).toMatchObject({
      ...{ state: 'waiting', agreement_on: null, agreement_withdrawn_at: null },
    });
  });

  it('lets partners be asked once more that had their turn, where somebody says so', async () => {
    await claim(food, kia);
    await db.query(`update task set live = false, status = 'rejected'`);
    await refused('No need in clinical judgment');
    const page = await ask.get(`/review/${food}`).set(cookieOf('rea'));
    expect(page.text).toContain('name="openAgain.askAgain"');
    await onPage('rea', { referral: food, decision: 'openAgain', 'openAgain.askAgain': 'true' });
    expect(await rowOf(food)).toMatchObject({ state: 'waiting', asked_after: 1, turns_from: 1 });
  });

  it.each<[string, ReferralPatch]>([
    ['waits', {}],
    ['is at a partner', { state: 'partner' }],
    ['has ended with help', { state: 'closed', gate: null }],
    ['ended with the person', { state: 'withdrawn', ended_reason: 'person-died' }],
  ])('does nothing to what %s', async (_what, patch) => {
    await worker(food, patch);
    const before = await rowOf(food);
    expect((await again('rea')).status).toBe(409);
    expect(await rowOf(food)).toEqual(before);
  });

  it('is for signed-in people', async () => {
    await refused('No need in clinical judgment');
    const body = { referrals: [food], decision: 'openAgain' };
    const byToken = ask.post('/api/v1/reviews/decisions').set(bearer()).send(body);
    expect((await byToken).status).toBe(403);
  });
});
