import { describe, expect, it } from 'vitest';
import { keptReports } from './kept-reports.ts';

/** A report that is done when somebody says so, and a clock that stands still. */
function world(maxAgeMs: number | 'anew' = 1_000) {
  let now = 0;
  const reads: { tenant: string; done: (report: string) => void; fail: () => void }[] = [];
  const read = (tenant: string) =>
    new Promise<string>((resolve, reject) => {
      reads.push({ tenant, done: resolve, fail: () => reject(new Error('away')) });
    });
  const ask = keptReports(read, { now: () => new Date(now) }, maxAgeMs);
  return {
    ask,
    reads,
    later: (ms: number) => {
      now += ms;
    },
  };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a report that takes long', () => {
  it('is read once for all who ask at the same time', async () => {
    const { ask, reads } = world();
    const answers = Promise.all(Array.from({ length: 10 }, () => ask('o')));
    expect(reads).toHaveLength(1);
    reads[0]?.done('first');
    expect(new Set((await answers).map((one) => one.report))).toEqual(new Set(['first']));
  });

  it('is kept with its time, and renewed in the background once it is old', async () => {
    const { ask, reads, later } = world();
    const first = ask('o');
    reads[0]?.done('first');
    expect(await first).toEqual({ at: new Date(0), report: 'first' });
    later(500);
    expect((await ask('o')).report).toBe('first');
    expect(reads).toHaveLength(1);
    later(501);
    expect([(await ask('o')).report, (await ask('o')).report]).toEqual(['first', 'first']);
    expect(reads).toHaveLength(2);
    reads[1]?.done('second');
    await settled();
    expect(await ask('o')).toEqual({ at: new Date(1_001), report: 'second' });
  });

  it('of long ago is not shown: whoever asks then waits for another, and hears that it failed', async () => {
    const { ask, reads, later } = world();
    const first = ask('o');
    reads[0]?.done('first');
    await first;
    later(20_001);
    const failing = ask('o');
    reads[1]?.fail();
    await expect(failing).rejects.toThrow('away');
    const next = ask('o');
    reads[2]?.done('next');
    expect(await next).toEqual({ at: new Date(20_001), report: 'next' });
  });

  it('that fails is read again by the next who asks, and what is kept stays', async () => {
    const { ask, reads, later } = world();
    const failing = ask('o');
    reads[0]?.fail();
    await expect(failing).rejects.toThrow('away');
    const first = ask('o');
    reads[1]?.done('first');
    await first;
    later(2_000);
    await ask('o');
    reads[2]?.fail();
    await settled();
    expect((await ask('o')).report).toBe('first');
    expect(reads).toHaveLength(4);
  });

  it('that has to be of now is shared by who asks meanwhile, and read anew by who asks then', async () => {
    const { ask, reads } = world('anew');
    const both = Promise.all([ask('o'), ask('o')]);
    reads[0]?.done('first');
    expect((await both).map((one) => one.report)).toEqual(['first', 'first']);
    const next = ask('o');
    reads[1]?.done('second');
    expect((await next).report).toBe('second');
  });

  it('is of one tenant', async () => {
    const { ask, reads } = world();
    const both = Promise.all([ask('a'), ask('b')]);
    for (const one of reads) one.done(one.tenant);
    expect((await both).map((one) => one.report)).toEqual(['a', 'b']);
  });
});
