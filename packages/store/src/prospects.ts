import type { Tx } from './database.ts';

/** What would go where, if the gates in front of it opened: categories, receivers and numbers, no ids of people. */
export type Prospects = {
  referrals: { category: string; gate: string; partner: string | null; name: string | null; address: string | null; count: number }[];
  copies: { connection: string; base: string; type: string; count: number }[];
  /** Suggested Conditions of referrals that nobody has approved: written with their Observations once somebody does. */
  suggested: number;
};

/**
 * Reads what waits in front of a gate and who is next in the directory for it: the first partner of the category that
 * has not had its turn. A Consent that names another partner may still change that.
 */
export async function readProspects(tx: Tx, organisation: string): Promise<Prospects> {
  const referrals = await tx.query<Prospects['referrals'][number]>(
    `select r.category, coalesce(r.gate, 'review') as gate, p.id as partner, p.name, p.address, count(*) as count
       from referral r left join lateral (
         select p.id, p.name, p.address from partner p
          where p.organisation = r.organisation and p.body::jsonb -> 'categories' ? r.category
            and not exists (select 1 from task t where t.referral = r.id and t.partner = p.id and t.address = p.address)
          order by p.position limit 1) p on true
      where r.organisation = $1 and r.state = 'waiting' and not exists (select 1 from task t where t.referral = r.id and t.live)
      group by 1, 2, 3, 4, 5 order by 1, 2, 3`,
    [organisation],
  );
  const copies = await tx.query<Prospects['copies'][number]>(
    `select e.connection, c.base, e.type, count(*) as count from ehr_copy e join connection c on c.id = e.connection
      where e.organisation = $1 and e.state = 'waiting' group by 1, 2, 3 order by 1, min(e.rank), 3`,
    [organisation],
  );
  const suggested = await tx.query<{ n: number }>(
    `select count(distinct c) as n from referral r, jsonb_array_elements_text(r.conditions::jsonb) c
      where r.organisation = $1 and r.state = 'waiting' and r.gate = 'review' and not r.sensitive and r.restriction is null and c not like 'Condition/%'`,
    [organisation],
  );
  return { referrals: referrals.rows, copies: copies.rows, suggested: Number(suggested.rows[0]?.n ?? 0) };
}
