import { systems } from '@loopwell/fhir';
import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, deriveId, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { consentQuestion, consentStanding, consentsOnFile } from '@loopwell/sdoh';
import {
  access,
  contact,
  type Database,
  directory,
  disclosures,
  ehrResources,
  migrate,
  openDatabase,
  people,
  referrals,
  taskDeliveries,
  tasks,
} from '@loopwell/store';
import { newTask, supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReviewRoutes } from './review.route.ts';
import type { ReviewDeps } from './reviewer.ts';

const tenant = 'o';
const clock: Clock = { now: () => new Date('2026-11-24T15:00:00Z') };
const idOf = (name: string) => deriveId('consent-scope', name);
const category = 'food-insecurity';

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let deps: ReviewDeps;
let cookie: Record<string, string> = {};

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
  deps = { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 };
  addReviewRoutes(app, deps);
  finish(app, silentLog);
  ask = supertest(app.express);
  const reviewer = { principal: 'person:rea', roles: ['reviewer'] as const, routes: [] };
  const session = await db.tx((tx) =>
    access.grantAccess(tx, { tenant, kind: 'session', ...reviewer }),
  );
  cookie = { cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' };
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});
beforeEach(async () => {
  deps.spokenConsent = undefined;
  await db.query(
    'truncate ledger, history, referral, decision, evidence, own_resource, ehr_resource, task, task_delivery, task_version, partner, connection, patient_link, person, partner_read, keep_out, person_no, consent_withdrawal cascade',
  );
  const partner = (id: string, categories: string[]) => {
    const own = { id, name: `The ${id}`, address: `https://${id}.example`, categories };
    const body = JSON.stringify({ ...own, references: [`Organization/${id}`] });
    return { id, tenant, position: 0, name: own.name, address: own.address, body };
  };
  const partners = [
    partner('pantry', [category]),
    partner('hillside', [category]),
    partner('rides', ['transportation-insecurity']),
  ];
  await db.tx((tx) => directory.saveDirectory(tx, tenant, partners));
});

type Seed = {
  connection?: string;
  patient?: string;
  birthDate?: string;
  restriction?: string;
  need?: string;
  name?: string;
};

/** Consents that were signed in the EHR. */
const inChart = (name: string, patient: string, dateTime: string, more: object = {}) =>
  db.tx((tx) => {
    const consent = {
      ...{ resourceType: 'Consent', id: name, status: 'active', dateTime },
      scope: { coding: [{ system: systems.consentScope, code: 'patient-privacy' }] },
      category: [{ coding: [{ system: systems.actCode, code: 'IDSCL' }] }],
      ...{ patient: { reference: `Patient/${patient}` }, policyRule: { text: 'hipaa-auth' } },
      ...more,
    };
    const own = {
      tenant,
      connection: 'clinic',
      person: idOf(`clinic ${patient}`),
      type: 'Consent',
    };
    const version = { sourceId: name, versionId: '1', lastUpdated: null };
    const body = JSON.stringify(consent);
    return ehrResources.saveEhrResources(tx, [{ ...own, ...version, body }]);
  });

/** A referral about food, of a person who is an adult unless it says otherwise. */
async function seed(name: string, more: Seed = {}): Promise<string> {
  const { connection = 'clinic', patient = 'ada', birthDate, restriction } = more;
  const names = more.name && [{ text: more.name }];
  const person = idOf(`${connection} ${patient}`);
  const common = { tenant, connection, person };
  const body = JSON.stringify({ resourceType: 'Patient', id: patient, birthDate, name: names });
  const row = { type: 'Patient', sourceId: patient, versionId: '1', lastUpdated: null, body };
  const about = { id: idOf(name), category: more.need ?? category };
  const need = { ...common, ...about, episode: 1, unambiguous: true };
  const basis = { sensitive: false, conditions: '[]', since: '2026-11-02', trace: newId() };
  await db.tx(async (tx) => {
    await ehrResources.saveEhrResources(tx, [{ ...common, ...row }]);
    await referrals.saveNeeds(tx, [
      { ...need, ...basis, restriction: restriction as 'named-consent' | undefined },
    ]);
    await referrals.patchReferrals(tx, [{ id: idOf(name), patch: { gate: 'consent' } }]);
  });
  return idOf(name);
}

