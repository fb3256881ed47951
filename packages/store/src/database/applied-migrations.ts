import { readdir } from 'node:fs/promises';
import { AppError } from '@loopwell/kit';
import type { Tx } from './database.ts';

/** What is asked whether a database is up to date, which concerns no tenant. */
type Asking = Pick<Tx, 'query'>;

/** The folder of the numbered SQL files. */
export const migrationsFolder = new URL('../migrations/', import.meta.url);

/** Lists the names of the files without `.sql`, in order; the first is the baseline. */
export async function migrationNames(): Promise<string[]> {
  const files = await readdir(migrationsFolder);
  return files
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.replace(/\.sql$/, ''))
    .sort();
}

/**
 * Lists the migrations that were applied to this database. A database that was never migrated gives
 * none.
 */
async function appliedMigrations(tx: Asking): Promise<Set<string>> {
  const { rows } = await tx.query<{ exists: boolean }>(
    "select to_regclass('loopwell.kysely_migration') is not null as exists",
  );
  if (!rows[0]?.exists) return new Set();
  const applied = await tx.query<{ name: string }>('select name from loopwell.kysely_migration');
  return new Set(applied.rows.map((row) => row.name));
}

/** Lists the numbered migrations of this version that the database has not seen, in order. */
export async function missingMigrations(tx: Asking): Promise<string[]> {
  const applied = await appliedMigrations(tx);
  return (await migrationNames()).filter((name) => !applied.has(name));
}

/**
 * Tells whether an earlier version migrated this database. The migrations of that version were
 * folded into the baseline (DECISIONS D120).
 */
export async function isOfEarlierVersion(tx: Asking): Promise<boolean> {
  const applied = await appliedMigrations(tx);
  const [baseline] = await migrationNames();
  return applied.size > 0 && baseline !== undefined && !applied.has(baseline);
}

const earlierVersion = {
  'data directory': 'This data directory is of an earlier version. Start with --fresh.',
  database: 'This database is of an earlier version. Name an empty one with DATABASE_URL.',
};

/**
 * Refuses a database of an earlier version, before anything in it is changed.
 *
 * @throws AppError CONFIG_INVALID
 */
export async function refuseEarlierVersion(
  tx: Asking,
  storage: keyof typeof earlierVersion,
): Promise<void> {
  if (await isOfEarlierVersion(tx)) throw new AppError('CONFIG_INVALID', earlierVersion[storage]);
}
