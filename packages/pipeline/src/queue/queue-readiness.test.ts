import { expect, it } from 'vitest';
import type { Queues } from './queue.ts';
import { queueAway } from './queue-readiness.ts';

it('says that the queue is away when it fails or says nothing', async () => {
  const queues = (counts: Queues['counts'], none?: string) =>
    ({ backend: 'redis', counts, takesNone: () => none }) as Queues;
  expect(await queueAway(queues(async () => ({})))).toBeUndefined();
  expect(await queueAway(queues(async () => ({}), 'the last one was refused (NOPERM)'))).toContain(
    'takes no nudge: the last one was refused (NOPERM)',
  );
  expect(await queueAway(queues(() => Promise.reject(new Error('gone'))))).toContain('redis');
  expect(await queueAway(queues(() => new Promise(() => {})))).toContain('does not answer');
});
