import { deriveId } from '@loopwell/kit';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import * as grants from './disclosure-grants.ts';
import { findGrant, grantStands } from './granted-reads.ts';

const tenant = 'o';
const reader = { tenant, partners: ['pantry'] };
const [task, person, referral] = ['task', 'person', 'referral'].map((name) => deriveId(name));
let db: Database;
let scratch: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant, max: 3 });
});
afterAll(async () => {
  await db.close();
  await scratch.close();
});

const wish = (type: string, more: object = {}): grants.GrantWish => ({
  ...{ tenant, partner: 'pantry', type, id: 'x', task: task ?? '', referral: referral ?? '' },
  ...{ person: person ?? '', elements: 'all', until: null, after_end_ms: 3_600_000 },
  class: type === 'Patient' ? 'personal' : 'record',
  ...more,
});
const all = [wish('Patient'), wish('ServiceRequest'), wish('Task')];
const judge = (wishes: readonly grants.GrantWish[]) =>
  db.tx(async (tx) => {
    const lifted = await grants.suspensionsOf(tx, [task ?? '']);
    await grants.saveGrants(tx, { tasks: [task ?? ''], by: 'test', lifted }, wishes);
  });
const shown = async () => {
  const types: string[] = [];
  for (const { type } of all) if (await findGrant(db, reader, type, 'x')) types.push(type);
  return types;
};
const hold = (scope: string) =>
  db.query("insert into hold (tenant, scope, principal) values ($tenant, $1, 'person:op')", [
    scope,
  ]);

beforeEach(async () => {
  await db.query('delete from disclosure_grant where tenant = $tenant');
  await db.query('delete from hold where tenant = $tenant');
  await judge(all);
});

it.each<[string, () => Promise<unknown>, string[]]>([
  ['nothing happens', async () => {}, ['Patient', 'ServiceRequest', 'Task']],
  ['fewer are wished for', () => judge([wish('Task')]), ['Task']],
  ['the Task ends', () => grants.letGrantsRunOut(db, [task ?? '']), ['ServiceRequest', 'Task']],
  [
    'the Task ended longer ago than its order is shown',
    async () => {
      await judge(all.map((one) => ({ ...one, after_end_ms: 0 })));
      await grants.letGrantsRunOut(db, [task ?? '']);
    },
    [],
  ],
  [
    'the Task is taken back',
    () => grants.endGrantsOfTasks(db, { tasks: [task ?? ''], by: 'test', hasTask: true }),
    ['Task'],
  ],
  [
    'the Task never arrived',
    () => grants.endGrantsOfTasks(db, { tasks: [task ?? ''], by: 'test', hasTask: false }),
    [],
  ],
  ['the record changes', () => grants.suspendGrantsOfPeople(db, [person ?? '']), ['Task']],
  [
    'the record changes and is judged',
    async () => {
      await grants.suspendGrantsOfPeople(db, [person ?? '']);
      await judge(all);
    },
    ['Patient', 'ServiceRequest', 'Task'],
  ],
  [
    'another record changes',
    () => grants.suspendGrantsOfPeople(db, [deriveId('other')]),
    ['Patient', 'ServiceRequest', 'Task'],
  ],
  [
    'a limit passes',
    () => judge([wish('Patient', { until: new Date(0) }), wish('Task')]),
    ['Task'],
  ],
  ['everything is held', () => hold('all'), []],
  ['the partner is held', () => hold('partner:pantry'), []],
  ['another partner is held', () => hold('partner:shelter'), ['Patient', 'ServiceRequest', 'Task']],
])('shows the right resources when %s', async (_what, change, expected) => {
  await change();
  expect(await shown()).toEqual(expected);
});

it('starts again what had ended, and a later grant of another partner shows nothing', async () => {
  await judge([]);
  expect(await shown()).toEqual([]);
  await judge([wish('Patient', { partner: 'shelter' })]);
  expect(await shown()).toEqual([]);
  await judge(all);
  expect(await shown()).toEqual(['Patient', 'ServiceRequest', 'Task']);
});

it.each<[string, () => Promise<unknown>]>([
  ['its grant ends', () => judge([])],
  ['its grant is suspended', () => grants.suspendGrantsOfPeople(db, [person ?? ''])],
  ['a hold is set', () => hold('all')],
])('a read that has begun does not end where %s meanwhile', async (_what, change) => {
  await db.tx(async (tx) => {
    const granted = await findGrant(tx, reader, 'Patient', 'x');
    if (!granted) throw new Error('It stood before');
    expect(await grantStands(tx, tenant, granted)).toBe(true);
    await change();
    expect(await grantStands(tx, tenant, granted)).toBe(false);
  });
});

it('finds a grant among those of 10,000 open orders by an index alone', async () => {
  await db.query(
    `insert into disclosure_grant (tenant, partner, type, id, task, referral, person, elements, class)
     select $tenant, 'pantry', 'Organization', 'us', gen_random_uuid(), gen_random_uuid(),
       gen_random_uuid(), 'all', 'record' from generate_series(1, 10000)`,
  );
  await db.query('analyze disclosure_grant');
  const { rows } = await db.query<{ 'QUERY PLAN': string }>(
    `explain select 1 from disclosure_grant g where g.tenant = $tenant and g.partner = 'pantry'
      and g.type = 'Organization' and g.id = 'us' and g.ended_at is null and g.suspended_at is null
      and (g.until is null or g.until > loopwell_now()) order by g.until desc nulls first limit 1`,
  );
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('disclosure_grant_read');
  expect(plan).not.toMatch(/Seq Scan|Sort/);
  expect(await findGrant(db, reader, 'Organization', 'us')).toMatchObject({ partner: 'pantry' });
});
