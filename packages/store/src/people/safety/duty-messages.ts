import { nowOnce } from '../../database/clock-sql.ts';
import type { Tx } from '../../database/database.ts';

/** A message to somebody on duty, as its receipt says it. It says nothing about a person. */
export type DutyMessage = {
  id: string;
  alerts: string[];
  name: string;
  way: 'email' | 'webhook';
  receiver: string;
};

/** What came of a message, and its code where it failed. */
export type MessageOutcome = { id: string; state: 'accepted' | 'failed'; code: string | null };

/** Finds messages about some alerts of which it is not known whether they were sent. */
export async function unsettledMessages(tx: Tx, alerts: readonly string[]): Promise<DutyMessage[]> {
  const { rows } = await tx.query<DutyMessage>(
    `select id, alerts, name, way, receiver from duty_message
      where tenant = $tenant and state = 'intended' and alerts && $1::uuid[]
      order by intended_at, id`,
    [alerts],
  );
  return rows;
}

/**
 * Writes that messages are about to be sent. One that was written before is sent once more under
 * its id, by which its receiver recognizes it.
 */
export async function intendMessages(tx: Tx, messages: readonly DutyMessage[]): Promise<void> {
  for (const { id, alerts, name, way, receiver } of messages)
    await tx.query(
      `insert into duty_message as m (tenant, id, alerts, name, way, receiver)
       values ($tenant, $1, $2, $3, $4, $5)
       on conflict (tenant, id) do update set alerts = excluded.alerts, name = excluded.name,
         attempts = m.attempts + 1`,
      [id, alerts, name, way, receiver],
    );
}

/** Writes what came of messages. */
export async function settleMessages(tx: Tx, outcomes: readonly MessageOutcome[]): Promise<void> {
  await tx.query(
    `update duty_message m set state = o.state, code = o.code, settled_at = loopwell_now()
       from unnest($1::uuid[], $2::text[], $3::text[]) as o(id, state, code)
      where m.tenant = $tenant and m.id = o.id`,
    [
      outcomes.map(({ id }) => id),
      outcomes.map(({ state }) => state),
      outcomes.map(({ code }) => code),
    ],
  );
}

/** Counts what receivers took or may have taken within 24 hours, by their fingerprints. */
export async function sentInADay(
  tx: Tx,
  receivers: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await tx.query<{ receiver: string; count: number }>(
    `select receiver, count(*) as count from duty_message
      where tenant = $tenant and receiver = any($1) and state <> 'failed'
        and intended_at > ${nowOnce} - interval '24 hours'
      group by receiver`,
    [receivers],
  );
  return new Map(rows.map(({ receiver, count }) => [receiver, count]));
}

/** A message as a page shows it. */
export type ShownMessage = {
  id: string;
  name: string;
  way: 'email' | 'webhook';
  state: 'intended' | MessageOutcome['state'];
  code: string | null;
  at: Date;
};

/** Lists the latest messages, newest first. */
export async function latestMessages(tx: Tx, most: number): Promise<ShownMessage[]> {
  const { rows } = await tx.query<ShownMessage>(
    `select id, name, way, state, code, coalesce(settled_at, intended_at) as at from duty_message
      where tenant = $tenant order by intended_at desc, id limit $1`,
    [most],
  );
  return rows;
}
