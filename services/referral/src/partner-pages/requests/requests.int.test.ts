import type { AddressInfo } from 'node:net';
import type { fhir4 } from '@loopwell/fhir';
import { createApp, finish } from '@loopwell/http';
import { deriveId, newId, silentLog } from '@loopwell/kit';
import type { ConsentScope, ReachChoice, RecordedConsent } from '@loopwell/sdoh';
import {
  type Database,
  directory,
  ehrResources,
  migrate,
  openDatabase,
  ownResources,
  partnerDoor,
  partnerProfiles,
  people,
  referrals,
  saveConnection,
  secretsWith,
  taskDeliveries,
  tasks,
  tickets,
} from '@loopwell/store';
import {
  accessibilityProblems,
  chromiumPath,
  fitsItsWindow,
  newTask,
  openBrowser,
  smallTargets,
  supertest,
  testDatabase,
} from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { partnerRowsOf } from '../../directory/partner-rows.ts';
import { judgeGrants } from '../../grants/judge-grants.ts';
import { gateRules } from '../../refer/gate-rules.ts';
import { gather } from '../../refer/load-facts.ts';
import type { ReferralSettings } from '../../settings.ts';
import { addPartnerPages } from '../partner-pages.ts';
import { readLanguages } from '../texts/languages.ts';
import { addRequestRoutes } from './requests.route.ts';

/** The pages behind the code, as a browser without scripts uses them. DECISIONS D199. */
const tenant = 'o';
const connection = 'clinic';
const secrets = secretsWith('ab'.repeat(32));
const minute = 60_000;
const settings = {
  ...{ tenant, siteName: 'Lakes Clinic', sitePhone: '612-555-0100', send: true, minorAge: 18 },
  ...{ publicBase: 'https://loopwell.example/fhir', readAfterEndMs: 30 * 86_400_000 },
  ...{ contactFromChart: true, longestConsentDays: 365, timeZone: 'America/Chicago' },
} as ReferralSettings;
const clock = { now: () => new Date(), timeZone: 'America/Chicago' };
const idOf = (name: string) => deriveId('partner-requests', name);
const yesterday = new Date(Date.now() - 86_400_000).toISOString();

let db: Database;
let close: () => Promise<unknown>;
let app: ReturnType<typeof createApp>;
let ask: ReturnType<typeof supertest>;

const partners = ['pantry', 'lawyers', 'hillside', 'alone'];

beforeAll(async () => {
  const scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant, max: 6 });
  close = () => db.close().then(scratch.close);
  const listed = partners.map((id) => ({
    ...{ id, references: [`Organization/${id}`], name: `The ${id}` },
    ...{ address: `manual:${id}`, kind: 'manual', categories: ['utility-insecurity'] },
    organization: { resourceType: 'Organization', id, name: id } as fhir4.Organization,
  }));
  await db.tx(async (tx) => {
    await directory.saveDirectory(tx, tenant, partnerRowsOf(listed, tenant));
    const legal = { partner: 'lawyers', changes: { kind: 'legal' }, by: 'person:mai' } as const;
    await partnerProfiles.editProfile(tx, { ...legal, now: new Date() });
    const clinic = { id: connection, tenant, base: 'https://ehr.example/fhir' };
    await saveConnection(tx, { ...clinic, quirks: 'plain-r4' });
  });
  app = createApp({ log: silentLog, findAccess: async () => undefined, readiness: {}, clock });
  const door = addPartnerPages(app, {
    ...{ db, secrets, clock, isHttps: false },
    clinic: () => ({ name: 'Lakes Clinic', phone: '612-555-0100' }),
    needsSecondCode: async () => false,
    sendCode: async () => true,
  });
  const undoForMs = () => 10 * minute;
  // Nobody has checked Somali in this test, whoever does so later.
  const languages = new Map(readLanguages());
  const somali = languages.get('so');
  if (somali) languages.set('so', { ...somali, review: null });
  addRequestRoutes({ door, settings, undoForMs, languages, nudge: async () => undefined });
  finish(app, silentLog);
  ask = supertest(app.express);
});
afterAll(() => close());

