import { AppError, deriveId } from '@loopwell/kit';
import type { Tx } from './database.ts';
import { migrationsMissing } from './readiness.ts';
import { identifierSystem } from './site.ts';

/**
 * Chooses the system of the identifiers that this database's resources carry. The first process
 * that asks chooses for good; several that start at the same moment agree.
 *
 * @param wanted the system that the process was told; undefined takes the stored one, or makes a
 *   `urn:uuid:`
 * @throws AppError CONFIG_INVALID when another one was chosen before: resources that were written
 *   under it would not be known any more
 */
export async function chooseIdentifierSystem(tx: Tx, wanted?: string): Promise<string> {
  const system = await identifierSystem(tx, wanted);
  if (wanted === undefined || system === wanted) return system;
  const message =
    `This database gives its identifiers in ${system}, which cannot be changed to ${wanted}: ` +
    'leave the option out, or name the same one';
  throw new AppError('CONFIG_INVALID', message);
}

export { identifierSystem };

/**
 * Derives the id of the Device that stands for this installation. There is one for each identifier
 * system.
 */
export const deviceId = (system: string): string => deriveId('device', system);

/** Derives the id under which the EHR of a connection gets the Device. Each EHR has one copy. */
export const deviceCopyId = (system: string, connection: string): string =>
  deriveId('device', system, connection);

/**
 * Chooses the identifier system where the database is migrated already. A process that starts
 * before that chooses afterward.
 */
export async function chooseIfMigrated(tx: Tx, wanted: string | undefined): Promise<void> {
  if ((await migrationsMissing(tx)) === undefined) await chooseIdentifierSystem(tx, wanted);
}

/**
 * Finds which of some identifier values that carry our system are ids of resources that we made.
 * Any other value was not given by us.
 */
export async function givenAmong(tx: Tx, values: readonly string[]): Promise<Set<string>> {
  const possible = values.filter((one) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(one));
  if (possible.length === 0) return new Set();
  const { rows } = await tx.query<{ id: string }>(
    'select id from own_resource where tenant = $tenant and id = any($1::uuid[])',
    [possible],
  );
  return new Set(rows.map((row) => row.id));
}
