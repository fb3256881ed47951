import { randomUUID } from 'node:crypto';
import { insertTask, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { moveTasks, type TaskMove } from './move-task.ts';
import { loadTasks } from './tasks.ts';

let db: Database;
let scratch: { url: string; close: () => Promise<void> };

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 4 });
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

/** Puts a Task there, with its referral. */
async function taskIn(status: string, more: Record<string, unknown> = {}): Promise<string> {
  const id = randomUUID();
  await db.query(
    `insert into referral (id, tenant, connection, person, category, state, gate, unambiguous,
       sensitive, conditions, since, trace)
     values ($1, 'o', 'clinic', $1, 'stress', 'partner', null, true, false, '[]', '2026-01-01', $1)`,
    [id],
  );
  await insertTask(db, {
    ...{ id, tenant: 'o', referral: id, person: id, attempt: 1, partner: 'pantry', status },
    ...{ channel: 'fhir-rest', address: 'https://p.example', receipt_key: id, remote_id: 'r' },
    ...more,
  });
  return id;
}

const load = async (id: string) => {
  const task = (await db.tx((tx) => loadTasks(tx, [id]))).get(id);
  if (task === undefined) throw new Error('no Task');
  return { ...task, json: JSON.parse(task.body) as Record<string, unknown> };
};

const versionsOf = async (id: string) =>
  (
    await db.query<{ version: number; status: string }>(
      'select version, status from task_version where task = $1 order by version',
      [id],
    )
  ).rows;

const move = async (task: string, more: Partial<TaskMove>) =>
  (
    await db.tx((tx) =>
      moveTasks(tx, [
        { task, from: { status: 'requested' }, to: 'accepted', by: 'target', ...more },
      ]),
    )
  ).get(task);

describe('a move of a Task', () => {
  it('changes status, body, version and time together, and keeps the earlier body', async () => {
    const id = await taskIn('requested');
    const before = await load(id);
    const statement = { note: [{ text: 'Monday' }] };
    expect(await move(id, { statement })).toEqual({ kind: 'moved', version: 2, unseen: [] });
    const after = await load(id);
    expect([after.status, after.json.status, after.version, after.live]).toEqual([
      'accepted',
      'accepted',
      2,
      true,
    ]);
    expect(after.json.note).toEqual(statement.note);
    expect(after.json.lastModified).toBe(after.last_updated.toISOString());
    expect(after.last_updated >= before.last_updated).toBe(true);
    expect(await versionsOf(id)).toEqual([{ version: 1, status: 'requested' }]);
  });

  it('ends a Task with its reason, once', async () => {
    const id = await taskIn('requested');
    await move(id, {
      to: 'cancelled',
      by: 'requester',
      reason: 'refused',
      recalledFrom: 'requested',
    });
    const ended = await load(id);
    expect([ended.live, ended.reason, ended.recalled_from]).toEqual([
      false,
      'refused',
      'requested',
    ]);
    expect(ended.ended_at).not.toBeNull();
  });

  it('that says nothing new makes no version', async () => {
    const id = await taskIn('accepted');
    const from = { status: 'accepted' };
    expect(await move(id, { from, to: 'accepted' })).toEqual({ kind: 'same', version: 1 });
    expect(await versionsOf(id)).toEqual([]);
  });

  it('adds what is said beside an unchanged status', async () => {
    const id = await taskIn('completed', { live: false });
    const statement = { note: [{ text: 'Two bags' }] };
    const from = { status: 'completed' };
    expect(await move(id, { from, to: 'completed', statement })).toMatchObject({ kind: 'moved' });
    expect((await load(id)).live).toBe(false);
  });

  it.each<[string, string, Partial<TaskMove>, object]>([
    ['the requester accepts', 'requested', { by: 'requester' }, { kind: 'not-allowed' }],
    ['it has ended', 'cancelled', { from: { status: 'cancelled' } }, { kind: 'not-allowed' }],
    ['a word is no status', 'requested', { to: 'done' }, { kind: 'not-allowed' }],
    ['another status was seen', 'accepted', {}, { kind: 'moved-meanwhile', status: 'accepted' }],
    [
      'another version was seen',
      'requested',
      { from: { status: 'requested', version: 7 } },
      { kind: 'moved-meanwhile', version: 1 },
    ],
  ])('is refused where %s', async (_name, status, more, outcome) => {
    const id = await taskIn(status);
    expect(await move(id, more)).toMatchObject(outcome);
    expect([(await load(id)).status, await versionsOf(id)]).toEqual([status, []]);
  });

  it('skips steps for the target and for a coordinator, and keeps which were not seen', async () => {
    const by = ['target', 'coordinator'] as const;
    for (const mover of by) {
      const id = await taskIn('requested');
      const outcome = { kind: 'moved', unseen: ['accepted'] };
      expect(await move(id, { to: 'completed', by: mover })).toMatchObject(outcome);
      expect((await load(id)).unseen).toBe('["accepted"]');
    }
  });

  it('is made by one of two workers; the other is told of the conflict', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await taskIn('requested');
      const from = { status: 'requested', version: 1 };
      const outcomes = await Promise.all([
        move(id, { from, to: 'accepted' }),
        move(id, { from, to: 'cancelled', by: 'requester' }),
      ]);
      const kinds = outcomes.map((outcome) => outcome?.kind).sort();
      expect(kinds).toEqual(['moved', 'moved-meanwhile']);
      const winner = outcomes[0]?.kind === 'moved' ? 'accepted' : 'cancelled';
      const { status, version } = await load(id);
      expect([status, version]).toEqual([winner, 2]);
    }
  });

  it('of many at once waits for no other in a circle', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => taskIn('requested')));
    const all = (order: readonly string[]) =>
      db.tx((tx) =>
        moveTasks(
          tx,
          order.map((task) => ({
            ...{ task, from: { status: 'requested' }, to: 'accepted', by: 'target' as const },
          })),
        ),
      );
    const both = await Promise.all([all(ids), all([...ids].reverse())]);
    const kinds = both.flatMap((outcomes) => [...outcomes.values()].map(({ kind }) => kind));
    expect(kinds.filter((kind) => kind === 'moved')).toHaveLength(8);
  });

  it('of another tenant is not made', async () => {
    const id = await taskIn('requested');
    const other = openDatabase({ url: scratch.url, tenant: 'other', max: 1 });
    const asked = { task: id, from: { status: 'requested' }, to: 'accepted' };
    const outcomes = await other.tx((tx) => moveTasks(tx, [{ ...asked, by: 'target' }]));
    await other.close();
    expect([outcomes.size, (await load(id)).status]).toEqual([0, 'requested']);
  });
});
