import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';

/** A delivery of a Task by one channel. A Task may go out by several, one after the other. */
export type TaskDelivery = Rows['task_delivery'];

type NewDelivery = Pick<TaskDelivery, 'tenant' | 'task' | 'channel' | 'address' | 'receipt_key'> &
  Partial<Pick<TaskDelivery, 'number'>>;

/** Adds deliveries that are about to leave, in the state `intended`. */
export async function addDeliveries(tx: Tx, deliveries: readonly NewDelivery[]): Promise<void> {
  await insertRows(
    tx,
    'task_delivery',
    ['tenant', 'task', 'number', 'channel', 'address', 'receipt_key'],
    deliveries.map((delivery) => [
      delivery.tenant,
      delivery.task,
      delivery.number ?? 1,
      delivery.channel,
      delivery.address,
      delivery.receipt_key,
    ]),
  );
}

/** The outcome of the latest delivery of a Task. */
export type DeliveryOutcome = { task: string; state: TaskDelivery['state'] } & Partial<
  Pick<TaskDelivery, 'remote_id' | 'etag'>
>;

/**
 * Records what became of the latest delivery of each Task. A remote id or ETag that is left out
 * stays as it is.
 */
export async function settleTaskDeliveries(
  tx: Tx,
  outcomes: readonly DeliveryOutcome[],
): Promise<void> {
  if (outcomes.length === 0) return;
  await tx.query(
    `update task_delivery d set state = n.state, remote_id = coalesce(n.remote_id, d.remote_id),
        etag = coalesce(n.etag, d.etag), changed_at = loopwell_now()
       from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as n(task, state, remote_id,
       etag)
       join task t on t.tenant = $tenant and t.id = n.task
      where d.tenant = t.tenant and d.task = t.id and d.number = t.delivery`,
    [
      outcomes.map((outcome) => outcome.task),
      outcomes.map((outcome) => outcome.state),
      outcomes.map((outcome) => outcome.remote_id ?? null),
      outcomes.map((outcome) => outcome.etag ?? null),
    ],
  );
}

/** Keeps the ETags that partners gave last for their copies. */
export async function saveEtags(
  tx: Tx,
  read: readonly { task: string; etag: string }[],
): Promise<void> {
  if (read.length === 0) return;
  await tx.query(
    `update task_delivery d set etag = n.etag from unnest($1::uuid[], $2::text[]) as n(task, etag)
       join task t on t.tenant = $tenant and t.id = n.task
      where d.tenant = t.tenant and d.task = t.id and d.number = t.delivery
        and d.etag is distinct from n.etag`,
    [read.map((copy) => copy.task), read.map((copy) => copy.etag)],
  );
}