const post = (body: object) =>
  ask
    .post('/api/v1/reviews/decisions')
    .set(cookie)
    .send({ decision: 'recordConsent', ...body });
const whole = {
  ...{ dateTime: '2026-11-20', until: '2027-11-20', askedBy: 'Bo', signer: 'Kia' },
  ...{ authority: 'self', method: 'paper', document: 'binder at the front desk' },
  ...{ kind: category, except: ['hillside'], elements: ['name', 'contact'] },
};
const record = (id: string, more: object = {}) => post({ referrals: [id], ...whole, ...more });
const consentIn = async (id: string) =>
  (await ask.get(`/api/v1/reviews/${id}`).set(cookie)).body.consent;
/** Asks as the gate does whether what is recorded lets a partner know. */
function gateFor(partner: string, recorded: string): boolean {
  const person = idOf('clinic ada');
  const onFile = consentsOnFile({
    ...{ person, patient: undefined, base: '', consents: [], recorded, quarantined: [] },
  });
  const question = consentQuestion(onFile, {
    ...{ person, patient: 'ada', base: '', now: new Date('2026-11-24T15:00:00Z') },
    ...{ longestDays: 365, sitePolicy: undefined },
    recipient: { id: partner, references: [`Organization/${partner}`], categories: [category] },
  });
  return consentStanding(onFile.consents, question).state === 'permits';
}
const problemsOf = (body: { problems?: { path: string; rule: string }[] }) =>
  (body.problems ?? []).map(({ path, rule }) => `${path} ${rule}`);
const named = { kind: undefined, places: ['pantry'] };

describe('a consent that is recorded whole', () => {
  it('is kept as it was signed, and is what the page of the need says', async () => {
    const id = await seed('one');
    expect((await record(id)).body).toMatchObject({ decided: 1, skipped: [] });
    expect(await consentIn(id)).toMatchObject({
      ...{ state: 'permits', signed: '2026-11-20', scope: null, recipient: null },
      // A consent counts for 365 days at most.
      until: '2027-11-20T00:00:00.000Z',
      whole: {
        ...{ signer: 'Kia', authority: 'self', method: 'paper', kind: category },
        ...{ document: 'binder at the front desk', except: ['hillside'] },
        elements: ['name', 'contact'],
      },
    });
  });

  it.each<[string, object, string[], Seed?]>([
    ['signed in the future', { dateTime: '2026-11-26' }, ['/body/dateTime future']],
    ['that ends before its signature', { until: '2026-11-19' }, ['/body/until before-signature']],
    ['that has ended', { dateTime: '2026-11-01', until: '2026-11-19' }, ['/body/until ended']],
    ['of an unknown place', { ...named, places: ['nowhere'] }, ['/body/places unknown-place']],
    ['of a place for another need', { ...named, places: ['rides'] }, ['/body/places other-need']],
    ['without an unknown place', { except: ['nowhere'] }, ['/body/except unknown-place']],
    ['of a kind nobody has', { kind: 'veteran-status' }, ['/body/kind no-such-place']],
    [
      'of a kind for another need',
      { kind: 'transportation-insecurity' },
      ['/body/kind other-need'],
    ],
    [
      'of a parent for an adult',
      { authority: 'parent' },
      ['/body/authority parent-of-adult'],
      { birthDate: '1980-01-01' },
    ],
    [
      'of a parent for somebody of unknown age',
      { authority: 'parent' },
      ['/body/authority age-unknown'],
    ],
    ['that was spoken', { method: 'spoken' }, ['/body/method no-policy']],
    ['without the place of the form', { document: undefined }, ['/body/document required']],
    ['without a name', { elements: ['contact'] }, ['/body/elements name']],
    [
      'with neither words nor parts',
      {
        ...{ signer: undefined, authority: undefined, method: undefined, document: undefined },
        ...{ kind: undefined, except: undefined, elements: undefined },
      },
      ['/body/scope required'],
    ],
  ])('is not recorded: one %s', async (_what, more, expected, about = {}) => {
    const id = await seed('one', about);
    const answer = await record(id, more);
    expect([answer.status, problemsOf(answer.body)]).toEqual([400, expected]);
    expect((await consentIn(id)).state).toBe('none');
  });

  it.each<[string, object, number]>([
    ['a signer of 121 letters', { signer: 'a'.repeat(121) }, 400],
    ['a note of 1 MB', { document: 'a'.repeat(1_000_000) }, 400],
    ['an element that there is not', { elements: ['name', 'diagnosis'] }, 400],
    ['a household of none', { elements: ['name', 'household'], householdSize: 0 }, 400],
    ['a recipient beside a kind', { recipient: 'pantry' }, 400],
  ])('is not recorded with %s', async (_what, more, status) => {
    const id = await seed('one');
    expect((await record(id, more)).status).toBe(status);
    expect((await consentIn(id)).state).toBe('none');
  });

  it('keeps markup as words', async () => {
    const id = await seed('one');
    await record(id, { signer: '<b onclick="x()">Kia</b>' }).expect(200);
    const page = (await ask.get(`/review/${id}`).set(cookie)).text;
    expect(page).not.toContain('<b onclick');
    expect(page).toContain('&lt;b onclick');
  });

  it('counts for a child whose parent signed', async () => {
    const id = await seed('one', { birthDate: '2020-01-01' });
    await record(id, { authority: 'parent' }).expect(200);
    expect((await consentIn(id)).whole.authority).toBe('parent');
  });

  it('may be spoken where the site has a written policy, and names its author', async () => {
    deps.spokenConsent = { policy: 'Phone consent, 2026', author: 'Rea Hall' };
    const id = await seed('one');
    await record(id, { method: 'spoken', document: undefined }).expect(200);
    expect((await consentIn(id)).whole).toMatchObject({
      method: 'spoken',
      spokenPolicyBy: 'Rea Hall',
    });
  });
});

