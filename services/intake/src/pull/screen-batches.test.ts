import { silentLog } from '@loopwell/kit';
import type { Nudge } from '@loopwell/pipeline';
import { expect, it } from 'vitest';
import { createScreenBatches } from './screen-batches.ts';

function batchesOf(nudge: (nudges: readonly Nudge[]) => Promise<void>, signal?: AbortSignal) {
  const alive = new AbortController().signal;
  return createScreenBatches({ coalesceMs: 20, nudge, signal: signal ?? alive, log: silentLog });
}

it('gathers people of one moment into one batch, and nudges it once, after its last commit', async () => {
  const nudged: string[] = [];
  const batches = batchesOf(async (nudges) => void nudged.push(...nudges.map((n) => n.batch)));
  const first = batches.current();
  const earlier = batches.nudgeLater(first);
  expect(batches.current()).toBe(first);
  await Promise.all([earlier, batches.nudgeLater(first)]);
  expect(nudged).toEqual([first]);
});

it('nudges a batch again where people join it after its nudge', async () => {
  const nudged: string[] = [];
  const batches = batchesOf(async (nudges) => void nudged.push(...nudges.map((n) => n.batch)));
  const batch = batches.current();
  await batches.nudgeLater(batch);
  await batches.nudgeLater(batch);
  expect(nudged).toEqual([batch, batch]);
});

it.each([
  ['nudges nothing once it is told to stop', AbortSignal.abort(), async () => {}],
  [
    'goes on where a nudge is not taken',
    undefined,
    () => Promise.reject(new Error('The queue is away')),
  ],
])('%s', async (_what, signal, nudge) => {
  const batches = batchesOf(nudge, signal);
  await expect(batches.nudgeLater(batches.current())).resolves.toBeUndefined();
});
