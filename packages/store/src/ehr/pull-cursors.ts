import { realNow } from '../database/clock-sql.ts';
import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';

/** A durable cursor: how far one connection, type and scope has been pulled. */
export type PullCursor = Omit<
  Rows['pull_cursor'],
  'failed_at' | 'read_at' | 'begun_at' | 'answered_at' | 'window_left'
> & {
  /** Rows of the window that were left from `window_from` on, by the EHR's count. */
  window_left?: number | null;
};

/**
 * Adds cursors that are missing. A cursor that exists goes on from where it is, or begins anew when
 * an earlier start is asked for.
 */
export async function addCursors(
  tx: Tx,
  cursors: readonly {
    id: string;
    tenant: string;
    connection: string;
    type: string;
    scope: string;
    since: Date | null;
  }[],
): Promise<void> {
  await insertRows(
    tx,
    'pull_cursor as l',
    ['id', 'tenant', 'connection', 'type', 'scope', 'since'],
    cursors.map((cursor) => [
      cursor.id,
      cursor.tenant,
      cursor.connection,
      cursor.type,
      cursor.scope,
      cursor.since,
    ]),
    `on conflict (tenant, id) do update set since = excluded.since, upto = null, newest = null, window_from = null, window_to = null,
        begun_at = null, read_at = ${realNow}
      where l.since is not null and (excluded.since is null or excluded.since < l.since)`,
  );
}

/**
 * Locks a connection until the transaction ends. A process that learns that a type is refused and a
 * process that brings new Patients then run one after the other, and neither misses the other's
 * work.
 */
export async function lockConnection(tx: Tx, connection: string): Promise<void> {
  await tx.query('select 1 from connection where tenant = $tenant and id = $1 for no key update', [
    connection,
  ]);
}

/** Lists the types that the EHR refuses across patients, with the start that was asked for. */
export async function typesByPatient(
  tx: Tx,
  connection: string,
): Promise<{ type: string; since: Date | null }[]> {
  const { rows } = await tx.query<{ type: string; since: Date | null }>(
    `select type, since from pull_cursor where tenant = $tenant and connection = $1
      and scope = '' and by_patient order by type`,
    [connection],
  );
  return rows;
}

/**
 * Marks the cursors across patients of some types as done without asking, since this kind of EHR
 * refuses such searches.
 */
export async function markByPatient(
  tx: Tx,
  connection: string,
  types: readonly string[],
): Promise<void> {
  await tx.query(
    `update pull_cursor set by_patient = true, done = true where tenant = $tenant
      and connection = $1 and scope = '' and type = any($2)`,
    [connection, types],
  );
}

/** Loads cursors by their ids. */
export async function loadCursors(tx: Tx, ids: readonly string[]): Promise<PullCursor[]> {
  const { rows } = await tx.query<PullCursor>(
    'select * from pull_cursor where tenant = $tenant and id = any($1)',
    [ids],
  );
  return rows;
}

/**
 * Saves how far a cursor is. A window counts as read from when it was begun, by the database's
 * clock, since the EHR's own may differ. A window that could not be read, or not all of it, counts
 * as not read.
 */
export async function saveCursor(tx: Tx, cursor: PullCursor): Promise<void> {
  await tx.query(
    `update pull_cursor set upto = $2::timestamptz, window_from = $3, window_to = $4::timestamptz,
      next_url = $5, pages = $6::bigint, resources = $7,
        final_to = $8, done = $9, note = $10, by_patient = $11, newest = $12, gap = $13,
        gap_since = case when $13::text is null then null when gap is null then loopwell_now()
        else gap_since end,
        closed_by = case when $13::text is null then null else $14::text end, noticed = $15,
        window_left = $16,
        begun_at = case when $4::timestamptz is not null then coalesce(begun_at, ${realNow}) end,
        answered_at = case when $6::bigint > pages or ($4::timestamptz is null
        and $13::text is null) then ${realNow} else answered_at end,
        read_at = case when $4::timestamptz is null and $2::timestamptz is not null
        and ($13::text is null or $14::text is not null)
                       then coalesce(begun_at, ${realNow}) else read_at end
      where tenant = $tenant and id = $1`,
    [
      cursor.id,
      cursor.upto,
      cursor.window_from,
      cursor.window_to,
      cursor.next_url,
      cursor.pages,
      cursor.resources,
      cursor.final_to,
      cursor.done,
      cursor.note,
      cursor.by_patient,
      cursor.newest,
      cursor.gap,
      cursor.closed_by,
      cursor.noticed,
      cursor.window_from === null ? null : (cursor.window_left ?? null),
    ],
  );
}

/**
 * Starts cursors of a connection from their beginning, where quarantined resources name people
 * under one of these addresses. The aliases are further names of the EHR itself.
 */
