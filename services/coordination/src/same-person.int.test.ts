import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, deriveId, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import {
  access,
  type Database,
  grants,
  migrate,
  openDatabase,
  people,
  referrals,
  saveConnection,
} from '@loopwell/store';
import { supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReviewRoutes } from './review.route.ts';

/** Two Patients that are one person are shown as one, and a person can join and part them. */
const tenant = 'o';
const clock: Clock = { now: () => new Date('2026-11-24T15:00:00Z') };
const idOf = (name: string) => deriveId('test', name);

let db: Database;
let app: ReturnType<typeof createApp>;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let cookie = '';
let bearers: Record<'service' | 'stranger', string>;

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant });
  app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  addContract(app, contracts.coordination);
  addSignIn(app, access.signInDoors(db), { secure: false });
  addReviewRoutes(app, { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 });
  finish(app, silentLog);
  ask = supertest(app.express);
  const grant = (principal: string, roles: string[], routes: string[]) =>
    db.tx((tx) => {
      const kind = roles.length > 0 ? ('session' as const) : ('service' as const);
      return access.grantAccess(tx, { tenant, kind, principal, roles, routes });
    });
  cookie = `loopwell_session=${await grant('person:rea', ['reviewer'], [])}`;
  bearers = {
    service: await grant('service:a', [], ['PUT /api/v1/patients/:patientId/person']),
    stranger: await grant('service:b', [], ['GET /api/v1/reviews']),
  };
  await db.tx((tx) =>
    saveConnection(tx, { id: 'clinic', tenant, base: 'https://ehr.example', quirks: 'plain-r4' }),
  );
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});
beforeEach(async () => {
  const tables = ['referral', 'history', 'person', 'patient_link', 'patient_statement'];
  for (const table of [...tables, 'person_profile']) await db.query(`delete from ${table}`);
});

const categories = { a: 'food-insecurity', b: 'housing-instability', c: 'food-insecurity' };
type Name = keyof typeof categories;

/** Pulls Patients, each with one referral. */
async function seed(...names: Name[]): Promise<void> {
  await db.tx(async (tx) => {
    for (const name of names) {
      const row = { connection: 'clinic', patientId: name, patient: idOf(name), unusable: null };
      await people.savePatients(tx, [row]);
      const names = [{ text: `Lind ${name}` }, { text: 'Addie', use: 'usual' }];
      const rest = { contacts: [], languages: [], addresses: [], contactPersons: [], notes: [] };
      const body = JSON.stringify({ names, ...rest, generalPractitioners: [] });
      await people.saveProfiles(tx, [{ patient: idOf(name), body }]);
      await referrals.saveNeeds(tx, [
        {
          id: idOf(`referral ${name}`),
          tenant,
          connection: 'clinic',
          person: idOf(name),
          category: categories[name],
          episode: 1,
          unambiguous: true,
          sensitive: false,
          conditions: '[]',
          since: '2026-11-02',
          trace: newId(),
        },
      ]);
    }
  });
}

const says = (patientId: string, ...replacedBy: string[]) =>
  db.tx(async (tx) => {
    await people.lockLinks(tx, 'clinic', false);
    const statements = { replacedBy, replaces: [] };
    await people.followLinks(tx, 'clinic', [{ patientId, statements }]);
  });

const put = (patient: string, samePersonAs: unknown) =>
  ask
    .put(`/api/v1/patients/${patient}/person`)
    .set({ cookie, 'sec-fetch-site': 'same-origin' })
    .send({ samePersonAs });
const review = async (name: Name) =>
  (await ask.get(`/api/v1/reviews/${idOf(`referral ${name}`)}`).set({ cookie })).body;
const others = async (name: Name): Promise<string[]> =>
  (await review(name)).otherReferrals.map(({ id }: { id: string }) => id);
const personsNow = async () => {
  const { rows } = await db.query<{ patient_id: string; person: string }>(
    'select patient_id, person from patient_link where tenant = $tenant order by 1',
  );
  return Object.fromEntries(rows.map((row) => [row.patient_id, row.person]));
};

describe('the page of a person', () => {
  const page = (id: string) => ask.get(`/people/${id}`).set({ cookie });

  it('shows the needs of all their Patients, and any id of theirs leads to it', async () => {
    await seed('a', 'b', 'c');
    await says('a', 'b');
    const shown = await page(idOf('b'));
    expect(shown.status).toBe(200);
    expect(shown.text).toContain(`/review/${idOf('referral a')}`);
    expect(shown.text).toContain(`/review/${idOf('referral b')}`);
    expect(shown.text).not.toContain(idOf('referral c'));
    const led = await page(idOf('a'));
    expect([led.status, led.headers.location]).toEqual([303, `/people/${idOf('b')}`]);
  });

  it('is not there for an id that nobody has, and shows nothing without a sign-in', async () => {
    await seed('a');
    for (const id of [idOf('nobody'), 'a', '%27'])
      expect([id, (await page(id)).status]).toEqual([id, 404]);
    expect((await ask.get(`/people/${idOf('a')}`)).text).not.toContain('Lind');
  });
});

