import { newId } from '@loopwell/kit';
import type { Tx } from '../../database/database.ts';
import type { Rows } from '../../database/rows.generated.ts';

/** A note for the care team only. */
export type NoteRow = Rows['care_note'];

/** Adds a note about a person. No statement that sends, writes back or prints reads this table. */
export async function addNote(
  tx: Tx,
  entered: { person: string; body: string; by: string },
): Promise<string> {
  const id = newId();
  await tx.query(
    `insert into care_note (tenant, id, person, body, recorded_by) values ($tenant, $1, $2, $3, $4)`,
    [id, entered.person, entered.body, entered.by],
  );
  return id;
}

/** Lists the notes about a person, over all their Patients; the latest first. */
export async function notesOf(tx: Tx, patients: readonly string[]): Promise<NoteRow[]> {
  const { rows } = await tx.query<NoteRow>(
    `select * from care_note where tenant = $tenant and person = any($1::uuid[])
      order by recorded_at desc, id limit 200`,
    [patients],
  );
  return rows;
}
