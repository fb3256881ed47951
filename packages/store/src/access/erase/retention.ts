import type { Tx } from '../../database/database.ts';
import { erasePerson } from './erase-person.ts';
import { isInWork } from './happenings.ts';

/** For how long a site keeps things; undefined keeps for good. */
export type KeepTimes = { peopleMs: number | undefined; viewsMs: number | undefined };

/** How long it is shown what will be deleted before it is. */
export const noticeMs = 14 * 86_400_000;

/** People who are noticed in one look at most; the others come with the next one. */
const mostPeople = 500;

const quietSince = "loopwell_now() - $1 * interval '1 millisecond'";

/**
 * Tells in SQL that nothing has happened about a person `h` for $1 milliseconds, that no referral,
 * alert or next step of theirs is open, and that no legal demand is.
 */
const isQuiet = `h.created_at < ${quietSince}
    and not exists (select 1 from referral r where r.tenant = $tenant and r.human = h.id
      and (r.state in ('waiting', 'partner') or r.changed_at >= ${quietSince}))
    and not exists (select 1 from patient_link l where l.tenant = $tenant and l.person = h.id
      and (l.moved_at >= ${quietSince} or ${isInWork(quietSince)}))`;

/** Tells in SQL that no legal demand holds the view `v`: it is over, or there is none. */
const isFree = `not exists (select 1 from legal_demand d
         left join patient_link a on a.tenant = $tenant and a.patient = d.person
         left join patient_link b on b.tenant = $tenant and b.patient = v.person
        where d.tenant = $tenant
          and (d.person = v.person or a.person = b.person or a.person = v.person)
          and 2 > (select count(*) from legal_demand_yes y where y.tenant = $tenant
            and y.demand = d.id and y.step = 'end'))`;

/**
 * Writes down what will be deleted 14 days from now, and takes back what is not to be deleted any
 * more: something has happened, or the site keeps it longer now. DECISIONS D176.
 */
export async function noticeRetention(tx: Tx, { peopleMs, viewsMs }: KeepTimes): Promise<void> {
  await tx.query(
    `delete from retention_notice n where n.tenant = $tenant and ((n.kind = 'views' and $2)
        or (n.kind = 'person' and ($1::float8 is null or not exists (select 1 from person h
          where h.tenant = $tenant and h.id::text = n.subject and ${isQuiet}))))`,
    [peopleMs ?? null, viewsMs === undefined],
  );
  if (peopleMs !== undefined)
    await tx.query(
      `insert into retention_notice (tenant, kind, subject, acts_at)
       select $tenant, 'person', h.id::text, loopwell_now() + $2 * interval '1 millisecond'
         from person h where h.tenant = $tenant and ${isQuiet}
        and not exists (select 1 from retention_notice n where n.tenant = $tenant
          and n.kind = 'person' and n.subject = h.id::text)
        order by h.created_at, h.id limit ${mostPeople}
       on conflict do nothing`,
      [peopleMs, noticeMs],
    );
  if (viewsMs !== undefined)
    await tx.query(
      `insert into retention_notice (tenant, kind, subject, acts_at)
       select $tenant, 'views', 'views', loopwell_now() + $2 * interval '1 millisecond'
        where exists (select 1 from person_view v where v.tenant = $tenant
          and v.at < loopwell_now() - $1 * interval '1 millisecond' and ${isFree})
       on conflict do nothing`,
      [viewsMs, noticeMs],
    );
}

/** What will be deleted, and when. `subject` is the id of a person. */
export type RetentionNotice = {
  kind: 'person' | 'views';
  subject: string;
  noticedAt: Date;
  actsAt: Date;
};

/** Lists what will be deleted, the next first. */
export async function listNotices(tx: Tx, limit: number): Promise<RetentionNotice[]> {
  const { rows } = await tx.query<RetentionNotice>(
    `select kind, subject, noticed_at as "noticedAt", acts_at as "actsAt" from retention_notice
      where tenant = $tenant order by acts_at, kind, subject limit $1`,
    [limit],
  );
  return rows;
}

/** Lists the people whose notice is over and about whom nothing has happened since. */
export async function peopleToErase(tx: Tx, peopleMs: number, limit: number): Promise<string[]> {
  const { rows } = await tx.query<{ person: string }>(
    `select h.id as person from retention_notice n
       join person h on h.tenant = $tenant and h.id::text = n.subject
      where n.tenant = $tenant and n.kind = 'person' and n.acts_at <= loopwell_now()
        and ${isQuiet} order by n.acts_at, h.id limit $2`,
    [peopleMs, limit],
  );
  return rows.map(({ person }) => person);
}

/** Erases a person because the site keeps nobody longer. */
export async function eraseByRetention(tx: Tx, person: string): Promise<void> {
  await erasePerson(tx, { person, by: 'system:retention', reason: 'retention' });
  await tx.query(
    `delete from retention_notice where tenant = $tenant and kind = 'person' and subject = $1`,
    [person],
  );
}

/**
 * Deletes views of people that were noticed 14 days ago, with their notice. Views of somebody about
 * whom a legal demand is open stay.
 *
 * @returns how many
 */
export async function deleteOldViews(tx: Tx, viewsMs: number): Promise<number> {
  const { rowCount } = await tx.query(
    `with over as (delete from retention_notice where tenant = $tenant and kind = 'views'
         and acts_at <= loopwell_now() returning noticed_at)
     delete from person_view v using over where v.tenant = $tenant
       and v.at < over.noticed_at - $1 * interval '1 millisecond' and ${isFree}`,
    [viewsMs],
  );
  return rowCount ?? 0;
}
