import { deriveId } from '@loopwell/kit';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { listViews, logViews, type ViewSearch } from './person-views.ts';
import { hiddenPatients, liftRestriction, mayView, restrictChart } from './restricted-charts.ts';

const [ada, adaElsewhere, kia] = ['ada', 'ada elsewhere', 'kia'].map((name) => deriveId(name)) as [
  string,
  string,
  string,
];
const mai = { id: 'person:mai', roles: ['reviewer'] };
const lee = { id: 'person:lee', roles: ['reviewer'] };
const lead = { id: 'person:lead', roles: ['reviewer', 'lead'] };
const token = { id: 'service:export' };

let db: Database;
let other: Database;
let scratch: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 3 });
  other = openDatabase({ url: scratch.url, tenant: 'p', max: 1 });
  const link = (connection: string, patient: string, person: string) =>
    db.query(
      `insert into patient_link (tenant, connection, patient_id, patient, person)
       values ($tenant, $1, $2::text, $2::uuid, $3)`,
      [connection, patient, person],
    );
  await link('one', ada, ada);
  await link('two', adaElsewhere, ada);
  await link('one', kia, kia);
});
afterAll(async () => {
  await other.close();
  await db.close();
  await scratch.close();
});
beforeEach(async () => {
  await db.query('delete from person_view where tenant = $tenant');
  await db.query('delete from restricted_chart where tenant = $tenant');
});

describe('views of people', () => {
  const log = (principal: { id: string }, people: string[], page = '/decide') =>
    db.tx((tx) => logViews(tx, { principal, page, people }));
  const list = async (search: Partial<ViewSearch>, from = db) =>
    (await from.tx((tx) => listViews(tx, { limit: 100, ...search }))).map(
      ({ patient, principal }) => [patient, principal],
    );

  beforeEach(async () => {
    await log(mai, [ada, kia, ada]);
    await log(lee, [adaElsewhere], '/people/:id');
  });

  it('are one row for each person that a page shows, with one statement', async () => {
    const before = db.counters.queries;
    await log(mai, [kia, ada]);
    expect(db.counters.queries - before).toBe(1);
    expect(await list({ limit: 2 })).toHaveLength(2);
    await log(mai, []);
    expect(await list({})).toHaveLength(5);
  });

  it.each<[string, Partial<ViewSearch>, [string, string][]]>([
    ['who looked', { principal: lee.id }, [[adaElsewhere, lee.id]]],
    ['nobody who looked', { principal: 'person:nobody' }, []],
    [
      'a human being, by any of their Patients',
      { person: adaElsewhere },
      [
        [adaElsewhere, lee.id],
        [ada, mai.id],
      ],
    ],
    ['both', { person: ada, principal: mai.id }, [[ada, mai.id]]],
    ['a person who is not known', { person: deriveId('nobody') }, []],
    ['a time that has passed', { to: new Date('2020-01-01') }, []],
  ])('are found by %s', async (_what, search, expected) => {
    expect(await list(search)).toEqual(expected);
  });

  it('go on after the last one of a page', async () => {
    const [first] = await db.tx((tx) => listViews(tx, { limit: 1 }));
    expect(await list({ after: first?.id })).toHaveLength(2);
  });

  it('are not seen by another tenant', async () => {
    expect(await list({ person: ada }, other)).toEqual([]);
  });

  it.each([
    ['an id', `/people/${ada}`],
    ['a name', '/people?name=Ada'],
    ['a number', '/people/612'],
    ['nothing', ''],
  ])('take no page with %s in it', async (_what, page) => {
    await expect(log(mai, [ada], page)).rejects.toThrow(/page/);
  });

  it('are never changed', async () => {
    const change = db.query("update person_view set principal = 'x' where tenant = $tenant");
    await expect(change).rejects.toThrow(/never changed/);
  });

  it.each([
    ['who looked', 'person_view_principal', "v.principal = 'person:p7'"],
    ['a person', 'person_view_person', `v.person = '${ada}'`],
  ])('are found among many by %s through an index', async (_what, index, condition) => {
    await db.query(
      `insert into person_view (tenant, person, principal, page, what)
       select $tenant, gen_random_uuid(), 'person:p' || n % 50, '/decide', 'list'
         from generate_series(1, 5000) n`,
    );
    await db.query('analyze person_view');
    const { rows } = await db.query<{ 'QUERY PLAN': string }>(
      `explain select 1 from person_view v where v.tenant = $tenant and ${condition}
        order by v.id desc limit 50`,
    );
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain(index);
  });
});

describe('a restricted chart', () => {
  const restrict = (viewer = mai, owner = mai.id) =>
    db.tx((tx) => restrictChart(tx, viewer, { person: ada, owner }));
  const seenBy = async (viewer: { id: string; roles?: string[] }) =>
    db.tx(async (tx) => [...(await mayView(tx, viewer, [ada, adaElsewhere, kia]))]);

  it.each([
    ['its owner', mai, [ada, adaElsewhere, kia]],
    ['a lead', lead, [ada, adaElsewhere, kia]],
    ['another reviewer', lee, [kia]],
    ['a service token', token, [kia]],
  ])('is shown as it should be to %s, in every EHR', async (_who, viewer, expected) => {
    await restrict();
    expect(await seenBy(viewer)).toEqual(expected);
  });

  it('is open to all again once its restriction is lifted', async () => {
    await restrict();
    expect(await db.tx((tx) => liftRestriction(tx, lead, adaElsewhere))).toBe(true);
    expect(await db.tx((tx) => hiddenPatients(tx, lee))).toEqual([]);
    expect(await db.tx((tx) => liftRestriction(tx, lead, ada))).toBe(false);
  });

  it('gets another owner, and its earlier one is shut out', async () => {
    await restrict();
    await restrict(mai, lee.id);
    expect(await seenBy(mai)).toEqual([kia]);
    expect(await seenBy(lee)).toEqual([ada, adaElsewhere, kia]);
  });

  it.each([
    ['restricted anew', () => restrict(lee, lee.id)],
    ['opened', () => db.tx((tx) => liftRestriction(tx, lee, ada))],
  ])('is not %s by somebody who may not open it', async (_what, change) => {
    await restrict();
    await expect(change()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await seenBy(lee)).toEqual([kia]);
  });

  it('stays its own tenant’s', async () => {
    await restrict();
    const shown = await other.tx((tx) => mayView(tx, lee, [ada]));
    expect([...shown]).toEqual([ada]);
  });
});
