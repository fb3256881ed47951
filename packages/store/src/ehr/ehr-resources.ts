import { insertRows, type Tx } from '../database/database.ts';
import type { Rows } from '../database/rows.generated.ts';

/** A resource as it was pulled, ready to be kept. */
export type EhrResource = {
  tenant: string;
  connection: string;
  type: string;
  sourceId: string;
  versionId: string;
  person: string;
  lastUpdated: Date | null;
  body: string;
  trace?: string | undefined;
};

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
 * Keeps pulled resources: a version that is new replaces the current one, which moves to `ehr_resource_version`; a version
 * that is known already, or older than the current one, changes nothing.
 *
 * @returns keys `type/id` of what really changed
 */
export async function saveEhrResources(tx: Tx, rows: readonly EhrResource[]): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const newest = new Map<string, EhrResource>();
  for (const row of rows) {
    const key = `${row.type}/${row.sourceId}`;
    const other = newest.get(key);
    if (!other || Number(row.lastUpdated ?? 0) >= Number(other.lastUpdated ?? 0))
      newest.set(key, row);
  }
  const sorted = [...newest.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  await keepOldVersions(tx, sorted);
  const changed = new Set<string>();
  for (let start = 0; start < sorted.length; start += 500) {
    for (const key of await upsertEhrResources(tx, sorted.slice(start, start + 500)))
      changed.add(key);
  }
  return changed;
}

const columns = [
  'tenant',
  'connection',
  'type',
  'source_id',
  'version_id',
  'person',
  'last_updated',
  'body',
  'trace',
];

/** A body without what a server stamps on it anew each time that it is asked. */
const contentOf = (body: string) => `regexp_replace(${body}, '"lastUpdated":"[^"]*"', '', 'g')`;

async function upsertEhrResources(tx: Tx, rows: readonly EhrResource[]): Promise<string[]> {
  const values = rows.flatMap((row) => [
    row.tenant,
    row.connection,
    row.type,
    row.sourceId,
    row.versionId,
    row.person,
    row.lastUpdated,
    row.body,
    row.trace ?? null,
  ]);
  const tuples = rows.map(
    (_, row) => `(${columns.map((_c, col) => `$${row * columns.length + col + 1}`).join(',')})`,
  );
  const { rows: changed } = await tx.query<{ key: string }>(
    `insert into ehr_resource as p (${columns.join(',')}) values ${tuples.join(',')}
     on conflict (connection, type, source_id) do update
        set version_id = excluded.version_id, person = excluded.person, last_updated = excluded.last_updated,
            body = excluded.body, trace = excluded.trace, pulled_at = now()
      where (p.version_id <> excluded.version_id or (p.type = any(array['Patient', 'Consent', 'Goal', 'ServiceRequest']) and p.body <> excluded.body
               and ${contentOf('p.body')} <> ${contentOf('excluded.body')}))
        and (p.last_updated is null or excluded.last_updated is null or excluded.last_updated >= p.last_updated)
     returning type || '/' || source_id as key`,
    values,
  );
  return changed.map((row) => row.key);
}

async function keepOldVersions(tx: Tx, rows: readonly EhrResource[]): Promise<void> {
  await tx.query(
    `insert into ehr_resource_version (connection, type, source_id, version_id, person, body, pulled_at)
     select p.connection, p.type, p.source_id, p.version_id, p.person, p.body, p.pulled_at
       from ehr_resource p join unnest($1::text[], $2::text[], $3::text[], $4::text[]) as n(connection, type, source_id, version_id)
         on p.connection = n.connection and p.type = n.type and p.source_id = n.source_id and p.version_id <> n.version_id
     on conflict do nothing`,
    [
      rows.map((row) => row.connection),
      rows.map((row) => row.type),
      rows.map((row) => row.sourceId),
      rows.map((row) => row.versionId),
    ],
  );
}

/** People who lose one of these resources by what they say now: it names another person. */
export async function formerPeople(tx: Tx, rows: readonly EhrResource[]): Promise<string[]> {
  if (rows.length === 0) return [];
  const { rows: found } = await tx.query<{ person: string }>(
    `select distinct p.person from ehr_resource p
       join unnest($1::text[], $2::text[], $3::text[], $4::uuid[]) as n(connection, type, source_id, person)
         on p.connection = n.connection and p.type = n.type and p.source_id = n.source_id and p.person <> n.person`,
    [
      rows.map((row) => row.connection),
      rows.map((row) => row.type),
      rows.map((row) => row.sourceId),
      rows.map((row) => row.person),
    ],
  );
  return found.map((row) => row.person);
}

/** People of whom a readable version of these resources is on file. */
export async function peopleOfResources(
  tx: Tx,
  rows: readonly Pick<QuarantineRow, 'connection' | 'type' | 'sourceId'>[],
): Promise<string[]> {
  if (rows.length === 0) return [];
  const { rows: found } = await tx.query<{ person: string }>(
    `select distinct p.person from ehr_resource p join unnest($1::text[], $2::text[], $3::text[]) as n(connection, type, source_id)
         on p.connection = n.connection and p.type = n.type and p.source_id = n.source_id`,
    [
      rows.map((row) => row.connection),
      rows.map((row) => row.type),
      rows.map((row) => row.sourceId),
    ],
  );
  return found.map((row) => row.person);
}

