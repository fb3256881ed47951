import { type App, addContract, addSignIn, createApp, finish, listen } from '@loopwell/http';
import { type Clock, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import {
  access,
  answers,
  type Database,
  directory,
  leftToTell,
  migrate,
  openDatabase,
  partnerCalls,
  partnerProfiles,
  referrals,
  status,
  taskDeliveries,
  tasks,
  tellByHand,
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
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addReviewRoutes } from '../review.route.ts';

/** Partners that somebody has to call, what may be said, and the sheet of who came. */
const tenant = 'o';
const now = new Date('2026-11-30T22:00:00Z');
const clock: Clock = { now: () => now, timeZone: 'America/Chicago' };

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let cookie: Record<string, string>;
let app: App;
let session: string;

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant });
  app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
    clock,
  });
  addContract(app, contracts.coordination);
  addSignIn(app, access.signInDoors(db), { secure: false });
  addReviewRoutes(app, { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 });
  finish(app, silentLog);
  ask = supertest(app.express);
  const grant = { tenant, kind: 'session' as const, principal: 'person:rea', roles: ['reviewer'] };
  session = await db.tx((tx) => access.grantAccess(tx, { ...grant, routes: [] }));
  cookie = { cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' };
  const partners = ['pantry', 'church'].map((id, position) => {
    const telecom = [{ system: 'phone', value: '612-555-0177' }];
    const organization = { resourceType: 'Organization', id, telecom };
    const listed = { id, tenant, position, name: `The ${id}`, address: `manual:${id}` };
    const body = { ...listed, references: [], categories: ['food-insecurity'], organization };
    return { ...listed, kind: 'manual', body: JSON.stringify(body) };
  });
  await db.tx((tx) => directory.saveDirectory(tx, tenant, partners));
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

/** A request at a partner, whose e-mail bounced before somebody was asked to call. */
async function out(partner: string, status = 'requested') {
  const [referral, task, person] = [newId(), newId(), newId()];
  const need = { id: referral, tenant, connection: 'clinic', person, episode: 1 };
  const known = { unambiguous: true, sensitive: false, conditions: '[]', trace: newId() };
  await db.tx(async (tx) => {
    await referrals.saveNeeds(tx, [
      { ...need, ...known, category: 'food-insecurity', since: '2026-11-02T10:00:00Z' },
    ]);
    const patch = { state: 'partner' as const, gate: 'partner', approval: 'approved' as const };
    await referrals.patchReferrals(tx, [{ id: referral, patch }]);
    const sent = { id: task, tenant, referral, person, attempt: 1, partner, status };
    const first = { channel: 'email', address: 'mailto:x@y.org', receipt_key: newId() };
    await tasks.addTasks(tx, [newTask({ ...sent, ...first, door: 'here' })]);
    await tickets.addTickets(tx, [task]);
    await taskDeliveries.settleTaskDeliveries(tx, [{ task, state: 'refused', code: 'bounced' }]);
    const call = { channel: 'manual', address: `manual:${partner}`, receipt_key: newId() };
    await taskDeliveries.addNextDeliveries(tx, [
      { tenant, task, number: 2, door: 'here', ...call },
    ]);
    await taskDeliveries.settleTaskDeliveries(tx, [{ task, state: 'delivered', remote_id: task }]);
  });
  await db.query("update task set requested_at = '2026-11-28T14:30:20Z' where id = $1", [task]);
  return { referral, task };
}

/** Keeps the yes of a partner by a button, as its page does. */
async function sayYes(about: { referral: string; task: string }, fields: object) {
  const { rows } = await db.query<{ id: number }>(
    `insert into partner_answer (tenant, task, referral, person, door, who, status, codes, oddities,
       with_words, message_id, recorded_by, content, button, fields)
     select $tenant, id, $2, person, 'page', 'pantry', 'accepted', '[]', '[]', true, id::text,
       'partner:pantry', '', 'yesTheyCanCome', $3 from task where id = $1 returning id`,
    [about.task, about.referral, JSON.stringify(fields)],
  );
  return Number(rows[0]?.id);
}

const get = async (path: string) => (await ask.get(path).set(cookie)).text;
const inbox = (referral: string) => db.tx((tx) => answers.answersOf(tx, referral));

describe('partners to call', () => {
  it('stand on a list with what failed, who calls, and what may be said, which names nobody', async () => {
    const { referral } = await out('pantry');
    const list = await get('/partners/calls');
    expect(list).toContain('Call The pantry about 1 request');
    expect(list).toContain('E-mail bounced; on the list of partners to call since');
    const page = await get('/partners/calls/pantry');
    expect(page).toContain('612-555-0177');
    expect(page).toContain('Food insecurity, in your area');
    expect(page).toContain(`/review/${referral}#answer`);
    expect(await get(`/review/${referral}`)).toContain('E-mail bounced; on the list');
    expect(await get('/partners/calls/church')).toContain('No request for this partner');
    expect((await ask.get('/partners/calls/nobody').set(cookie)).status).toBe(404);
  });

  it('are on it until they have taken the request', async () => {
    const before = await db.tx(partnerCalls.countCalls);
    await out('church', 'accepted');
    expect(await db.tx(partnerCalls.countCalls)).toBe(before);
  });
});

describe('what is left to tell', () => {
  const told = (what: 'person' | 'partner', id: unknown) =>
    ask
      .post(`/partners/calls/told-${what}`)
      .set(cookie)
      .type('form')
      .send({ id: String(id) });
  const parts = ['The pantry can see them', 'Thursday &lt;10-12&gt;', 'bring a bag'];

  it('is on the list after a yes, until somebody has told the person', async () => {
    const { referral, task } = await out('pantry', 'accepted');
    const fields = { when: 'Thursday <10-12>', bring: 'a bag' };
    const id = await sayYes({ referral, task }, fields);
    const list = await get('/partners/calls');
    for (const part of parts) expect(list).toContain(part);
    expect(list).toContain(`/review/${referral}`);
    expect(await db.tx(leftToTell.countUntold)).toBe(1);
    expect((await told('person', '')).status).toBe(400);
    await told('person', id + 1);
    expect(await db.tx(leftToTell.countUntold)).toBe(1);
    for (let times = 0; times < 2; times += 1) expect((await told('person', id)).status).toBe(303);
    expect(await get('/partners/calls')).not.toContain('The pantry can see them');
    const { rows } = await db.query('select told_by from partner_answer where id = $1', [id]);
    expect(rows).toEqual([{ told_by: 'person:rea' }]);
  });

  it('is on the list where a request was taken back, and not among failed work', async () => {
    const { task } = await out('church', 'accepted');
    const row = { tenant, task, person: newId(), trace: newId(), batch: newId() };
    await db.tx((tx) => tellByHand(tx, [row], 'Tell the partner'));
    expect(await get('/partners/calls')).toContain('Tell The church that the request is taken');
    expect(await db.tx((tx) => status.countParked(tx, tenant))).toEqual([]);
    await told('partner', newId());
    expect(await db.tx(leftToTell.countUntold)).toBe(1);
    for (let times = 0; times < 2; times += 1)
      expect((await told('partner', task)).status).toBe(303);
    expect(await db.tx(leftToTell.countUntold)).toBe(0);
  });
});

describe('a partner to which people bring a code', () => {
  it('hears it on the phone, and the care team can give it to the person', async () => {
    const changes = { arrival: 'ticket' as const };
    const edit = { partner: 'pantry', changes, by: 'person:rea', now };
    await db.tx((tx) => partnerProfiles.editProfile(tx, edit));
    const { referral, task } = await out('pantry');
    const code = (await db.tx((tx) => tickets.ticketsOf(tx, [task]))).get(task) ?? 'none';
    expect(await get('/partners/calls/pantry')).toContain(`they bring the code ${code}`);
    const page = await get(`/review/${referral}`);
    expect(page).toContain(`Give them the code to bring: ${code}.`);
    const elsewhere = await out('church');
    expect(await get(`/review/${elsewhere.referral}`)).not.toContain('the code to bring');
  });
});

describe('the sheet of who came', () => {
  const sheet = '/partners/calls/church/sheet';
  const who = { saidBy: 'Sue', at: '2026-11-30T15:48' };
  const post = (form: object) => ask.post(sheet).set(cookie).type('form').send(form);

  it('names each request by its code, and writes each line down as an answer, once', async () => {
    const ada = await out('church', 'accepted');
    const bo = await out('church', 'accepted');
    const elsewhere = await out('pantry', 'accepted');
    const codes = await db.tx((tx) => tickets.ticketsOf(tx, [ada.task, bo.task]));
    const page = await get(sheet);
    for (const code of codes.values()) expect(page).toContain(code);
    const form = {
      ...who,
      came: [ada.referral, elsewhere.referral],
      [`said-${bo.referral}`]: 'She <b>comes</b> on Monday',
    };
    const first = await post(form);
    expect(first.text).toContain('2 answers written down.');
    expect((await post(form)).status).toBe(200);
    expect(await inbox(ada.referral)).toMatchObject([{ status: 'completed', said_by: 'Sue' }]);
    expect(await inbox(bo.referral)).toMatchObject([
      { status: 'accepted', note: 'She <b>comes</b> on Monday' },
    ]);
    expect(await inbox(elsewhere.referral)).toEqual([]);
  });

  it('is asked about again where somebody forgot who said so, and keeps what was typed', async () => {
    const { referral } = await out('church', 'accepted');
    const said = 'Two bags "today"';
    const again = await post({ came: referral, [`said-${referral}`]: said });
    expect(again.status).toBe(400);
    expect(again.text).toContain('Say who said so and when.');
    expect(again.text).toContain('Two bags &quot;today&quot;');
    expect(await inbox(referral)).toEqual([]);
  });
});

describe.skipIf(chromiumPath === undefined)('the pages for calls', () => {
  const pages = ['/partners/calls', '/partners/calls/pantry', '/partners/calls/church/sheet'];

  it('have no accessibility problem, fit into 320 pixels, and print no name', {
    timeout: 60_000,
    tags: ['browser'],
  }, async () => {
    await out('pantry');
    await out('church', 'accepted');
    const server = await listen(app, { host: '127.0.0.1', port: 0 });
    const browser = await openBrowser();
    try {
      for (const width of [320, 1280]) {
        const context = await browser.newContext({ viewport: { width, height: 700 } });
        const { hostname: domain } = new URL(server.address);
        const signedIn = { name: 'loopwell_session', value: session, domain, path: '/' };
        await context.addCookies([signedIn]);
        const page = await context.newPage();
        for (const path of pages) {
          await page.goto(`${server.address}${path}`);
          expect(await accessibilityProblems(page), path).toEqual([]);
          expect(await fitsItsWindow(page), `${path} ${width}`).toBe(true);
          if (width === 320) expect(await smallTargets(page), path).toEqual([]);
          const folder = process.env.SCREENSHOTS;
          const name = path.replaceAll('/', '-');
          if (folder)
            await page.screenshot({ path: `${folder}/${width}${name}.png`, fullPage: true });
        }
        await page.emulateMedia({ media: 'print' });
        expect(await page.locator('td a').first().isVisible()).toBe(false);
        await context.close();
      }
    } finally {
      await browser.close();
      await server.close();
    }
  });
});
