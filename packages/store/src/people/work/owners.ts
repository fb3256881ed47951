import { newId } from '@loopwell/kit';
import type { Tx } from '../../database/database.ts';
import type { Rows } from '../../database/rows.generated.ts';

/** One handing over of the work for a person. */
export type OwnerRow = Rows['work_owner'];

/** A handing over that is recorded now. `owner` null: nobody looks after them any more. */
export type NewOwner = {
  person: string;
  owner: string | null;
  note: string | null;
  by: string;
};

/** Records who looks after a person from now on. */
export async function handOver(tx: Tx, entered: NewOwner): Promise<void> {
  await tx.query(
    `insert into work_owner (tenant, id, person, owner, note, handed_by)
     values ($tenant, $1, $2, $3, $4, $5)`,
    [newId(), entered.person, entered.owner, entered.note, entered.by],
  );
}

/** Lists who has looked after a person, over all their Patients; the latest first. */
export async function ownersOf(tx: Tx, patients: readonly string[]): Promise<OwnerRow[]> {
  const { rows } = await tx.query<OwnerRow>(
    `select * from work_owner where tenant = $tenant and person = any($1::uuid[])
      order by handed_at desc, id limit 50`,
    [patients],
  );
  return rows;
}

/**
 * Lists the people that a principal looks after, by their own ids: those handed to them, and those
 * of everybody whom they cover for on a day.
 *
 * @param today the site's day, YYYY-MM-DD
 */
export async function peopleOwnedBy(tx: Tx, principal: string, today: string): Promise<string[]> {
  const { rows } = await tx.query<{ human: string }>(
    `with mine as (select $1::text as owner union
         select c.away from work_cover c where c.tenant = $tenant and c.cover = $1
           and c.until >= $2 and c.ended_at is null),
       theirs as (select distinct coalesce(l.person, w.person) as human
         from work_owner w
         left join patient_link l on l.tenant = $tenant and l.patient = w.person
        where w.tenant = $tenant and w.owner in (select owner from mine))
     select t.human from theirs t
      where (select w.owner from work_owner w
          left join patient_link l on l.tenant = $tenant and l.patient = w.person
          where w.tenant = $tenant and coalesce(l.person, w.person) = t.human
            and w.person in (select o.patient from patient_link o
              where o.tenant = $tenant and o.person = t.human union all select t.human)
          order by w.handed_at desc, w.id limit 1) in (select owner from mine)
      order by t.human`,
    [principal, today],
  );
  return rows.map((row) => row.human);
}

/** Lists the people of the care team: everybody who ever signed in with one of some roles. */
export async function careTeam(tx: Tx, roles: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ principal: string }>(
    `select distinct a.principal from access_token a
      where a.tenant = $tenant and a.kind in ('sign-in', 'session')
        and string_to_array(a.roles, ' ') && $1::text[]
      order by a.principal limit 500`,
    [roles],
  );
  return rows.map((row) => row.principal);
}
