import { channel } from 'node:diagnostics_channel';
import { AppError, errorRecord, type Log } from '@loopwell/kit';
import {
  createPostgresBackend,
  createRedisBackend,
  type Job,
  runMigrations,
  withBackend,
} from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Nudge, NudgeFunction } from './ledger-port.ts';
import type { Stage } from './stages.ts';

/**
 * The queue is a nudge: it wakes workers in milliseconds, fans out over processes, and may be wiped
 * at any time. It carries `{ stage, batch }` and nothing else. PostgreSQL or Redis, told by the
 * scheme of one address.
 */
export type QueueBackend = 'postgres' | 'redis';

export type Queues = {
  backend: QueueBackend;
  nudge: NudgeFunction;
  /** Starts a BullMQ worker for a stage; `work` resolves when nothing of that batch is left. */
  work: (stage: Stage, concurrency: number, work: (nudge: Nudge) => Promise<void>) => void;
  /** Jobs by state and stage, for metrics. */
  counts: () => Promise<Record<string, Record<string, number>>>;
  /** Nudges that were not taken since the start, by the code of the cause. */
  refused: () => readonly { cause: string; count: number }[];
  /** Why no nudge can be taken now, where that is known. */
  takesNone: () => Promise<string | undefined>;
  close: () => Promise<void>;
};

export type QueueOptions = {
  url: string;
  stages: readonly Stage[];
  log: Log;
  prefix?: string | undefined;
};

/** @throws AppError CONFIG_INVALID for another scheme */
export function backendOf(url: string): QueueBackend {
  if (/^rediss?:/.test(url)) return 'redis';
  if (/^postgres(ql)?:/.test(url)) return 'postgres';
  throw new AppError('CONFIG_INVALID', 'QUEUE_URL must start with redis:// or postgres://');
}

const jobOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: true,
  removeOnFail: { count: 1_000 },
} as const;

const schema = 'bullmq';
/**
 * How long a nudge may take, how long a queue that was slower is left alone, and how long closing
 * may take: less than a process has for all of its ending, for a queue whose server was away a
 * moment ago may not be closed at all.
 */
const [nudgeMs, silenceMs, closeMs] = [3_000, 10_000, 4_000];

/**
 * Tells whoever subscribes which backend was really opened; the test command holds the suites to
 * it.
 */
const opened = channel('loopwell:queue');

/**
 * Opens a queue per stage on the backend that the address names, after that backend was found fit
 * for it.
 */
export async function openQueues(options: QueueOptions): Promise<Queues> {
  const queues = await (backendOf(options.url) === 'redis'
    ? openRedis(options)
    : openPostgres(options));
  opened.publish({ backend: queues.backend });
  return queues;
}

async function openPostgres(options: QueueOptions): Promise<Queues> {
  const client = new pg.Client({ connectionString: options.url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await runMigrations(client, schema);
  } catch (error) {
    throw unreachable('PostgreSQL', error);
  } finally {
    await client.end().catch(() => {});
  }
  const { Queue, Worker } = withBackend(createPostgresBackend);
  // BullMQ takes a pool for what it is at run time; its types know only the settings of one.
  const connection = listeningPool(options) as pg.Pool & Record<string, unknown>;
  const queues = wire('postgres', options, {
    queue: (name) => new Queue(name, { connection }),
    worker: (name, concurrency, run) => new Worker(name, run, { connection, concurrency }),
    takesNone: async () => {
      const { rows } = await connection.query<{ may: boolean }>(
        "select has_database_privilege(current_database(), 'TEMPORARY') as may",
      );
      return rows[0]?.may === false
        ? 'its role lacks the TEMPORARY privilege (infra/postgresql/queue.sql grants it)'
        : undefined;
    },
  });
  const close = async () => {
    await queues.close();
    await connection.end();
  };
  return { ...queues, close };
}

/**
 * One pool for all queues and workers of a process: each worker listens on a connection of its own,
 * the rest is shared. BullMQ would open pools itself, but whoever holds one of their connections
 * when the server dies gets an error event that nobody listens to, and the process ends.
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

async function openRedis(options: QueueOptions): Promise<Queues> {
  const probe = new Redis(options.url, { maxRetriesPerRequest: 1, lazyConnect: true });
  probe.on('error', () => {});
  try {
    await probe.connect();
    await requireNoEviction(probe);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw unreachable('Redis', error);
  } finally {
    probe.disconnect();
  }
  const { Queue, Worker } = withBackend(createRedisBackend);
  const connection = () => ({ url: options.url, maxRetriesPerRequest: null });
  const prefix = options.prefix ?? '{loopwell}';
  return wire('redis', options, {
    queue: (name) => new Queue(name, { connection: connection(), prefix }),
    worker: (name, concurrency, run) =>
      new Worker(name, run, { connection: connection(), prefix, concurrency }),
    takesNone: async () => undefined,
  });
}

function unreachable(what: 'PostgreSQL' | 'Redis', cause: unknown): AppError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return new AppError(
    'CONFIG_INVALID',
    `${what} at QUEUE_URL cannot be reached or does not let us in`,
    { cause, facts: { code } },
  );
}

/**
 * A Redis that evicts keys under memory pressure would drop jobs in silence (BullMQ, "Going to
 * production").
 */
async function requireNoEviction(redis: Redis): Promise<void> {
  // INFO, since hosted servers often refuse CONFIG.
  const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1] ?? 'unknown';
  if (policy !== 'noeviction') {
    throw new AppError(
      'CONFIG_INVALID',
      'Redis must run with maxmemory-policy noeviction, or jobs may vanish',
      { facts: { policy } },
    );
  }
}