describe('two Patients of one person', () => {
  it('have each other’s referrals in the API, on the page and in the list', async () => {
    await seed('a', 'b', 'c');
    expect(await others('a')).toEqual([]);
    await says('a', 'b');
    expect(await others('a')).toEqual([idOf('referral b')]);
    expect(await others('b')).toEqual([idOf('referral a')]);
    expect(await others('c')).toEqual([]);
    expect(await review('a')).toMatchObject({
      patients: [
        { id: idOf('a'), connection: 'clinic', patientId: 'a', linkProblem: null },
        { id: idOf('b'), connection: 'clinic', patientId: 'b', linkProblem: null },
      ],
      otherReferrals: [{ patient: idOf('b') }],
    });
    const page = await ask.get(`/review/${idOf('referral a')}`).set({ cookie });
    expect(page.text).toContain(`/review/${idOf('referral b')}`);
    expect(page.text).toContain('Another record, at clinic');
    expect(page.text).toContain('Lind a (“Addie”)');
    for (const name of ['a', 'b'] as const) {
      const old = `/review?state=all&person=${idOf(name)}`;
      const list = await ask.get(old).redirects(2).set({ cookie });
      expect(list.text).toContain(`/review/${idOf('referral a')}`);
      expect(list.text).toContain(`/review/${idOf('referral b')}`);
      expect(list.text).not.toContain(`/review/${idOf('referral c')}`);
    }
  });

  it('say on the page that their links cannot be followed', async () => {
    await seed('a', 'b');
    await says('a', 'b');
    await says('b', 'a');
    expect((await review('a')).patients).toMatchObject([{ linkProblem: 'link-in-circle' }, {}]);
    const page = await ask.get(`/review/${idOf('referral b')}`).set({ cookie });
    expect(page.text).toContain('link-in-circle');
  });
});

describe('a person', () => {
  it('parts two Patients that the EHR has joined, and those before them follow', async () => {
    await seed('a', 'b', 'c');
    await says('b', 'c');
    await says('a', 'b');
    expect(await personsNow()).toEqual({ a: idOf('c'), b: idOf('c'), c: idOf('c') });
    const { status, body } = await put(idOf('b'), null);
    expect([status, body]).toEqual([200, { patient: idOf('b'), person: idOf('b') }]);
    expect(await personsNow()).toEqual({ a: idOf('b'), b: idOf('b'), c: idOf('c') });
    await says('b', 'c');
    expect(await personsNow()).toEqual({ a: idOf('b'), b: idOf('b'), c: idOf('c') });
    const { rows } = await db.query(
      "select subject, principal, facts from history where outcome = 'person-unlinked'",
    );
    expect(rows).toEqual([
      {
        subject: idOf('b'),
        principal: 'person:rea',
        facts: JSON.stringify({ person: idOf('b'), reason: 'not-the-same-person' }),
      },
    ]);
  });

  it('joins two Patients and parts them again', async () => {
    await seed('a', 'b');
    expect((await put(idOf('a'), idOf('b'))).body).toEqual({
      patient: idOf('a'),
      person: idOf('b'),
    });
    expect(await others('b')).toEqual([idOf('referral a')]);
    await put(idOf('a'), null);
    expect(await others('b')).toEqual([]);
  });

  it('shuts what partners read of both until their gates have looked, and so does parting', async () => {
    await seed('a', 'b', 'c');
    await db.query('delete from ledger');
    const task = idOf('task b');
    await db.tx((tx) => {
      const grant = {
        tenant,
        partner: 'pantry',
        task,
        referral: idOf('referral b'),
        person: idOf('b'),
        type: 'Patient',
        id: idOf('b'),
        elements: 'name',
        class: 'personal' as const,
        until: null,
        after_end_ms: 0,
      };
      return grants.addGrants(tx, [grant]);
    });
    const isShut = async () => {
      const { rows } = await db.query<{ suspended_at: Date | null }>(
        'select suspended_at from disclosure_grant',
      );
      return rows.map((row) => row.suspended_at !== null);
    };
    const due = async () => {
      const { rows } = await db.query<{ subject: string }>(
        "select subject from ledger where stage = 'refer'",
      );
      await db.query('delete from ledger');
      return rows.map(({ subject }) => subject).toSorted();
    };
    const both = [idOf('referral a'), idOf('referral b')].toSorted();
    await put(idOf('a'), idOf('b'));
    expect([await isShut(), await due()]).toEqual([[true], both]);
    await db.query('update disclosure_grant set suspended_at = null');
    await put(idOf('a'), null);
    expect([await isShut(), await due()]).toEqual([[true], both]);
    await db.query('delete from disclosure_grant');
  });

  it.each<[string, () => string, unknown, number]>([
    ['an unknown Patient', () => newId(), null, 404],
    ['an unknown other', () => idOf('a'), newId(), 404],
    ['no id', () => 'a', null, 400],
    ['no id of the other', () => idOf('a'), 'b', 400],
    ['nothing', () => idOf('a'), undefined, 400],
    ['a number', () => idOf('a'), 7, 400],
  ])('changes nothing with %s', async (_name, patient, other, status) => {
    await seed('a', 'b');
    expect((await put(patient(), other)).status).toBe(status);
    expect(await personsNow()).toEqual({ a: idOf('a'), b: idOf('b') });
  });

  it('is needed, or a token for this route', async () => {
    await seed('a', 'b');
    const put = (token?: string) => {
      const request = ask.put(`/api/v1/patients/${idOf('a')}/person`);
      const asked = token ? request.set({ authorization: `Bearer ${token}` }) : request;
      return asked.send({ samePersonAs: null });
    };
    expect((await put()).status).toBe(401);
    expect((await put(bearers.stranger)).status).toBe(403);
    expect((await put(bearers.service)).status).toBe(200);
  });

  it('of another tenant finds no Patient', async () => {
    await seed('a');
    const other = openDatabase({ url: scratch.url, tenant: 'other', max: 1 });
    const choice = { patient: idOf('a'), samePersonAs: null, principal: 'person:x' };
    try {
      await expect(other.tx((tx) => people.setPerson(tx, choice))).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    } finally {
      await other.close();
    }
  });
});
