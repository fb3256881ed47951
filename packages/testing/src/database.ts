import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Creates a fresh, empty database on the server that DATABASE_URL names. `close` drops it. */
export async function testDatabase(): Promise<{ url: string; close: () => Promise<void> }> {
  const server = process.env.DATABASE_URL;
  if (!server)
    throw new Error(
      'DATABASE_URL is missing: run the tests through the test command of the README',
    );
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    close: () => onServer(server, `drop database if exists ${name} with (force)`),
  };
}

/**
 * Gives the queue that the suite runs on: QUEUE_URL if it is set, otherwise the database itself.
 */
export function queueUrl(databaseUrl: string): string {
  return process.env.QUEUE_URL ?? databaseUrl;
}

async function onServer(server: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
