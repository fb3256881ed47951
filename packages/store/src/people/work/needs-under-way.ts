import type { Tx } from '../../database/database.ts';
import { patientsLike } from '../same-person.ts';

/** A referral of the same person for the same need, which is under way before another one. */
export type NeedUnderWay = {
  /** The referral that waits for it. */
  behind: string;
  referral: string;
  person: string;
  /** `closed`: a partner says that it helped meanwhile. */
  state: 'waiting' | 'partner' | 'closed';
  /** The partner that has it; null where it was not sent yet, or has ended. */
  partner: string | null;
  sent_at: Date | null;
};

/**
 * Finds what is under way of the same need of the same person, by referral: one that a partner has,
 * one that was approved earlier and waits, or one that has helped since this one was approved. Records of several EHRs that are the same person count
 * together. Of two that a policy approves at the same moment, the one with the lower id goes out.
 */
export async function needsUnderWay(
  tx: Tx,
  referrals: readonly string[],
): Promise<Map<string, NeedUnderWay>> {
  if (referrals.length === 0) return new Map();
  const { rows } = await tx.query<NeedUnderWay>(
    `select distinct on (r.id) r.id as behind, o.id as referral, o.person, o.state, t.partner,
        t.requested_at as sent_at
       from referral r
       join referral o on o.tenant = $tenant and o.person = any(${patientsLike('r.person')})
        and o.category = r.category and o.id <> r.id and o.state in ('waiting', 'partner', 'closed')
        and o.approval is distinct from 'refused' and o.given_up_by is null
       left join task t on t.tenant = $tenant and t.referral = o.id and t.live
        and t.direction = 'out'
      where r.tenant = $tenant and r.id = any($1::uuid[]) and r.state = 'waiting'
        and r.sent_anyway_by is null
        and case o.state
          when 'partner' then true
          when 'closed' then exists (select 1 from task c where c.tenant = $tenant
            and c.referral = o.id and c.status = 'completed' and c.ended_at > r.approved_at)
          else t.id is not null
            or (r.approval is null and o.approval is null and o.id < r.id)
            or (o.approval = 'approved' and (r.approval is null
              or (o.approved_at, o.id) < (r.approved_at, r.id))) end
      order by r.id, (o.state = 'partner') desc, (t.id is not null) desc, o.approved_at, o.id`,
    [referrals],
  );
  return new Map(rows.map((row) => [row.behind, row]));
}