const patient: fhir4.Patient = {
  resourceType: 'Patient',
  name: [{ family: 'Warsame', given: ['Hodan'] }],
  address: [{ use: 'home', line: ['7 Elm St'], city: 'Saint Paul', postalCode: '55101' }],
  communication: [{ language: { text: 'Somali' } }],
};

/** Whatever would tell who the person is. */
const telling = /Hodan|Warsame|5550142|555-0142|Elm|Saint Paul|55101|Somali|mornings/;

const elements: ConsentScope['elements'] = [
  ...(['name', 'contact', 'language', 'household', 'address'] as const),
];

type Setup = { partner?: string; category?: string; permits?: Partial<ConsentScope> };
type Sent = { task: string; referral: string; person: string };
let count = 0;

/** A request that waits for the answer of a partner's page. */
async function request(setup: Setup = {}): Promise<Sent> {
  const { partner = 'pantry', category = 'utility-insecurity', permits } = setup;
  count += 1;
  const name = `p${count}`;
  const [person, id, order, task] = ['', ' r', ' o', ' t'].map((kind) => idOf(`${name}${kind}`));
  const sent = { task: task ?? '', referral: id ?? '', person: person ?? '' };
  const scope = { places: [partner], except: [], elements, ...permits };
  await db.tx(async (tx) => {
    const common = { tenant, connection, person: sent.person };
    const row = { ...common, type: 'Patient', sourceId: name, versionId: '1', lastUpdated: null };
    const body = JSON.stringify({ ...patient, id: name });
    await ehrResources.saveEhrResources(tx, [{ ...row, body }]);
    const link = { connection, patientId: name, patient: sent.person, unusable: null };
    await people.savePatients(tx, [link]);
    const standing = { patient: sent.person, standing: 'stands', recordKey: 'key' } as const;
    await people.saveStandings(tx, [standing]);
    const choice: ReachChoice = {
      ...{ ways: ['call'], phone: { number: '+16125550142' }, phoneOwner: 'shared' },
      ...{ forPartners: true, voicemail: false, mayBeSaid: 'clinicOnly', reading: 'reads' },
      hours: 'mornings',
    };
    const asked = { person: sent.person, answeredAt: new Date(), askedBy: 'person:rea' };
    await people.recordReach(tx, { ...asked, choice, instead: null });
    const need = { ...common, id: sent.referral, category, episode: 1, unambiguous: true };
    const basis = { sensitive: false, conditions: '[]', since: yesterday, trace: newId() };
    await referrals.saveNeeds(tx, [{ ...need, ...basis }]);
    const service = { resourceType: 'ServiceRequest', status: 'active', intent: 'order' };
    const orderRow = { ...common, id: order ?? '', type: 'ServiceRequest' };
    const orderBody = JSON.stringify({ ...service, id: order, subject: {} });
    await ownResources.saveOwnResources(tx, [{ ...orderRow, body: orderBody }]);
    const recorded: RecordedConsent = {
      ...{ id: idOf('recorded'), dateTime: yesterday, householdSize: 4, permits: scope },
    };
    const patch = {
      ...({ state: 'partner', gate: 'partner', approval: 'approved' } as const),
      ...{ approved_by: 'person:rea', sent: true, agreement_on: yesterday },
      ...{ service_request: order ?? null, agreement_source: 'reviewer' },
      ...{ recipient: partner, consent_recorded: JSON.stringify(recorded) },
      must_by: '2030-02-01',
    };
    await referrals.patchReferrals(tx, [{ id: sent.referral, patch }]);
    const attempt = { id: sent.task, tenant, referral: sent.referral, attempt: 1, partner };
    const way = { channel: 'manual', address: `manual:${partner}`, receipt_key: sent.task };
    const status = { status: 'requested', door: 'here', person: sent.person } as const;
    await tasks.addTasks(tx, [newTask({ ...attempt, ...way, ...status })]);
    const delivery = { task: sent.task, state: 'delivered', remote_id: sent.task } as const;
    await taskDeliveries.settleTaskDeliveries(tx, [delivery]);
    await tx.query(
      `insert into consent_decision (tenant, person, referral, task, consent_id, consent_version,
         recipient, purpose, shared)
       values ($tenant, $1, $2, $3, $4, '1', $5, 'referral', '[]')`,
      [sent.person, sent.referral, sent.task, recorded.id, partner],
    );
    const rules = gateRules(settings, clock);
    const facts = await gather(tx, [sent.referral], { rules, settings, clock });
    await judgeGrants(tx, facts, [], { settings, now: new Date() });
  });
  return sent;
}

