import { followDirectory } from '../access/partner-access.ts';
import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';

/** A partner, in the order of the directory's Bundle; `body` is the parsed partner as JSON. */
export type PartnerRow = Rows['partner'];

/** A partner that is saved now. Without a kind it is reached by FHIR REST. */
export type NewPartner = Omit<PartnerRow, 'kind' | 'settings'> &
  Partial<Pick<PartnerRow, 'kind' | 'settings'>>;

/** A service of the directory that cannot be used here, and why. */
export type DirectoryProblem = Pick<Rows['directory_problem'], 'service' | 'rule'>;

/**
 * Replaces the directory. Partners with live Tasks stay known by their Tasks' own address.
 * Processes that start at once replace it one after the other.
 */
export async function saveDirectory(
  tx: Tx,
  tenant: string,
  partners: readonly NewPartner[],
  problems: readonly DirectoryProblem[] = [],
): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtextextended('loopwell-directory ' || $1, 0))", [
    tenant,
  ]);
  await tx.query('delete from partner where tenant = $1', [tenant]);
  await insertRows(
    tx,
    'partner',
    ['id', 'tenant', 'position', 'name', 'address', 'body', 'kind', 'settings'],
    partners.map(({ id, position, name, address, body, kind, settings }) => [
      ...[id, tenant, position, name, address, body],
      ...[kind ?? 'fhir-rest', settings ?? '{}'],
    ]),
  );
  await followDirectory(tx, tenant);
  await tx.query('delete from directory_problem where tenant = $tenant');
  const unique = new Map(
    problems.map(({ service, rule }) => [`${service} ${rule}`, [service, rule]]),
  );
  await insertRows(
    tx,
    'directory_problem',
    ['tenant', 'service', 'rule'],
    [...unique.values()].map((columns) => [tx.tenant, ...columns]),
  );
}

/** Lists the services of the directory that cannot be used here. */
export async function directoryProblems(tx: Tx): Promise<DirectoryProblem[]> {
  const { rows } = await tx.query<DirectoryProblem>(
    'select service, rule from directory_problem where tenant = $tenant order by service, rule',
  );
  return rows;
}

/** Loads the partners of a tenant in the order of the directory. */
export async function loadDirectory(tx: Tx, tenant: string): Promise<PartnerRow[]> {
  const { rows } = await tx.query<PartnerRow>(
    'select * from partner where tenant = $1 order by position',
    [tenant],
  );
  return rows;
}

/** Reads a partner of the directory as JSON, by its Organization. */
export async function partnerBody(tx: Tx, tenant: string, id: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ body: string }>(
    'select body from partner where tenant = $1 and id = $2 order by position limit 1',
    [tenant, id],
  );
  return rows[0]?.body;
}

/** Reads the names of Organizations of the directory, by id. */
export async function partnerNames(
  tx: Tx,
  tenant: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await tx.query<{ id: string; name: string }>(
    'select distinct on (id) id, name from partner where tenant = $1 and id = any($2) ' +
      'order by id, position',
    [tenant, ids],
  );
  return new Map(rows.map((row) => [row.id, row.name]));
}
