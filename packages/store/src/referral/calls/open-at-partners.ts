import type { Tx } from '../../database/database.ts';
import type { ReferralRow } from '../referrals.ts';
import type { TaskRow } from '../tasks.ts';

/** A Task that is open at a partner, with what may be said of it. */
export type OpenTask = Pick<
  TaskRow,
  'id' | 'referral' | 'person' | 'partner' | 'status' | 'channel' | 'requested_at' | 'accept_by'
> &
  Pick<ReferralRow, 'category' | 'must_by' | 'consent_recorded'> & {
    /** The name of the partner; its id where it has left the directory. */
    name: string;
    /** Who looks after the person; null for nobody. */
    owner: string | null;
  };

/** `calls`: about which somebody has to call. `all`: everything that is open at one partner. */
export type OpenTasksAsk = { which: 'calls' } | { which: 'all'; partner: string };

const untaken = "(t.status in ('requested', 'received') and d.channel = 'manual')";

/**
 * Lists Tasks that are open at partners and are moved here, the oldest first; so many at most. The
 * partner knows of each of them, or somebody has to call.
 */
export async function openAtPartners(tx: Tx, ask: OpenTasksAsk, most: number): Promise<OpenTask[]> {
  const partner = ask.which === 'all' ? ask.partner : null;
  const { rows } = await tx.query<OpenTask>(
    `select t.id, t.referral, t.person, t.partner, t.status, d.channel, t.requested_at, t.accept_by,
        r.category, r.must_by, r.consent_recorded,
        coalesce((select p.name from partner p where p.tenant = $tenant and p.id = t.partner
          order by p.position limit 1), t.partner) as name,
        (select w.owner from work_owner w where w.tenant = $tenant and w.person = t.person
          order by w.handed_at desc, w.id limit 1) as owner
       from task t
       join task_delivery d on d.tenant = t.tenant and d.task = t.id and d.number = t.delivery
         and d.state = 'delivered'
       join referral r on r.tenant = t.tenant and r.id = t.referral
      where t.tenant = $tenant and t.live and t.door = 'here' and t.direction = 'out'
        and (($1::text is null and ${untaken}) or t.partner = $1)
      order by t.requested_at, t.id limit $2`,
    [partner, most],
  );
  return rows;
}

/** Counts the Tasks about which somebody has to call. */
export async function countCalls(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from task t
       join task_delivery d on d.tenant = t.tenant and d.task = t.id and d.number = t.delivery
         and d.state = 'delivered'
      where t.tenant = $tenant and t.live and t.direction = 'out' and ${untaken}`,
  );
  return rows[0]?.count ?? 0;
}