/** A browser of a helper, which keeps its cookies and follows where it is led. */
async function signedIn(partner = 'pantry', name = 'Ayaan Nur') {
  const { code, link, helper } = await db.tx(async (tx) => {
    const person = { partner, role: 'member', name, addedBy: 'person:mai' } as const;
    const added = await partnerDoor.addHelper(tx, { ...person, second: undefined });
    const given = await partnerDoor.giveCode(tx, secrets, { partner, helper: added });
    return { ...given, link: await partnerDoor.linkOf(tx, partner) };
  });
  const entered = await ask.post(`/p/${link}/sign-in`).type('form').send({ code });
  const set = entered.headers['set-cookie'] as unknown as string[];
  const cookie = set.map((one) => one.split(';')[0]).join('; ');
  const base = `/p/${link}/requests`;
  const get = (path = '', language = 'en') =>
    ask.get(`${base}${path}`).set({ cookie, 'accept-language': language });
  const post = async (path: string, fields: Record<string, string>) => {
    const page = await get();
    const check = /name="check" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    return ask
      .post(`${base}${path}`)
      .set({ cookie })
      .type('form')
      .send({ check, ...fields });
  };
  const say = (task: string, button: string, fields: Record<string, string> = {}) =>
    post(`/${task}/answers`, { button, key: newId(), ...fields });
  return { get, post, say, entered, base, helper, code, link };
}

const textOf = (markup: string) =>
  markup
    .replace(/^.*<main/s, '<main')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ')
    .trim();

const reads = async (task: string) =>
  (
    await db.query<{ type: string; helper: string }>(
      'select type, helper from partner_read where tenant = $tenant and task = $1 order by at',
      [task],
    )
  ).rows;

beforeEach(async () => {
  await db.query('delete from partner_session where tenant = $tenant');
});

