import { nowOnce } from '../../database/clock-sql.ts';
import type { Tx } from '../../database/database.ts';
import type { Rows } from '../../database/rows.generated.ts';
import type { PartnerMessage } from './partner-messages.ts';

/** A text that came from a number. Words are kept only of those that are for the care team. */
export type PartnerText = Omit<Rows['partner_text'], 'tenant' | 'partners'> & {
  partners: string[];
};

type NewText = Pick<PartnerText, 'id' | 'receiver' | 'partners' | 'meaning' | 'words'> & {
  /** Somebody has to look at it. */
  isForPerson: boolean;
};

/** Keeps a text that came. It is false for one that came before. */
export async function keepText(tx: Tx, text: NewText): Promise<boolean> {
  const { id, receiver, partners, meaning, words, isForPerson } = text;
  const { rowCount } = await tx.query(
    `insert into partner_text (tenant, id, receiver, partners, meaning, words, seen_at, seen_by)
     values ($tenant, $1, $2, $3, $4, $5, case when $6 then null else ${nowOnce} end,
       case when $6 then null else 'system:referral' end)
     on conflict do nothing`,
    [id, receiver, JSON.stringify(partners), meaning, words, isForPerson],
  );
  return rowCount === 1;
}

/** Counts the texts that came from a number within an hour. */
export async function textsInAnHour(tx: Tx, receiver: string): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from partner_text
      where tenant = $tenant and receiver = $1 and came_at > ${nowOnce} - interval '1 hour'`,
    [receiver],
  );
  return rows[0]?.count ?? 0;
}

type Stop = Pick<Rows['stopped_receiver'], 'receiver' | 'way' | 'said_in'>;

/**
 * Records that a receiver wants no messages. It is false where that was known.
 *
 * @param ageMs how long ago it was said
 */
export async function stopReceiver(tx: Tx, stop: Stop, ageMs: number): Promise<boolean> {
  const { way, receiver, said_in } = stop;
  const { rows } = await tx.query<{ isNew: boolean }>(
    `insert into stopped_receiver (tenant, way, receiver, said_in, stopped_at)
     values ($tenant, $1, $2, $3, ${nowOnce} - $4 * interval '1 millisecond')
     on conflict (tenant, way, receiver) do update
       set stopped_at = greatest(stopped_receiver.stopped_at, excluded.stopped_at)
     returning xmax = 0 as "isNew"`,
    [way, receiver, said_in, ageMs],
  );
  return rows[0]?.isNew === true;
}

/** Tells whether a receiver said STOP within a time, and has not taken it back. */
export async function hasStoppedWithin(
  tx: Tx,
  { way, receiver }: Pick<Stop, 'way' | 'receiver'>,
  ms: number,
): Promise<boolean> {
  const { rows } = await tx.query(
    `select 1 from stopped_receiver where tenant = $tenant and way = $1 and receiver = $2
        and stopped_at >= ${nowOnce} - $3 * interval '1 millisecond'`,
    [way, receiver, ms],
  );
  return rows.length > 0;
}

/** Lists the numbers that want no texts. */
export async function stoppedNumbers(tx: Tx): Promise<Set<string>> {
  const { rows } = await tx.query<Pick<Stop, 'receiver'>>(
    "select receiver from stopped_receiver where tenant = $tenant and way = 'text'",
  );
  return new Set(rows.map(({ receiver }) => receiver));
}

/** Takes a stop back. */
export async function startReceiver(
  tx: Tx,
  { way, receiver }: Pick<Stop, 'way' | 'receiver'>,
): Promise<void> {
  await tx.query(
    'delete from stopped_receiver where tenant = $tenant and way = $1 and receiver = $2',
    [way, receiver],
  );
}

/** What a report says of a message; `id` is ours or the receiver's. */
export type MessageReport = {
  way: PartnerMessage['way'];
  id: string;
  state: 'delivered' | 'refused' | 'bounced';
  code: string | null;
};

/**
 * Writes what a report says of a message. The first one that says how it ended counts: reports come
 * twice and out of order.
 *
 * @returns the Tasks of a message that did not arrive; undefined where nothing changed
 */
export async function keepReport(
  tx: Tx,
  { way, id, state, code }: MessageReport,
): Promise<string[] | undefined> {
  const { rows } = await tx.query<{ id: string }>(
    `update partner_message set state = $3, code = $4, reported_at = ${nowOnce},
         settled_at = coalesce(settled_at, ${nowOnce}), leased_until = null
      where tenant = $tenant and way = $1 and (id::text = $2 or remote_id = $2)
        and state in ('intended', 'accepted', 'unknown')
      returning id`,
    [way, id, state, code],
  );
  const [changed] = rows;
  if (changed === undefined || state === 'delivered') return undefined;
  const tasks = await tx.query<{ task: string }>(
    `select mt.task from partner_message_task mt join task t
        on t.tenant = mt.tenant and t.id = mt.task and t.live
        and t.status in ('requested', 'received')
       join task_delivery d on d.tenant = t.tenant and d.task = t.id and d.number = t.delivery
        and d.channel = $2
      where mt.tenant = $tenant and mt.message = $1 order by mt.task`,
    [changed.id, way],
  );
  return tasks.rows.map(({ task }) => task);
}

/** Lists the Tasks that wait for an answer to texts at some addresses. */
export async function unansweredAt(tx: Tx, addresses: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ task: string }>(
    `select d.task from task_delivery d join task t
        on t.tenant = d.tenant and t.id = d.task and t.delivery = d.number and t.live
        and t.status in ('requested', 'received')
      where d.tenant = $tenant and d.channel = 'text' and d.address = any($1)
        and d.state = 'delivered' order by d.task`,
    [addresses],
  );
  return rows.map(({ task }) => task);
}

/** A text that somebody has to see to, as a page shows it. */
export type UnseenText = Pick<PartnerText, 'id' | 'partners' | 'meaning' | 'words' | 'came_at'>;

/** Lists the texts that nobody has seen to, the oldest first. */
export async function unseenTexts(tx: Tx, most: number): Promise<UnseenText[]> {
  const { rows } = await tx.query<Rows['partner_text']>(
    `select * from partner_text where tenant = $tenant and seen_at is null
      order by came_at, id limit $1`,
    [most],
  );
  return rows.map(({ partners, ...row }) => ({
    ...row,
    partners: JSON.parse(partners) as string[],
  }));
}

/**
 * Notes that somebody has seen to a text. Its words go, since they may name a client of the partner.
 *
 * @returns false where somebody else was first
 */
export async function seeText(tx: Tx, id: string, by: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update partner_text set seen_at = ${nowOnce}, seen_by = $2, words = null
      where tenant = $tenant and id = $1 and seen_at is null`,
    [id, by],
  );
  return rowCount === 1;
}
