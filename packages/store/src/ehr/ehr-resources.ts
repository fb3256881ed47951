import type { Tx } from '../database/database.ts';
import { insertReturning } from '../database/insert-rows.ts';
import type { QuarantineRow } from './quarantine.ts';

/** A resource as it was pulled, ready to be kept. DECISIONS D9. */
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

/** What saving pulled resources changed. */
export type SavedResources = {
  /** Keys `type/id` of the resources that really changed. */
  changed: Set<string>;
  /** The people who lost one of these resources, since it names another person now. */
  former: string[];
};

/**
 * Saves pulled resources. A version that is new replaces the current one, which moves to
 * `ehr_resource_version`. A version that is known already, or older than the current one, changes
 * nothing. Nearly all resources are new, so they are inserted first; only those that are on file
 * already are compared with their earlier version.
 */
export async function saveEhrResources(
  tx: Tx,
  rows: readonly EhrResource[],
): Promise<SavedResources> {
  const newest = newestVersions(rows);
  const sorted = [...newest.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  const changed = new Set(await insertNew(tx, sorted));
  const onFile = sorted.filter((row) => !changed.has(keyOf(row)));
  if (onFile.length === 0) return { changed, former: [] };
  const former = await formerPeople(tx, onFile);
  await keepOldVersions(tx, onFile);
  for (const key of await replaceOlder(tx, onFile)) changed.add(key);
  return { changed, former };
}

/** Picks the newest of several versions of each resource, by the key `type/id`. */
export function newestVersions(rows: readonly EhrResource[]): Map<string, EhrResource> {
  const newest = new Map<string, EhrResource>();
  for (const row of rows) {
    const key = keyOf(row);
    const other = newest.get(key);
    if (!other || Number(row.lastUpdated ?? 0) >= Number(other.lastUpdated ?? 0))
      newest.set(key, row);
  }
  return newest;
}

const keyOf = (row: EhrResource): string => `${row.type}/${row.sourceId}`;

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

/** Strips the `lastUpdated` from a body in SQL, since some servers stamp it anew at each answer. */
const contentOf = (body: string) => `regexp_replace(${body}, '"lastUpdated":"[^"]*"', '', 'g')`;

const valuesOf = (row: EhrResource): unknown[] => [
  row.tenant,
  row.connection,
  row.type,
  row.sourceId,
  row.versionId,
  row.person,
  row.lastUpdated,
  row.body,
  row.trace ?? null,
];

/** Inserts the resources that are not on file, and returns their keys `type/id`. */
async function insertNew(tx: Tx, rows: readonly EhrResource[]): Promise<string[]> {
  const inserted = await insertReturning<{ key: string }>(
    tx,
    'ehr_resource',
    columns,
    rows.map(valuesOf),
    "on conflict (tenant, connection, type, source_id) do nothing returning type || '/' || source_id as key",
  );
  return inserted.map((row) => row.key);
}

/** Replaces the resources whose version is newer, and returns the keys of those that changed. */
async function replaceOlder(tx: Tx, rows: readonly EhrResource[]): Promise<string[]> {
  const changed = await insertReturning<{ key: string }>(
    tx,
    'ehr_resource as p',
    columns,
    rows.map(valuesOf),
    `on conflict (tenant, connection, type, source_id) do update
        set version_id = excluded.version_id, person = excluded.person,
        last_updated = excluded.last_updated,
            body = excluded.body, trace = excluded.trace, pulled_at = loopwell_now()
      where (p.version_id <> excluded.version_id or (p.type = any(array['Patient', 'Consent',
      'Goal', 'ServiceRequest']) and p.body <> excluded.body
               and ${contentOf('p.body')} <> ${contentOf('excluded.body')}))
        and (p.last_updated is null or excluded.last_updated is null or excluded.last_updated >=
        p.last_updated)
     returning type || '/' || source_id as key`,
  );
  return changed.map((row) => row.key);
}

/** Copies the current versions that are about to be replaced into `ehr_resource_version`. */
async function keepOldVersions(tx: Tx, rows: readonly EhrResource[]): Promise<void> {
  await tx.query(
    `insert into ehr_resource_version (tenant, connection, type, source_id, version_id, person,
      body, pulled_at)
     select p.tenant, p.connection, p.type, p.source_id, p.version_id, p.person, p.body, p.pulled_at
       from ehr_resource p join unnest($1::text[], $2::text[], $3::text[],
       $4::text[]) as n(connection, type, source_id, version_id)
         on p.tenant = $tenant and p.connection = n.connection and p.type = n.type
         and p.source_id = n.source_id and p.version_id <> n.version_id
     on conflict do nothing`,
    [
      rows.map((row) => row.connection),
      rows.map((row) => row.type),
      rows.map((row) => row.sourceId),
      rows.map((row) => row.versionId),
    ],
  );
}

/** Lists the people who lose one of these resources, since it names another person now. */
export async function formerPeople(tx: Tx, rows: readonly EhrResource[]): Promise<string[]> {
  const { rows: owners } = await tx.query<{ person: string }>(
    `select distinct p.person from ehr_resource p
       join unnest($1::text[], $2::text[], $3::text[], $4::uuid[]) as n(connection, type, source_id,
       person)
         on p.tenant = $tenant and p.connection = n.connection and p.type = n.type
           and p.source_id = n.source_id and p.person <> n.person`,
    [
      rows.map((row) => row.connection),
      rows.map((row) => row.type),
      rows.map((row) => row.sourceId),
      rows.map((row) => row.person),
    ],
  );
  return owners.map((row) => row.person);
}

/** Lists the people of whom a readable version of these resources is on file. */
export async function peopleOfResources(
  tx: Tx,
  rows: readonly Pick<QuarantineRow, 'connection' | 'type' | 'sourceId'>[],
): Promise<string[]> {
  if (rows.length === 0) return [];
  const { rows: owners } = await tx.query<{ person: string }>(
    `select distinct p.person from ehr_resource p join unnest($1::text[], $2::text[],
      $3::text[]) as n(connection, type, source_id)
         on p.tenant = $tenant and p.connection = n.connection and p.type = n.type
           and p.source_id = n.source_id`,
    [
      rows.map((row) => row.connection),
      rows.map((row) => row.type),
      rows.map((row) => row.sourceId),
    ],
  );
  return owners.map((row) => row.person);
}

/** Lists those of some people of whom any resource is on file. */
export async function peopleOnRecord(tx: Tx, people: readonly string[]): Promise<string[]> {
  if (people.length === 0) return [];
  const { rows } = await tx.query<{ person: string }>(
    'select distinct person from ehr_resource where tenant = $tenant and person = any($1)',
    [people],
  );
  return rows.map((row) => row.person);
}

/**
 * Lists the people of an EHR with a referral at a partner, or one that a partner may still read
 * of, whose Patient holds one of these texts.
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
    `select distinct p.person from referral r join ehr_resource p on p.tenant = $tenant
      and p.person = r.person and p.connection = r.connection and p.type = 'Patient'
      where r.tenant = $tenant and r.connection = $1 and (r.state = 'partner'
          or exists (select 1 from disclosure_grant g where g.tenant = $tenant
            and g.person = r.person and g.ended_at is null))
        and exists (select 1 from unnest($2::text[]) as v(value)
        where position(v.value in p.body) > 0)`,
    [connection, values],
  );
  return rows.map((row) => row.person);
}

/**
 * Reads the current versions of resources that were pulled for some people, of all types or some,
 * in one query.
 */
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
      where tenant = $tenant and person = any($1) and ($2::text[] is null
        or type = any($2)) order by person, type, source_id`,
    [people, types ?? null],
  );
  return rows;
}

/**
 * Reads a page of a tenant's people in the order of their ids, for background work over all of
 * them.
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
    `select distinct person from ehr_resource where tenant = $1 and person > coalesce(nullif($2,
      '')::uuid, '00000000-0000-0000-0000-000000000000')
      order by person limit $3`,
    [tenant, after, limit],
  );
  return rows.map((row) => row.person);
}
