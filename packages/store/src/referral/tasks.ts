import { patchRows, type Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';
import { addDeliveries, type TaskDelivery } from './task-deliveries.ts';

/**
 * One referral Task at one partner: one attempt to close the loop (DECISIONS D7), with its latest
 * delivery.
 */
export type TaskRow = Omit<Rows['task'], 'accepted_at' | 'trace'> &
  Pick<TaskDelivery, 'channel' | 'address' | 'receipt_key' | 'remote_id' | 'etag'> & {
    /** That of its referral. */
    trace?: string | null;
    /** Where it went first. Its partner is known by that in the directory. */
    first_address?: string;
    /** When its partner took it first. */
    accepted_at?: Date | null;
  };

/** A Task that is made now. Its owner is the partner's Organization. */
export type NewTask = Pick<
  TaskRow,
  | 'id'
  | 'tenant'
  | 'referral'
  | 'person'
  | 'attempt'
  | 'partner'
  | 'status'
  | 'body'
  | 'requester'
  | 'focus'
  | 'channel'
  | 'address'
  | 'receipt_key'
> &
  Partial<Pick<TaskRow, 'door' | 'trace'>>;

const newColumns = [
  'id',
  'tenant',
  'referral',
  'person',
  'attempt',
  'partner',
  'status',
  'body',
  'owner',
  'requester',
  'focus',
  'door',
  'trace',
] as const satisfies (keyof TaskRow)[];

/** Adds Tasks, each with its first delivery. */
export async function addTasks(tx: Tx, tasks: readonly NewTask[]): Promise<void> {
  const rows = tasks.map((task) => ({
    ...task,
    owner: task.partner,
    door: task.door ?? 'copy',
    trace: task.trace ?? null,
  }));
  await insertRows(
    tx,
    'task',
    newColumns,
    rows.map((row) => newColumns.map((column) => row[column])),
  );
  await addDeliveries(
    tx,
    tasks.map((task) => ({ ...task, task: task.id })),
  );
}

/** Selects Tasks with their latest deliveries, as `t` and `d`. */
const withDelivery = `select t.*, d.channel, d.address, d.receipt_key, d.remote_id, d.etag,
     (select f.address from task_delivery f
       where f.tenant = $tenant and f.task = t.id and f.number = 1) as first_address
   from task t join task_delivery d
     on t.tenant = $tenant and d.tenant = t.tenant and d.task = t.id and d.number = t.delivery`;

/** Loads the Tasks of some referrals, by referral, in the order of their attempts. */
export async function tasksOfReferrals(
  tx: Tx,
  referrals: readonly string[],
): Promise<Map<string, TaskRow[]>> {
  const { rows } = await tx.query<TaskRow>(
    `${withDelivery} where t.tenant = $tenant and t.referral = any($1)
      order by t.referral, t.attempt`,
    [referrals],
  );
  return Map.groupBy(rows, (row) => row.referral);
}

/**
 * Loads the Tasks of some referrals as they are now, and lets nobody move them until the end of the
 * transaction.
 */
export async function tasksAtRest(
  tx: Tx,
  referrals: readonly string[],
): Promise<Map<string, TaskRow[]>> {
  await tx.query(
    'select 1 from task where tenant = $tenant and referral = any($1) order by id for update',
    [referrals],
  );
  return tasksOfReferrals(tx, referrals);
}

/**
 * Locks Tasks until the transaction ends, after their referrals: each in the order of its ids, as
 * everybody does. A second change of a Task in one transaction makes PostgreSQL lock its referral.
 */
export async function lockWithReferrals(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `select 1 from referral r where r.tenant = $tenant and r.id = any(array(
       select t.referral from task t where t.tenant = $tenant and t.id = any($1::uuid[])))
      order by r.id for update`,
    [ids],
  );
  await tx.query(
    'select 1 from task where tenant = $tenant and id = any($1::uuid[]) order by id for update',
    [ids],
  );
}

/** Loads Tasks by their ids. */
export async function loadTasks(tx: Tx, ids: readonly string[]): Promise<Map<string, TaskRow>> {
  const { rows } = await tx.query<TaskRow>(
    `${withDelivery} where t.tenant = $tenant and t.id = any($1)`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Fields of a Task that stories note beside its moves. */
export type TaskPatch = Partial<
  Pick<
    TaskRow,
    | 'accept_by'
    | 'contact_by'
    | 'serve_by'
    | 'half_at'
    | 'half_told_at'
    | 'late_told_at'
    | 'reminded_at'
    | 'reason'
    | 'changed_at'
  >
>;

const patchTypes = {
  accept_by: 'timestamptz',
  contact_by: 'timestamptz',
  serve_by: 'timestamptz',
  half_at: 'timestamptz',
  half_told_at: 'timestamptz',
  late_told_at: 'timestamptz',
  reminded_at: 'timestamptz',
  reason: 'text',
  changed_at: 'timestamptz',
} as const satisfies Record<keyof TaskPatch, string>;

/** Notes something of Tasks. Status and body change by `moveTasks` alone. */
export async function patchTasks(
  tx: Tx,
  patches: readonly { id: string; patch: TaskPatch }[],
): Promise<void> {
  await patchRows(tx, 'task', patchTypes, patches);
}