export async function readAnewUnder(
  tx: Tx,
  connection: string,
  aliases: readonly string[],
): Promise<void> {
  if (aliases.length === 0) return;
  await tx.query(
    `update pull_cursor l set upto = null, newest = null, window_from = null, window_to = null
      where l.tenant = $tenant and l.connection = $1 and l.type in (select q.type
      from quarantine q, unnest($2::text[]) alias
        where q.tenant = $tenant and q.connection = $1 and q.code = 'subject-elsewhere'
          and strpos(lower(q.body), lower(rtrim(alias, '/')) || '/') > 0)`,
    [connection, aliases],
  );
}

/**
 * Notes that the work on a cursor of Consents failed. Until the cursor is read to its end, its
 * Consents count as unknown.
 */
export async function noteFailure(tx: Tx, id: string): Promise<void> {
  await tx.query(
    `update pull_cursor set failed_at = loopwell_now() where tenant = $tenant and id = $1
      and type = 'Consent' and failed_at is null`,
    [id],
  );
}

/**
 * Notes that a cursor was read without failure.
 *
 * @returns whether it had failed before
 */
export async function noteRead(tx: Tx, id: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update pull_cursor set failed_at = null where tenant = $tenant and id = $1
      and failed_at is not null`,
    [id],
  );
  return (rowCount ?? 0) > 0;
}

/**
 * Locks the opening of a connection's cursors and the work of all of them, in the order of
 * `ledger.due`. Call it first where all cursors of a connection are opened. A reader locks its work
 * first and its cursor second; an opener that locked cursors first would wait for a reader that
 * waits for it.
 */
export async function lockForOpening(tx: Tx, connection: string): Promise<void> {
  await tx.query(
    "select pg_advisory_xact_lock(hashtextextended('lanes of ' || $tenant || '/' || $1, 0))",
    [connection],
  );
  await tx.query(
    `select 1 from ledger where tenant = $tenant and stage = 'pull' and subject in (select id
      from pull_cursor where tenant = $tenant and connection = $1)
      order by subject collate "C" for update`,
    [connection],
  );
}

/** Lists the ids of Patients that are known of a connection: pulled, or named by a scope. */
export async function knownPatients(tx: Tx, connection: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select source_id as id from ehr_resource where tenant = $tenant and connection = $1
      and type = 'Patient'
     union select scope from pull_cursor where tenant = $tenant and connection = $1
       and scope <> '' order by id`,
    [connection],
  );
  return rows.map((row) => row.id);
}

/**
 * Whether all Patients that a connection has so far were read: none of its cursors of that type is
 * behind or has a gap.
 */
export async function arePatientsRead(tx: Tx, connection: string): Promise<boolean> {
  const { rows } = await tx.query<{ read: boolean }>(
    `select count(*) > 0 and bool_and(upto is not null
      and (gap is null or closed_by is not null)) as read
       from pull_cursor where tenant = $tenant and connection = $1 and type = 'Patient'
         and scope = ''`,
    [connection],
  );
  return rows[0]?.read === true;
}

/** Reopens cursors that an earlier run finished. They go on from where they stopped. */
export async function reopenCursors(tx: Tx, connection: string): Promise<void> {
  await tx.query(
    'update pull_cursor set done = false, note = null, by_patient = false, final_to = ' +
      'null, window_to = null, begun_at = null where tenant = $tenant and connection = $1',
    [connection],
  );
}

/**
 * Deletes the cursors of patients that the EHR did not know and that are not named any more, with
 * the work that was due for them.
 */
export async function forgetUnknown(
  tx: Tx,
  connection: string,
  named: readonly string[],
): Promise<void> {
  await tx.query(
    `with gone as (
       delete from pull_cursor l where l.tenant = $tenant and l.connection = $1
       and l.resources = 0 and l.scope <> '' and l.scope <> all($2)
          and exists (select 1 from pull_cursor p where p.tenant = $tenant
          and p.connection = $1 and p.type = 'Patient' and p.scope = l.scope
                        and p.gap::jsonb ->> 'kind' = 'unknown-patient')
       returning id)
     delete from ledger where tenant = $tenant and stage = 'pull' and subject in (select id
       from gone)`,
    [connection, named],
  );
}

/**
 * Reads some Patients of a connection, and whether others may still come while Patients are read
 * for the first time.
 */
export async function somePatients(
  tx: Tx,
  connection: string,
  limit: number,
): Promise<{ patients: string[]; more: boolean }> {
  const { rows } = await tx.query<{ id: string }>(
    `select source_id as id from ehr_resource where tenant = $tenant and connection = $1
      and type = 'Patient' order by source_id limit $2`,
    [connection, limit],
  );
  const reading = await tx.query(
    `select 1 from pull_cursor l join ledger d on d.tenant = $tenant and d.stage = 'pull'
      and d.subject = l.id
      where l.tenant = $tenant and l.connection = $1 and l.type = 'Patient' and l.upto is null
        and l.gap is null and d.waits_for in ('worker', 'ehr') limit 1`,
    [connection],
  );
  return { patients: rows.map((row) => row.id), more: reading.rows.length > 0 };
}
