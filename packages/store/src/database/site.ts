import { AppError, newId } from '@loopwell/kit';
import { requireRow, type Tx } from './database.ts';

/**
 * The row of a site: what it decides, by whom and when it was changed last. Settings are JSON whose
 * fields the domain knows. DECISIONS D147.
 */
export type SiteRow = {
  version: number;
  settings: string;
  identifier_system: string | null;
  changed_at: Date;
  changed_by: string;
};

const columns = 'version, settings, identifier_system, changed_at, changed_by';

/** Reads what the site of this tenant decides; undefined where nothing was set yet. */
export async function readSite(tx: Tx): Promise<SiteRow | undefined> {
  const { rows } = await tx.query<SiteRow>(`select ${columns} from site where tenant = $tenant`);
  return rows[0];
}

/** Lists the latest versions, the current one first. */
export async function siteVersions(tx: Tx, most: number): Promise<SiteRow[]> {
  const { rows } = await tx.query<SiteRow>(
    `select ${columns} from site_version where tenant = $tenant order by version desc limit $1`,
    [most],
  );
  return rows;
}

/** Makes the row of the site where it is missing. */
async function makeSite(tx: Tx, by: string): Promise<void> {
  await tx.query(
    'insert into site (tenant, version, changed_by) values ($tenant, 0, $1) on conflict ' +
      '(tenant) do nothing',
    [by],
  );
}

/** Locks the row of the site, which is made where it is missing. */
async function lockSite(tx: Tx, by: string): Promise<SiteRow> {
  await makeSite(tx, by);
  const { rows } = await tx.query<SiteRow>(
    `select ${columns} from site where tenant = $tenant for update`,
  );
  return requireRow(rows, 'site');
}

async function writeSite(
  tx: Tx,
  next: { settings: object; identifierSystem: string | null; by: string },
): Promise<SiteRow> {
  const { rows } = await tx.query<SiteRow>(
    `update site set version = version + 1, settings = $1, identifier_system = $2,
        changed_at = loopwell_now(), changed_by = $3
      where tenant = $tenant returning ${columns}`,
    [JSON.stringify(next.settings), next.identifierSystem, next.by],
  );
  return requireRow(rows, 'site');
}

/**
 * Writes those fields of a site that were never set. Fields that were set stay as they are,
 * whatever a process was told. Several processes that start at once agree.
 *
 * @returns the row as it counts now
 */
export async function seedSite(
  tx: Tx,
  seeds: Readonly<Record<string, unknown>>,
  by: string,
): Promise<SiteRow> {
  const isMissing = (row: SiteRow | undefined) => {
    const stored = JSON.parse(row?.settings ?? '{}') as object;
    return Object.keys(seeds).some((name) => !Object.hasOwn(stored, name));
  };
  const before = await readSite(tx);
  if (before !== undefined && !isMissing(before)) return before;
  const row = await lockSite(tx, by);
  if (!isMissing(row)) return row;
  const settings = { ...seeds, ...(JSON.parse(row.settings) as object) };
  return writeSite(tx, { settings, identifierSystem: row.identifier_system, by });
}

/**
 * Changes a site.
 *
 * @param change.version the version that was changed
 * @throws AppError CONFLICT where somebody has changed another version meanwhile, or the system of
 *   the identifiers would change although resources carry it already
 */
export async function changeSite(
  tx: Tx,
  change: {
    version: number;
    settings: object;
    identifierSystem?: string | undefined;
    by: string;
  },
): Promise<SiteRow> {
  const row = await lockSite(tx, change.by);
  if (row.version !== change.version)
    throw new AppError('CONFLICT', 'Somebody changed the site meanwhile: look at it again', {
      facts: { field: 'version', version: row.version },
    });
  const identifierSystem = change.identifierSystem ?? row.identifier_system;
  if (identifierSystem !== row.identifier_system && (await hasMade(tx)))
    throw new AppError(
      'CONFLICT',
      'The identifier system cannot be changed any more: resources were made that carry it',
      { facts: { field: 'identifierSystem' } },
    );
  return writeSite(tx, { settings: change.settings, identifierSystem, by: change.by });
}

/** Tells whether a resource was made that carries the identifier system. */
async function hasMade(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query<{ made: boolean }>(
    'select exists (select 1 from own_resource where tenant = $tenant) as made',
  );
  return rows[0]?.made ?? false;
}

/** Reads the identifier system of this tenant's resources. The first call chooses it for good. */
export async function identifierSystem(tx: Tx, wanted?: string): Promise<string> {
  const before = (await readSite(tx))?.identifier_system;
  if (before != null) return before;
  const by = 'system:loopwell';
  await makeSite(tx, by);
  // One statement, so that processes that choose at the same moment agree without a transaction.
  await tx.query(
    `update site set version = version + 1, identifier_system = $1, changed_at = loopwell_now(),
        changed_by = $2
      where tenant = $tenant and identifier_system is null`,
    [wanted ?? `urn:uuid:${newId()}`, by],
  );
  const chosen = (await readSite(tx))?.identifier_system;
  if (chosen == null) throw new AppError('INTERNAL', 'The identifier system cannot be read');
  return chosen;
}
