import type { Tx } from '../../database/database.ts';
import { isEnded, safetyAnswers } from './urgent-people.ts';

/**
 * Notes the needs about which nobody asks, since asking could be the danger: no safe way was
 * recorded so far. Each is noted once. DECISIONS D170.
 *
 * @returns how many are new
 */
export async function noteUnsafeToAsk(tx: Tx): Promise<number> {
  const { rowCount } = await tx.query(
    `insert into equity_fact (tenant, kind, person, referral)
     select $1, 'not-asked-unsafe', r.person, r.id from referral r
      where r.tenant = $1 and r.work_list = 'ask'
        and (r.human in (select coalesce((select l.person from patient_link l
              where l.tenant = $1 and l.patient = a.person), a.person)
            from (${safetyAnswers}) a where not ${isEnded('a', 'ends_mark')}
              and not ${isEnded('a', 'ends_block')}))
        and not exists (select 1 from equity_fact f where f.tenant = $1
          and f.referral = r.id and f.kind = 'not-asked-unsafe')
     on conflict do nothing`,
    [tx.tenant],
  );
  return rowCount ?? 0;
}
