import { fingerprint } from '@loopwell/kit';
import type { Tx } from '../database/database.ts';
import { insertReturning } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';

/**
 * A resource that Loopwell made. Its id is derived from its sources: saving it again changes
 * nothing.
 */
export type OwnResource = Pick<
  Rows['own_resource'],
  'id' | 'tenant' | 'connection' | 'type' | 'person' | 'body'
> & {
  /** The trace of its sources; left out for a resource that is about no person. */
  trace?: string | undefined;
};

/**
 * Saves resources that we made. One whose content changed gets a new version, and the old one is
 * kept. Nearly all are new, so they are inserted first; only those that are on file already are
 * compared. DECISIONS D138.
 *
 * @returns ids of the new and changed resources, with their versions
 */
export async function saveOwnResources(
  tx: Tx,
  rows: readonly OwnResource[],
): Promise<Map<string, number>> {
  const unique = [...new Map(rows.map((row) => [row.id, row])).values()].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  );
  const hashed = unique.map((row) => ({ ...row, hash: fingerprint(row.body) }));
  const inserted = await insertNew(tx, hashed);
  const changed = new Map(inserted.map((row) => [row.id, row.version]));
  const onFile = hashed.filter((row) => !changed.has(row.id));
  if (onFile.length === 0) return changed;
  await keepOldVersions(tx, onFile);
  for (const row of await replaceChanged(tx, onFile)) changed.set(row.id, row.version);
  return changed;
}

/**
 * Adds a resource, if there is none of its id yet.
 *
 * @returns whether it was added
 */
export async function addOwnResource(tx: Tx, row: OwnResource): Promise<boolean> {
  const added = await insertNew(tx, [{ ...row, hash: fingerprint(row.body) }]);
  return added.length > 0;
}

const columns = ['tenant', 'id', 'connection', 'type', 'person', 'body', 'hash', 'trace'];

type Hashed = OwnResource & { hash: string };
type Version = { id: string; version: number };

const valuesOf = (row: Hashed): unknown[] => [
  row.tenant,
  row.id,
  row.connection,
  row.type,
  row.person,
  row.body,
  row.hash,
  row.trace ?? null,
];

/** Inserts the resources that are not on file. */
const insertNew = (tx: Tx, rows: readonly Hashed[]): Promise<Version[]> =>
  insertReturning<Version>(
    tx,
    'own_resource',
    columns,
    rows.map(valuesOf),
    'on conflict (tenant, id) do nothing returning id, version',
  );

/** Copies the versions that are about to be replaced into `own_resource_version`. */
async function keepOldVersions(tx: Tx, rows: readonly Hashed[]): Promise<void> {
  await tx.query(
    `insert into own_resource_version (tenant, id, version, type, person, body)
     select m.tenant, m.id, m.version, m.type, m.person, m.body from own_resource m
       join unnest($1::uuid[], $2::text[]) as n(id, hash)
         on m.tenant = $tenant and m.id = n.id and m.hash <> n.hash
     on conflict do nothing`,
    [rows.map((row) => row.id), rows.map((row) => row.hash)],
  );
}

/** Replaces the resources whose content changed. */
const replaceChanged = (tx: Tx, rows: readonly Hashed[]): Promise<Version[]> =>
  insertReturning<Version>(
    tx,
    'own_resource as m',
    columns,
    rows.map(valuesOf),
    `on conflict (tenant, id) do update set body = excluded.body, hash = excluded.hash, version = m.version + 1,
        trace = coalesce(m.trace, excluded.trace), updated_at = loopwell_now()
      where m.hash <> excluded.hash
     returning id, version`,
  );

/** Reads the earlier bodies of resources, by id. */
export async function earlierBodies(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, string[]>> {
  const { rows } = await tx.query<{ id: string; body: string }>(
    `select id, body from own_resource_version where tenant = $tenant and id = any($1)
      order by id, version`,
    [ids],
  );
  return new Map(
    [...Map.groupBy(rows, (row) => row.id)].map(([id, some]) => [id, some.map((row) => row.body)]),
  );
}

/** Rewrites the bodies of resources and of their versions, for an erasure. Their numbers stay. */
export async function rewordOwnResources(
  tx: Tx,
  ids: readonly string[],
  reword: (body: string) => string,
): Promise<void> {
  for (const [id, { body }] of await loadOwnResources(tx, ids)) {
    const after = reword(body);
    await tx.query(
      'update own_resource set body = $2, hash = $3 where tenant = $tenant and id = $1',
      [id, after, fingerprint(after)],
    );
  }
  for (const [id, bodies] of await earlierBodies(tx, ids))
    for (const body of bodies)
      await tx.query(
        `update own_resource_version set body = $3
          where tenant = $tenant and id = $1 and body = $2`,
        [id, body, reword(body)],
      );
}

/** Loads the current versions of resources that we made, by id. */
export async function loadOwnResources(
  tx: Tx,
  ids: readonly string[],
): Promise<
  Map<
    string,
    { id: string; type: string; person: string; version: number; body: string; updated_at: Date }
  >
> {
  if (ids.length === 0) return new Map();
  const { rows } = await tx.query<{
    id: string;
    type: string;
    person: string;
    version: number;
    body: string;
    updated_at: Date;
  }>(
    `select id, type, person, version, body, updated_at from own_resource
      where tenant = $tenant and id = any($1)`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Reads the resources of one type that we made for some people, in one query. */
export async function ownResourcesOfPeople(
  tx: Tx,
  people: readonly string[],
  type: string,
): Promise<{ person: string; body: string }[]> {
  const { rows } = await tx.query<{ person: string; body: string }>(
    `select person, body from own_resource where tenant = $tenant and person = any($1)
      and type = $2 order by id`,
    [people, type],
  );
  return rows;
}

/** Lists the ids of the Observations that some Conditions rest on, each with its Condition. */
export async function observationsBehind(
  tx: Tx,
  conditions: readonly string[],
): Promise<{ condition: string; observation: string }[]> {
  const { rows } = await tx.query<{ condition: string; observation: string }>(
    `select condition, substr(observation, length('Observation/') + 1) as observation from evidence
      where tenant = $tenant and condition = any($1) and observation like 'Observation/%'`,
    [conditions],
  );
  return rows;
}
