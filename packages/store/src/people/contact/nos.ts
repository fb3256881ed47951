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

/** The columns of how a no ended, in whole or for one help. */
type EndColumn = 'brought_up_on' | 'lifted_by' | 'lifted_at' | 'lifted_request' | 'brought_up';

/** A no that is recorded now. */
export type NewNoRow = Omit<NoRow, 'recorded_at' | EndColumn>;

/** A help that a person brought up although they had said no to every help. */
type BroughtUpHelp = { category: string; on: string; by: string; request?: string | undefined };

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
function isSameNo(no: NewNoRow & Partial<NoRow>, row: NewNoRow): boolean {
  if (no.id === row.id) return true;
  const isStanding = (no.brought_up_on ?? null) === null && (no.brought_up ?? null) === null;
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
  except: helpsOf(row).map(({ category }) => category),
});

const helpsOf = ({ brought_up: text }: Pick<NoRow, 'brought_up'>): BroughtUpHelp[] =>
  JSON.parse(text ?? '[]') as BroughtUpHelp[];

/** Gives the latest day on which a person brought a help up after this no; undefined for none. */
export function broughtUpOn(row: NoRow, category: string): string | undefined {
  const helps = helpsOf(row).filter((help) => help.category === category);
  const days = [row.brought_up_on, ...helps.map(({ on }) => on)].filter((day) => day !== null);
  return days.toSorted().at(-1);
}

/** Lists the nos of the humans behind some Patients as the domain reads them, by Patient. */
export async function nosOfPeople(
  tx: Tx,
  patients: readonly string[],
): Promise<Map<string, PersonNo[]>> {
  const rows = await personNos(tx, patients);
  return new Map([...rows].map(([patient, nos]) => [patient, nos.map(noOf)]));
}

/** That a person brought something up, and who wrote it down. */
export type Lift = {
  person: string;
  ids: readonly string[];
  broughtUpOn: string;
  by: string;
  /** The one help that they brought up: a no to every help goes on to stand for all others. */
  category?: string | undefined;
  /** The request to decide that says so, which can be undone. */
  request?: string | undefined;
};

/**
 * Ends nos of one human because the person brought it up on a day. A person writes that down.
 *
 * @returns the nos that were ended; one that had ended before, or is another human's, is not
 */
export async function liftNos(tx: Tx, lift: Lift): Promise<NoRow[]> {
  if (lift.ids.length === 0) return [];
  const { category, broughtUpOn: on, by, request } = lift;
  await lockHumans(tx, [lift.person]);
  const patients = (await patientsOfHumans(tx, [lift.person])).get(lift.person) ?? [];
  const isInPart = '(category is null and $6::text is not null)';
  const help = category === undefined ? null : JSON.stringify({ category, on, by, request });
  const { rows } = await tx.query<NoRow>(
    `update person_no set
        brought_up_on = case when ${isInPart} then null else $3 end,
        lifted_by = case when ${isInPart} then null else $4 end,
        lifted_at = case when ${isInPart} then null else ${nowOnce} end,
        lifted_request = case when ${isInPart} then null else $5::uuid end,
        brought_up = case when ${isInPart}
          then (coalesce(brought_up, '[]')::jsonb || $6::jsonb)::text else brought_up end
      where tenant = $tenant and id = any($1::uuid[]) and person = any($2::uuid[])
        and brought_up_on is null
      returning *`,
    [lift.ids, patients, on, by, request ?? null, help],
  );
  return rows;
}

/** Lets nos of some people stand again that a request to decide had ended, since it was undone. */
export async function standAgain(
  tx: Tx,
  { people, request }: { people: readonly string[]; request: string },
): Promise<void> {
  await lockHumans(tx, people);
  const patients = [...(await patientsOfHumans(tx, people)).values()].flat();
  const isEnd = 'lifted_request = $2::uuid';
  await tx.query(
    `update person_no set
        brought_up_on = case when ${isEnd} then null else brought_up_on end,
        lifted_by = case when ${isEnd} then null else lifted_by end,
        lifted_at = case when ${isEnd} then null else lifted_at end,
        lifted_request = case when ${isEnd} then null else lifted_request end,
        brought_up = (select jsonb_agg(help)::text
          from jsonb_array_elements(coalesce(brought_up, '[]')::jsonb) as help
         where help ->> 'request' is distinct from $2::text)
      where tenant = $tenant and person = any($1::uuid[])
        and (${isEnd} or position($2::text in coalesce(brought_up, '')) > 0)`,
    [patients, request],
  );
}
