import { channel } from 'node:diagnostics_channel';
import { AppError } from '@loopwell/kit';
import { openPostgresQueues } from './postgres-queues.ts';
import type { QueueBackend, QueueOptions, Queues } from './queue.ts';
import { openRedisQueues } from './redis-queues.ts';

/** @throws AppError CONFIG_INVALID for another scheme */
export function backendOf(url: string): QueueBackend {
  if (/^rediss?:/.test(url)) return 'redis';
  if (/^postgres(ql)?:/.test(url)) return 'postgres';
  throw new AppError('CONFIG_INVALID', 'QUEUE_URL must start with redis:// or postgres://');
}

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
  const isRedis = backendOf(options.url) === 'redis';
  const queues = await (isRedis ? openRedisQueues(options) : openPostgresQueues(options));
  opened.publish({ backend: queues.backend });
  return queues;
}