describe('a request behind the code', () => {
  it('shows before the yes what is asked for, and nothing of the person', async () => {
    const { task } = await request();
    const helper = await signedIn();
    const list = await helper.get();
    expect(list.text).toContain(`/requests/${task}"`);
    const page = await helper.get(`/${task}`);
    expect(page.status).toBe(200);
    const text = textOf(page.text);
    expect(text).toContain('Household 4 people Where In your area Needed by Fri, Feb 1');
    for (const shown of [list, page]) {
      expect(shown.text).not.toMatch(telling);
      expect(shown.headers).toMatchObject({ 'cache-control': 'no-store' });
      expect(Buffer.byteLength(shown.text)).toBeLessThan(60_000);
      expect(textOf(shown.text)).toMatch(/without their own signed consent\.$/);
    }
    expect(await reads(task)).toEqual([{ type: 'Task', helper: helper.helper }]);
  });

  it('shows after the yes the person, the way that they chose, and what to mind', async () => {
    const { task } = await request();
    const helper = await signedIn();
    expect((await helper.say(task, 'yesWeCall')).headers.location).toBe(`${helper.base}/${task}`);
    const text = textOf((await helper.get(`/${task}`)).text);
    expect(text).toContain('First name Hodan Reach by Call 612-555-0142 Best time: mornings');
    expect(text).toContain('Last name Warsame Language Somali Address 7 Elm St Saint Paul, 55101');
    expect(text).toContain("Don't leave voicemail. Ask for Hodan only. Anyone else: end the call,");
    expect(text).toContain('Thank you. Lakes Clinic knows now. You said: Yes, we');
    expect((await reads(task)).at(-1)).toEqual({ type: 'Patient', helper: helper.helper });
  });

  it('has no address where the help needs none, and only what the consent names', async () => {
    const food = await request({ category: 'food-insecurity' });
    const named = await request({ permits: { elements: ['name'] } });
    const helper = await signedIn();
    await helper.say(food.task, 'yesWeCall');
    expect((await helper.get(`/${named.task}`)).text).not.toContain('value="yesWeCall"');
    await helper.say(named.task, 'yesTheyCanCome');
    expect((await helper.get(`/${food.task}`)).text).not.toMatch(/Elm|55101/);
    const text = textOf((await helper.get(`/${named.task}`)).text);
    expect(text).toContain('First name Hodan Reach by Call Lakes Clinic, 612-555-0100.');
    expect(text).not.toMatch(/0142|Somali|Elm|Household|voicemail|No answer/);
    const tried = await helper.say(named.task, 'noAnswer1');
    expect([tried.status, textOf(tried.text)]).toEqual([
      409,
      expect.stringContaining('We did not record'),
    ]);
  });

  it('is nothing for another partner, a wrong address or one that was taken back', async () => {
    const { task, referral } = await request();
    const other = await signedIn('hillside');
    const own = await signedIn();
    expect((await other.get(`/${task}`)).status).toBe(404);
    expect((await other.say(task, 'yesWeCall')).status).toBe(404);
    for (const path of [`/${newId()}`, '/x', `/${task}/who`, "/'%20or%201"])
      expect((await own.get(path)).status).toBe(404);
    await db.query(
      `update disclosure_grant set ended_at = now(), ended_by = 'x'
        where tenant = $tenant and referral = $1`,
      [referral],
    );
    const gone = await own.get(`/${task}`);
    expect(gone.status).toBe(404);
    expect(textOf(gone.text)).toContain('This request is not open for you any more.');
    expect((await own.get()).text).not.toContain(task);
  });

  it('shows nothing of the person while a grant is suspended', async () => {
    const { task, referral } = await request();
    const helper = await signedIn();
    await helper.say(task, 'yesWeCall');
    await db.query(
      `update disclosure_grant set suspended_at = now()
        where tenant = $tenant and referral = $1 and type = 'Patient'`,
      [referral],
    );
    const { text } = await helper.get(`/${task}`);
    expect(text).not.toMatch(telling);
    expect(textOf(text)).toContain("The person's data cannot be shown now.");
  });
});

