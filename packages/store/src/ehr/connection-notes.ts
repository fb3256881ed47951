import { realNow } from '../database/clock-sql.ts';
import type { Tx } from '../database/database.ts';

/** The kinds of notes on a connection. */
export type NoteKind = 'locked-out' | 'scopes';

/** A note for operators on a connection as a whole; never personal data. */
export type ConnectionNote = {
  connection: string;
  kind: NoteKind;
  says: string;
  until: Date | null;
  at: Date;
};

/**
 * Saves a note on a connection in place of the last one of its kind. It stands until it is dropped,
 * or until its end.
 */
export async function saveNote(
  tx: Tx,
  note: {
    tenant: string;
    connection: string;
    kind: NoteKind;
    says: string;
    until?: Date | undefined;
  },
): Promise<void> {
  await tx.query(
    `insert into connection_note (tenant, connection, kind, says, until) values ($1, $2, $3, $4, $5)
     on conflict (tenant, connection, kind) do update set says = excluded.says,
     until = excluded.until,
       at = loopwell_now()`,
    [note.tenant, note.connection, note.kind, note.says, note.until ?? null],
  );
}

/** Deletes the note of one kind on a connection. */
export async function dropNote(tx: Tx, connection: string, kind: NoteKind): Promise<void> {
  await tx.query(
    'delete from connection_note where tenant = $tenant and connection = $1 and kind = $2',
    [connection, kind],
  );
}

/** Lists the notes that count now. A lock-out that has ended is left out. */
export async function readNotes(tx: Tx, tenant: string): Promise<ConnectionNote[]> {
  const { rows } = await tx.query<ConnectionNote>(
    `select connection, kind, says, until, at from connection_note
      where tenant = $1 and (until is null or until > ${realNow}) order by connection, kind`,
    [tenant],
  );
  return rows;
}
