import { silentLog } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import type { Flight } from './lease.ts';
import type { Queues } from './queue/queue.ts';
import { type StageWork, startRunner } from './runner.ts';

/** Without nudges: the reconciler alone. */
const queues = { work: () => {} } as unknown as Queues;

/** A stage whose claims are batches that end when the test says so. */
function stageOf(isStuck: () => boolean, rows = 10) {
  const batches: (() => void)[] = [];
  const work: StageWork['work'] = async (_claim, onClaim) => {
    onClaim?.({ rows, left: () => rows, isStuck } satisfies Flight);
    await new Promise<void>((resolve) => batches.push(resolve));
    return rows;
  };
  const end = () => {
    for (const one of batches) one();
  };
  return { batches, end, works: [{ stage: 'pull' as const, work }] };
}

describe('a batch that waits', () => {
  it('for slow servers holds up no further claim, until very many rows wait so', async () => {
    const { batches, works, end } = stageOf(() => true, 1_000);
    const runner = startRunner({ queues, works, intervalMs: 10, log: silentLog });
    await expect.poll(() => batches.length, { timeout: 5_000 }).toBe(3);
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(batches).toHaveLength(3);
    const closed = runner.close();
    end();
    await closed;
  });

  it('for nobody is worked to its end before the next one is claimed', async () => {
    const { batches, works, end } = stageOf(() => false);
    const runner = startRunner({ queues, works, intervalMs: 10, log: silentLog });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(batches).toHaveLength(1);
    end();
    await expect.poll(() => batches.length, { timeout: 15_000 }).toBe(2);
    end();
    const closed = runner.close();
    end();
    await closed;
  });
});
