import { fingerprint } from '@loopwell/kit';
import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/database.ts';
import type { Rows } from '../database/rows.generated.ts';

/** A resource that Loopwell made. Its id is derived from its sources: saving it again changes nothing. */
export type OwnResource = Pick<
  Rows['own_resource'],
  'id' | 'tenant' | 'connection' | 'type' | 'person' | 'body'
> & {
  /** Of what it was made from; left out for what is about nobody. */
  trace?: string | undefined;
};

/**
 * Saves made resources; one whose content changed gets a new version and the old one is kept.
 *
 * @returns ids of what is new or changed, with their versions
 */
export async function saveOwnResources(
  tx: Tx,
  rows: readonly OwnResource[],
): Promise<Map<string, number>> {
  const changed = new Map<string, number>();
  if (rows.length === 0) return changed;
  const unique = [...new Map(rows.map((row) => [row.id, row])).values()].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  );
  const hashed = unique.map((row) => ({ ...row, hash: fingerprint(row.body) }));
  await tx.query(
    `insert into own_resource_version (id, version, type, person, body)
     select m.id, m.version, m.type, m.person, m.body from own_resource m
       join unnest($1::uuid[], $2::text[]) as n(id, hash) on m.id = n.id and m.hash <> n.hash
     on conflict do nothing`,
    [hashed.map((row) => row.id), hashed.map((row) => row.hash)],
  );
  for (let start = 0; start < hashed.length; start += 500) {
    for (const row of await upsertOwnResources(tx, hashed.slice(start, start + 500)))
      changed.set(row.id, row.version);
  }
  return changed;
}

const columns = ['id', 'tenant', 'connection', 'type', 'person', 'body', 'hash', 'trace'];

async function upsertOwnResources(
  tx: Tx,
  rows: readonly (OwnResource & { hash: string })[],
): Promise<{ id: string; version: number }[]> {
  const values = rows.flatMap((row) => [
    row.id,
    row.tenant,
    row.connection,
    row.type,
    row.person,
    row.body,
    row.hash,
    row.trace ?? null,
  ]);
  const tuples = rows.map(
    (_, row) => `(${columns.map((_c, col) => `$${row * columns.length + col + 1}`).join(',')})`,
  );
  const { rows: changed } = await tx.query<{ id: string; version: number }>(
    `insert into own_resource as m (${columns.join(',')}) values ${tuples.join(',')}
     on conflict (id) do update set body = excluded.body, hash = excluded.hash, version = m.version + 1,
        trace = coalesce(m.trace, excluded.trace), updated_at = now()
      where m.hash <> excluded.hash
     returning id, version`,
    values,
  );
  return changed;
}

/** Bodies that were current before, by id. */
export async function earlierBodies(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, string[]>> {
  const { rows } = await tx.query<{ id: string; body: string }>(
    'select id, body from own_resource_version where id = any($1) order by id, version',
    [ids],
  );
  return new Map(
    [...Map.groupBy(rows, (row) => row.id)].map(([id, some]) => [id, some.map((row) => row.body)]),
  );
}

/** Current versions by id. */
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
  }>('select id, type, person, version, body, updated_at from own_resource where id = any($1)', [
    ids,
  ]);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Made resources of one type for some people, in one query. */
export async function ownResourcesOfPeople(
  tx: Tx,
  people: readonly string[],
  type: string,
): Promise<{ person: string; body: string }[]> {
  const { rows } = await tx.query<{ person: string; body: string }>(
    'select person, body from own_resource where person = any($1) and type = $2 order by id',
    [people, type],
  );
  return rows;
}

export type ScreeningRow = {
  id: string;
  tenant: string;
  connection: string;
  person: string;
  instrument: string;
  authored: string;
  encounter: string | null;
  outcome: string;
  quarantine: string | null;
  sources: string;
  issues: string;
  /** It says that its person may be in danger, or nobody can say that it does not. */
  safety?: boolean | undefined;
  trace?: string | undefined;
};

/**
 * Replaces the screenings of some people by what the record says now. A screening that an amended answer has moved to
 * another instant leaves no ghost behind.
 */
