import { sessionCookie } from '@loopwell/http';
import { silentLog } from '@loopwell/kit';
import type { SiteFields } from '@loopwell/sdoh';
import { type Host, hosted, openHost, type Site } from '@loopwell/service';
import { access, type Database, migrate, openDatabase, site as siteRow } from '@loopwell/store';
import { queueUrl, suiteDatabase } from '@loopwell/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { consoleService } from '../module.ts';

/** The site as administrators change it, over HTTP, with other processes on the same database. */
const tenant = 'lakes';
let scratch: { url: string };
let db: Database;
let host: Host;
const opened: Host[] = [];
let told: string[] = [];

const suite = suiteDatabase(migrate);
afterAll(suite.close);
beforeEach(async () => {
  scratch = await suite.fresh();
  db = openDatabase({ url: scratch.url, tenant });
  told = [];
  host = await open({ name: 'Lakes Clinic' });
});
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
  await db.close();
});

async function open(seeds: SiteFields, lend: (site: Site) => void = () => {}): Promise<Host> {
  const { wire } = hosted(consoleService, {});
  const service = {
    ...hosted(consoleService, {}),
    wire: (resources: Parameters<typeof wire>[0]) => {
      lend(resources.site);
      return wire(resources);
    },
  };
  const next = await openHost({
    services: [service],
    tenant,
    database: { url: scratch.url, max: 4 },
    migrates: true,
    queue: { url: queueUrl(scratch.url) },
    listen: { host: '127.0.0.1', port: 0 },
    site: seeds,
    privateOrigins: [],
    timing: { reconcileMs: 500 },
    log: silentLog,
    tell: (sentence) => void told.push(sentence),
  });
  opened.push(next);
  return next;
}

const grant = (kind: 'session' | 'service', roles: string[], routes: string[] = []) =>
  db.tx((tx) => access.grantAccess(tx, { tenant, kind, principal: 'person:ada', roles, routes }));