describe('the form of a consent', () => {
  const form = (id: string, more: Record<string, string | string[]> = {}) => {
    const filled: Record<string, string | string[]> = {
      ...{ 'recordConsent.dateTime': '2026-11-20', 'recordConsent.askedBy': 'Bo' },
      ...{ 'recordConsent.signer': 'Kia', 'recordConsent.authority': 'self' },
      ...{ 'recordConsent.method': 'paper', 'recordConsent.document': 'binder 4' },
      ...{ 'recordConsent.kind': category, 'recordConsent.except': 'hillside' },
      ...{ 'recordConsent.elements': ['name', 'contact'], 'recordConsent.recipient': 'any' },
      ...more,
    };
    return ask
      .post('/review/decisions')
      .set(cookie)
      .type('form')
      .send({ back: `/review/${id}`, referral: id, decision: 'recordConsent', ...filled });
  };

  it('records it whole, and the page says it in a sentence', async () => {
    const id = await seed('one');
    await form(id).expect(303);
    const page = (await ask.get(`/review/${id}`).set(cookie)).text;
    expect(page).toContain('Signed by Kia, paper, Nov 20, 2026, good to Nov 20, 2027.');
    expect(page).toContain('Any food shelf, not The hillside. Name, phone, need.');
  });

  it('shows the error at its field, with everything that was typed', async () => {
    const id = await seed('one');
    const { status, text } = await form(id, { 'recordConsent.document': '' });
    expect(status).toBe(400);
    expect(text).toContain('id="whole-document-error"');
    expect(text).toContain('value="Kia"');
    expect(text).toMatch(/value="contact"[^>]*checked|checked[^>]*value="contact"/);
  });

  it('asks why a consent is taken back, and offers everything for this person', async () => {
    const id = await seed('one');
    await form(id).expect(303);
    const page = (await ask.get(`/review/${id}`).set(cookie)).text;
    expect(page).toContain('name="withdrawConsent.reason"');
    expect(page).toContain('name="withdrawConsent.everything"');
    const back = { back: `/review/${id}`, referral: id, decision: 'withdrawConsent' };
    const ticked = { 'withdrawConsent.everything': 'true', 'withdrawConsent.reason': 'unsafe' };
    const sending = ask.post('/review/decisions').set(cookie).type('form');
    await sending.send({ ...back, ...ticked }).expect(303);
    expect((await consentIn(id)).state).toBe('withdrawn');
  });
});