export async function saveScreenings(
  tx: Tx,
  people: readonly string[],
  rows: readonly ScreeningRow[],
): Promise<void> {
  const keep = rows.map((row) => row.id);
  await tx.query('delete from screening where person = any($1) and not (id = any($2))', [
    people,
    keep,
  ]);
  const sorted = [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
  await insertRows(
    tx,
    'screening as s',
    [
      'id',
      'tenant',
      'connection',
      'person',
      'instrument',
      'authored',
      'encounter',
      'outcome',
      'quarantine',
      'sources',
      'issues',
      'safety',
      'trace',
    ],
    sorted.map((row) => [
      row.id,
      row.tenant,
      row.connection,
      row.person,
      row.instrument,
      row.authored,
      row.encounter,
      row.outcome,
      row.quarantine,
      row.sources,
      row.issues,
      row.safety === true,
      row.trace ?? null,
    ]),
    `on conflict (id) do update set encounter = excluded.encounter, outcome = excluded.outcome,
        quarantine = excluded.quarantine, sources = excluded.sources, issues = excluded.issues, safety = excluded.safety, trace = excluded.trace, changed_at = now(),
        seen_at = case when s.issues = excluded.issues then s.seen_at end, seen_by = case when s.issues = excluded.issues then s.seen_by end,
        asks_since = case when s.warns and s.seen_at is null and (s.danger or s.safety) then s.asks_since else now() end
      where (s.encounter, s.outcome, s.quarantine, s.sources, s.issues, s.safety)
         is distinct from (excluded.encounter, excluded.outcome, excluded.quarantine, excluded.sources, excluded.issues, excluded.safety)`,
  );
}

/** An answer by which something was suggested, and since when that is known. */
export type EvidenceAnswer = Pick<
  Rows['evidence'],
  'person' | 'source' | 'rule' | 'authored' | 'added_at'
>;

export async function answersInEvidence(
  tx: Tx,
  people: readonly string[],
): Promise<EvidenceAnswer[]> {
  if (people.length === 0) return [];
  const { rows } = await tx.query<EvidenceAnswer>(
    'select person, source, rule, authored, added_at from evidence where person = any($1)',
    [people],
  );
  return rows;
}

export type EvidenceRow = {
  condition: string;
  observation: string;
  tenant: string;
  person: string;
  source: string;
  rule: string;
  ruleVersion: string;
  codeSystems: string;
  sentence: string;
  authored?: string | undefined;
};

/**
 * Saves why each Condition was suggested.
 *
 * @param whole Conditions whose evidence is these rows and no others: what an answer does not say any more goes
 */
export async function saveEvidence(
  tx: Tx,
  rows: readonly EvidenceRow[],
  whole: readonly string[] = [],
): Promise<void> {
  if (whole.length > 0)
    await tx.query(
      `delete from evidence e where condition = any($1) and not exists
         (select 1 from unnest($2::text[], $3::text[]) as k(condition, observation) where (k.condition, k.observation) = (e.condition, e.observation))`,
      [whole, rows.map((row) => row.condition), rows.map((row) => row.observation)],
    );
  const unique = [
    ...new Map(rows.map((row) => [`${row.condition} ${row.observation}`, row])).values(),
  ];
  unique.sort((a, b) =>
    `${a.condition} ${a.observation}` < `${b.condition} ${b.observation}` ? -1 : 1,
  );
  await insertRows(
    tx,
    'evidence',
    [
      'condition',
      'observation',
      'tenant',
      'person',
      'source',
      'rule',
      'rule_version',
      'code_systems',
      'sentence',
      'authored',
    ],
    unique.map((row) => [
      row.condition,
      row.observation,
      row.tenant,
      row.person,
      row.source,
      row.rule,
      row.ruleVersion,
      row.codeSystems,
      row.sentence,
      row.authored ?? null,
    ]),
    'on conflict (condition, observation) do nothing',
  );
}

/** Ids of the Observations that some Conditions rest on, by Condition. */
export async function observationsBehind(
  tx: Tx,
  conditions: readonly string[],
): Promise<{ condition: string; observation: string }[]> {
  const { rows } = await tx.query<{ condition: string; observation: string }>(
    `select condition, substr(observation, length('Observation/') + 1) as observation from evidence
      where condition = any($1) and observation like 'Observation/%'`,
    [conditions],
  );
  return rows;
}

/** Instruments on whose answers some Conditions of ours rest, as their evidence says. */
export async function instrumentsOf(
  tx: Tx,
  conditions: readonly string[],
): Promise<Map<string, string[]>> {
  const { rows } = await tx.query<{ condition: string; instruments: string[] }>(
    `select condition, array_agg(distinct split_part(rule, '/', 1)) as instruments from evidence
      where condition = any($1) group by condition`,
    [conditions],
  );
  return new Map(rows.map((row) => [row.condition, row.instruments]));
}
