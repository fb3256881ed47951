import { describe, expect, it } from 'vitest';
import type { AgeStanding } from '../patient-standing.ts';
import {
  type AgreementParts,
  doesAgreementHold,
  findAgreementProblem,
  type MinorService,
  type MinorSituation,
  mayAgreeAlone,
  minorRules,
} from './minor-services.ts';

it.each<[string, MinorService, MinorSituation, boolean]>([
  ['MN', 'pregnancy', 'any', true],
  ['MN', 'sexual-health', 'any', true],
  ['MN', 'substance-use', 'any', true],
  ['MN', 'emergency', 'any', true],
  ['MN', 'hepatitis-b-vaccine', 'any', true],
  ['MN', 'health', 'any', false],
  ['MN', 'health', 'lives-apart', true],
  ['MN', 'health', 'married-or-parent', true],
  ['MN', 'hepatitis-b-vaccine', 'lives-apart', true],
  ['WI', 'pregnancy', 'any', false],
  ['constructor', 'pregnancy', 'any', false],
])('in %s a minor may agree to %s, situation %s: %s', (state, service, situation, may) => {
  expect(mayAgreeAlone(state, service, situation)).toBe(may);
});

it('names the statute of each rule', () => {
  for (const { statute } of minorRules('MN')) expect(statute).toMatch(/^144\.34/);
});

describe('who says yes', () => {
  it.each<[string, AgreementParts, AgeStanding, string | undefined]>([
    ['nobody named, for an adult', {}, 'adult', undefined],
    ['nobody named, for an unknown age', {}, 'unknown', undefined],
    ['nobody named, for a minor', {}, 'minor', 'agreedBy required'],
    ['a guardian, for a minor', { agreedBy: 'guardian' }, 'minor', undefined],
    ['a parent, for a minor', { agreedBy: 'parent' }, 'minor', undefined],
    ['a parent, for an adult', { agreedBy: 'parent' }, 'adult', 'agreedBy parent-of-adult'],
    ['a parent, for an unknown age', { agreedBy: 'parent' }, 'unknown', 'agreedBy age-unknown'],
    ['a guardian, for an adult', { agreedBy: 'guardian' }, 'adult', undefined],
    ['a minor alone', { agreedBy: 'self' }, 'minor', 'agreedBy minor-alone'],
    [
      'a minor alone, to what the law names',
      { agreedBy: 'self', minorService: 'substance-use' },
      'minor',
      undefined,
    ],
    [
      'a minor alone, to any health service',
      { agreedBy: 'self', minorService: 'health' },
      'minor',
      'agreedBy minor-alone',
    ],
    [
      'a minor alone who lives apart',
      { agreedBy: 'self', minorService: 'health', minorSituation: 'lives-apart' },
      'minor',
      undefined,
    ],
    [
      'an adult as a minor',
      { agreedBy: 'self', minorService: 'health' },
      'adult',
      'minorService adult',
    ],
    [
      'a parent to what the minor agrees to',
      { agreedBy: 'parent', minorService: 'pregnancy' },
      'minor',
      'minorService self-only',
    ],
  ])('%s', (_name, parts, age, expected) => {
    const problem = findAgreementProblem(parts, { age, state: 'MN' });
    expect(problem && `${problem.field} ${problem.rule}`).toBe(expected);
  });

  it('in a state without a table is never a minor alone', () => {
    const alone = { agreedBy: 'self', minorService: 'pregnancy' } as const;
    for (const state of [undefined, 'TX'])
      expect(findAgreementProblem(alone, { age: 'minor', state })?.rule).toBe('minor-alone');
  });

  it.each([
    [null, false, 'adult', true],
    [null, false, 'minor', false],
    ['guardian', false, 'minor', true],
    ['self', false, 'minor', false],
    ['self', true, 'minor', true],
  ] as const)(
    'as recorded by %s (alone: %s), for a person who is %s: %s',
    (by, alone, age, holds) => {
      expect(doesAgreementHold(by, alone, age)).toBe(holds);
    },
  );
});