describe('an answer', () => {
  it('that ends the request can be undone, and shows no address meanwhile', async () => {
    const { task } = await request();
    const helper = await signedIn();
    await helper.say(task, 'yesWeCall');
    await helper.say(task, 'gotHelp');
    const page = await helper.get(`/${task}`);
    expect(textOf(page.text)).toMatch(
      /You said: They got help You can undo until \d+:\d\d [ap]m\./,
    );
    expect(page.text).not.toContain('Elm');
    expect((await helper.get()).text).toContain('Answered');
    const answer = /name="answer" value="(\d+)"/.exec(page.text)?.[1] ?? '';
    const undone = await helper.post(`/${task}/undo`, { answer });
    expect(textOf(undone.text)).toContain('Undone. The request is as it was.');
    expect(undone.text).toContain('value="gotHelp"');
    const again = await helper.post(`/${task}/undo`, { answer });
    expect(textOf(again.text)).toContain('Undone.');
  });

  it('with words is taken from its form, and shown again where it cannot be', async () => {
    const { task } = await request();
    const helper = await signedIn();
    const form = await helper.get(`/${task}/no`);
    expect(form.text).not.toMatch(telling);
    const fields = { pauseUntil: '2020-01-01', whoElse: '<b>Hill & Dale</b>', note: '' };
    const refused = await helper.say(task, 'noFull', fields);
    expect(refused.status).toBe(422);
    expect(textOf(refused.text)).toContain('This day has passed.');
    expect(refused.text).toContain('value="&lt;b&gt;Hill &amp; Dale&lt;/b&gt;"');
    const kept = await helper.say(task, 'noOther', { whoElse: 'Hill', note: 'Waa nala buuxiyey' });
    expect(kept.status).toBe(303);
    expect(textOf((await helper.get(`/${task}`)).text)).toContain('You said: Other');
  });

  it('is one where it is posted twice, and names who was faster', async () => {
    const { task } = await request();
    const [first, second] = [await signedIn(), await signedIn('pantry', 'Bea Moe')];
    const key = newId();
    await first.say(task, 'noOther', { key });
    expect(textOf((await first.say(task, 'noOther', { key })).text)).toContain(
      'We have this answer already.',
    );
    const refused = await second.say(task, 'yesWeCall', { note: 'Bea wrote this' });
    expect(refused.status).toBe(409);
    expect(textOf(refused.text)).toContain('Ayaan Nur has answered already: Other');
    expect(textOf(refused.text)).toMatch(/We did not record .Yes, we.ll call./);
    expect(textOf(refused.text)).not.toContain('Thank you');
    expect(refused.text).toContain('Bea wrote this</textarea>');
    const page = textOf((await second.get(`/${task}`)).text);
    expect(page).toContain('Ayaan Nur has answered already: Other');
  });

  it('that was not taken comes back as it was typed, once the other one is undone', async () => {
    const { task } = await request();
    const helper = await signedIn();
    await helper.say(task, 'noOther');
    const refused = await helper.say(task, 'yesTheyCanCome', { when: 'Thursday <10>' });
    const answer = /name="answer" value="(\d+)"/.exec(refused.text)?.[1] ?? '';
    expect(refused.text).toContain('type="hidden" name="when" value="Thursday &lt;10&gt;"');
    const along = { answer, button: 'yesTheyCanCome', when: 'Thursday <10>' };
    const undone = await helper.post(`/${task}/undo`, along);
    expect(textOf(undone.text)).toContain('Undone. The request is as it was.');
    expect(undone.text).toMatch(/name="when"[^>]*value="Thursday &lt;10&gt;"/);
    expect(undone.text).not.toMatch(telling);
    expect((await helper.say(task, 'yesTheyCanCome', { when: 'Thursday <10>' })).status).toBe(303);
  });

  it('by another way stands, and the page says so', async () => {
    const { task } = await request();
    const helper = await signedIn();
    await helper.say(task, 'yesWeCall');
    await db.query(
      "update partner_answer set button = null, door = 'manual' where tenant = $tenant and task = $1",
      [task],
    );
    const refused = await helper.say(task, 'noFull', { note: 'Kanari' });
    expect(textOf(refused.text)).toContain('from a call or another way');
    expect(refused.text).toContain('Kanari</textarea>');
  });

  it('keeps the no of a person who was said to have got help', async () => {
    const { task } = await request();
    const helper = await signedIn();
    for (const button of ['yesWeCall', 'gotHelp']) await helper.say(task, button);
    const kept = await helper.say(task, 'saidNo', { note: 'Wants none' });
    expect(textOf(kept.text)).toContain('We kept that the person said no');
    const { rows } = await db.query<{ note: string }>(
      "select note from partner_answer where tenant = $tenant and task = $1 and button = 'saidNo'",
      [task],
    );
    expect(rows).toEqual([{ note: 'Wants none' }]);
  });

  it('is kept where the page may show the request no more, and can be undone', async () => {
    const { task, referral } = await request();
    const helper = await signedIn();
    await helper.say(task, 'yesWeCall');
    await db.query(
      `update disclosure_grant set ended_at = now(), ended_by = 'x'
        where tenant = $tenant and referral = $1`,
      [referral],
    );
    await helper.say(task, 'gotHelp');
    const { text, status } = await helper.get(`/${task}`);
    expect(status).toBe(200);
    expect(text).not.toMatch(telling);
    expect(textOf(text)).toMatch(/You said: They got help You can undo until .* not open for you/);
    const answer = /name="answer" value="(\d+)"/.exec(text)?.[1] ?? '';
    const undone = await helper.post(`/${task}/undo`, { answer });
    expect(textOf(undone.text)).toContain('Undone. The request is as it was.');
    const other = await signedIn('hillside');
    expect((await other.get(`/${task}`)).status).toBe(404);
  });

  it.each([
    ['no button', 'constructor', {}],
    ['one that is not offered', 'gotHelp', {}],
    ['one of legal help', 'closedLegal', {}],
    ['a note of 1 MB', 'noOther', { note: 'x'.repeat(1_048_576) }],
    ['a note that is too long', 'noOther', { note: 'x'.repeat(501) }],
  ])('that cannot be taken changes nothing: %s', async (_name, button, fields) => {
    const { task } = await request();
    const helper = await signedIn();
    const { status, text } = await helper.say(task, button, fields);
    expect([200, 413, 422]).toContain(status);
    expect(text).not.toMatch(telling);
    const now = (await db.tx((tx) => tasks.loadTasks(tx, [task]))).get(task);
    expect(now?.status).toBe('requested');
  });

  it('without the key of the session, or after it, is refused', async () => {
    const { task } = await request();
    const helper = await signedIn();
    const forged = await helper.post(`/${task}/answers`, { check: 'x', button: 'yesWeCall' });
    expect(forged.status).toBe(403);
    await db.query('delete from partner_session where tenant = $tenant');
    expect((await helper.get(`/${task}`)).text).toContain('Type your code');
  });
});

