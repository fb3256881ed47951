import type { PersonNo } from '@loopwell/sdoh';
import { nowOnce } from '../../database/clock-sql.ts';
import type { Tx } from '../../database/database.ts';
import { insertRows } from '../../database/insert-rows.ts';
import type { Rows } from '../../database/rows.generated.ts';
import { lockHumans, patientsOfHumans } from './lock-human.ts';

/** A no as it is stored. */
export type NoRow = Omit<Rows['person_no'], 'kind' | 'said_by'> & {
  kind: PersonNo['kind'];
  said_by: PersonNo['saidBy'];
};

/** A no that is recorded now. */
export type NewNoRow = Omit<NoRow, 'recorded_at' | 'brought_up_on' | 'lifted_by' | 'lifted_at'>;

const columns = [
  'tenant',
  'id',
  'person',
  'kind',
  'category',
  'partner',
  'until',
  'said_on',
  'said_by',
  'said_to',
  'note',
  'referral',
  'recorded_by',
] as const satisfies (keyof NewNoRow)[];

/**
 * Records nos, and locks their humans. One that stands already in the same words is not written
 * twice: of two people, or two doors, that record it, the first counts.
 *
 * @returns the ids of those that were written
 */
export async function addNos(tx: Tx, rows: readonly NewNoRow[]): Promise<string[]> {
  if (rows.length === 0) return [];
  await lockHumans(
    tx,
    rows.map(({ person }) => person),
  );
  const standing = await personNos(
    tx,
    rows.map(({ person }) => person),
  );
  const written: NewNoRow[] = [];
  for (const row of rows) {
    const before = [...(standing.get(row.person) ?? []), ...written.filter(isOfSame(row))];
    if (!before.some((no) => isSameNo(no, row))) written.push(row);
  }
  await insertRows(
    tx,
    'person_no',
    columns,
    written.map((row) => columns.map((column) => row[column])),
    'on conflict do nothing',
  );
  return written.map(({ id }) => id);
}

const isOfSame = (row: NewNoRow) => (other: NewNoRow) => other.person === row.person;

/** Tells whether a no that stands says what another one says. */
function isSameNo(no: NewNoRow & { brought_up_on?: string | null }, row: NewNoRow): boolean {
  if (no.id === row.id) return true;
  const isStanding = (no.brought_up_on ?? null) === null;
  const isSame = (['kind', 'category', 'partner', 'until', 'said_on'] as const).every(
    (column) => no[column] === row[column],
  );
  return isStanding && isSame;
}

/**
 * Lists all nos of the humans behind some Patients, by Patient, the latest first. Those that were
 * ended are among them: `findNo` of the domain knows which stand.
 */
export async function personNos(
  tx: Tx,
  patients: readonly string[],
): Promise<Map<string, NoRow[]>> {
  if (patients.length === 0) return new Map();
  const { rows } = await tx.query<NoRow & { asked: string }>(
    `select p.patient as asked, n.*
       from unnest($1::uuid[]) as p(patient)
       left join patient_link l on l.tenant = $tenant and l.patient = p.patient
       left join patient_link o on o.tenant = $tenant and o.person = l.person
       join person_no n on n.tenant = $tenant and n.person = coalesce(o.patient, p.patient)
      order by n.said_on desc, n.recorded_at desc, n.id`,
    [[...new Set(patients)]],
  );
  const byPatient = new Map<string, NoRow[]>();
  for (const { asked, ...no } of rows) byPatient.set(asked, [...(byPatient.get(asked) ?? []), no]);
  return byPatient;
}

/** Gives a no as the domain reads it. */
export const noOf = (row: NoRow): PersonNo => ({
  id: row.id,
  kind: row.kind,
  category: row.category,
  partner: row.partner,
  until: row.until,
  saidOn: row.said_on,
  saidBy: row.said_by,
  saidTo: row.said_to,
  broughtUpOn: row.brought_up_on,
});

/** Lists the nos of the humans behind some Patients as the domain reads them, by Patient. */
export async function nosOfPeople(
  tx: Tx,
  patients: readonly string[],
): Promise<Map<string, PersonNo[]>> {
  const rows = await personNos(tx, patients);
  return new Map([...rows].map(([patient, nos]) => [patient, nos.map(noOf)]));
}

/**
 * Ends nos of one human because the person brought it up on a day. A person writes that down.
 *
 * @returns the nos that were ended; one that had ended before, or is another human's, is not
 */
export async function liftNos(
  tx: Tx,
  lift: { person: string; ids: readonly string[]; broughtUpOn: string; by: string },
): Promise<NoRow[]> {
  if (lift.ids.length === 0) return [];
  await lockHumans(tx, [lift.person]);
  const patients = (await patientsOfHumans(tx, [lift.person])).get(lift.person) ?? [];
  const { rows } = await tx.query<NoRow>(
    `update person_no set brought_up_on = $3, lifted_by = $4, lifted_at = ${nowOnce}
      where tenant = $tenant and id = any($1::uuid[]) and person = any($2::uuid[])
        and brought_up_on is null
      returning *`,
    [lift.ids, patients, lift.broughtUpOn, lift.by],
  );
  return rows;
}
