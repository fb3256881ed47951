import { createApp, finish, listen } from '@loopwell/http';
import { type Clock, silentLog } from '@loopwell/kit';
import { receiverOf } from '@loopwell/messages';
import {
  access,
  type Database,
  migrate,
  openDatabase,
  partnerProfiles,
  partnerTexts,
} from '@loopwell/store';
import {
  accessibilityProblems,
  fitsItsWindow,
  openBrowser,
  smallTargets,
  supertest,
  testDatabase,
} from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReviewRoutes } from '../review.route.ts';

/** How a partner works is written on its page, beside the directory. DECISIONS D189. */
const tenant = 'o';
const number = '+16125550100';
const now = new Date('2026-11-30T19:00:00Z');
const clock: Clock = { now: () => now, timeZone: 'America/Chicago' };
const nudged: string[] = [];
let db: Database;
let app: ReturnType<typeof createApp>;
let session = '';
let close: () => Promise<unknown>;
let ask: ReturnType<typeof supertest>;
const cookies = new Map<string, Record<string, string>>();

const listPartner = (id: string, name: string, kind: string, address: string) => {
  const body = { services: [{ service: id, categories: ['food-insecurity'], places: [] }] };
  return db.query(
    `insert into partner (id, tenant, position, name, address, body, kind, settings)
     values ($1, $tenant, 0, $2, $3, $4, $5, '{}')`,
    [id, name, address, JSON.stringify(body), kind],
  );
};

beforeAll(async () => {
  const scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant, max: 4 });
  close = () => db.close().then(scratch.close);
  await listPartner('pantry', 'Northside <b>Pantry</b>', 'text', `tel:${number}`);
  await listPartner('shelter', 'Harbor Shelter', 'manual', 'manual:shelter');
  app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  const nudge = async (nudges: readonly { stage: string }[]) =>
    void nudged.push(...nudges.map(({ stage }) => stage));
  addReviewRoutes(app, { tx: db.tx, nudge, clock, longestConsentDays: 365 });
  finish(app, silentLog);
  ask = supertest(app.express);
  for (const role of ['reviewer', 'operator']) {
    const grant = { tenant, kind: 'session' as const, principal: 'person:mai', roles: [role] };
    const granted = await db.tx((tx) => access.grantAccess(tx, { ...grant, routes: [] }));
    cookies.set(role, { cookie: `loopwell_session=${granted}`, 'sec-fetch-site': 'same-origin' });
    if (role === 'reviewer') session = granted;
  }
});
afterAll(() => close());
beforeEach(async () => {
  nudged.length = 0;
  for (const table of ['partner_profile', 'partner_profile_edit', 'history'])
    await db.query(`delete from ${table} where tenant = $tenant`);
});

const get = (path: string, role = 'reviewer') => ask.get(path).set(cookies.get(role) ?? {});
const page = async (id = 'pantry') => (await get(`/partners/${id}`)).text;
const post = (fields: object, id = 'pantry', role = 'reviewer') =>
  ask
    .post(`/partners/${id}`)
    .set(cookies.get(role) ?? {})
    .type('form')
    .send(fields);
const edits = async () =>
  (await db.tx((tx) => partnerProfiles.loadProfiles(tx))).get('pantry')?.edits;
const rowOf = async (name: string) =>
  (await get('/partners')).text.split('<tr>').find((row) => row.includes(name));
const agreed = { agreement: 'memorandum', agreedFrom: '2026-01-01' };

describe('the list of partners', () => {
  it('says who takes new requests, and leads to page, people and sheet', async () => {
    expect(await rowOf('Northside')).toContain('No agreement');
    const shelter = await rowOf('Harbor');
    expect(shelter).toContain('Takes new requests');
    for (const path of [
      '/partners/shelter',
      '/partners/shelter/people',
      '/partners/calls/shelter/sheet',
    ])
      expect(shelter).toContain(`href="${path}"`);
  });

  it.each([
    [{}, 'Takes new requests'],
    [{ pausedUntil: '2026-12-03' }, 'Full until'],
    [{ agreedUntil: '2026-06-30' }, 'Agreement ran out'],
    [{ agreedFrom: '2026-12-24' }, 'Agreement begins'],
    [{ capacity: 'waitlist', saidBy: 'Sue', saidAt: '2026-11-30' }, 'Waiting list, no room'],
    [{ capacity: 'capacity', saidBy: 'Sue', saidAt: '2026-01-30' }, 'ask again'],
    [{ kind: 'crisis-shelter' }, 'Confidential'],
  ])('with %j says: %s', async (fields, words) => {
    expect((await post({ ...agreed, ...fields })).status).toBe(303);
    expect(await rowOf('Northside')).toContain(words);
  });

  it('says that a number wants no texts', async () => {
    const stop = { way: 'text' as const, receiver: receiverOf(number), said_in: 'SM1' };
    await db.tx((tx) => partnerTexts.stopReceiver(tx, stop, 0));
    expect(await rowOf('Northside')).toContain('Stopped texts');
    await db.tx((tx) => partnerTexts.startReceiver(tx, stop));
    expect(await rowOf('Northside')).not.toContain('Stopped texts');
  });
});

