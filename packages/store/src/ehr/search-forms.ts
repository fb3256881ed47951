import type { SearchForm } from '@loopwell/sdoh';
import type { Tx } from '../database/database.ts';

/** A form in which searches of one type of a connection are made: across patients, or for one. */
export type FormRow = {
  connection: string;
  type: string;
  byPatient: boolean;
  form: SearchForm;
};

/** Loads the search forms that were learned for a connection. */
export async function loadForms(tx: Tx, connection: string): Promise<FormRow[]> {
  const { rows } = await tx.query<{
    connection: string;
    type: string;
    by_patient: boolean;
    form: string;
  }>(
    `select connection, type, by_patient, form from search_form where tenant = $tenant
      and connection = $1`,
    [connection],
  );
  return rows.map((row) => ({
    connection: row.connection,
    type: row.type,
    byPatient: row.by_patient,
    form: JSON.parse(row.form) as SearchForm,
  }));
}

/** Saves a search form that worked, and the error with which the usual form was refused. */
export async function saveForm(
  tx: Tx,
  row: FormRow,
  refusal: { status?: number | undefined; issueCode?: string | undefined },
): Promise<void> {
  await tx.query(
    `insert into search_form (connection, type, by_patient, tenant, form, status, issue_code)
     select id, $2, $3, tenant, $4, $5, $6 from connection where tenant = $tenant and id = $1
     on conflict (tenant, connection, type, by_patient) do update
        set form = excluded.form, status = excluded.status, issue_code = excluded.issue_code,
          learned_at = loopwell_now()`,
    [
      row.connection,
      row.type,
      row.byPatient,
      JSON.stringify(row.form),
      refusal.status ?? null,
      refusal.issueCode ?? null,
    ],
  );
}