/** Those of some people of whom anything is on file. */
export async function peopleOnRecord(tx: Tx, people: readonly string[]): Promise<string[]> {
  if (people.length === 0) return [];
  const { rows } = await tx.query<{ person: string }>(
    'select distinct person from ehr_resource where person = any($1)',
    [people],
  );
  return rows.map((row) => row.person);
}

/**
 * People of an EHR with a referral at a partner, whose Patient holds one of these texts.
 *
 * @param values JSON texts, with their quotation marks
 */
export async function peopleOutWith(
  tx: Tx,
  connection: string,
  values: readonly string[],
): Promise<string[]> {
  if (values.length === 0) return [];
  const { rows } = await tx.query<{ person: string }>(
    `select distinct p.person from referral r join ehr_resource p on p.person = r.person and p.connection = r.connection and p.type = 'Patient'
      where r.connection = $1 and r.state = 'partner' and exists (select 1 from unnest($2::text[]) as v(value) where position(v.value in p.body) > 0)`,
    [connection, values],
  );
  return rows.map((row) => row.person);
}

/** Keys `type/id` of what is quarantined already, just as it is now: it is no news. */
export async function knownInQuarantine(
  tx: Tx,
  rows: readonly QuarantineRow[],
): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const { rows: found } = await tx.query<{ key: string }>(
    `select q.type || '/' || q.source_id as key from quarantine q
       join unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) as n(connection, type, source_id, code, body)
         on q.connection = n.connection and q.type = n.type and q.source_id = n.source_id and q.code = n.code
        and q.body is not distinct from n.body`,
    [
      rows.map((row) => row.connection),
      rows.map((row) => row.type),
      rows.map((row) => row.sourceId),
      rows.map((row) => row.code),
      rows.map((row) => row.body),
    ],
  );
  return new Set(found.map((row) => row.key));
}

/** Quarantines what cannot be read. A later readable version of the same resource takes it out again. */
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
    'on conflict (connection, type, source_id) do update set person = excluded.person, code = excluded.code, facts = excluded.facts, body = excluded.body',
  );
}

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
      where q.connection = $1 and q.type = k.type and q.source_id = k.source_id`,
    [connection, parts.map(([type]) => type), parts.map(([, id]) => id)],
  );
}

/** Current versions of what was pulled for some people, of all types or some, in one query. */
export async function ehrResourcesOfPeople(
  tx: Tx,
  people: readonly string[],
  types?: readonly string[],
): Promise<
  {
    person: string;
    connection: string;
    type: string;
    source_id: string;
    version_id: string;
    body: string;
    trace: string | null;
  }[]
> {
  const { rows } = await tx.query<{
    person: string;
    connection: string;
    type: string;
    source_id: string;
    version_id: string;
    body: string;
    trace: string | null;
  }>(
    `select person, connection, type, source_id, version_id, body, trace from ehr_resource
      where person = any($1) and ($2::text[] is null or type = any($2)) order by person, type, source_id`,
    [people, types ?? null],
  );
  return rows;
}

/**
 * People of a tenant, some at a time in the order of their ids, for work over all of them that nobody waits for.
 *
 * @param after id of the last one of the page before; empty for the first page
 */
export async function nextPeople(
  tx: Tx,
  tenant: string,
  after: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await tx.query<{ person: string }>(
    `select distinct person from ehr_resource where tenant = $1 and person > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
      order by person limit $3`,
    [tenant, after, limit],
  );
  return rows.map((row) => row.person);
}

export type QuarantinedPaper = Pick<
  Rows['quarantine'],
  'connection' | 'type' | 'source_id' | 'person' | 'code' | 'facts' | 'body'
>;

/**
 * What could not be kept of some EHRs and may bear on whether somebody agreed: Consents, and these people's Patients, Goals
 * and orders, later versions among them. One query.
 */
/** What is quarantined of a type for one reason, as it came. */
export async function quarantinedBodies(
  tx: Pick<Tx, 'query'>,
  connection: string,
  type: string,
  code: string,
): Promise<string[]> {
  const { rows } = await tx.query<{ body: string }>(
    'select body from quarantine where connection = $1 and type = $2 and code = $3 and body is not null order by source_id',
    [connection, type, code],
  );
  return rows.map((row) => row.body);
}

export async function quarantinedPapers(
  tx: Tx,
  connections: readonly string[],
  people: readonly string[],
): Promise<QuarantinedPaper[]> {
  if (connections.length === 0) return [];
  const { rows } = await tx.query<QuarantinedPaper>(
    `select connection, type, source_id, person, code, facts, body from quarantine q
      where connection = any($1) and closed_by is null and (type = 'Consent' or (type in ('Patient', 'Goal', 'ServiceRequest') and (person = any($2) or exists (
        select 1 from ehr_resource p where p.connection = q.connection and p.type = q.type and p.source_id = q.source_id and p.person = any($2)))))
      order by connection, type, source_id`,
    [connections, people],
  );
  return rows;
}
