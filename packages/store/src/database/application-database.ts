import pg from 'pg';

/**
 * Creates the unprivileged role `loopwell` and the database that it owns, where they are missing.
 */
export async function createApplicationDatabase(adminUrl: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const role = await client.query("select 1 from pg_roles where rolname = 'loopwell'");
    if (role.rowCount === 0)
      await client.query(
        `create role loopwell login nosuperuser nocreatedb nocreaterole password '${password}'`,
      );
    const database = await client.query("select 1 from pg_database where datname = 'loopwell'");
    if (database.rowCount === 0) await client.query('create database loopwell owner loopwell');
  } finally {
    await client.end();
  }
}