describe('a no', () => {
  it('without a reason is shown again and says what to choose', async () => {
    const { task } = await request();
    const helper = await signedIn();
    expect((await helper.get(`/${task}/no`)).text).not.toContain(' checked');
    const fields = { form: 'no', key: newId(), whoElse: 'Hill & Dale' };
    const refused = await helper.post(`/${task}/answers`, fields);
    expect(refused.status).toBe(422);
    expect(textOf(refused.text)).toContain('Please choose one of these.');
    expect(refused.text).toContain('value="Hill &amp; Dale"');
    await helper.say(task, 'noOther');
    const page = textOf((await helper.get(`/${task}`)).text);
    expect(page).not.toMatch(/New ·|After a yes/);
  });
});

it('a try says when the next one is, and can be undone', async () => {
  const { task } = await request();
  const helper = await signedIn();
  await helper.say(task, 'yesWeCall');
  await helper.say(task, 'noAnswer1', {
    nextTry: new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10),
  });
  const page = await helper.get(`/${task}`);
  expect(page.status).toBe(200);
  expect(page.text).toContain('Elm');
  const answer = /name="answer" value="(\d+)"/.exec(page.text)?.[1] ?? '';
  const undone = await helper.post(`/${task}/undo`, { answer });
  expect(textOf(undone.text)).toContain('Undone.');
  expect(textOf(undone.text)).toContain('No answer (1 of 3)');
});

it('opens a request that is alone in the list right after the code', async () => {
  const helper = await signedIn('alone');
  const first = () => helper.get('?first');
  expect((await first()).status).toBe(200);
  const { task } = await request({ partner: 'alone' });
  expect(helper.entered.headers.location).toBe(`${helper.base}?first`);
  expect((await first()).headers.location).toBe(`${helper.base}/${task}`);
  expect((await helper.get()).status).toBe(200);
  await helper.say(task, 'noOther');
  expect((await first()).status).toBe(200);
  await request({ partner: 'alone' });
  expect((await first()).status).toBe(200);
});

