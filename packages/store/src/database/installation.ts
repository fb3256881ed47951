import { AppError, deriveId, newId } from '@loopwell/kit';
import type { Tx } from './database.ts';
import { migrationsMissing } from './readiness.ts';

async function stored(tx: Tx): Promise<string | undefined> {
  const { rows } = await tx.query<{ identifier_system: string }>(
    'select identifier_system from installation',
  );
  return rows[0]?.identifier_system;
}

/**
 * System of the identifiers that this database's resources carry. It is chosen once, by whoever
 * asks first: several processes that start at the same moment agree.
 *
 * @param wanted what the process was told; undefined takes what is stored, or makes a `urn:uuid:`
 * @throws AppError CONFIG_INVALID when another one was chosen before: what was written under it
 *   would not be known any more
 */
export async function chooseIdentifierSystem(tx: Tx, wanted?: string): Promise<string> {
  const system = await identifierSystem(tx, wanted);
  if (wanted === undefined || system === wanted) return system;
  const message = `This database gives its identifiers in ${system}, which cannot be changed to ${wanted}: leave the option out, or name the same one`;
  throw new AppError('CONFIG_INVALID', message);
}

/** The system that was chosen for this database; the first who asks chooses. */
export async function identifierSystem(tx: Tx, wanted?: string): Promise<string> {
  const before = await stored(tx);
  if (before !== undefined) return before;
  await tx.query(
    'insert into installation (identifier_system) values ($1) on conflict do nothing',
    [wanted ?? `urn:uuid:${newId()}`],
  );
  const chosen = await stored(tx);
  if (chosen === undefined)
    throw new AppError('INTERNAL', 'The identifier system of this database cannot be read');
  return chosen;
}

/** Id of the Device that an installation is: one for its system. */
export const deviceId = (system: string): string => deriveId('device', system);

/** Under this id the EHR of a connection gets the Device: each EHR has one copy. */
export const deviceCopyId = (system: string, connection: string): string =>
  deriveId('device', system, connection);

/** For a process that starts before somebody has migrated: it chooses afterward. */
export async function chooseIfMigrated(tx: Tx, wanted: string | undefined): Promise<void> {
  if ((await migrationsMissing(tx)) === undefined) await chooseIdentifierSystem(tx, wanted);
}

/**
 * Values of our identifiers, among some that carry our system: ids of what we made. Another value
 * is somebody else's.
 */
export async function givenAmong(tx: Tx, values: readonly string[]): Promise<Set<string>> {
  const possible = values.filter((one) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(one));
  if (possible.length === 0) return new Set();
  const { rows } = await tx.query<{ id: string }>(
    'select id from own_resource where id = any($1::uuid[])',
    [possible],
  );
  return new Set(rows.map((row) => row.id));
}
