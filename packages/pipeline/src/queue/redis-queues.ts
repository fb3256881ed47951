import { AppError } from '@loopwell/kit';
import { createRedisBackend, withBackend } from 'bullmq';
import { Redis } from 'ioredis';
import type { QueueOptions, Queues } from './queue.ts';
import { unreachable, wireQueues } from './wire-queues.ts';

/** Opens one BullMQ queue per stage in Redis, after checking that Redis keeps what it is given. */
export async function openRedisQueues(options: QueueOptions): Promise<Queues> {
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
  return wireQueues('redis', options, {
    queue: (name) => new Queue(name, { connection: connection(), prefix }),
    worker: (name, concurrency, run) =>
      new Worker(name, run, { connection: connection(), prefix, concurrency }),
  });
}

/**
 * Refuses a Redis that evicts keys under memory pressure, since it would drop jobs in silence
 * (BullMQ, "Going to production").
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