describe('a spoken yes', () => {
  it('is the agreement, and opens no consent gate', async () => {
    const id = await seed('one');
    const agreed = { referrals: [id], decision: 'agree', agreedOn: '2026-11-20', askedBy: 'Bo' };
    await post(agreed).expect(200);
    expect((await consentIn(id)).state).toBe('none');
  });
});

describe('a need that rests on 42 CFR Part 2 data', () => {
  const approve = (id: string, recipient: string) =>
    post({ referrals: [id], decision: 'approve', recipient });
  const partTwo = { ...named, except: undefined, partTwo: true };

  it('is approved only for the partner that a consent of its own names', async () => {
    const id = await seed('one', { restriction: 'named-consent' });
    await approve(id, 'pantry').expect(403);
    await record(id, { ...partTwo, partTwo: undefined }).expect(200);
    await approve(id, 'pantry').expect(403);
    expect((await consentIn(id)).state).toBe('unclear');
    await record(id, partTwo).expect(200);
    await approve(id, 'hillside').expect(403);
    await approve(id, 'pantry').expect(200);
    expect((await consentIn(id)).state).toBe('permits');
  });

  it('has no consent of a kind of place, and none that was spoken', async () => {
    deps.spokenConsent = { policy: 'p', author: 'a' };
    const id = await seed('one', { restriction: 'named-consent' });
    expect(problemsOf((await record(id, { partTwo: true })).body)).toEqual([
      '/body/places part-2-names-partner',
    ]);
    expect(problemsOf((await record(id, { ...partTwo, method: 'spoken' })).body)).toEqual([
      '/body/method part-2-in-writing',
    ]);
  });
});

describe('taking everything back', () => {
  /** Two Patients of one human being, in two EHRs, each with a referral at the pantry. */
  async function twoRecords(): Promise<[string, string]> {
    const first = await seed('first');
    const second = await seed('second', { connection: 'hospital', patient: 'a2' });
    const linked = [
      { connection: 'clinic', patientId: 'ada', patient: idOf('clinic ada'), unusable: null },
      { connection: 'hospital', patientId: 'a2', patient: idOf('hospital a2'), unusable: null },
    ];
    await db.tx(async (tx) => {
      await people.savePatients(tx, linked);
      await tx.query('update patient_link set person = $1 where tenant = $2', [
        idOf('clinic ada'),
        tenant,
      ]);
    });
    return [first, second];
  }

  const withdraw = (id: string, more: object = {}) =>
    post({ referrals: [id], decision: 'withdrawConsent', reason: 'Changed her mind', ...more });

  it('reaches all referrals of the human being, over Patients and EHRs', async () => {
    const [first, second] = await twoRecords();
    const other = await seed('other', { patient: 'bo' });
    for (const id of [first, second, other]) await record(id).expect(200);
    expect((await withdraw(first, { everything: true })).body).toMatchObject({
      decided: 2,
      skipped: [],
    });
    const states = [first, second, other].map(async (id) => (await consentIn(id)).state);
    expect(await Promise.all(states)).toEqual(['withdrawn', 'withdrawn', 'permits']);
  });

  it('reaches one referral where the person says no more', async () => {
    const [first, second] = await twoRecords();
    for (const id of [first, second]) await record(id).expect(200);
    expect((await withdraw(first)).body).toMatchObject({ decided: 1, skipped: [] });
    expect((await consentIn(second)).state).toBe('permits');
  });

  it('says what could not be recalled: who has read what, and who was told by hand', async () => {
    const [first, second] = await twoRecords();
    const attempt = { tenant, attempt: 1, address: 'https://pantry.example', status: 'accepted' };
    const sent = async (referral: string, person: string, channel: string) => {
      const task = idOf(`${referral} task`);
      const at = { ...attempt, channel, partner: channel === 'hub' ? 'pantry' : 'hillside' };
      const row = newTask({ ...at, id: task, referral, person, receipt_key: task });
      await db.tx(async (tx) => {
        await tasks.addTasks(tx, [row]);
        const delivered = { task, state: 'delivered', remote_id: task } as const;
        await taskDeliveries.settleTaskDeliveries(tx, [delivered]);
      });
      return task;
    };
    const task = await sent(first, idOf('clinic ada'), 'hub');
    await sent(second, idOf('hospital a2'), 'manual');
    const read = { partner: 'pantry', task, referral: first, person: idOf('clinic ada') };
    await db.tx((tx) =>
      disclosures.logPartnerReads(tx, [
        { ...read, type: 'Patient', resource: 'x' },
        { ...read, type: 'Task', resource: 'y' },
      ]),
    );
    const { body } = await withdraw(first, { everything: true });
    expect(body.decided).toBe(2);
    expect(body.stays).toHaveLength(2);
    expect(body.stays).toContainEqual({
      ...{ referral: first, partner: 'pantry', name: 'The pantry', isSent: false },
      ...{ reads: 1, types: ['Patient'], lastRead: expect.any(String) },
    });
    expect(body.stays).toContainEqual({
      ...{ referral: second, partner: 'hillside', name: 'The hillside', isSent: true },
      ...{ reads: 0, types: [], lastRead: null },
    });
  });

  it('also shuts a need that comes later, until the person signs again', async () => {
    const [first] = await twoRecords();
    await inChart('early', 'ada', '2026-11-20T10:00:00Z');
    await withdraw(first, { everything: true });
    const later = await seed('later', { need: 'transportation-insecurity' });
    expect(await consentIn(later)).toMatchObject({
      state: 'withdrawn',
      everythingTakenBackAt: '2026-11-24T15:00:00.000Z',
    });
    const page = (await ask.get(`/review/${later}`).set(cookie)).text;
    expect(page).toContain('took back every consent to share on Nov 24, 3:00 pm, for all needs');
    const other = { kind: 'transportation-insecurity', except: [] };
    expect(problemsOf((await record(later, other)).body)).toEqual([
      '/body/dateTime taken-back-since',
    ]);
    // The same day is the later word of that day.
    await record(later, { ...other, dateTime: '2026-11-24' }).expect(200);
    expect(await consentIn(later)).toMatchObject({
      state: 'permits',
      signed: '2026-11-24T15:00:00.000Z',
    });
    expect((await consentIn(first)).state).toBe('withdrawn');
  });

  it('leaves a need alone that is somebody else’s, and one that is taken back alone', async () => {
    const [first] = await twoRecords();
    await withdraw(first);
    await inChart('early', 'ada', '2026-11-20T10:00:00Z');
    const later = await seed('later', { need: 'transportation-insecurity' });
    expect((await consentIn(later)).state).toBe('permits');
  });
});

