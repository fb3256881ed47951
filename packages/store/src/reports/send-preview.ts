import type { Tx } from '../database/database.ts';
import { gateNow } from '../referral/referral-places.ts';
import { unsentReferrals } from './running-totals.ts';

/** What would go where, if the gates in front of it opened: categories, receivers and numbers, no ids of people. */
export type SendPreview = {
  referrals: {
    category: string;
    gate: string;
    partner: string | null;
    name: string | null;
    address: string | null;
    sendOff: boolean;
    count: number;
  }[];
  copies: { connection: string; base: string; type: string; count: number }[];
  /** Suggested Conditions of referrals that nobody has approved: written with their Observations once somebody does. */
  suggested: number;
};

/**
 * Reads what waits in front of a gate and who is next for it, as the sender decided it when it last asked the gates: holds,
 * consent for each recipient, whose turn it is. A consent that has run out since lets nothing go.
 */
export async function readSendPreview(tx: Tx, tenant: string): Promise<SendPreview> {
  const referrals = await tx.query<SendPreview['referrals'][number]>(
    `with unsent as materialized (${unsentReferrals}),
     waits as (
       select r.category, ${gateNow} as gate, r.next_partner as partner, r.next_address as address, r.send_off as "sendOff", count(*) as count
         from referral r where r.tenant = $1 and r.state = 'waiting' and r.id not in (select referral from unsent)
        group by 1, 2, 3, 4, 5)
     select w.category, w.gate, w.partner, p.name, w.address, w."sendOff", w.count
       from waits w left join partner p on p.tenant = $1 and p.id = w.partner and p.address = w.address
      order by 1, 2, 3, 6`,
    [tenant],
  );
  const copies = await tx.query<SendPreview['copies'][number]>(
    `select e.connection, c.base, e.type, count(*) as count from write_back e join connection c on c.id = e.connection
      where e.tenant = $1 and e.state = 'waiting' group by 1, 2, 3 order by 1, min(e.rank), 3`,
    [tenant],
  );
  const suggested = await tx.query<{ n: number }>(
    `select count(distinct c) as n from referral r, jsonb_array_elements_text(r.conditions::jsonb) c
      where r.tenant = $1 and r.state = 'waiting' and r.gate = 'review' and not r.sensitive and r.restriction is null and c not like 'Condition/%'`,
    [tenant],
  );
  return {
    referrals: referrals.rows,
    copies: copies.rows,
    suggested: Number(suggested.rows[0]?.n ?? 0),
  };
}
