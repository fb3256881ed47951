import type { Tx } from '../database/database.ts';
import { patientsOfHuman } from './patients-of-human.ts';

/**
 * Lists all referrals of the human beings that some referrals are about, over Patients and EHRs.
 */
export async function referralsOfSamePeople(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select distinct r.id from referral a
       cross join lateral (select unnest(${patientsOfHuman('a.person')}) as patient) same
       join referral r on r.tenant = $tenant and r.person = same.patient
      where a.tenant = $tenant and a.id = any($1::uuid[]) order by r.id`,
    [ids],
  );
  return rows.map((row) => row.id);
}

/** What a partner has of a referral whatever is taken back: what it read, and what it was sent. */
export type Unrecallable = {
  referral: string;
  partner: string;
  /** Null for a partner that has left the directory. */
  name: string | null;
  /** It was sent to the partner's own system, or told by hand. */
  isSent: boolean;
  /** How often it read something of the person here, which types, and when last. */
  reads: number;
  types: string[];
  lastRead: Date | null;
};

/**
 * Lists what cannot be taken back of some referrals: what partners have read of the person, and
 * what lies in their own systems. A Task at our own hub that nobody has read leaves nothing.
 */
export async function unrecallable(tx: Tx, referrals: readonly string[]): Promise<Unrecallable[]> {
  if (referrals.length === 0) return [];
  const { rows } = await tx.query<Unrecallable & { reads: string }>(
    `select t.referral, t.partner, max(p.name) as name, bool_or(d.is_sent) as "isSent",
        sum(r.n) as reads, coalesce(max(r.types), '{}') as types, max(r.latest) as "lastRead"
       from task t
       left join partner p on p.tenant = $tenant and p.id = t.partner
       cross join lateral (select coalesce(bool_or(true), false) as is_sent from task_delivery d
          where d.tenant = $tenant and d.task = t.id and d.state = 'delivered'
            and d.channel <> 'hub') d
       cross join lateral (select count(*) as n, array_agg(distinct k.type
       order by k.type) as types,
            max(k.at) as latest from partner_read k
          where k.tenant = $tenant and k.task = t.id and k.type <> 'Task'
            and k.type <> 'Organization') r
      where t.tenant = $tenant and t.referral = any($1::uuid[]) and t.direction = 'out'
        and (r.n > 0 or d.is_sent)
      group by t.referral, t.partner order by t.referral, t.partner`,
    [referrals],
  );
  return rows.map((row) => ({ ...row, reads: Number(row.reads) }));
}
