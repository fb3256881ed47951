import { describe, expect, it } from 'vitest';
import { alertsByPlace, nextPlaces } from './rounds.ts';

describe('a round', () => {
  it.each([
    [0, 3, [0]],
    [1, 3, [0, 1]],
    [2, 3, [0, 1, 2]],
    [7, 3, [0, 1, 2]],
    [4, 1, [0]],
    [0, 0, []],
  ])('after %i others tells of %i people those at %j', (rounds, people, places) => {
    expect([...alertsByPlace([{ id: 'a', rounds }], people).keys()]).toEqual(places);
  });

  it('tells a person of all alerts at once', () => {
    const alerts = [
      { id: 'a', rounds: 0 },
      { id: 'b', rounds: 1 },
    ];
    expect([...alertsByPlace(alerts, 2)]).toEqual([
      [0, ['a', 'b']],
      [1, ['b']],
    ]);
  });

  it('goes on to the next name where nobody was reached, and ends behind the last', () => {
    const tried = new Map([
      ['a', 0],
      ['b', 1],
    ]);
    expect([...nextPlaces(['a', 'b'], tried, 2)]).toEqual([[1, ['a']]]);
  });
});
