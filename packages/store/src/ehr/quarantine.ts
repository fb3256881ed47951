import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';

export type QuarantineRow = {
  tenant: string;
  connection: string;
  type: string;
  sourceId: string;
  person?: string | null;
  /** Our code for the reason, e.g. `missing-subject`. */
  code: string;
  facts?: string;
  body: string | null;
};

/**
 * Lists the keys `type/id` of rows that are quarantined already with the same reason and body, and
 * so are no news.
 */
export async function unchangedInQuarantine(
  tx: Tx,
  rows: readonly QuarantineRow[],
): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const { rows: unchanged } = await tx.query<{ key: string }>(
    `select q.type || '/' || q.source_id as key from quarantine q
       join unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) as n(connection,
       type, source_id, code, body)
         on q.tenant = $tenant and q.connection = n.connection and q.type = n.type
         and q.source_id = n.source_id and q.code = n.code
        and q.body is not distinct from n.body`,
    [
      rows.map((row) => row.connection),
      rows.map((row) => row.type),
      rows.map((row) => row.sourceId),
      rows.map((row) => row.code),
      rows.map((row) => row.body),
    ],
  );
  return new Set(unchanged.map((row) => row.key));
}

/**
 * Quarantines resources that cannot be read. A later readable version of the same resource takes it
 * out again.
 */
export async function saveQuarantine(tx: Tx, rows: readonly QuarantineRow[]): Promise<void> {
  const unique = new Map(rows.map((row) => [`${row.connection} ${row.type} ${row.sourceId}`, row]));
  await insertRows(
    tx,
    'quarantine',
    ['tenant', 'connection', 'type', 'source_id', 'person', 'code', 'facts', 'body'],
    [...unique]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, row]) => [
        row.tenant,
        row.connection,
        row.type,
        row.sourceId,
        row.person ?? null,
        row.code,
        row.facts ?? null,
        row.body,
      ]),
    'on conflict (tenant, connection, type, source_id) do update set person = excluded.person, ' +
      'code = excluded.code, facts = excluded.facts, body = excluded.body',
  );
}

/** Takes resources out of quarantine, by their keys `type/id`. */
export async function leaveQuarantine(
  tx: Tx,
  connection: string,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  const parts = keys.map(
    (key) => [key.slice(0, key.indexOf('/')), key.slice(key.indexOf('/') + 1)] as const,
  );
  await tx.query(
    `delete from quarantine q using unnest($2::text[], $3::text[]) as k(type, source_id)
      where q.tenant = $tenant and q.connection = $1 and q.type = k.type
        and q.source_id = k.source_id`,
    [connection, parts.map(([type]) => type), parts.map(([, id]) => id)],
  );
}

export type QuarantinedPaper = Pick<
  Rows['quarantine'],
  'connection' | 'type' | 'source_id' | 'person' | 'code' | 'facts' | 'body'
>;

/** Reads the quarantined bodies of one type and one reason, as they came. */
export async function quarantinedBodies(
  tx: Pick<Tx, 'query'>,
  connection: string,
  type: string,
  code: string,
): Promise<string[]> {
  const { rows } = await tx.query<{ body: string }>(
    `select body from quarantine where tenant = $tenant and connection = $1 and type = $2
      and code = $3 and body is not null order by source_id`,
    [connection, type, code],
  );
  return rows.map((row) => row.body);
}

/**
 * Reads quarantined resources of some EHRs that may bear on a consent, in one query: all Consents,
 * and these people's Patients, Goals and orders, including later versions of ones on file.
 */
export async function quarantinedPapers(
  tx: Tx,
  connections: readonly string[],
  people: readonly string[],
): Promise<QuarantinedPaper[]> {
  if (connections.length === 0) return [];
  const { rows } = await tx.query<QuarantinedPaper>(
    `select connection, type, source_id, person, code, facts, body from quarantine q
      where q.tenant = $tenant and connection = any($1) and closed_by is null
      and (type = 'Consent' or (type in ('Patient', 'Goal', 'ServiceRequest')
      and (person = any($2) or exists (
        select 1 from ehr_resource p where p.tenant = $tenant and p.connection = q.connection
        and p.type = q.type and p.source_id = q.source_id and p.person = any($2)))))
      order by connection, type, source_id`,
    [connections, people],
  );
  return rows;
}
