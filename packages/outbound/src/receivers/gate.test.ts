import { errorRecord } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import { createGate, type GateOptions } from './gate.ts';

/** A receiver behind a gate, in time that passes only in pauses. */
function receiver(
  options: Partial<GateOptions> & {
    lockedMs: (at: number) => number | undefined;
    says?: (leftMs: number) => number;
  },
) {
  let at = 1_000_000;
  const waits: (Date | undefined)[] = [];
  const asked: { at: number; locked: boolean }[] = [];
  const gate = createGate({
    width: 8,
    longestMs: 10_000,
    lockMs: [4_000, 75_000, 900_000],
    now: () => at,
    pause: async (ms) => void (at += ms),
    onWait: (until) => waits.push(until),
    ...options,
  });
  const ask = async () => {
    await gate.enter();
    const leftMs = options.lockedMs(at);
    asked.push({ at, locked: leftMs !== undefined });
    if (leftMs === undefined) gate.succeed();
    else gate.lock(options.says?.(leftMs));
    gate.leave();
    return leftMs === undefined;
  };
  /** As the ledger does: comes again when it was told to. */
  const askUntilAnswered = async () => {
    for (let tries = 0; tries < 50; tries += 1) {
      const done = await ask().catch((error) => {
        at += Number(errorRecord(error).facts.retryAfterMs);
        return false;
      });
      if (done) return;
    }
  };
  return {
    gate,
    ask,
    askUntilAnswered,
    asked,
    waits,
    now: () => at,
    pass: (ms: number) => void (at += ms),
  };
}

const began = 1_000_000;
const lockedFor = (ms: number) => (at: number) => (at < began + ms ? began + ms - at : undefined);

describe('a receiver that locks us out', () => {
  it.each([
    ['3 s, and says so', 3_000, true, 1],
    ['14 minutes, and says so', 840_000, true, 1],
    ['3 s, and does not say so', 3_000, false, 1],
    ['50 s, and does not say so', 50_000, false, 2],
    ['14 minutes, and does not say so', 840_000, false, 3],
  ])('for %s is asked no more often than it has to be', async (_what, ms, says, most) => {
    const one = receiver({
      lockedMs: lockedFor(ms),
      ...(says ? { says: (left: number) => left } : {}),
    });
    await one.askUntilAnswered();
    expect(one.asked.filter((request) => request.locked)).toHaveLength(most);
    expect(one.asked.at(-1)?.locked).toBe(false);
    expect(one.waits.at(-1)).toBeUndefined();
    expect(one.waits[0]?.getTime()).toBeGreaterThan(began);
  });

  it('and always says 1 second is not believed for ever', async () => {
    const one = receiver({ lockedMs: lockedFor(840_000), says: () => 1_000 });
    await one.askUntilAnswered();
    expect(one.asked.filter((request) => request.locked).length).toBeLessThanOrEqual(4);
  });

  it('is asked one request at a time afterward, slower, and faster again little by little', async () => {
    const one = receiver({ lockedMs: lockedFor(3_000), says: (left) => left });
    await one.askUntilAnswered();
    const first = one.now();
    for (let n = 0; n < 10; n += 1) await one.ask();
    const slow = one.now() - first;
    expect(slow).toBeGreaterThan(2_000);
    for (let n = 0; n < 200; n += 1) await one.ask();
    const later = one.now();
    for (let n = 0; n < 10; n += 1) await one.ask();
    expect(one.now() - later).toBeLessThan(slow / 4);
  });
});

describe('the way to a receiver', () => {
  /** Requests that nobody answers until they are let go. */
  function held(options: Partial<GateOptions> = {}) {
    const gate = createGate({ width: 8, longestMs: 10_000, lockMs: [4_000], ...options });
    let inside = 0;
    const done: (() => void)[] = [];
    const start = (count: number) =>
      Array.from({ length: count }, async () => {
        await gate.enter();
        inside += 1;
        await new Promise<void>((resolve) => done.push(resolve));
        inside -= 1;
        gate.succeed();
        gate.leave();
      });
    const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
    const answerAll = async () => {
      for (const one of done.splice(0)) one();
      await settle();
    };
    return { gate, start, answerAll, settle, inside: () => inside };
  }

  it('begins with one request and widens little by little', async () => {
    const one = held();
    const all = one.start(150);
    await one.settle();
    const widths = [one.inside()];
    while (one.inside() > 0) {
      await one.answerAll();
      widths.push(one.inside());
    }
    // A server that locks us out early on is asked by two or three at a time, and not by eight.
    expect(widths.slice(0, 6)).toEqual([1, 1, 2, 2, 3, 3]);
    expect(Math.max(...widths)).toBe(8);
    await Promise.all(all);
  });

  it('is shut for those that wait when a lock-out begins, and lets them go when they come again', async () => {
    const one = held();
    const all = Promise.allSettled(one.start(3));
    await one.settle();
    one.gate.lock(60_000);
    await one.answerAll();
    expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    await expect(one.gate.enter()).rejects.toMatchObject({
      facts: { neverSent: true, lockedOut: true, until: expect.any(String) },
    });
  });

  it('lets everybody through in the end, in the order in which they came', async () => {
    const gate = createGate({ width: 2, longestMs: 10_000, lockMs: [4_000] });
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        await gate.enter();
        order.push(n);
        await new Promise((resolve) => setTimeout(resolve, 1));
        gate.leave();
        gate.succeed();
      }),
    );
    expect(order).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });
});
