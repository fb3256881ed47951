import type { PartnerMoves } from '@loopwell/sdoh';
import type { Tx } from '../../database/database.ts';

/** Reads what partners have done with the live Tasks of some referrals, by referral. */
export async function partnerMoves(
  tx: Tx,
  referrals: readonly string[],
): Promise<Map<string, PartnerMoves>> {
  if (referrals.length === 0) return new Map();
  const { rows } = await tx.query<PartnerMoves & { referral: string }>(
    `select t.referral, t.status, t.requested_at as "sentAt",
        coalesce(d.state = 'delivered', false) as "hasArrived",
        (select min(r.at) from partner_read r where r.tenant = $tenant and r.task = t.id)
          as "seenAt",
        t.accepted_at as "acceptedAt",
        (select max(c.day) from contact_try c where c.tenant = $tenant and c.person = t.person
          and c.referral = t.referral and c.partner = t.partner
          and c.outcome is distinct from 'not-made') as "triedOn",
        t.accept_by as "answerBy", t.contact_by as "contactBy", t.serve_by as "serveBy",
        (select max(a.held_until) from partner_answer a where a.tenant = $tenant
          and a.task = t.id and a.consumed_at is null) as "heldUntil",
        (select a.button from partner_answer a where a.tenant = $tenant and a.task = t.id
          and a.consumed_at is null and a.held_until is not null
          order by a.id desc limit 1) as "heldButton"
       from task t
       left join task_delivery d on d.tenant = $tenant and d.task = t.id and d.number = t.delivery
      where t.tenant = $tenant and t.live and t.direction = 'out'
        and t.referral = any($1::uuid[])`,
    [referrals],
  );
  return new Map(rows.map(({ referral, ...moves }) => [referral, moves]));
}