describe('what the person keeps out', () => {
  it('goes on to be out under a later consent in words alone, until a form names it', async () => {
    const id = await seed('one');
    await record(id).expect(200);
    const inWords = { referrals: [id], dateTime: '2026-11-22', scope: 'Food', askedBy: 'Bo' };
    await post(inWords).expect(200);
    expect(await consentIn(id)).toMatchObject({ state: 'permits', keptOut: ['hillside'] });
    const text = async () =>
      (await db.tx((tx) => referrals.loadReferrals(tx, [id]))).get(id)?.consent_recorded ?? '';
    expect(gateFor('hillside', await text())).toBe(false);
    expect(gateFor('pantry', await text())).toBe(true);
    await post({ ...inWords, dateTime: '2026-11-23', recipient: 'hillside' }).expect(200);
    expect(gateFor('hillside', await text())).toBe(true);
  });

  it('stands in the sentence with what the form leaves out, as soon as it is said', async () => {
    const id = await seed('one');
    await record(id, { except: [] }).expect(200);
    const person = idOf('clinic ada');
    await db.tx(async (tx) => {
      const link = { connection: 'clinic', patientId: 'ada', patient: person, unusable: null };
      await people.savePatients(tx, [link]);
      const out = { person, words: ['The hillside'], askedBy: 'person:rea' };
      await people.addKeepOuts(tx, out, [{ id: 'hillside', name: 'The hillside' }]);
    });
    expect((await consentIn(id)).keptOut).toEqual(['hillside']);
    const page = (await ask.get(`/review/${id}`).set(cookie)).text;
    expect(page).toContain('Any food shelf, not The hillside. Name, phone, need.');
    const said = { said_on: '2026-11-24', said_by: 'person', said_to: 'rea' } as const;
    const about = { person, kind: 'not-this-place', category, partner: 'pantry' } as const;
    const more = { until: null, note: null, referral: null, recorded_by: 'person:rea' };
    await db.tx((tx) => contact.addNos(tx, [{ tenant, id: newId(), ...said, ...about, ...more }]));
    expect((await consentIn(id)).keptOut).toEqual(expect.arrayContaining(['pantry', 'hillside']));
  });
});

