import { readFile } from 'node:fs/promises';
import { AppError } from '@loopwell/kit';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import pg from 'pg';
import { migrationNames, migrationsFolder, refuseEarlierVersion } from './applied-migrations.ts';

/**
 * Brings the schema `loopwell` up to date. Numbered SQL files run once, in order, each in a
 * transaction, under a lock that several processes starting at once share.
 *
 * @throws AppError CONFIG_INVALID when the database is of an earlier version, or newer than this
 *   version of Loopwell
 */
export async function migrate(url: string): Promise<void> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    options: '-c search_path=loopwell,public',
  });
  pool.on('error', () => {});
  const db = new Kysely<Record<string, never>>({ dialect: new PostgresDialect({ pool }) });
  try {
    await refuseEarlierVersion(
      { query: (text, values) => pool.query(text, values && [...values]) },
      'database',
    );
    await sql`create schema if not exists loopwell`.execute(db).catch(ignoreRace);
    const migrator = new Migrator({
      db,
      provider: { getMigrations: readMigrations },
      migrationTableSchema: 'loopwell',
    });
    const { error } = await migrator.migrateToLatest();
    if (error)
      throw new AppError('CONFIG_INVALID', 'The database could not be brought up to date', {
        cause: error,
      });
  } finally {
    await db.destroy();
  }
}

/**
 * Ignores the error of a schema that another process created at the same moment, and throws any
 * other. Both processes have the schema then.
 */
function ignoreRace(error: unknown): void {
  if (
    error instanceof Error &&
    'code' in error &&
    (error.code === '23505' || error.code === '42P06')
  )
    return;
  throw error;
}

/** Reads the SQL files as migrations, by name. */
async function readMigrations(): Promise<Record<string, Migration>> {
  const migrations: Record<string, Migration> = {};
  for (const name of await migrationNames()) {
    const text = await readFile(new URL(`${name}.sql`, migrationsFolder), 'utf8');
    migrations[name] = { up: async (db) => void (await sql.raw(text).execute(db)) };
  }
  return migrations;
}
