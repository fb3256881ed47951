import { nowOnce, realNow } from '../../database/clock-sql.ts';
import type { Tx } from '../../database/database.ts';
import type { Rows } from '../../database/rows.generated.ts';

/** The receipt of a message to a partner. It holds no words and no address. */
export type PartnerMessage = Rows['partner_message'];

/** To whom a message goes, and what for. `receiver` is the fingerprint of the address. */
export type MessagePlace = Pick<PartnerMessage, 'partner' | 'way' | 'receiver' | 'kind'>;

/** Locks the messages of one kind to a partner: nobody else plans or settles one meanwhile. */
export async function lockMessages(tx: Tx, { partner, way, kind }: MessagePlace): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended($tenant || $1, 43))`, [
    ['', partner, way, kind].join('\n'),
  ]);
}

/** Finds the newest message at a place that tells of a Task. */
export async function messageAbout(
  tx: Tx,
  { partner, way, receiver, kind }: MessagePlace,
  task: string,
): Promise<PartnerMessage | undefined> {
  const { rows } = await tx.query<PartnerMessage>(
    `select m.* from partner_message m join partner_message_task t
        on t.tenant = m.tenant and t.message = m.id
      where m.tenant = $tenant and t.task = $1 and m.partner = $2 and m.way = $3
        and m.receiver = $4 and m.kind = $5
      order by m.intended_at desc limit 1`,
    [task, partner, way, receiver, kind],
  );
  return rows[0];
}

/** Writes a message that is about to be sent, at the earliest so long after the last one. */
export async function intendMessage(
  tx: Tx,
  id: string,
  place: MessagePlace,
  windowMs: number,
): Promise<void> {
  const { partner, way, receiver, kind } = place;
  await tx.query(
    `insert into partner_message (tenant, id, partner, way, receiver, kind, send_at)
     select $tenant, $1, $2, $3, $4, $5, greatest(${nowOnce}, (select max(settled_at)
         + $6 * interval '1 millisecond' from partner_message
        where tenant = $tenant and partner = $2 and way = $3 and receiver = $4 and kind = $5
          and state in ('accepted', 'delivered')))`,
    [id, partner, way, receiver, kind, windowMs],
  );
}

/** Finds the message at a place that has not been sent. */
export async function waitingMessage(
  tx: Tx,
  { partner, way, receiver, kind }: MessagePlace,
): Promise<PartnerMessage | undefined> {
  const { rows } = await tx.query<PartnerMessage>(
    `select * from partner_message
      where tenant = $tenant and partner = $1 and way = $2 and receiver = $3 and kind = $4
        and state = 'intended' order by intended_at limit 1`,
    [partner, way, receiver, kind],
  );
  return rows[0];
}

/** Adds Tasks to a message that has not been sent. */
export async function addTasks(tx: Tx, message: string, tasks: readonly string[]): Promise<void> {
  await tx.query(
    `insert into partner_message_task (tenant, message, task)
     select $tenant, $1, unnest($2::uuid[]) on conflict do nothing`,
    [message, tasks],
  );
}

/**
 * A message whose turn it is, or how long it has to wait. `tasks`: those that the partner has not
 * answered meanwhile. `wasCut`: an earlier try ended without an outcome, so that nobody knows
 * whether it left.
 */
export type MessageTurn =
  | { kind: 'go'; tasks: string[]; attempts: number; wasCut: boolean }
  | { kind: 'wait'; ms: number };

/**
 * Takes a message to send it, for so long. It says how long to wait where its time has not come, or
 * where somebody else sends it.
 */
export async function takeMessage(tx: Tx, id: string, leaseMs: number): Promise<MessageTurn> {
  const { rows } = await tx.query<{ attempts: number; wasCut: boolean }>(
    `update partner_message m set attempts = m.attempts + 1,
         leased_until = ${realNow} + $2 * interval '1 millisecond'
       from partner_message b
      where m.tenant = $tenant and m.id = $1 and m.state = 'intended' and m.send_at <= ${nowOnce}
        and (m.leased_until is null or m.leased_until < ${realNow})
        and b.tenant = m.tenant and b.id = m.id
      returning m.attempts, b.leased_until is not null as "wasCut"`,
    [id, leaseMs],
  );
  const [taken] = rows;
  if (taken === undefined) return { kind: 'wait', ms: await waitOf(tx, id) };
  return { kind: 'go', ...taken, tasks: await unansweredOf(tx, id) };
}

/** Lists the Tasks of a message that the partner has neither taken nor refused. */
async function unansweredOf(tx: Tx, message: string): Promise<string[]> {
  const { rows } = await tx.query<{ task: string }>(
    `select mt.task from partner_message_task mt
      where mt.tenant = $tenant and mt.message = $1
        and not exists (select 1 from task t where t.tenant = mt.tenant and t.id = mt.task
          and not (t.live and t.status in ('requested', 'received')))
        and not exists (select 1 from partner_answer a where a.tenant = mt.tenant
          and a.task = mt.task and a.consumed_at is null and a.held_until > ${nowOnce})
      order by mt.task`,
    [message],
  );
  return rows.map(({ task }) => task);
}

/** Says for how long a message has to wait, in milliseconds. */
async function waitOf(tx: Tx, id: string): Promise<number> {
  const { rows } = await tx.query<{ ms: number }>(
    `select (extract(epoch from greatest(send_at - ${nowOnce}, leased_until - ${realNow},
         interval '0')) * 1000)::float8 as ms
       from partner_message where tenant = $tenant and id = $1`,
    [id],
  );
  return Math.ceil(rows[0]?.ms ?? 0);
}

/** What came of a try. A message that stays `intended` is tried again after a while. */
export type MessageSettlement = {
  id: string;
  state: PartnerMessage['state'];
  code?: string | undefined;
  remoteId?: string | undefined;
  againMs?: number | undefined;
};

/** Writes what came of a try. A report that came in the meantime wins. */
export async function settleMessage(
  tx: Tx,
  { id, state, code, remoteId, againMs = 0 }: MessageSettlement,
): Promise<void> {
  await tx.query(
    `update partner_message set state = $2, code = $3, remote_id = coalesce($4, remote_id),
         leased_until = null, send_at = ${nowOnce} + $5 * interval '1 millisecond',
         settled_at = case when $2 = 'intended' then null else ${nowOnce} end
      where tenant = $tenant and id = $1 and state = 'intended'`,
    [id, state, code ?? null, remoteId ?? null, againMs],
  );
}

/** Counts the messages that a receiver took or may have taken within 24 hours. */
export async function messagesInADay(tx: Tx, receiver: string): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from partner_message
      where tenant = $tenant and receiver = $1 and state in ('accepted', 'delivered', 'unknown')
        and intended_at > ${nowOnce} - interval '24 hours'`,
    [receiver],
  );
  return rows[0]?.count ?? 0;
}

/** Tells whether a receiver wants no messages by a way. */
export async function isStopped(
  tx: Tx,
  { way, receiver }: Pick<MessagePlace, 'way' | 'receiver'>,
): Promise<boolean> {
  const { rows } = await tx.query(
    'select 1 from stopped_receiver where tenant = $tenant and way = $1 and receiver = $2',
    [way, receiver],
  );
  return rows.length > 0;
}