it('says by when to answer while the message still waits', async () => {
  const { task } = await request();
  await db.query('update task set accept_by = null where tenant = $tenant and id = $1', [task]);
  const helper = await signedIn();
  expect(textOf((await helper.get(`/${task}`)).text)).toMatch(/New · Answer by \w+, \w+ \d+/);
});

it('tells of no treatment for substance use, by a notice or a name, before the yes', async () => {
  const { task, referral } = await request();
  await db.query(
    "update referral set restriction = 'named-consent' where tenant = $tenant and id = $1",
    [referral],
  );
  const helper = await signedIn();
  const before = await helper.get(`/${task}`);
  expect(before.text).not.toMatch(/42 CFR|Check a name/);
  expect((await helper.post(`/${task}/name`, {})).text).not.toMatch(telling);
  await helper.say(task, 'yesWeCall');
  expect((await helper.get(`/${task}`)).text).toContain('42 CFR');
});

describe('the name before the yes', () => {
  it('is not shown any more after a no, which can still be undone', async () => {
    const { task } = await request();
    const helper = await signedIn();
    await helper.say(task, 'noOther');
    expect((await helper.post(`/${task}/name`, {})).text).not.toMatch(telling);
  });

  it('is shown where the consent names the partner, and is a disclosure', async () => {
    const { task } = await request();
    const helper = await signedIn();
    expect((await helper.get(`/${task}`)).text).toContain('Check a name');
    const checked = await helper.post(`/${task}/name`, {});
    expect(textOf(checked.text)).toContain('The name is Hodan Warsame.');
    expect(checked.text).not.toMatch(/0142|Elm|Somali/);
    expect((await reads(task)).at(-1)).toEqual({ type: 'Patient', helper: helper.helper });
  });

  it.each([
    ['a kind of place', { places: undefined, kind: 'utility-insecurity' }],
    ['no name', { elements: ['contact'] }],
  ] as [string, Partial<ConsentScope>][])('is not where it names %s', async (_what, permits) => {
    const { task } = await request({ permits });
    const helper = await signedIn();
    expect((await helper.get(`/${task}`)).text).not.toContain('Check a name');
    const { text } = await helper.post(`/${task}/name`, {});
    expect(text).not.toMatch(telling);
  });
});

it('shows the ticket that the person brings, and never who they are', async () => {
  const { task } = await request({ partner: 'hillside' });
  const code = await db.tx(async (tx) => {
    await tickets.addTickets(tx, [task]);
    return (await tickets.ticketsOf(tx, [task])).get(task);
  });
  const helper = await signedIn('hillside');
  expect((await helper.get(`/${task}`)).text).not.toContain(code);
  const changes = { arrival: 'ticket' } as const;
  const edit = { partner: 'hillside', changes, by: 'person:mai', now: new Date() };
  await db.tx((tx) => partnerProfiles.editProfile(tx, edit));
  const { text } = await helper.get(`/${task}`);
  expect(textOf(text)).toContain(`Ticket ${code} The person brings this ticket.`);
  expect(text).not.toMatch(/Check a name|yesWeCall/);
  await helper.say(task, 'yesTheyCanCome');
  const after = await helper.get(`/${task}`);
  expect(textOf(after.text)).toContain(`Ticket ${code}`);
  const named = await helper.post(`/${task}/name`, {});
  for (const shown of [text, after.text, named.text]) expect(shown).not.toMatch(telling);
  expect((await reads(task)).map(({ type }) => type)).not.toContain('Patient');
});

it('legal help says the date of the court first, and learns nothing from a no', async () => {
  const { task } = await request({ partner: 'lawyers' });
  const helper = await signedIn('lawyers');
  const page = await helper.get(`/${task}`);
  expect(textOf(page.text)).toContain('Court date Fri, Feb 1 Household');
  expect(page.text).not.toContain(`${task}/no"`);
  await helper.say(task, 'cantHelpWithThisOne', { note: 'He owes rent', whoElse: 'x' });
  const { rows } = await db.query<{ fields: string; note: string | null }>(
    'select fields, note from partner_answer where tenant = $tenant and task = $1',
    [task],
  );
  expect(rows).toEqual([{ fields: '{}', note: null }]);
});

