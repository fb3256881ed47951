import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';

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
  /** Says that the person may be in danger, or that this cannot be ruled out. */
  safety?: boolean | undefined;
  /** Changes with what its answers about safety say, and with nothing else. */
  safety_says?: string | undefined;
  trace?: string | undefined;
};

/**
 * Replaces the screenings of some people by those that the record shows now. A screening that an
 * amended answer has moved to another instant is deleted at the old one.
 */
export async function saveScreenings(
  tx: Tx,
  people: readonly string[],
  rows: readonly ScreeningRow[],
): Promise<void> {
  const keep = rows.map((row) => row.id);
  await tx.query(
    'delete from screening where tenant = $tenant and person = any($1) and not (id = any($2))',
    [people, keep],
  );
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
      'safety_says',
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
      row.safety_says ?? null,
      row.trace ?? null,
    ]),
    `on conflict (tenant, id) do update set encounter = excluded.encounter, outcome = excluded.outcome,
        quarantine = excluded.quarantine, sources = excluded.sources, issues = excluded.issues,
        safety = excluded.safety, safety_says = excluded.safety_says, trace = excluded.trace,
        changed_at = loopwell_now(),
        seen_at = case when s.issues = excluded.issues then s.seen_at end, seen_by = case
        when s.issues = excluded.issues then s.seen_by end,
        asks_since = case when s.warns and s.seen_at is null and (s.danger or s.safety)
        then s.asks_since else loopwell_now() end
      where (s.encounter, s.outcome, s.quarantine, s.sources, s.issues, s.safety)
         is distinct from (excluded.encounter, excluded.outcome, excluded.quarantine,
         excluded.sources, excluded.issues, excluded.safety)`,
  );
}
