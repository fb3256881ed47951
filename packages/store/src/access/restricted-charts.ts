import { AppError } from '@loopwell/kit';
import { requireRow, type Tx } from '../database/database.ts';
import type { Rows } from '../database/rows.generated.ts';
import { patientsOfHuman } from './patients-of-human.ts';

/** Somebody who wants to see people. Service tokens have no roles. */
export type Viewer = { id: string; roles?: readonly string[] };

/** The roles that may open a restricted chart, beside its owner. */
const leads: readonly string[] = ['lead', 'admin'];

const isLead = ({ roles = [] }: Viewer): boolean => roles.some((role) => leads.includes(role));

/** A chart that only its owner and leads may open. DECISIONS D158. */
export type RestrictedChart = Rows['restricted_chart'];

/**
 * Lists the Patients that a viewer may not be shown, so that a list can leave them out: all those
 * of a human being with a restricted chart of somebody else's.
 */
export async function hiddenPatients(tx: Tx, viewer: Viewer): Promise<string[]> {
  if (isLead(viewer)) return [];
  const { rows } = await tx.query<{ patient: string }>(
    `select c.person as patient from restricted_chart c
      where c.tenant = $tenant and c.ended_at is null and c.owner <> $1
     union
     select o.patient from restricted_chart c
       join patient_link l on l.tenant = c.tenant and l.patient = c.person
       join patient_link o on o.tenant = l.tenant and o.person = l.person
      where c.tenant = $tenant and c.ended_at is null and c.owner <> $1`,
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
    `select * from restricted_chart where tenant = $tenant and ended_at is null
        and person = any(${patientsOfHuman('$1')}) order by restricted_at, person limit 1`,
    [person],
  );
  return rows[0];
}

/**
 * Restricts a chart to an owner and to leads. A chart that is restricted already gets the new
 * owner, and only somebody who may open it can do that.
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
