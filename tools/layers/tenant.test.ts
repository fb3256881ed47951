import { join } from 'node:path';
import { expect, it } from 'vitest';
import { statementsWithoutTenant, tablesWithoutTenant, tenantTables } from './tenant.ts';
import { unboundTables } from './tenant-sql.ts';

const root = join(import.meta.dirname, '..', '..');
const tables = new Set(['ledger', 'task', 'referral', 'history', '«»']);

const named = [
  'select id from task where tenant = $tenant',
  'select id from task where $1 = tenant',
  'select t.id from task t where t.tenant = $1',
  'select t.id from task as t where (t.tenant, t.id) in (select a, b from n)',
  'select 1 from task t join referral r on r.tenant = t.tenant and r.id = t.referral where t.tenant = $1',
  'select 1 from task t join referral r on (r.tenant, r.id) = (t.tenant, t.referral) where r.tenant = $1',
  'select 1 from task t join referral r using (tenant, referral) where t.tenant = $1',
  'select 1 from task t, referral r where t.tenant = $tenant and r.tenant = t.tenant',
  'select 1 from referral r where r.tenant = $1 and exists (select 1 from task t where t.tenant = r.tenant)',
  'select 1 from unnest($1) n cross join lateral (select 1 from task t where t.tenant = n.tenant) x',
  "select 1 from a where x is distinct from task and y = 'from task'",
  'select extract(epoch from now()) from task where tenant = $1',
  'select 1 from task where tenant = $1 union all select 1 from referral where tenant = $1',
  'with gone as (delete from task where tenant = $1 returning id) select * from gone',
  'update task t set live = false from referral r where t.tenant = $1 and r.tenant = t.tenant',
  'delete from task t using referral r where t.tenant = $1 and r.tenant = $1',
  'insert into task (tenant, id) values ($tenant, $1) on conflict (tenant, id) do nothing',
  'insert into task as t (id, tenant) select id, tenant from referral where tenant = $1',
  'insert into other (id) values ($1) on conflict (id) do update set id = 1',
  'select 1 from task where tenant = $1 for update of task',
  'select 1 from loopwell.task where tenant = $1',
  'select 1 from «» where id = $1',
];

const unnamed: [string, string[]][] = [
  ['select id from task', ['task']],
  ['select tenant, id from task where id = $1', ['task']],
  ['select t.tenant from task t where t.id = $1', ['task']],
  ['-- tenant = $1\nselect id from task', ['task']],
  ["select id from task where note = 'tenant = $1'", ['task']],
  ['select 1 from task t join referral r on r.id = t.referral where t.tenant = $1', ['referral']],
  ['select 1 from task t join referral r on r.id = t.referral where r.tenant = $1', ['task']],
  [
    'select 1 from task t left join referral r on r.id = t.referral where tenant = $1',
    ['task', 'referral'],
  ],
  ['select 1 from task t join referral r on r.tenant = t.tenant', ['task', 'referral']],
  ['select 1 from task t, referral r where t.tenant = $1', ['referral']],
  ['select 1 from referral r where r.tenant = $1 and exists (select 1 from task t)', ['task']],
  [
    'select 1 from referral r where exists (select 1 from task t where t.tenant = $1)',
    ['referral'],
  ],
  ['select 1 from task where tenant = $1 union all select 1 from referral', ['referral']],
  ['with gone as (delete from task returning id) select * from gone', ['task']],
  ['update task set live = false where id = $1', ['task']],
  ['update task t set live = false from referral r where t.tenant = $1', ['referral']],
  ['delete from task where id = $1', ['task']],
  ['delete from task t using referral r where r.tenant = $1 and r.id = t.referral', ['task']],
  ['insert into task (id) values ($1)', ['task']],
  ['insert into task (tenant, id) values ($1, $2) on conflict (id) do nothing', ['task']],
  ['on conflict (id) do nothing', ['«»']],
  ['insert into «» (id) values ($1)', ['«»']],
  ['update «» set id = 1', ['«»']],
  ['delete from «» where id = $1', ['«»']],
  [' join task t on t.id = r.id', ['task']],
];

it.each(named)('takes it that a tenant is named: %s', (sql) => {
  expect(unboundTables(sql, tables)).toEqual([]);
});

it.each(unnamed)('reports that no tenant is named: %s', (sql, expected) => {
  expect(unboundTables(sql, tables).map(({ table }) => table)).toEqual(expected);
});

it('reads statements, parts of statements and concatenations, with the line of each', () => {
  const file = 'packages/store/src/planted.ts';
  const text = [
    "const sentence = 'Take the referral from task to task';",
    "const part = 'exists (select 1 from task t where t.referral = r.id)';",
    "const value = 'x.id = any(array( select id from task))';",
    "const whole = 'select 1 from task ' + 'where tenant = $tenant';",
    'const template = (w: string) => `',
    `  select 1 from referral where \${w}\`;`,
  ].join('\n');
  const places = statementsWithoutTenant(root, [file], { [file]: text });
  expect(places.map(({ line, table }) => [line, table])).toEqual([
    [2, 'task'],
    [3, 'task'],
    [5, 'referral'],
  ]);
});

it('looks at the store only, and at no test', () => {
  const text = "const planted = 'select 1 from task';";
  const files = ['packages/store/src/planted.test.ts', 'packages/testing/src/planted.ts'];
  const texts = Object.fromEntries(files.map((file) => [file, text]));
  expect(statementsWithoutTenant(root, files, texts)).toEqual([]);
});

it('knows the tables by the migrations, and gives a reason for each without a tenant', () => {
  expect([...tenantTables(root)]).toEqual(
    expect.arrayContaining(['ledger', 'task', 'ehr_resource_version', 'unread_cursor']),
  );
  expect(tablesWithoutTenant(root)).toEqual([]);
});
