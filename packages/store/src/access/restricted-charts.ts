import { AppError } from '@loopwell/kit';
import { requireRow, type Tx } from '../database/database.ts';
import type { Rows } from '../database/rows.generated.ts';
import { patientsOfHuman } from './patients-of-human.ts';

/** Somebody who wants to see people. Service tokens have no roles. */
export type Viewer = { id: string; roles?: readonly string[] };

/** The roles that may open a restricted chart, beside its owner. */
const leads: readonly string[] = ['lead', 'admin'];

const isLead = ({ roles = [] }: Viewer): boolean => roles.some((role) => leads.includes(role));

/**
 * A chart that only its owner and leads may open. The owner is whoever looks after the person now;
 * null where the work was handed to nobody since. DECISIONS D158.
 */
export type RestrictedChart = Omit<Rows['restricted_chart'], 'owner'> & { owner: string | null };

/**
 * Selects the restrictions that count, each with the human being and the owner of their work. Where
 * nobody has handed the work to anybody, the owner is the one whom the restriction names.
 */
const charts = `select c.tenant, c.person, c.number, c.restricted_at, c.restricted_by, c.ended_at,
    c.ended_by, l.person as human,
    case when w.owner is not null or w.handed_at > c.restricted_at then w.owner
      else c.owner end as owner
  from restricted_chart c
  left join patient_link l on l.tenant = c.tenant and l.patient = c.person
  left join lateral (select o.owner, o.handed_at from work_owner o
      where o.tenant = $tenant and (o.person = c.person or o.person = l.person
        or o.person in (select p.patient from patient_link p
          where p.tenant = $tenant and p.person = l.person))
      order by o.handed_at desc, o.id limit 1) w on true
  where c.tenant = $tenant and c.ended_at is null`;

/** Tells in SQL that a cover `v` stands today, the day of the site. */
const isToday = `v.ended_at is null and v.until >= to_char(loopwell_now() at time zone coalesce(
    (select s.settings::json ->> 'timeZone' from site s where s.tenant = $tenant),
    current_setting('TimeZone')), 'YYYY-MM-DD')`;

/**
 * Lists the ids that a viewer may not be shown, so that a list can leave them out: the Patients of
 * a human being with a restricted chart of somebody else's, and the human's own. Who covers for the
 * owner may open it on the days of the cover.
 */
export async function hiddenPatients(tx: Tx, viewer: Viewer): Promise<string[]> {
  if (isLead(viewer)) return [];
  const { rows } = await tx.query<{ patient: string }>(
    `with hidden as (select k.person, k.human from (${charts}) k
        where k.owner is distinct from $1 and not exists (select 1 from work_cover v
          where v.tenant = $tenant and v.away = k.owner and v.cover = $1 and ${isToday}))
     select person as patient from hidden
     union
     select o.patient from hidden h
       join patient_link o on o.tenant = $tenant and o.person = h.human
     union
     select h.human from hidden h where h.human is not null and not exists (
       select 1 from patient_link o where o.tenant = $tenant and o.patient = h.human)`,
    [viewer.id],
  );
  return rows.map(({ patient }) => patient);
}

/** Gives those of some people whom a viewer may be shown. */
export async function mayView(
  tx: Tx,
  viewer: Viewer,
  people: Iterable<string>,
): Promise<Set<string>> {
  const hidden = new Set(await hiddenPatients(tx, viewer));
  return new Set([...people].filter((person) => !hidden.has(person)));
}

/**
 * Requires that a viewer may be shown a person. The answer is the same as for a person who is not
 * known.
 *
 * @throws AppError NOT_FOUND
 */
export async function requireView(tx: Tx, viewer: Viewer, person: string): Promise<void> {
  if ((await mayView(tx, viewer, [person])).has(person)) return;
  throw new AppError('NOT_FOUND', 'There is no such person');
}

/** Finds the restriction of a human being's chart that counts now. */
export async function findRestriction(
  tx: Tx,
  person: string,
): Promise<RestrictedChart | undefined> {
  const { rows } = await tx.query<RestrictedChart>(
    `select k.tenant, k.person, k.number, k.restricted_at, k.restricted_by, k.ended_at, k.ended_by,
        k.owner from (${charts}) k
      where k.person = any(${patientsOfHuman('$1')}) order by k.restricted_at, k.person limit 1`,
    [person],
  );
  return rows[0];
}

/**
 * Restricts a chart to an owner and to leads. A chart that is restricted already gets the new
 * owner, and only somebody who may open it can do that. The owner counts until the work for the
 * person is handed over.
 *
 * @param person the derived id of one of the human being's Patients
 * @throws AppError NOT_FOUND where the viewer may not open the chart
 */
export async function restrictChart(
  tx: Tx,
  viewer: Viewer,
  { person, owner }: { person: string; owner: string },
): Promise<RestrictedChart> {
  await liftRestriction(tx, viewer, person);
  const { rows } = await tx.query<RestrictedChart>(
    `insert into restricted_chart (tenant, person, number, owner, restricted_by)
     select $tenant, $1::uuid, coalesce(max(number), 0) + 1, $2::text, $3::text
       from restricted_chart where tenant = $tenant and person = $1 returning *`,
    [person, owner, viewer.id],
  );
  return requireRow(rows, 'chart');
}

/**
 * Ends the restriction of a chart.
 *
 * @returns whether it was restricted
 * @throws AppError NOT_FOUND where the viewer may not open the chart
 */
export async function liftRestriction(tx: Tx, viewer: Viewer, person: string): Promise<boolean> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 9))', [
    `restricted-chart/${tx.tenant}`,
  ]);
  await requireView(tx, viewer, person);
  const { rowCount } = await tx.query(
    `update restricted_chart set ended_at = loopwell_now(), ended_by = $2
      where tenant = $tenant and ended_at is null and person = any(${patientsOfHuman('$1')})`,
    [person, viewer.id],
  );
  return (rowCount ?? 0) > 0;
}
