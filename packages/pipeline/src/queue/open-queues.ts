import { channel } from 'node:diagnostics_channel';
import { AppError } from '@loopwell/kit';
import { openPostgresQueues } from './postgres-queues.ts';
import type { QueueBackend, QueueOptions, Queues } from './queue.ts';
import { openRedisQueues } from './redis-queues.ts';

/**
 * Tells the backend by the scheme of its address.
 *
 * @throws AppError CONFIG_INVALID for another scheme
 */
export function backendOf(url: string): QueueBackend {
  if (/^rediss?:/.test(url)) return 'redis';
  if (/^postgres(ql)?:/.test(url)) return 'postgres';
  throw new AppError('CONFIG_INVALID', 'QUEUE_URL must start with redis:// or postgres://');
}

/**
 * The channel that tells subscribers which backend was really opened. The test command checks the
 * suites by it.
 */
const opened = channel('loopwell:queue');

/**
 * Opens a queue per stage on the backend that the address names, after checking that the backend is
 * fit for it.
 */
export async function openQueues(options: QueueOptions): Promise<Queues> {
  const isRedis = backendOf(options.url) === 'redis';
  const queues = await (isRedis ? openRedisQueues(options) : openPostgresQueues(options));
  opened.publish({ backend: queues.backend });
  return queues;
}