describe('a signed no in the chart', () => {
  const no = { provision: { type: 'deny' } };
  const signedNo = () => inChart('no', 'ada', '2026-11-20', no);

  it.each<[string, object]>([
    ['whole', whole],
    ['in words', { dateTime: '2026-11-23', askedBy: 'Ada', scope: 'name and need' }],
  ])('refuses a consent that would open nothing, for nobody else either: %s', async (_how, how) => {
    const ids = [await seed('two', { patient: 'bo', name: 'Bo' }), await seed('one')];
    await signedNo();
    const answer = await post({ referrals: ids, ...how });
    expect([answer.status, answer.body.facts]).toEqual([
      409,
      { referral: ids[1], rule: 'signed-no', signed: '2026-11-20' },
    ]);
    expect((await consentIn(ids[0] ?? '')).state).toBe('none');
    expect((await consentIn(ids[1] ?? '')).state).toBe('signed-no');
  });

  it('refuses it in a form, with a sentence and the name', async () => {
    const id = await seed('one', { name: 'Kia Lor' });
    const other = await seed('two', { patient: 'bo', name: 'Bo' });
    await signedNo();
    const words = { 'recordConsent.dateTime': '2026-11-23', 'recordConsent.scope': 'all' };
    const form = { ...words, 'recordConsent.askedBy': 'Bo', decision: 'recordConsent' };
    const sending = ask.post('/review/decisions').set(cookie).type('form');
    const { status, text } = await sending.send({
      back: '/signature',
      referral: [id, other],
      ...form,
    });
    expect(status).toBe(409);
    expect(text).toContain('The person signed a no: this consent would open nothing.');
    expect(text).toContain('Food insecurity of Kia Lor');
    expect(text).not.toContain('has changed');
  });

  it('is in the row of the list, and keeps the person out of bulk', async () => {
    await seed('one', { name: 'Kia Lor' });
    await seed('two', { patient: 'bo', name: 'Bo Vang' });
    await signedNo();
    const { text } = await ask.get('/signature').set(cookie);
    expect(text).toContain('signed a no on Nov 20');
    expect(text).not.toContain(`name="person" value="${idOf('clinic ada')}"`);
    expect(text).toContain(`value="${idOf('clinic bo')}"`);
    const chosen = { list: 'signature', action: 'recordConsent', back: '/signature' };
    const people = { person: [idOf('clinic ada'), idOf('clinic bo')] };
    const choose = ask.post('/decide/choose').set(cookie).type('form');
    const page = (await choose.send({ ...chosen, ...people })).text;
    expect(page).toContain(`data-person="${idOf('clinic bo')}"`);
    expect(page).not.toContain(`data-person="${idOf('clinic ada')}"`);
  });

  it('to one place leaves the others', async () => {
    const id = await seed('one');
    const actor = [{ role: { text: 'r' }, reference: { reference: 'Organization/pantry' } }];
    await inChart('no', 'ada', '2026-11-20', { provision: { type: 'deny', actor } });
    expect((await record(id, { ...named, except: [] })).status).toBe(409);
    await record(id, { except: [] }).expect(200);
    expect((await consentIn(id)).state).toBe('permits');
  });
});

