import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { personProfile } from '@loopwell/sdoh';
import {
  access,
  type Database,
  migrate,
  openDatabase,
  people,
  referrals,
  work,
} from '@loopwell/store';
import { supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addNoRoutes } from '../nos/nos.route.ts';
import { addReviewRoutes } from '../review.route.ts';

/** Who lives with a person, the family by guardian and child, and what goes on paper. */
const tenant = 'o';
const today = '2026-11-30';
const clock: Clock = { now: () => new Date(`${today}T16:00:00Z`), timeZone: 'America/Chicago' };
const food = 'food-insecurity';

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let cookie: Record<string, string>;
let [mai, pao, lue] = ['', '', ''];
let [forPao, forLue] = ['', ''];

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant });
  const app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
    clock,
  });
  addContract(app, contracts.coordination);
  addSignIn(app, access.signInDoors(db), { secure: false });
  const deps = { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 };
  addReviewRoutes(app, deps);
  addNoRoutes(app, deps);
  finish(app, silentLog);
  ask = supertest(app.express);
  const grant = { tenant, kind: 'session' as const, principal: 'person:rea', roles: ['reviewer'] };
  const session = await db.tx((tx) => access.grantAccess(tx, { ...grant, routes: [] }));
  cookie = { cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' };
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

/** A mother and two children, all at one address and one phone, and a need of each child. */
beforeEach(async () => {
  [mai, pao, lue, forPao, forLue] = [newId(), newId(), newId(), newId(), newId()];
  await db.query('delete from ledger where tenant = $tenant');
  await db.tx(async (tx) => {
    for (const [patient, birthDate] of [
      [mai, '1988-01-01'],
      [pao, '2015-01-01'],
      [lue, '2018-01-01'],
    ] as const) {
      const row = { connection: 'clinic', patientId: patient, patient, unusable: null };
      await people.savePatients(tx, [row]);
      const pulled = {
        ...{ resourceType: 'Patient' as const, id: patient, birthDate, name: [{ text: 'Vang' }] },
        telecom: [{ system: 'phone' as const, value: '612-555-0100' }],
        address: [{ line: ['1 Elm Street'], city: 'Saint Paul' }],
      };
      const body = JSON.stringify(personProfile(pulled));
      await people.saveProfiles(tx, [{ patient, body }]);
      await people.saveStandings(tx, [{ patient, standing: 'stands', recordKey: 'k' }]);
    }
    const need = { tenant, connection: 'clinic', episode: 1, unambiguous: true, sensitive: false };
    const more = { conditions: '[]', since: '2026-11-02', trace: newId(), category: food };
    await referrals.saveNeeds(tx, [
      { ...need, ...more, id: forPao, person: pao },
      { ...need, ...more, id: forLue, person: lue },
    ]);
  });
});

const put = (path: string, body: object, person = pao) =>
  ask.put(`/api/v1/people/${person}/${path}`).set(cookie).send(body);
const page = async (path = '', person = pao) =>
  (await ask.get(`/people/${person}${path}`).set(cookie)).text;
const approve = (id: string, at: string) =>
  db.tx((tx) =>
    referrals.patchReferrals(tx, [
      { id, patch: { approval: 'approved', approved_by: 'person:rea', approved_at: new Date(at) } },
    ]),
  );
const together = async () =>
  db.tx(async (tx) => {
    const rows = await referrals.loadReferrals(tx, [forPao, forLue]);
    return [...(await work.goingWithSibling(tx, [...rows.values()]))];
  });
const callTo = (person: string) =>
  ask.post(`/api/v1/people/${person}/tries`).set(cookie).send({ channel: 'call' });

describe('a household', () => {
  it('is what the person says, on their own page, and links nobody', async () => {
    expect(
      (await put('household', { size: 3, ages: [38, 11, 8], saidOn: today }, mai)).status,
    ).toBe(200);
    expect(await page('', mai)).toContain(
      '3 people live there, themselves included (ages 38, 11, 8), as they said on Nov 30.',
    );
    expect(await page()).toContain('Nobody has asked who lives with them.');
    expect(await db.tx((tx) => work.familiesOf(tx, [mai, pao, lue]))).toEqual(new Map());
  });

  it.each([
    [{ size: 0 }, 'size'],
    [{ size: 41 }, 'size'],
    [{ size: 1, ages: [3, 5] }, 'ages'],
    [{ size: 2, ages: [130] }, 'ages'],
    [{ size: 2, saidOn: '2026-12-01' }, 'saidOn'],
  ])('is refused with %j, naming the field', async (body, field) => {
    const { status, text } = await put('household', body);
    expect([status, text.includes(field)]).toEqual([400, true]);
  });

  it('keeps what was typed, with the error at its field', async () => {
    const form = { size: '2', ages: 'six, two' };
    const { status, text } = await ask
      .post(`/people/${pao}/household`)
      .set(cookie)
      .type('form')
      .send(form);
    expect(status).toBe(400);
    expect(text).toMatch(/id="household-ages"[^>]*aria-invalid="true"/);
    expect(text).toContain('value="six, two"');
  });
});

describe('the guardian of a minor child', () => {
  beforeEach(async () => {
    await put('guardian', { guardian: mai });
    await put('guardian', { guardian: mai }, lue);
  });

  it('leads to one referral of the siblings for the same need', async () => {
    await approve(forLue, '2026-11-29T10:00:00Z');
    await approve(forPao, '2026-11-30T10:00:00Z');
    expect(await together()).toEqual([forPao]);
    await db.query("update referral set state = 'withdrawn' where id = $1", [forLue]);
    expect(await together()).toEqual([]);
    await db.query("update referral set state = 'closed' where id = $1", [forLue]);
    expect(await together()).toEqual([forPao]);
    await ask.delete(`/api/v1/people/${pao}/guardian`).set(cookie);
    expect(await together()).toEqual([]);
  });

  it('leads to one try a day for the siblings, also by two people at once', async () => {
    const answers = await Promise.all([callTo(pao), callTo(lue)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect((await callTo(mai)).status).toBe(201);
    expect(await page()).toContain('Brother or sister');
  });

  it('is refused where the charts do not say that one is a minor and the other is not', async () => {
    const refused = async (child: string, guardian: string) =>
      (await put('guardian', { guardian }, child)).text;
    expect(await refused(mai, pao)).toContain('no-minor');
    expect(await refused(pao, lue)).toContain('no-adult');
    expect(await refused(pao, pao)).toContain('other');
    expect(await refused(pao, newId())).toContain('unknown');
    expect((await put('guardian', { guardian: mai })).status).toBe(409);
  });
});

describe('what goes on paper', () => {
  it('has the needs and where they stand, and no note, mark or safety', async () => {
    await ask.post(`/api/v1/people/${pao}/notes`).set(cookie).send({ text: 'Father drinks' });
    await db.tx((tx) =>
      referrals.saveNeeds(tx, [
        {
          ...{ id: newId(), tenant, connection: 'clinic', person: pao, episode: 1 },
          ...{ category: 'intimate-partner-violence', unambiguous: true, sensitive: true },
          ...{ conditions: '[]', since: '2026-11-02', trace: newId() },
          ...{ danger: 'hurt at home', danger_kind: 'see-first' as const },
        },
      ]),
    );
    for (const path of ['/copy', '/print']) {
      const text = (await page(path)).replace(/[\s\S]*<main/, '');
      expect(text).toContain('Food insecurity: Awaiting review');
      expect(text).not.toMatch(/Father drinks|A need|violence|hurt|See first/);
    }
    expect((await ask.get(`/people/${newId()}/print`).set(cookie)).status).toBe(404);
  });
});
