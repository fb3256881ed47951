import { createPostgresBackend, runMigrations, withBackend } from 'bullmq';
import pg from 'pg';
import type { QueueOptions, Queues } from './queue.ts';
import { unreachable, wireQueues } from './wire-queues.ts';

const schema = 'bullmq';

/** Opens one BullMQ queue per stage in PostgreSQL, in a schema of its own. */
export async function openPostgresQueues(options: QueueOptions): Promise<Queues> {
  await migrate(options.url);
  const { Queue, Worker } = withBackend(createPostgresBackend);
  // BullMQ accepts a pool at run time; its types know only the settings of one.
  const connection = listeningPool(options) as pg.Pool & Record<string, unknown>;
  const queues = wireQueues('postgres', options, {
    queue: (name) => new Queue(name, { connection }),
    worker: (name, concurrency, run) => new Worker(name, run, { connection, concurrency }),
  });
  const close = async () => {
    await queues.close();
    await connection.end();
  };
  return { ...queues, close };
}

/** Creates or updates BullMQ's tables. */
async function migrate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await runMigrations(client, schema);
  } catch (error) {
    throw unreachable('PostgreSQL', error);
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Makes one pool for all queues and workers of a process: each worker listens on a connection of
 * its own, the rest is shared. BullMQ would open pools itself. A holder of one of their connections
 * would get an error event without a listener when the server dies, and the process would end.
 */
function listeningPool(options: QueueOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.stages.length + 6,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
    application_name: 'loopwell-queue',
    options: `-c search_path=${schema}`,
  });
  // Each queue and worker listens to the one pool: that many listeners are no leak.
  pool.setMaxListeners(0);
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
