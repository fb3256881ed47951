import type { Tx } from '../../database/database.ts';
import { insertRows } from '../../database/insert-rows.ts';
import type { Rows } from '../../database/rows.generated.ts';

/** A need that no form told of, with who said it and when. */
export type AddedNeedRow = Rows['added_need'];
export type NewAddedNeed = Omit<AddedNeedRow, 'tenant' | 'recorded_at'>;

const columns = [
  'id',
  'referral',
  'person',
  'need',
  'said_by',
  'said_on',
  'due_on',
  'words',
  'recorded_by',
] as const satisfies (keyof NewAddedNeed)[];

/** Writes down needs that were added, beside their referrals. */
export async function addNeeds(tx: Tx, rows: readonly NewAddedNeed[]): Promise<void> {
  await insertRows(
    tx,
    'added_need',
    ['tenant', ...columns],
    rows.map((row) => [tx.tenant, ...columns.map((column) => row[column])]),
  );
}

/** Finds what was said of added needs, by their referrals. */
export async function addedNeeds(
  tx: Tx,
  referrals: readonly string[],
): Promise<Map<string, AddedNeedRow>> {
  if (referrals.length === 0) return new Map();
  const { rows } = await tx.query<AddedNeedRow>(
    'select * from added_need where tenant = $tenant and referral = any($1::uuid[])',
    [referrals],
  );
  return new Map(rows.map((row) => [row.referral, row]));
}

/** A Patient that a name of a due list means, and the human being that it belongs to. */
export type MeantPatient = { name: string; patient: string; human: string; connection: string };

/**
 * Finds the Patients of one EHR that ids or MRNs mean.
 *
 * @param folded each MRN as the search keeps it, beside the name as it was written
 */
export async function meantPatients(
  tx: Tx,
  connection: string,
  names: readonly { name: string; folded: string }[],
): Promise<MeantPatient[]> {
  if (names.length === 0) return [];
  const { rows } = await tx.query<MeantPatient>(
    `select distinct n.name, l.patient, l.person as human, l.connection
       from unnest($2::text[], $3::text[]) as n(name, folded)
       join patient_link l on l.tenant = $tenant and l.connection = $1
      where l.patient_id = n.name or exists (select 1 from person_term t
          where t.tenant = $tenant and t.kind = 'mrn' and t.term = n.folded
            and t.patient = l.patient)`,
    [connection, names.map(({ name }) => name), names.map(({ folded }) => folded)],
  );
  return rows;
}

/** Lists the EHRs that have people here, by the ids of their connections. */
export async function connectionNames(tx: Tx): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    'select id from connection where tenant = $tenant order by id limit 200',
  );
  return rows.map((row) => row.id);
}
