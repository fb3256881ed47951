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
  Pick<TaskDelivery, 'remote_id' | 'etag' | 'code'>
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
        etag = coalesce(n.etag, d.etag), code = n.code, changed_at = loopwell_now()
       from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
         as n(task, state, remote_id, etag, code)
       join task t on t.tenant = $tenant and t.id = n.task
      where d.tenant = t.tenant and d.task = t.id and d.number = t.delivery`,
    [
      outcomes.map((outcome) => outcome.task),
      outcomes.map((outcome) => outcome.state),
      outcomes.map((outcome) => outcome.remote_id ?? null),
      outcomes.map((outcome) => outcome.etag ?? null),
      outcomes.map((outcome) => outcome.code ?? null),
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

/** Lists all deliveries of some Tasks, by Task, in the order in which they went out. */
export async function deliveriesOfTasks(
  tx: Tx,
  tasks: readonly string[],
): Promise<Map<string, TaskDelivery[]>> {
  const { rows } = await tx.query<TaskDelivery>(
    `select * from task_delivery where tenant = $tenant and task = any($1::uuid[])
      order by task, number`,
    [tasks],
  );
  return Map.groupBy(rows, ({ task }) => task);
}

/** The next delivery of a Task, and who moves the Task from then on. */
export type NextDelivery = NewDelivery & { number: number; door: string };

/** Makes deliveries the latest of their Tasks. They are about to leave. */
export async function addNextDeliveries(
  tx: Tx,
  deliveries: readonly NextDelivery[],
): Promise<void> {
  if (deliveries.length === 0) return;
  await addDeliveries(tx, deliveries);
  await tx.query(
    `update task t set delivery = n.number, door = n.door
       from unnest($1::uuid[], $2::int[], $3::text[]) as n(task, number, door)
      where t.tenant = $tenant and t.id = n.task`,
    [
      deliveries.map(({ task }) => task),
      deliveries.map(({ number }) => number),
      deliveries.map(({ door }) => door),
    ],
  );
}

/**
 * Where a message goes. `receiver`: the fingerprint of the address in `partner_message`. Partners
 * may share an address, and each is told of its own.
 */
export type Mailbox = Pick<TaskDelivery, 'channel' | 'address'> & {
  receiver: string;
  partner: string;
};

/**
 * Lists the live Tasks of a partner that are on their way by messages to an address, and that no
 * message to it tells of yet.
 */
export async function untoldTasks(
  tx: Tx,
  { channel, address, receiver, partner }: Mailbox,
): Promise<string[]> {
  const { rows } = await tx.query<{ task: string }>(
    `select d.task from task_delivery d join task t
        on t.tenant = d.tenant and t.id = d.task and t.delivery = d.number and t.live
      where d.tenant = $tenant and d.channel = $1 and d.address = $2 and d.state = 'intended'
        and t.partner = $4
        and not exists (select 1 from partner_message_task mt join partner_message m
          on m.tenant = mt.tenant and m.id = mt.message
         where mt.tenant = d.tenant and mt.task = d.task and m.way = $1 and m.receiver = $3
           and m.partner = $4 and m.kind = 'partner-new')
      order by d.task`,
    [channel, address, receiver, partner],
  );
  return rows.map(({ task }) => task);
}
