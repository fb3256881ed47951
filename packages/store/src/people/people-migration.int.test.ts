import { readFile } from 'node:fs/promises';
import { testDatabase } from '@loopwell/testing';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import { expect, it } from 'vitest';
import { migrationsFolder } from '../database/applied-migrations.ts';
import { openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { lockUnread } from './patient-links.ts';

/** Brings a database to the state that the baseline alone makes. */
async function migrateToBaseline(url: string): Promise<void> {
  const text = await readFile(new URL('0001-baseline.sql', migrationsFolder), 'utf8');
  const options = '-c search_path=loopwell,public';
  const pool = new pg.Pool({ connectionString: url, max: 1, options });
  const db = new Kysely<Record<string, never>>({ dialect: new PostgresDialect({ pool }) });
  const baseline = {
    up: async (tx: Kysely<unknown>) => void (await sql.raw(text).execute(tx)),
  };
  try {
    await sql`create schema if not exists loopwell`.execute(db);
    const migrator = new Migrator({
      db,
      provider: { getMigrations: async () => ({ '0001-baseline': baseline }) },
      migrationTableSchema: 'loopwell',
    });
    const { error } = await migrator.migrateToLatest();
    if (error) throw error;
  } finally {
    await db.destroy();
  }
}

it('makes each Patient of an earlier version a person whose profile is to be read', async () => {
  const scratch = await testDatabase();
  await migrateToBaseline(scratch.url);
  const db = openDatabase({ url: scratch.url, tenant: 'o', max: 1 });
  const ada = '00000000-0000-4000-8000-00000000000a';
  try {
    await db.query(
      "insert into connection (id, tenant, base) values ('clinic', 'o', 'https://ehr.example')",
    );
    await db.query(
      `insert into ehr_resource (tenant, connection, type, source_id, version_id, person, body)
       values ('o', 'clinic', 'Patient', 'ada', '1', $1, '{}'),
              ('o', 'clinic', 'Goal', 'g', '1', $1, '{}'),
              ('other', 'clinic', 'Patient', 'bo', '1', gen_random_uuid(), '{}')`,
      [ada],
    );
    await migrate(scratch.url);
    const { rows } = await db.query(
      'select connection, patient_id, patient, person from patient_link where tenant = $tenant',
    );
    expect(rows).toEqual([{ connection: 'clinic', patient_id: 'ada', patient: ada, person: ada }]);
    expect((await db.query('select id from person where tenant = $tenant')).rows).toEqual([
      { id: ada },
    ]);
    expect(await lockUnread(db, 10)).toEqual({
      connection: 'clinic',
      patients: [{ patient_id: 'ada', patient: ada, base: 'https://ehr.example', body: '{}' }],
    });
  } finally {
    await db.close();
    await scratch.close();
  }
});
