import { deriveId, newId } from '@loopwell/kit';
import { insertTask, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Database, openDatabase, type Tx } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import * as referrals from './referrals.ts';
import { searchHubTasks, type TaskSearch } from './task-search.ts';

/** The plan of a search over many Tasks of one partner. */
const tenant = 'o';
let db: Database;
let scratch: Awaited<ReturnType<typeof testDatabase>>;

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant, max: 3 });
  const [id, referral, person] = [newId(), newId(), deriveId('person')];
  const need = {
    ...{ id: referral, tenant, connection: 'clinic', person, category: 'food-insecurity' },
    ...{ episode: 1, unambiguous: true, sensitive: false, conditions: '[]' },
    ...{ since: '2026-06-01T00:00:00Z', trace: newId() },
  };
  await db.tx((tx) => referrals.saveNeeds(tx, [need]));
  await insertTask(db, {
    ...{ id, tenant, referral, person, attempt: 1, partner: 'pantry', status: 'completed' },
    ...{ channel: 'hub', address: 'hub:pantry', receipt_key: id, remote_id: id, live: false },
  });
  await db.query(
    `insert into task select (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(),
        'attempt', n + 1, 'status',
        case when n % 50 = 0 then 'accepted' else 'completed' end, 'last_updated', now() - n * interval '1 minute'))).*
       from task t, generate_series(1, 10000) n where t.tenant = $tenant`,
  );
  await db.query(
    `insert into disclosure_grant
       (tenant, partner, type, id, task, referral, person, elements, class)
     select tenant, owner, 'Task', id::text, id, referral, person, 'all', 'record' from task
      where tenant = $tenant`,
  );
  await db.query('analyze task, disclosure_grant');
});
afterAll(async () => {
  await db.close();
  await scratch.close();
});

it.each<[string, Partial<TaskSearch>, string]>([
  ['all', {}, 'task_search'],
  ['by status', { statuses: ['accepted', 'requested'] }, 'task_search_status'],
  ['after a Task', { after: { at: new Date(), id: newId() } }, 'task_search'],
])('reads one page in the order of an index: %s', async (_what, more, index) => {
  const search = { partners: ['pantry'], limit: 51, ...more };
  expect(await searchHubTasks(db, search)).toHaveLength(51);
  const plans: string[] = [];
  const explain: Tx['query'] = async (sql, values) => {
    const { rows } = await db.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, values);
    plans.push(...rows.map((row) => row['QUERY PLAN']));
    return { rows: [], rowCount: 0 };
  };
  await searchHubTasks({ ...db, query: explain }, search);
  const plan = plans.join('\n');
  expect(plan).toMatch(new RegExp(`using ${index} on task`));
  expect(plan).not.toMatch(/Seq Scan on (task|disclosure_grant)/);
});