const asAdmin = async (role = 'admin') => ({
  cookie: `${sessionCookie}=${await grant('session', [role])}`,
  'sec-fetch-site': 'same-origin',
});
const api = async (method = 'GET', body?: object, role?: string) => {
  const answer = await fetch(`${host.address}/api/v1/site`, {
    method,
    headers: { ...(await asAdmin(role)), 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
const page = async (fields?: Record<string, string>) => {
  const answer = await fetch(`${host.address}/console/site`, {
    redirect: 'manual',
    headers: await asAdmin(),
    ...(fields ? { method: 'POST', body: new URLSearchParams(fields) } : {}),
  });
  return { status: answer.status, text: await answer.text() };
};
const version = async () => (await api()).body.version as number;

describe('GET and PUT /api/v1/site', () => {
  it('shows what was set at the start and what counts, and changes all of it at once', async () => {
    const before = await api();
    expect(before).toMatchObject({
      status: 200,
      body: {
        name: 'Lakes Clinic',
        phone: null,
        acceptBy: null,
        counts: { name: 'Lakes Clinic', acceptBy: '2bd', longestConsentDays: 365, minorAge: 18 },
      },
    });
    const change = {
      version: before.body.version,
      name: 'Rivers Clinic',
      phone: '+1 612 555 0100',
      advocateLine: 'Day One, 1-866-555-0111',
      timeZone: 'America/Chicago',
      consentPolicy: 'urn:oid:1.2.3|form',
      longestConsentDays: 90,
      minorAge: 19,
      contactFromChart: true,
      state: 'MN',
      tryBudget: '2 in 30 days, 1 a day',
      spokenConsentPolicy: 'Consent by phone, edition of Nov 2026, shelf 2',
      spokenConsentAuthor: 'Rea Hall, privacy officer',
      acceptBy: '3bd',
      decideBy: '36h',
      readAfterEnd: '14d',
      undoFor: '5m',
      tellWithoutHelp: '5d',
      keepPeople: '3650d',
      keepViews: '2190d',
    };
    const after = await api('PUT', change);
    const { version: _, ...fields } = change;
    expect(after).toMatchObject({
      status: 200,
      body: { ...fields, counts: fields, changedBy: 'person:ada' },
    });
    expect((await api()).body).toEqual(after.body);
    const emptied = await api('PUT', { version: after.body.version });
    expect(emptied.body).toMatchObject({ name: null, counts: { name: 'Loopwell', minorAge: 18 } });
    expect((await siteRow.siteVersions(db, 10)).map((row) => row.changed_by)).toEqual([
      'person:ada',
      'person:ada',
      'system:loopwell',
      'system:loopwell',
    ]);
  });

  it.each<[string, unknown, string, string?]>([
    ['name', ' ', 'must be a name'],
    ['name', 'a\nb', 'must be a name'],
    ['phone', '555', 'must be one phone number'],
    ['advocateLine', 'call Day One', 'must be one line'],
    ['timeZone', 'Chicago', 'must be the name of a time zone'],
    ['timeZone', '+05:00', 'must be the name of a time zone'],
    ['consentPolicy', 'hipaa', 'must be the system|code'],
    ['longestConsentDays', 0, 'must be a whole number of days'],
    ['minorAge', 31, 'must be an age'],
    ['state', 'Minnesota', 'must be the two letters of a state'],
    ['state', 'XX', 'must be the two letters of a state'],
    ['tryBudget', '3 times', 'must be written as'],
    ['tryBudget', '1 in 0 days, 1 a day', 'must be written as'],
    ['tryBudget', '1 in 14 days, 2 a day', 'must be written as'],
    ['spokenConsentAuthor', 'a'.repeat(120), 'must say where the policy is', 'spokenConsentPolicy'],
    ['spokenConsentPolicy', 'shelf 2', 'must say who wrote the policy', 'spokenConsentAuthor'],
    ['acceptBy', '2 days', 'must be a duration'],
    ['acceptBy', '0d', 'must be a duration'],
    ['decideBy', '99999d', 'must be a duration'],
    ['readAfterEnd', '2bd', 'must be a duration'],
    ['undoFor', '2d', 'must be a duration'],
    ['undoFor', 'soon', 'must be a duration'],
    ['keepPeople', '29d', 'of 30 days at least'],
    ['identifierSystem', 'http://loinc.org', 'must be a system of your own'],
    ['identifierSystem', '', 'must be an absolute URI'],
  ])('names the field and rule of %s: %j, and changes nothing', async (field, value, rule, at) => {
    const before = await api();
    const answer = await api('PUT', { version: before.body.version, [field]: value });
    expect(answer.status).toBe(400);
    expect(answer.body.problems).toEqual([
      { path: `/body/${at ?? field}`, rule: expect.stringContaining(rule) },
    ]);
    expect((await api()).body).toEqual(before.body);
  });

  it.each([
    [{ minorAge: 'old' }, '/body/minorAge'],
    [{ contactFromChart: 'yes' }, '/body/contactFromChart'],
    [{ undo: true }, '/body/undo'],
  ])('takes no other form: %j', async (fields, path) => {
    const answer = await api('PUT', { version: await version(), ...fields });
    expect([answer.status, JSON.stringify(answer.body.problems)]).toEqual([
      400,
      expect.stringContaining(path),
    ]);
  });

  it('refuses a version that was changed meanwhile', async () => {
    const seen = await version();
    expect((await api('PUT', { version: seen, name: 'One' })).status).toBe(200);
    const late = await api('PUT', { version: seen, name: 'Two' });
    expect([late.status, (await api()).body.name]).toEqual([409, 'One']);
    expect((await api('PUT', { name: 'Three' })).status).toBe(400);
  });

  it('is for administrators, and for tokens that name the route', async () => {
    expect((await api('GET', undefined, 'operator')).status).toBe(403);
    expect((await api('PUT', { version: 1 }, 'reviewer')).status).toBe(403);
    const token = await grant('service', [], ['GET /api/v1/site']);
    const headers = { authorization: `Bearer ${token}` };
    const read = await fetch(`${host.address}/api/v1/site`, { headers });
    const body = JSON.stringify({ version: 1 });
    const put = {
      method: 'PUT',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
    };
    expect([read.status, (await fetch(`${host.address}/api/v1/site`, put)).status]).toEqual([
      200, 403,
    ]);
  });
});

describe('the page of the site', () => {
  it('saves what was typed, and shows who changed what', async () => {
    const shown = await page();
    expect(shown.text).toContain('value="Lakes Clinic"');
    expect(shown.text).toContain('<option value="America/Chicago">');
    const typed = { version: String(await version()), name: 'Rivers', timeZone: 'America/Chicago' };
    expect((await page(typed)).status).toBe(303);
    const { text } = await page();
    expect(text).toContain('<option value="America/Chicago" selected>');
    expect(text).toContain('Times are in Central Time.');
    expect(text).toContain('Name that partners see, Time zone');
    expect(text).toContain('person:ada');
  });

  it('shows each error beside its field, keeps what was typed, and saves nothing', async () => {
    const before = await api();
    const { status, text } = await page({
      version: String(before.body.version),
      name: 'Rivers',
      minorAge: 'old',
      acceptBy: 'soon',
    });
    expect(status).toBe(400);
    expect(text).toContain('value="Rivers"');
    expect(text).toMatch(/id="site-minorAge-error">must be an age/);
    expect(text).toMatch(/id="site-acceptBy-error">must be a duration/);
    expect((await api()).body).toEqual(before.body);
  });

  it('says that it was changed meanwhile, by whom, and what is stored now', async () => {
    const seen = String(await version());
    await api('PUT', { version: Number(seen), name: 'One' });
    const { status, text } = await page({ version: seen, name: 'Two' });
    expect(status).toBe(409);
    expect(text).toContain('changed meanwhile, by person:ada');
    expect(text).toContain('value="Two"');
    expect(text).toContain('stored now: One');
  });

  it('changes the identifier system until a resource carries it', async () => {
    const system = 'https://lakes.example.org/ids';
    const fields = { name: 'Lakes', identifierSystem: system };
    expect((await page({ version: String(await version()), ...fields })).status).toBe(303);
    await db.query(
      `insert into own_resource (id, tenant, connection, person, type, body, hash)
       values ($1, $tenant, 'c', $1, 'Condition', '{}', 'h')`,
      ['6b0a8f5e-0000-4000-8000-000000000001'],
    );
    const other = { ...fields, identifierSystem: 'urn:oid:1.2.3' };
    const { status, text } = await page({ version: String(await version()), ...other });
    expect([status, (await api()).body.identifierSystem]).toEqual([400, system]);
    expect(text).toMatch(/id="site-identifierSystem-error">cannot be changed any more/);
  });
});

describe('other processes', () => {
  it('use a change within seconds, and a start with another flag changes nothing', async () => {
    let elsewhere: Site | undefined;
    await open({ name: 'Flag', minorAge: 21 }, (site) => {
      elsewhere = site;
    });
    expect(told).toEqual([
      'name stays "Lakes Clinic", as this site has set it; change it on the page /console/site',
    ]);
    expect(elsewhere?.settings()).toMatchObject({ name: 'Lakes Clinic', minorAge: 21 });
    await api('PUT', { version: await version(), name: 'Rivers', timeZone: 'Asia/Tokyo' });
    await expect
      .poll(() => elsewhere?.settings(), { timeout: 10_000 })
      .toMatchObject({ name: 'Rivers', timeZone: 'Asia/Tokyo', minorAge: 18 });
  });
});
