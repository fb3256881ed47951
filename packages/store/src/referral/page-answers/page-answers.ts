import { nowOnce } from '../../database/clock-sql.ts';
import type { Tx } from '../../database/database.ts';
import type { InboxRow } from '../partner-answers.ts';

/**
 * Answers by a button of the partner page. A button that ends the Task is held until nobody can
 * undo it any more; `track` takes it then. DECISIONS D198.
 */

/** Gives until when answers about some Tasks are held, by Task; Tasks without one are not in it. */
export async function heldUntil(tx: Tx, tasks: readonly string[]): Promise<Map<string, Date>> {
  if (tasks.length === 0) return new Map();
  const { rows } = await tx.query<{ task: string; until: Date }>(
    `select task, max(held_until) as until from partner_answer
      where tenant = $tenant and task = any($1::uuid[]) and consumed_at is null
        and held_until > ${nowOnce} group by task`,
    [tasks],
  );
  return new Map(rows.map(({ task, until }) => [task, until]));
}

/** Lists all answers about a Task that were not undone, by whatever door, in order. */
export async function answersAbout(tx: Tx, task: string): Promise<InboxRow[]> {
  const { rows } = await tx.query<InboxRow>(
    `select * from partner_answer
      where tenant = $tenant and task = $1 and undone_at is null order by id`,
    [task],
  );
  return rows;
}

/** Finds an answer by its number; undefined where there is none. */
export async function findAnswer(tx: Tx, id: number): Promise<InboxRow | undefined> {
  const { rows } = await tx.query<InboxRow>(
    'select * from partner_answer where tenant = $tenant and id = $1',
    [id],
  );
  return rows[0];
}

/** Finds the answer that a door took with a message; undefined where it took none. */
export async function findMessage(
  tx: Tx,
  { door, message_id }: Pick<InboxRow, 'door' | 'message_id'>,
): Promise<InboxRow | undefined> {
  const { rows } = await tx.query<InboxRow>(
    'select * from partner_answer where tenant = $tenant and door = $1 and message_id = $2',
    [door, message_id],
  );
  return rows[0];
}

/**
 * Marks a held answer as undone, so that nothing ever comes of it. The caller holds the Task's row
 * of `track`.
 *
 * @returns false where it counts already, or was undone before
 */
export async function undoHeld(tx: Tx, id: number, by: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update partner_answer set undone_at = ${nowOnce}, undone_by = $2, consumed_at = ${nowOnce},
        came_of = 'undone'
      where tenant = $tenant and id = $1 and consumed_at is null and held_until > ${nowOnce}`,
    [id, by],
  );
  return (rowCount ?? 0) > 0;
}

/**
 * Reads the body that a Task had before its present business status, for an undo; undefined where
 * it always had this one.
 */
export async function bodyBefore(
  tx: Tx,
  task: string,
  businessStatus: string,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ body: string }>(
    `select body from task_version where tenant = $tenant and task = $1
        and body::jsonb #>> '{businessStatus,coding,0,code}' is distinct from $2
      order by version desc limit 1`,
    [task, businessStatus],
  );
  return rows[0]?.body;
}

/** Reads which partners were named when Tasks were handed over, by Task. */
export async function handedTo(tx: Tx, tasks: readonly string[]): Promise<Map<string, string>> {
  if (tasks.length === 0) return new Map();
  const { rows } = await tx.query<{ task: string; partner: string }>(
    `select task, fields::jsonb ->> 'partner' as partner from partner_answer
      where tenant = $tenant and task = any($1::uuid[]) and button = 'handOver'
        and undone_at is null and fields::jsonb ? 'partner' order by id`,
    [tasks],
  );
  return new Map(rows.map(({ task, partner }) => [task, partner]));
}
