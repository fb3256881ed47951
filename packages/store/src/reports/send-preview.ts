import type { Tx } from '../database/database.ts';
import { countWaiting, type WaitingGroup } from './waiting-referrals.ts';

/**
 * What would go where if the gates in front of it opened: categories, receivers and numbers, no ids
 * of people.
 */
export type SendPreview = {
  referrals: (WaitingGroup & { name: string | null })[];
  copies: { connection: string; base: string; type: string; count: number }[];
  /**
   * Suggested Conditions of referrals that are not approved. They are written with their
   * Observations after an approval.
   */
  suggested: number;
};

/**
 * Reads what waits in front of a gate and which partner is next for it. The sender decided that
 * when it last asked the gates: holds, consent for each recipient, whose turn it is. A consent that
 * has run out since lets nothing go.
 */
export async function readSendPreview(tx: Tx, tenant: string): Promise<SendPreview> {
  const waiting = await countWaiting(tx, tenant);
  const partners = await tx.query<{ id: string; address: string; name: string }>(
    'select id, address, name from partner where tenant = $1',
    [tenant],
  );
  const names = new Map(partners.rows.map(({ id, address, name }) => [`${id} ${address}`, name]));
  const referrals = waiting.map(({ partner, address, ...group }) => ({
    ...group,
    partner,
    address,
    name: names.get(`${partner} ${address}`) ?? null,
  }));
  const copies = await tx.query<SendPreview['copies'][number]>(
    `select e.connection, c.base, e.type, count(*) as count from write_back e join connection c
      on c.tenant = $tenant and c.id = e.connection
      where e.tenant = $1 and e.state = 'waiting' group by 1, 2, 3 order by 1, min(e.rank), 3`,
    [tenant],
  );
  const suggested = await tx.query<{ n: number }>(
    `select count(distinct c) as n from referral r, jsonb_array_elements_text(r.conditions::jsonb) c
      where r.tenant = $1 and r.state = 'waiting' and r.gate = 'review' and not r.sensitive
        and r.restriction is null and c not like 'Condition/%'`,
    [tenant],
  );
  return {
    referrals,
    copies: copies.rows,
    suggested: Number(suggested.rows[0]?.n ?? 0),
  };
}
