import { insertRows, patchRows, type Tx } from '../database/database.ts';
import type { Rows } from '../database/rows.generated.ts';

/** One referral Task at one partner: one attempt to close the loop. DECISIONS D7. */
export type TaskRow = Omit<Rows['task'], 'accepted_at' | 'trace'> & {
  /** That of its referral. */
  trace?: string | null;
};

/** Adds Tasks. */
export async function addTasks(
  tx: Tx,
  tasks: readonly Pick<
    TaskRow,
    | 'id'
    | 'tenant'
    | 'referral'
    | 'person'
    | 'attempt'
    | 'partner'
    | 'channel'
    | 'address'
    | 'receipt_key'
    | 'status'
    | 'trace'
  >[],
): Promise<void> {
  await insertRows(
    tx,
    'task',
    [
      'id',
      'tenant',
      'referral',
      'person',
      'attempt',
      'partner',
      'channel',
      'address',
      'receipt_key',
      'status',
      'trace',
    ],
    tasks.map((task) => [
      task.id,
      task.tenant,
      task.referral,
      task.person,
      task.attempt,
      task.partner,
      task.channel,
      task.address,
      task.receipt_key,
      task.status,
      task.trace ?? null,
    ]),
  );
}

/** Loads the Tasks of some referrals, by referral, in the order of their attempts. */
export async function tasksOfReferrals(
  tx: Tx,
  referrals: readonly string[],
): Promise<Map<string, TaskRow[]>> {
  const { rows } = await tx.query<TaskRow>(
    'select * from task where referral = any($1) order by referral, attempt',
    [referrals],
  );
  return Map.groupBy(rows, (row) => row.referral);
}

/** Loads Tasks by their ids. */
export async function loadTasks(tx: Tx, ids: readonly string[]): Promise<Map<string, TaskRow>> {
  const { rows } = await tx.query<TaskRow>('select * from task where id = any($1)', [ids]);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Fields of a Task that stories change. */
export type TaskPatch = Partial<
  Pick<
    TaskRow,
    | 'remote_id'
    | 'etag'
    | 'status'
    | 'unseen'
    | 'live'
    | 'accept_by'
    | 'reason'
    | 'recalled_from'
    | 'changed_at'
  >
>;

const patchTypes = {
  remote_id: 'text',
  etag: 'text',
  status: 'text',
  unseen: 'text',
  live: 'boolean',
  accept_by: 'timestamptz',
  reason: 'text',
  recalled_from: 'text',
  changed_at: 'timestamptz',
} as const satisfies Record<keyof TaskPatch, string>;

/** Changes fields of Tasks. A Task that stops being live gets its end time. */
export async function patchTasks(
  tx: Tx,
  patches: readonly { id: string; patch: TaskPatch }[],
): Promise<void> {
  const ended = patches.filter((one) => one.patch.live === false);
  if (patches.length > 1)
    await tx.query('select 1 from task where id = any($1::uuid[]) order by id for update', [
      patches.map((one) => one.id),
    ]);
  await patchRows(
    tx,
    'task',
    patchTypes,
    ended,
    'ended_at = coalesce(t.ended_at, loopwell_now()), ',
  );
  await patchRows(
    tx,
    'task',
    patchTypes,
    patches.filter((one) => one.patch.live !== false),
  );
}
