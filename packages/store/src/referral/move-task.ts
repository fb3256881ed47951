import { isFinal, judgeMove, movedBody, type TaskMover, type TaskStatement } from '@loopwell/sdoh';
import { letGrantsRunOut } from '../access/disclosure-grants.ts';
import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import { lockWithReferrals } from './tasks.ts';

/** A move of one Task: its status, what is said beside it, and what we note of it. */
export type TaskMove = {
  task: string;
  /** The status and version that the mover looked at; one that made no version looked at none. */
  from: { status: string; version?: number };
  to: string;
  by: TaskMover;
  statement?: TaskStatement | undefined;
  /** Our own note of how it ended. */
  reason?: string | undefined;
  /** The status that it had when it was recalled. */
  recalledFrom?: string | undefined;
};

/**
 * What became of a move. `same`: it says nothing new. `moved-meanwhile`: another mover was faster.
 * `not-allowed`: the state machine has no such arrow for this side.
 */
export type TaskMoveOutcome =
  | { kind: 'moved'; version: number; unseen: readonly string[] }
  | { kind: 'same'; version: number }
  | { kind: 'moved-meanwhile'; status: string; version: number }
  | { kind: 'not-allowed'; status: string; version: number };

type MovedTask = {
  id: string;
  tenant: string;
  status: string;
  body: string;
  version: number;
  last_updated: Date;
  live: boolean;
  now: Date;
};

type Written = {
  before: MovedTask;
  move: TaskMove;
  body: string;
  unseen: readonly string[];
};

/**
 * Moves Tasks, one move for each at most. It is the only writer of a Task's status and body: the
 * body, version, status, end and note change together, and the earlier body is kept. Tasks are
 * locked in the order of their ids, so of two workers that move one Task the later sees what the
 * first has done, and is told. What a partner may read because of a Task that ends runs out.
 * DECISIONS D131.
 *
 * @returns what became of each move, by Task; a Task that is not there has none
 */
export async function moveTasks(
  tx: Tx,
  moves: readonly TaskMove[],
): Promise<Map<string, TaskMoveOutcome>> {
  const outcomes = new Map<string, TaskMoveOutcome>();
  if (moves.length === 0) return outcomes;
  const tasks = await lockTasks(
    tx,
    moves.map((move) => move.task),
  );
  const written: Written[] = [];
  for (const move of moves) {
    const before = tasks.get(move.task);
    if (before === undefined) continue;
    const result = judge(before, move);
    outcomes.set(move.task, result.outcome);
    if (result.write) written.push(result.write);
  }
  await keepVersions(tx, written);
  await writeMoves(tx, written);
  const ended = written.filter(({ before, move }) => before.live && isFinal(move.to));
  await letGrantsRunOut(
    tx,
    ended.map(({ before }) => before.id),
  );
  return outcomes;
}

async function lockTasks(tx: Tx, ids: readonly string[]): Promise<Map<string, MovedTask>> {
  await lockWithReferrals(tx, ids);
  const { rows } = await tx.query<MovedTask>(
    `select id, tenant, status, body, version, last_updated, live,
        loopwell_now() as now from task
      where tenant = $tenant and id = any($1::uuid[]) order by id for update`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Judges a move of a Task that is locked. */
function judge(before: MovedTask, move: TaskMove): { outcome: TaskMoveOutcome; write?: Written } {
  const { status, version } = before;
  const isSeen = status === move.from.status && version === (move.from.version ?? version);
  if (!isSeen) return { outcome: { kind: 'moved-meanwhile', status, version } };
  const judged = judgeMove(status, move.to, move.by);
  if (judged.kind === 'not-allowed') return { outcome: { kind: 'not-allowed', status, version } };
  const unseen = judged.kind === 'moved' ? judged.unseen : [];
  const body = bodyAfter(before, move);
  if (body === undefined) return { outcome: { kind: 'same', version } };
  const outcome = { kind: 'moved', version: version + 1, unseen } as const;
  return { outcome, write: { before, move, body, unseen } };
}

/** Gives the body after a move; undefined where nothing in it changes. */
function bodyAfter({ body, now }: MovedTask, { to, statement }: TaskMove): string | undefined {
  const before = JSON.parse(body) as Parameters<typeof movedBody>[0];
  const after = movedBody(before, to as typeof before.status, statement);
  if (isDeepEqual(before, after)) return undefined;
  return JSON.stringify({ ...after, lastModified: now.toISOString() });
}

const isDeepEqual = (a: object, b: object): boolean => sorted(a) === sorted(b);

/** Writes JSON with its members in order, so that equal bodies have equal texts. */
const sorted = (json: unknown): string =>
  JSON.stringify(json, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

async function keepVersions(tx: Tx, written: readonly Written[]): Promise<void> {
  await insertRows(
    tx,
    'task_version',
    ['tenant', 'task', 'version', 'status', 'body', 'last_updated'],
    written.map(({ before }) => [
      before.tenant,
      before.id,
      before.version,
      before.status,
      before.body,
      before.last_updated,
    ]),
  );
}

async function writeMoves(tx: Tx, written: readonly Written[]): Promise<void> {
  if (written.length === 0) return;
  await tx.query(
    `update task t set status = m.status, body = m.body, version = t.version + 1,
        last_updated = m.now, changed_at = m.now, live = not m.final,
        ended_at = case when m.final then coalesce(t.ended_at, m.now) end,
        unseen = case when t.status = m.status then t.unseen else m.unseen end,
        reason = coalesce(m.reason, t.reason),
        recalled_from = coalesce(m.recalled_from, t.recalled_from)
       from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::boolean[],
         $6::text[], $7::text[], $8::text[])
         as m(id, status, body, now, final, unseen, reason, recalled_from)
      where t.tenant = $tenant and t.id = m.id`,
    [
      written.map(({ before }) => before.id),
      written.map(({ move }) => move.to),
      written.map(({ body }) => body),
      written.map(({ before }) => before.now),
      written.map(({ move }) => isFinal(move.to)),
      written.map(({ unseen }) => JSON.stringify(unseen)),
      written.map(({ move }) => move.reason ?? null),
      written.map(({ move }) => move.recalledFrom ?? null),
    ],
  );
}

type TaskBody = Parameters<typeof movedBody>[0];

/**
 * Rewrites the body of a Task and those of its versions, for an erasure. Status, number and time of
 * each version stay. The caller has locked the Task.
 */
export async function rewordTask(
  tx: Tx,
  id: string,
  reword: { present: (body: TaskBody) => TaskBody; earlier: (body: TaskBody) => TaskBody },
): Promise<void> {
  const { rows } = await tx.query<{ version: number | null; body: string }>(
    `select null as version, body from task where tenant = $tenant and id = $1
     union all select version, body from task_version where tenant = $tenant and task = $1`,
    [id],
  );
  for (const { version, body } of rows) {
    const before = JSON.parse(body) as TaskBody;
    const after = JSON.stringify(
      version === null ? reword.present(before) : reword.earlier(before),
    );
    const statement =
      version === null
        ? 'update task set body = $2 where tenant = $tenant and id = $1 and $3::int is null'
        : 'update task_version set body = $2 where tenant = $tenant and task = $1 and version = $3';
    await tx.query(statement, [id, after, version]);
  }
}