it('a language that nobody has checked is shown in English, with an interpreter', async () => {
  const { task } = await request();
  const helper = await signedIn();
  const { text } = await helper.get(`/${task}`, 'so');
  expect(text).toContain('<html lang="en">');
  expect(textOf(text)).toContain(
    'This page is not in Soomaali yet: nobody has checked the words. Here it is in English. Ask for an interpreter: Lakes Clinic, 612-555-0100.',
  );
});

const hasBrowser = chromiumPath !== undefined;

describe.skipIf(!hasBrowser)('in a browser of 320 pixels', { tags: ['browser'] }, () => {
  const size = { width: 320, height: 640 };
  let site: string;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let stop: () => Promise<unknown>;
  beforeAll(async () => {
    const server = app.express.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await openBrowser();
    stop = async () => {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
    };
  });
  afterAll(() => stop());

  it('an answer is two taps after the code, with scripts off and a slow connection', async () => {
    const { task } = await request();
    const { code, link } = await signedIn();
    const context = await browser.newContext({ viewport: size, javaScriptEnabled: false });
    const page = await context.newPage();
    let bytes = 0;
    page.on('response', async (answer) => {
      bytes += Number(answer.headers()['content-length'] ?? 0);
    });
    await page.route('**/*', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await route.continue();
    });
    await page.goto(`${site}/p/${link}`);
    await page.fill('input[name="code"]', code);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname === `/p/${link}/requests`);
    expect(bytes).toBeLessThan(60_000);
    await page.click(`a[href$="/requests/${task}"]`);
    await page.waitForURL(`**/requests/${task}`);
    expect(await page.title()).not.toMatch(/Energy|Hodan|hillside/);
    await page.click('button[value="yesWeCall"]');
    await page.waitForSelector('text=Thank you.');
    expect(await page.textContent('main')).toContain('Hodan');
    await context.close();
    const now = (await db.tx((tx) => tasks.loadTasks(tx, [task]))).get(task);
    expect(now?.status).toBe('accepted');
  });

  it('every view can be used with a thumb, a keyboard and a screen reader', async () => {
    const asked = await request();
    const accepted = await request();
    const ended = await request();
    const helper = await signedIn();
    await helper.say(accepted.task, 'yesWeCall');
    await helper.say(ended.task, 'noOther');
    const page = await browser.newPage({ viewport: size });
    await page.goto(`${site}/p/${helper.link}`);
    await page.fill('input[name="code"]', helper.code);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname === helper.base);
    const forms = ['come', 'wait', 'no'].map((form) => `/${asked.task}/${form}`);
    const later = ['part', 'try', 'hand-over', 'back'].map((form) => `/${accepted.task}/${form}`);
    const views = ['', ...[asked, accepted, ended].map(({ task }) => `/${task}`)];
    for (const view of [...views, ...forms, ...later, '/x']) {
      await page.goto(`${site}${helper.base}${view}`);
      expect([view, await accessibilityProblems(page)]).toEqual([view, []]);
      expect([view, await smallTargets(page)]).toEqual([view, []]);
      expect([view, await fitsItsWindow(page)]).toEqual([view, true]);
    }
    await page.goto(`${site}${helper.base}/${asked.task}/no`);
    await page.check('#noFull');
    const order: unknown[] = [];
    for (let step = 0; step < 9; step += 1) {
      await page.keyboard.press('Tab');
      order.push(
        await page.evaluate('document.activeElement.name || document.activeElement.textContent'),
      );
    }
    const fields = order.filter((name, index) => name !== order[index - 1]);
    expect(fields).toEqual([
      'pauseUntil',
      'whoElse',
      'note',
      'Send answer',
      'Back',
      ...fields.slice(5),
    ]);
    await page.close();
  });
});