type QueueLike = {
  addBulk: (jobs: { name: string; data: Nudge; opts: typeof jobOptions }[]) => Promise<unknown>;
  getJobCounts: () => Promise<Record<string, number>>;
  on: (event: 'error', listener: (error: Error) => void) => unknown;
  close: () => Promise<void>;
};
type WorkerLike = {
  on: (event: 'error', listener: (error: Error) => void) => unknown;
  close: (force?: boolean) => Promise<void>;
};
type Makers = {
  queue: (name: Stage) => QueueLike;
  worker: (name: Stage, concurrency: number, run: (job: Job<Nudge>) => Promise<void>) => WorkerLike;
  takesNone: () => Promise<string | undefined>;
};

function wire(backend: QueueBackend, options: QueueOptions, make: Makers): Queues {
  const listen = (thing: QueueLike | WorkerLike) =>
    thing.on('error', (error) =>
      options.log.warn('The queue reports a failure', { name: error.name, backend }),
    );
  const queues = new Map(
    options.stages.map((stage) => {
      const queue = make.queue(stage);
      listen(queue);
      return [stage, queue];
    }),
  );
  const workers: WorkerLike[] = [];
  let silentUntil = 0;
  const refused = new Map<string, number>();
  let lastCause: string | undefined;
  /**
   * A nudge that gets lost costs seconds, not work: the reconciler finds the rows. So failures are
   * noted, not thrown, and a queue that does not answer is left alone for a while instead of
   * holding up each batch and piling up nudges.
   */
  const nudge: NudgeFunction = async (nudges) => {
    const byStage = Map.groupBy(nudges, (one) => one.stage);
    for (const [stage, some] of byStage) {
      if (performance.now() < silentUntil) return;
      const jobs = some.map((one) => ({
        name: stage,
        data: { stage, batch: one.batch },
        opts: jobOptions,
      }));
      const added = Promise.resolve(queues.get(stage)?.addBulk(jobs));
      const taken = Promise.race([added, expire(nudgeMs)]).then(() => {
        lastCause = undefined;
      });
      await taken.catch((error) => {
        lastCause = causeOf(error);
        refused.set(lastCause, (refused.get(lastCause) ?? 0) + some.length);
        silentUntil = performance.now() + silenceMs;
        options.log.error('A nudge was not taken', error, { stage });
      });
      added.catch(() => {});
    }
  };
  return {
    backend,
    nudge,
    refused: () => [...refused].map(([cause, count]) => ({ cause, count })),
    takesNone: async () =>
      (await make.takesNone()) ??
      (lastCause === undefined ? undefined : `the last one was refused (${lastCause})`),
    work(stage, concurrency, work) {
      const worker = make.worker(stage, concurrency, (job) => work(job.data).catch(forgetWords));
      listen(worker);
      workers.push(worker);
    },
    async counts() {
      const entries = [...queues].map(
        async ([stage, queue]) => [stage, await queue.getJobCounts()] as const,
      );
      return Object.fromEntries(await Promise.all(entries));
    },
    async close() {
      // Close the workers before the queues: a running batch may still nudge its next stage.
      const closed = Promise.all(workers.map((worker) => worker.close())).then(() =>
        Promise.all([...queues.values()].map((queue) => queue.close())),
      );
      // A backend that is away must not keep us from ending; its jobs are nudges, and the ledger
      // has the work.
      await Promise.race([closed, expire(closeMs)]).catch((error) =>
        options.log.error('The queue could not be closed', error, { backend }),
      );
      closed.catch(() => {});
    },
  };
}

/**
 * A code: of PostgreSQL (`42501`), of a socket (`ECONNREFUSED`), or one of ours; never words, which
 * may quote something.
 */
function causeOf(error: unknown): string {
  const { code, facts } = errorRecord(error);
  return typeof facts.code === 'string' && /^[A-Z0-9_]{2,40}$/.test(facts.code) ? facts.code : code;
}

/**
 * BullMQ keeps the message of a failed job. Those of a database may quote what they were given, so
 * that only the code goes into the queue; the log has been told.
 */
function forgetWords(error: unknown): never {
  throw new AppError(
    'REMOTE_UNAVAILABLE',
    `The work could not be done now (${errorRecord(error).code})`,
  );
}

function expire(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(
      () => reject(new AppError('REMOTE_UNAVAILABLE', 'The queue did not answer in time')),
      ms,
    ).unref();
  });
}