describe('a consent that leaves out every place that helps', () => {
  const all = { except: ['pantry', 'hillside'] };

  it.each<[string, object]>([
    ['a kind without its places', all],
    ['a place that has stopped helping', { kind: undefined, except: [], places: ['pantry'] }],
  ])('is no signed no, and can be signed anew: %s', async (_what, scope) => {
    const id = await seed('one');
    await record(id, scope).expect(200);
    await db.query(
      "update partner set body = replace(body, $1, 'homelessness') where tenant = 'o' and id = 'pantry'",
      [category],
    );
    expect((await consentIn(id)).state).toBe('permits-others');
    const page = (await ask.get(`/review/${id}`).set(cookie)).text;
    expect(page).toContain('This consent permits no partner that helps with this need now');
    expect(page).toContain('Signed by Kia, paper, Nov 20, 2026');
    expect(page).not.toContain('signed a no');
    expect(page).toContain('value="recordConsent"');
    await record(id, { except: ['pantry'], dateTime: '2026-11-21' }).expect(200);
    expect((await consentIn(id)).state).toBe('permits');
  });

  it.each([true, false])(
    'has a form to sign again after it was taken back, of everything: %s',
    async (everything) => {
      const id = await seed('one');
      await record(id, all).expect(200);
      const back = { decision: 'withdrawConsent', reason: 'x', everything };
      await post({ referrals: [id], ...back }).expect(200);
      expect((await consentIn(id)).state).toBe('withdrawn');
      expect((await ask.get(`/review/${id}`).set(cookie)).text).toContain('value="recordConsent"');
    },
  );

  it('says so where the person keeps all of them out', async () => {
    const id = await seed('one');
    await record(id, { except: [] }).expect(200);
    const person = idOf('clinic ada');
    await db.tx(async (tx) => {
      const link = { connection: 'clinic', patientId: 'ada', patient: person, unusable: null };
      await people.savePatients(tx, [link]);
      const places = ['pantry', 'hillside'].map((place) => ({ id: place, name: `The ${place}` }));
      const out = { person, words: places.map(({ name }) => name), askedBy: 'person:rea' };
      await people.addKeepOuts(tx, out, places);
    });
    expect(await consentIn(id)).toMatchObject({ state: 'permits', nobodyLeft: true });
  });
});

describe('a consent for several people at once', () => {
  const both = async () => [
    await seed('one', { name: 'Kia Lor' }),
    await seed('two', { patient: 'bo', name: 'Bo Vang', need: 'transportation-insecurity' }),
  ];
  const own = { signer: undefined, kind: 'each-need', except: [] };

  it('is each one’s own: their name, and the places for their need', async () => {
    const ids = await both();
    await post({ referrals: ids, ...whole, ...own }).expect(200);
    const seen = await Promise.all(ids.map((id) => consentIn(id)));
    expect(seen.map(({ whole: { signer, kind } }) => [signer, kind])).toEqual([
      ['Kia Lor', category],
      ['Bo Vang', 'transportation-insecurity'],
    ]);
  });

  it('needs a name in the chart or a signer, and a place for each need', async () => {
    const ids = [...(await both()), await seed('three', { patient: 'cy' })];
    const answer = await post({ referrals: ids, ...whole, ...own });
    expect([answer.status, problemsOf(answer.body)]).toEqual([400, ['/body/signer required']]);
    const far = await seed('four', { patient: 'di', name: 'Di', need: 'veteran-status' });
    const nowhere = await post({ referrals: [far], ...whole, ...own });
    expect(problemsOf(nowhere.body)).toEqual(['/body/kind no-such-place']);
  });
});

describe('the fields from before there was a scope', () => {
  const agreed = { agreedOn: '2026-11-24', askedBy: 'Ada' };
  const signed = { dateTime: '2026-11-23', askedBy: 'Ada', scope: 'name and need' };
  it.each<[string, object]>([
    ['approve', {}],
    ['approve', { recipient: 'pantry', reason: 'asked for it' }],
    ['refuse', { reason: 'no need' }],
    ['postpone', { until: '2026-11-25' }],
    ['agree', agreed],
    ['withdrawAgreement', {}],
    ['recordConsent', signed],
    ['recordConsent', { ...signed, until: '2027-01-01', recipient: 'pantry' }],
    ['recordConsent', { ...signed, recipient: 'any' }],
    ['withdrawConsent', { reason: 'changed her mind' }],
    ['chooseService', { serviceCode: '713109004' }],
  ])('are valid as they were: %s %o', async (decision, more) => {
    const id = await seed('one');
    const answer = await post({ referrals: [id], decision, ...more });
    expect([answer.status, answer.body.decided]).toEqual([200, 1]);
  });
});
