import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, deriveId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { personProfile } from '@loopwell/sdoh';
import { access, type Database, migrate, openDatabase, people, referrals } from '@loopwell/store';
import { supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { addReviewRoutes } from '../review.route.ts';
import type { ReviewDeps } from '../reviewer.ts';

/** What the page of a person says of them above all needs. */
const tenant = 'o';
const clock: Clock = { now: () => new Date('2026-11-24T15:00:00Z') };
const kia = deriveId('header', 'kia');

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let deps: ReviewDeps;
let cookie = '';

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
  const grant = { tenant, kind: 'session' as const, principal: 'person:rea', routes: [] };
  const secret = await db.tx((tx) => access.grantAccess(tx, { ...grant, roles: ['reviewer'] }));
  cookie = `loopwell_session=${secret}`;
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

const patient = {
  ...{ resourceType: 'Patient' as const, id: 'kia', birthDate: '1979-03-02' },
  identifier: [{ type: { coding: [{ code: 'MR' }] }, value: 'M-1001' }],
  name: [
    { text: 'Kia Vang', use: 'official' as const },
    { text: 'KK', use: 'nickname' as const },
  ],
  communication: [{ language: { text: 'Hmong' }, preferred: true }],
  address: [{ use: 'home' as const, line: ['1 Elm Street'], city: 'Duluth', state: 'MN' }],
  contact: [
    {
      relationship: [{ text: 'Husband' }],
      name: { text: 'Bo Vang' },
      telecom: [{ system: 'phone' as const, value: '612-555-0177' }],
    },
  ],
};
const form = {
  ...{ resourceType: 'QuestionnaireResponse', id: 'q', status: 'completed' },
  ...{ authored: '2026-09-09', author: { display: 'Rea Kelly, MA' } },
  encounter: { reference: 'Encounter/e' },
  item: [{ linkId: '/76437-3', answer: [{ valueCoding: { display: 'Medicaid' } }] }],
};
const visit = {
  ...{ resourceType: 'Encounter', id: 'e', status: 'finished', class: {} },
  location: [{ location: { display: 'Lake Street' } }],
};

async function store(resource: { resourceType: string; id: string }): Promise<void> {
  await db.query(
    `insert into ehr_resource (tenant, connection, type, source_id, version_id, person, body)
     values ($tenant, 'clinic', $1, $2, '1', $3, $4)`,
    [resource.resourceType, resource.id, kia, JSON.stringify(resource)],
  );
}

async function seed(more: Partial<typeof patient> = {}): Promise<void> {
  const pulled = { ...patient, ...more };
  for (const resource of [pulled, form, visit]) await store(resource);
  await db.tx(async (tx) => {
    const row = { connection: 'clinic', patientId: 'kia', patient: kia, unusable: null };
    await people.savePatients(tx, [row]);
    const body = JSON.stringify(personProfile(pulled));
    await people.saveProfiles(tx, [{ patient: kia, body }]);
  });
}

beforeEach(async () => {
  for (const table of ['ehr_resource', 'person', 'patient_link', 'person_profile', 'person_view'])
    await db.query(`delete from ${table}`);
});

const page = async (query = '') => (await ask.get(`/people/${kia}${query}`).set({ cookie })).text;

it('says who the person is, and who asked them where', async () => {
  await seed();
  const text = await page();
  for (const words of ['KK', '47', 'M-1001', 'Hmong', 'Duluth', 'Medicaid'])
    expect(text).toContain(words);
  expect(text).toMatch(/Rea Kelly, MA · .*\b0?9\b/);
  // A place of the chart may be a shelter. Only the site's own name is shown.
  expect(text).not.toContain('Lake Street');
  await db.query(
    `insert into site (tenant, settings, changed_by) values ($tenant, $1, 'person:rea')`,
    [JSON.stringify({ name: 'lake street' })],
  );
  expect(await page()).toMatch(/Rea Kelly, MA · Lake Street · .*\b0?9\b/);
});

it('shows the address on a click alone, and the click is recorded', async () => {
  await seed();
  expect(await page()).not.toContain('1 Elm Street');
  expect(await page('?show=address')).toContain('1 Elm Street, Duluth');
  const { rows } = await db.query("select person from person_view where what = 'address'");
  expect(rows).toEqual([{ person: kia }]);
});

it('shows a Safe at Home address as it is, and no other one', async () => {
  const lot = { line: ['Lot 0123', 'PO Box 17370'], city: 'Saint Paul', state: 'MN' };
  await seed({ address: [...patient.address, { use: 'home', ...lot }] });
  for (const query of ['', '?show=address'])
    expect(await page(query)).not.toMatch(/Elm Street|Duluth/);
  expect(await page('?show=address')).toContain('Lot 0123, PO Box 17370, Saint Paul, MN');
});

it('folds contact persons, and says that they are no way to reach the person', async () => {
  await seed();
  expect(await page()).toMatch(
    /<details><summary>[^<]*not a way to reach them<\/summary><ul><li>Bo Vang · Husband · 612-555-0177/,
  );
});

it('says what help there was before, and what came of it', async () => {
  await seed();
  const need = (category: string, n: number) => ({
    ...{ id: deriveId('header', category), tenant, connection: 'clinic', person: kia, category },
    ...{ episode: n, unambiguous: true, sensitive: false, conditions: '[]', trace: kia },
    since: `2026-0${n}-02T10:00:00Z`,
  });
  const [food, safety] = [need('food-insecurity', 5), need('intimate-partner-violence', 6)];
  await db.tx(async (tx) => {
    await referrals.saveNeeds(tx, [food, safety]);
    const patch = { state: 'closed' as const, gate: null };
    await referrals.patchReferrals(
      tx,
      [food, safety].map(({ id }) => ({ id, patch })),
    );
  });
  const text = await page();
  const help = text.slice(text.indexOf('Help before'), text.indexOf('</dl>'));
  expect(help).toContain('Food insecurity: closed: a partner has helped');
  expect(help).not.toContain('A need');
  await db.query('delete from referral');
});

it('says to what a minor agrees alone by the law of the state of the site, or that it is not set', async () => {
  await seed({ birthDate: '2012-03-02' });
  expect(await page()).toContain('The site has not set its state');
  deps.state = 'MN';
  expect(await page()).toMatch(/pregnancy[^<]*\(MN 144\.343\)/);
  deps.state = 'TX';
  expect(await page()).toContain('The site has not set its state');
});
