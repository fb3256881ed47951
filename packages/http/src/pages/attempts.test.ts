import { expect, it } from 'vitest';
import { countFailures } from './attempts.ts';

it('counts within its time, for each key', () => {
  let now = 0;
  const failures = countFailures({ windowMs: 100, mostKeys: 10, now: () => now });
  expect([failures.add('a'), failures.add('a'), failures.add('b'), failures.of('c')]).toEqual([
    1, 2, 1, 0,
  ]);
  now = 100;
  expect([failures.of('a'), failures.add('a')]).toEqual([0, 1]);
});

it('keeps no more keys than it may, and forgets those that failed longest ago', () => {
  const failures = countFailures({ windowMs: 1_000, mostKeys: 3, now: () => 0 });
  for (let index = 0; index < 1_000; index += 1) failures.add(`key ${index}`);
  expect([failures.size(), failures.of('key 0'), failures.of('key 999')]).toEqual([3, 0, 1]);
});
