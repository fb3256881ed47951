/** A seeded source of random numbers. The same seed gives the same people. */
export type Random = {
  next: () => number;
  pick: <T>(choices: readonly T[]) => T;
  chance: (probability: number) => boolean;
};

/**
 * Creates a source of random numbers (mulberry32), which is small and good enough to make up
 * people.
 */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    pick: (some) => some[Math.floor(next() * some.length)] as (typeof some)[number],
    chance: (probability) => next() < probability,
  };
}