describe('the page of a partner', () => {
  it('saves what was changed alone, with who and when, and wakes what waits', async () => {
    const shown = /name="was" value="([^"]*)"/.exec(await page())?.[1] ?? '';
    const was = shown.replaceAll('&quot;', '"').replaceAll('&#34;', '"');
    const saved = await post({ ...JSON.parse(was), was, perWeek: '3', 'open-mon': '9 am-1 pm' });
    expect([saved.status, saved.headers.location]).toEqual([303, '/partners/pantry?saved=yes']);
    expect(Object.keys((await edits()) ?? {}).sort()).toEqual(['hours', 'perWeek']);
    expect(nudged).toEqual(['refer']);
    const { rows } = await db.query(
      "select principal, outcome from history where tenant = $tenant and subject = 'partner:pantry'",
    );
    expect(rows).toEqual([{ principal: 'person:mai', outcome: 'configured' }]);
    const after = (await get('/partners/pantry?saved=yes')).text;
    expect(after).toContain('Saved.');
    expect(after).toContain('Open hours, New requests a week');
    expect(after).toContain('Northside &lt;b&gt;Pantry');
  });

  it('changes nothing where nothing was changed', async () => {
    const { headers } = await post({ perWeek: '', was: '{"perWeek":""}' });
    expect(headers.location).toBe('/partners/pantry?saved=unchanged');
    expect([await edits(), nudged]).toEqual([{}, []]);
  });

  it('names each wrong field with its rule, keeps what was typed and saves nothing', async () => {
    const note = '<script>"a"</script>';
    const fields = { perWeek: '3', 'open-mon': 'mornings', capacity: 'waitlist', note };
    const { status, text } = await post(fields);
    expect(status).toBe(400);
    for (const field of ['open-mon', 'saidBy', 'saidAt'])
      expect(text).toContain(`id="${field}-error"`);
    expect(text).toContain('value="mornings"');
    expect(text).toContain('&lt;script&gt;');
    expect([await edits(), nudged]).toEqual([{}, []]);
  });

  it('ends a pause by a blank day, and takes a blank phone for none', async () => {
    await post({ pausedUntil: '2026-12-03', phone: '612-555-0100' });
    await post({ pausedUntil: '', phone: '', was: '{"pausedUntil":"2026-12-03","phone":"x"}' });
    expect(await edits()).toEqual({ pausedUntil: null, phone: null });
  });

  it('is for reviewers and for partners of the directory', async () => {
    expect((await get('/partners/nobody')).status).toBe(404);
    expect((await post({ perWeek: '3' }, 'nobody')).status).toBe(404);
    expect((await get('/partners/pantry', 'operator')).status).toBe(403);
    expect((await post({ perWeek: '3' }, 'pantry', 'operator')).status).toBe(403);
    expect((await post({ perWeek: '3', was: '{' })).status).toBe(400);
  });

  it('has no accessibility problem, and fits into 320 pixels', {
    timeout: 60_000,
    tags: ['browser'],
  }, async () => {
    await post({ ...agreed, pausedUntil: '2026-12-03', perWeek: '3' });
    const server = await listen(app, { host: '127.0.0.1', port: 0 });
    const browser = await openBrowser();
    try {
      const context = await browser.newContext({ viewport: { width: 320, height: 700 } });
      const { hostname: domain } = new URL(server.address);
      const signedIn = { name: 'loopwell_session', value: session, domain, path: '/' };
      await context.addCookies([signedIn]);
      const shown = await context.newPage();
      for (const path of ['/partners', '/partners/pantry']) {
        await shown.goto(`${server.address}${path}`);
        expect(await accessibilityProblems(shown), path).toEqual([]);
        expect(await fitsItsWindow(shown), path).toBe(true);
        expect(await smallTargets(shown), path).toEqual([]);
        const folder = process.env.SCREENSHOTS;
        const name = path.replaceAll('/', '-');
        if (folder) await shown.screenshot({ path: `${folder}/320${name}.png`, fullPage: true });
      }
    } finally {
      await browser.close();
      await server.close();
    }
  });
});
