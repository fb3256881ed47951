import { describe, expect, it } from 'vitest';
import { addBusinessDays } from './business-days.ts';

const at = (day: number, hour = 15) => new Date(2026, 10, day, hour, 30);

describe('business days', () => {
  it.each([
    ['Monday afternoon to Wednesday afternoon', at(23), at(25)],
    ['Thursday over the weekend to Monday', at(26), at(30)],
    ['Friday over the weekend to Tuesday', at(27), new Date(2026, 11, 1, 15, 30)],
    ['Saturday counts from the start of Monday', at(28), new Date(2026, 11, 2)],
    ['Sunday counts from the start of Monday', at(29), new Date(2026, 11, 2)],
  ])('two of them lead from %s', (_title, from, to) => {
    expect(addBusinessDays(from, 2)).toEqual(to);
  });

  it('ten of them are two weeks, and none changes nothing on a working day', () => {
    expect(addBusinessDays(at(10), 10)).toEqual(at(24));
    expect(addBusinessDays(at(10), 0)).toEqual(at(10));
  });
});
