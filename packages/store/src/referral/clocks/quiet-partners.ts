import type { Tx } from '../../database/database.ts';

/**
 * Lists the people who wait for a partner that is quiet: half of its time is over, or it said yes
 * and nothing since, and somebody was told. News of the partner take them off.
 */
export async function peopleOfQuietPartners(tx: Tx): Promise<string[]> {
  const { rows } = await tx.query<{ human: string }>(
    `select distinct r.human from task t
       join referral r on r.tenant = $tenant and r.id = t.referral
      where t.tenant = $tenant and t.live and t.direction = 'out'
        and (t.half_told_at is not null or t.late_told_at is not null)
      order by r.human`,
  );
  return rows.map((row) => row.human);
}
