import { expect, it } from 'vitest';
import { type DemandStep, demandState } from './legal-demand.ts';

it.each<[string, [DemandStep, string][], boolean, boolean]>([
  ['nobody', [], false, false],
  ['one person', [['release', 'person:mai']], false, false],
  [
    'the same person twice',
    [
      ['release', 'person:mai'],
      ['release', 'person:mai'],
    ],
    false,
    false,
  ],
  [
    'two people, of different steps',
    [
      ['release', 'person:mai'],
      ['end', 'person:lee'],
    ],
    false,
    false,
  ],
  [
    'two people to the release',
    [
      ['release', 'person:mai'],
      ['release', 'person:lee'],
    ],
    true,
    false,
  ],
  [
    'two people to the end',
    [
      ['end', 'person:mai'],
      ['end', 'person:lee'],
    ],
    false,
    true,
  ],
])('where %s agreed', (_who, yeses, isReleased, isOver) => {
  const given = yeses.map(([step, principal]) => ({ step, principal }));
  expect(demandState(given)).toEqual({ isReleased, isOver });
});
