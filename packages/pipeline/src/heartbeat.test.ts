import { describe, expect, it } from 'vitest';
import { queueAway, watchReconciler } from './heartbeat.ts';
import type { Queues } from './queue.ts';

describe('readiness of the pipeline', () => {
  it('names the stage that the reconciler has not looked at for long, until it looks again', async () => {
    let ms = 0;
    const watched = watchReconciler(
      [
        { stage: 'pull', work: async () => 0 },
        { stage: 'close', work: async () => 0 },
      ],
      { patienceMs: 60_000, clock: { now: () => new Date(ms) } },
    );
    expect(await watched.stalled()).toBeUndefined();
    ms = 50_000;
    await watched.works[0]?.work({ waitedMs: 0 });
    ms = 70_000;
    expect(await watched.stalled()).toBe('The reconciler has not looked at close for 60 s');
    // A nudge shows that the queue works, not that the reconciler does.
    await watched.works[1]?.work({ batch: 'b' });
    expect(await watched.stalled()).toContain('close');
    await watched.works[1]?.work({ waitedMs: 4_000 });
    expect(await watched.stalled()).toBeUndefined();
  });

  it('says that the queue is away when it fails or says nothing', async () => {
    const queues = (counts: Queues['counts']) => ({ backend: 'redis', counts }) as Queues;
    expect(await queueAway(queues(async () => ({})))).toBeUndefined();
    expect(await queueAway(queues(() => Promise.reject(new Error('gone'))))).toContain('redis');
    expect(await queueAway(queues(() => new Promise(() => {})))).toContain('does not answer');
  });
});
