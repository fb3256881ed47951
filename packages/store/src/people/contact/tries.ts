import type { ContactTry } from '@loopwell/sdoh';
import { nowOnce } from '../../database/clock-sql.ts';
import type { Tx } from '../../database/database.ts';
import { insertRows } from '../../database/insert-rows.ts';
import type { Rows } from '../../database/rows.generated.ts';
import { lockHumans } from './lock-human.ts';

/** A try as it is stored. */
export type TryRow = Omit<Rows['contact_try'], 'channel' | 'outcome'> & {
  channel: ContactTry['channel'];
  outcome: ContactTry['outcome'];
};

/** How a try ended, as somebody records it. */
export type TryEnd = {
  id: string;
  outcome: NonNullable<ContactTry['outcome']>;
  saidWhy: boolean | null;
  isIncident: boolean;
  note: string | null;
  principal: string;
};

/**
 * Records how a try ended. It is recorded once: a second time changes nothing.
 *
 * @returns the try, or undefined where its end is recorded already or there is none
 */
export async function settleTry(tx: Tx, end: TryEnd): Promise<TryRow | undefined> {
  const { rows } = await tx.query<TryRow>(
    `update contact_try set outcome = $2, said_why = $3, is_incident = $4, note = $5,
        recorded_by = $6, recorded_at = ${nowOnce}
      where tenant = $tenant and id = $1 and outcome is null
      returning *`,
    [end.id, end.outcome, end.saidWhy, end.isIncident, end.note, end.principal],
  );
  return rows[0];
}

/** A try that a partner reports, which it has made already. */
export type NewTryRow = Pick<
  TryRow,
  'tenant' | 'id' | 'person' | 'day' | 'channel' | 'category' | 'partner' | 'referral'
> & { outcome: NonNullable<ContactTry['outcome']>; reserved_by: string };

/**
 * Writes down tries that partners made. They count whether or not they fit the budget. The same id
 * is written once.
 */
export async function addTries(tx: Tx, rows: readonly NewTryRow[]): Promise<void> {
  if (rows.length === 0) return;
  await lockHumans(
    tx,
    rows.map(({ person }) => person),
  );
  const columns = [
    ...['tenant', 'id', 'person', 'day', 'channel', 'outcome', 'category', 'partner'],
    ...['referral', 'reserved_by', 'recorded_by'],
  ];
  const sorted = rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const values = sorted.map((row) => [
    ...[row.tenant, row.id, row.person, row.day, row.channel, row.outcome, row.category],
    ...[row.partner, row.referral, row.reserved_by, row.reserved_by],
  ]);
  await insertRows(tx, 'contact_try', columns, values, 'on conflict do nothing');
}

/** Loads a try. */
export async function loadTry(tx: Tx, id: string): Promise<TryRow | undefined> {
  const { rows } = await tx.query<TryRow>(
    'select * from contact_try where tenant = $tenant and id = $1',
    [id],
  );
  return rows[0];
}

/** Lists all tries of the humans behind some Patients, by Patient, the latest first. */
export async function personTries(
  tx: Tx,
  patients: readonly string[],
): Promise<Map<string, TryRow[]>> {
  if (patients.length === 0) return new Map();
  const { rows } = await tx.query<TryRow & { asked: string }>(
    `select p.patient as asked, t.*
       from unnest($1::uuid[]) as p(patient)
       left join patient_link l on l.tenant = $tenant and l.patient = p.patient
       left join patient_link o on o.tenant = $tenant and o.person = l.person
       join contact_try t on t.tenant = $tenant and t.person = coalesce(o.patient, p.patient)
      order by t.day desc, t.reserved_at desc, t.id`,
    [[...new Set(patients)]],
  );
  const byPatient = new Map<string, TryRow[]>();
  for (const { asked, ...made } of rows)
    byPatient.set(asked, [...(byPatient.get(asked) ?? []), made]);
  return byPatient;
}

/** Lists the latest incidents: somebody else was told why we called, or a message was left. */
export async function listIncidents(tx: Tx, most: number): Promise<TryRow[]> {
  const { rows } = await tx.query<TryRow>(
    `select * from contact_try where tenant = $tenant and is_incident
      order by recorded_at desc, id limit $1`,
    [most],
  );
  return rows;
}
