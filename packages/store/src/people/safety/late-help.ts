import { newId } from '@loopwell/kit';
import { nowOnce } from '../../database/clock-sql.ts';
import type { Tx } from '../../database/database.ts';

/** How often somebody is told of people who are still without help. */
const every = "interval '24 hours'";

/** Tells in SQL that a referral has been without help for longer than $1 milliseconds. */
const isLate = `r.state = 'waiting' and r.gate in ('withoutHelp', 'noPartner')
    and r.work_list = 'withoutHelp' and r.gate_since < ${nowOnce} - $1 * interval '1 millisecond'
    and (r.postponed_until is null
      or r.postponed_until <= to_char(${nowOnce} at time zone $2::text, 'YYYY-MM-DD'))`;

/** How long somebody may be without help, and the time zone of the site's days. */
export type HelpLimit = { limitMs: number; timeZone: string };

/**
 * Makes the alert due that people are still without help, where somebody has been for longer than
 * the site's limit. It is told once in 24 hours for as long as that is so; each day that it goes
 * on, one name more is told. DECISIONS D170.
 */
export async function raiseLateHelp(tx: Tx, { limitMs, timeZone }: HelpLimit): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into duty_alert (tenant, id, kind, source, next_at, rounds)
     select $tenant, $3, 'without-help', 'without-help', ${nowOnce},
         count(*) filter (where told_at > ${nowOnce} - 8 * ${every})
       from duty_alert where tenant = $tenant and kind = 'without-help'
     having coalesce(max(told_at) <= ${nowOnce} - ${every}, true)
        and exists (select 1 from referral r where r.tenant = $tenant and ${isLate})
     on conflict do nothing`,
    [limitMs, timeZone, newId()],
  );
  return (rowCount ?? 0) > 0;
}

/** People who have been without help for longer than the site's limit, and when somebody was told. */
export type LateHelp = { people: number; toldAt: Date | null; toldNames: readonly string[] };

/** Counts them, up to a thousand. */
export async function countLateHelp(tx: Tx, { limitMs, timeZone }: HelpLimit): Promise<LateHelp> {
  const { rows } = await tx.query<LateHelp>(
    `select (select count(*) from (select distinct r.human from referral r where r.tenant = $tenant and ${isLate}
         limit 1000) h) as people,
       l.told_at as "toldAt", array(select distinct m.name from duty_message m
         where m.tenant = $tenant and l.id = any(m.alerts) and m.state = 'accepted'
         order by m.name) as "toldNames"
       from (select 1) o left join lateral (select a.id, a.told_at from duty_alert a
         where a.tenant = $tenant and a.kind = 'without-help' and a.told_at is not null
         order by a.told_at desc limit 1) l on true`,
    [limitMs, timeZone],
  );
  return rows[0] ?? { people: 0, toldAt: null, toldNames: [] };
}
