import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';

/** An answer by which a Condition was suggested, and since when that is known. */
export type EvidenceAnswer = Pick<
  Rows['evidence'],
  'person' | 'source' | 'rule' | 'authored' | 'added_at'
>;

/** Lists the answers that are evidence for some people. */
export async function answersInEvidence(
  tx: Tx,
  people: readonly string[],
): Promise<EvidenceAnswer[]> {
  if (people.length === 0) return [];
  const { rows } = await tx.query<EvidenceAnswer>(
    `select person, source, rule, authored, added_at from evidence where tenant = $tenant
      and person = any($1)`,
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
 * @param whole Conditions whose evidence is these rows and no others: evidence that an answer no
 *   longer gives is deleted
 */
export async function saveEvidence(
  tx: Tx,
  rows: readonly EvidenceRow[],
  whole: readonly string[] = [],
): Promise<void> {
  if (whole.length > 0)
    await tx.query(
      `delete from evidence e where e.tenant = $tenant and condition = any($1) and not exists
         (select 1 from unnest($2::text[], $3::text[]) as k(condition, observation)
         where (k.condition, k.observation) = (e.condition, e.observation))`,
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
    'on conflict (tenant, condition, observation) do nothing',
  );
}

/** Lists the instruments on whose answers some Conditions of ours rest, by Condition. */
export async function instrumentsOfConditions(
  tx: Tx,
  conditions: readonly string[],
): Promise<Map<string, string[]>> {
  const { rows } = await tx.query<{ condition: string; instruments: string[] }>(
    `select condition, array_agg(distinct split_part(rule, '/', 1)) as instruments from evidence
      where tenant = $tenant and condition = any($1) group by condition`,
    [conditions],
  );
  return new Map(rows.map((row) => [row.condition, row.instruments]));
}
