import { describe, expect, it } from 'vitest';
import { createReceivers } from './receivers.ts';

const base = 'https://partner.test/fhir';
const other = 'https://other.test/fhir';

/** Receivers with a clock of their own. */
function receivers() {
  let now = 1_000_000;
  const made = createReceivers({
    now: () => now,
    slowMs: 3_000,
    restMs: 5_000,
    maxRestMs: 60_000,
    width: 8,
  });
  return { ...made, pass: (ms: number) => (now += ms) };
}

/** As many places as a server has at most. */
async function warm(some: ReturnType<typeof receivers>, to = base) {
  for (let answers = 0; answers < 10; answers += 1) {
    const leave = await some.of(to).enter();
    some.of(to).succeeded();
    leave();
  }
}

const leftAlone = { code: 'REMOTE_UNAVAILABLE', facts: { leftAlone: true, neverSent: true } };

describe('places at one server', () => {
  it('are few for a server that never answered, and more with each answer', async () => {
    const some = receivers();
    const first = [await some.of(base).enter(), await some.of(base).enter()];
    let third = false;
    const waiting = some
      .of(base)
      .enter()
      .then((leave) => {
        third = true;
        return leave;
      });
    await new Promise((resolve) => setImmediate(resolve));
    expect(third).toBe(false);
    some.of(base).succeeded();
    first[0]?.();
    (await waiting)();
    expect(third).toBe(true);
  });

  it('are refused when all are taken by requests that take too long, and not before', async () => {
    const some = receivers();
    await some.of(base).enter();
    some.pass(4_000);
    expect(some.letsWait(base)).toBe(true);
    // One is free: who is slow may still be working.
    expect(some.waitFor(base)).toBeUndefined();
    await some.of(base).enter();
    expect(some.waitFor(base)).toBeGreaterThan(0);
    await expect(some.of(base).enter()).rejects.toMatchObject(leftAlone);
    expect(some.waitFor(other)).toBeUndefined();
  });

  it('send away who waits when the server turns out to be slow', async () => {
    const some = createReceivers({ slowMs: 100 });
    await some.of(base).enter();
    await some.of(base).enter();
    await expect(some.of(base).enter()).rejects.toMatchObject(leftAlone);
  });
});

describe('a server that fails', () => {
  it('is left alone after one deadline, twice as long after the next, and tried by one request then', async () => {
    const some = receivers();
    await warm(some);
    some.of(base).failed('deadline');
    expect(some.troubled()).toEqual([{ origin: 'https://partner.test', why: 'deadline' }]);
    expect(some.waitFor(base)).toBeGreaterThan(0);
    // What was begun goes on, one by one: nobody queues up for it.
    const goesOn = await some.of(base).enter();
    await expect(some.of(base).enter()).rejects.toMatchObject(leftAlone);
    goesOn();
    some.pass(5_001);
    expect(some.waitFor(base)).toBeUndefined();
    const leave = await some.of(base).enter();
    some.pass(3_001);
    expect(some.waitFor(base)).toBeGreaterThan(0);
    some.of(base).failed('deadline');
    leave();
    expect(some.waitFor(base)).toBeGreaterThan(9_000);
    some.pass(10_001);
    (await some.of(base).enter())();
    some.of(base).succeeded();
    expect(some.troubled()).toEqual([]);
  });

  it('counts requests that were out together as one failure', async () => {
    const some = receivers();
    for (let times = 0; times < 8; times += 1) some.of(base).failed('deadline');
    some.pass(5_001);
    expect(some.waitFor(base)).toBeUndefined();
  });

  it.each([
    ['unreachable', 5],
    ['unavailable', 20],
  ] as const)(
    'is left alone when it is %s %d times in a row, and not for one bad moment',
    (how, times) => {
      const some = receivers();
      for (let n = 1; n < times; n += 1) some.of(base).failed(how);
      expect(some.waitFor(base)).toBeUndefined();
      some.of(base).succeeded();
      for (let n = 1; n < times; n += 1) some.of(base).failed(how);
      expect(some.waitFor(base)).toBeUndefined();
      some.of(base).failed(how);
      expect(some.waitFor(base)).toBeGreaterThan(0);
    },
  );

  it('has its work come back at a pace, however much there is', () => {
    const some = receivers();
    some.of(base).failed('deadline');
    const waits = Array.from({ length: 2_000 }, () => some.waitFor(base) ?? 0);
    expect(waits[0]).toBeLessThan(6_000);
    expect(waits.at(-1)).toBeGreaterThan(20_000);
    expect(Math.max(...Array.from({ length: 100_000 }, () => some.waitFor(base) ?? 0))).toBe(
      300_000,
    );
  });

  it('is not asked at all while an operator has not let it go, at whatever base', async () => {
    const some = receivers();
    some.leaveAlone(new Set(['https://partner.test']));
    await expect(some.of('https://partner.test/another').enter()).rejects.toMatchObject(leftAlone);
    expect(some.troubled()).toEqual([{ origin: 'https://partner.test', why: 'left-alone' }]);
    some.leaveAlone(new Set());
    (await some.of(base).enter())();
  });
});
