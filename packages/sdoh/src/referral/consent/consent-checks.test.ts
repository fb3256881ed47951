import { describe, expect, it } from 'vitest';
import { type ConsentParts, consentProblems } from './consent-checks.ts';

const whole: ConsentParts = {
  signer: 'Kia',
  authority: 'self',
  method: 'paper',
  document: 'binder at the front desk',
  kind: 'food-insecurity',
  except: ['hillside'],
  elements: ['name', 'contact'],
};
const check = {
  partners: [
    { id: 'pantry', categories: ['food-insecurity'] },
    { id: 'hillside', categories: ['food-insecurity'] },
    { id: 'shelter', categories: ['homelessness'] },
  ],
  subjects: [{ category: 'food-insecurity', age: 'adult' as const }],
  isSpokenEnough: false,
};
const problems = (more: ConsentParts, around: object = {}) =>
  consentProblems({ ...whole, ...more }, { ...check, ...around }).map(
    ({ field, rule }) => `${field} ${rule}`,
  );
const named = { kind: undefined, places: ['pantry'] };
const people = (...ages: ('adult' | 'minor' | 'unknown')[]) => ({
  subjects: ages.map((age) => ({ category: 'food-insecurity', age })),
});

const needs = (...categories: string[]) => ({
  subjects: categories.map((category) => ({ category, age: 'adult' })),
});

describe('a consent that is recorded', () => {
  it.each<[string, ConsentParts, object, string[]]>([
    ['is whole', {}, {}, []],
    ['names places', named, {}, []],
    ['has no signer', { signer: undefined }, {}, ['signer required']],
    [
      'has an authority alone',
      {
        ...{ signer: undefined, method: undefined, document: undefined, kind: undefined },
        ...{ except: undefined, elements: undefined },
      },
      {},
      [
        'signer required',
        'method required',
        'elements required',
        'document required',
        'places required',
      ],
    ],
    ['names an unknown place', { ...named, places: ['nowhere'] }, {}, ['places unknown-place']],
    [
      'names a place that does not help with the need',
      { ...named, places: ['pantry', 'shelter'] },
      {},
      ['places other-need'],
    ],
    [
      'names a place for each of two needs',
      { ...named, places: ['pantry', 'shelter'] },
      needs('food-insecurity', 'homelessness'),
      [],
    ],
    [
      'names no place for one of two needs',
      named,
      needs('food-insecurity', 'homelessness'),
      ['places other-need'],
    ],
    ['excludes an unknown place', { except: ['nowhere'] }, {}, ['except unknown-place']],
    ['names places and a kind', { places: ['pantry'] }, {}, ['kind places-or-kind']],
    ['names a kind that nobody has', { kind: 'utility-insecurity' }, {}, ['kind no-such-place']],
    ['names a kind for another need', { kind: 'homelessness' }, {}, ['kind other-need']],
    [
      'excludes every place that it names',
      { ...named, except: ['pantry'] },
      {},
      ['except nobody-left'],
    ],
    ['is a parent’s for an adult', { authority: 'parent' }, {}, ['authority parent-of-adult']],
    [
      'is a parent’s for an adult among others',
      { authority: 'parent' },
      people('minor', 'adult'),
      ['authority parent-of-adult'],
    ],
    [
      'is a parent’s for somebody without a birth date',
      { authority: 'parent' },
      people('unknown'),
      ['authority age-unknown'],
    ],
    ['is a parent’s for a child', { authority: 'parent' }, people('minor'), []],
    ['is a guardian’s for an adult', { authority: 'guardian' }, {}, []],
    ['lets out no name', { elements: ['contact'] }, {}, ['elements name']],
    [
      'has a household size that nobody may read',
      { householdSize: 4 },
      {},
      ['householdSize not-shared'],
    ],
    ['was spoken', { method: 'spoken' }, {}, ['method no-policy']],
    [
      'was spoken under a policy of the site',
      { method: 'spoken', document: undefined },
      { isSpokenEnough: true },
      [],
    ],
    [
      'was spoken about substance use records',
      { ...named, method: 'spoken', partTwo: true },
      { isSpokenEnough: true },
      ['method part-2-in-writing'],
    ],
    [
      'is about substance use records and names no partner',
      { partTwo: true },
      {},
      ['places part-2-names-partner'],
    ],
  ])('%s', (_what, more, around, expected) => {
    expect(problems(more, around)).toEqual(expected);
  });

  it('may have words alone', () => {
    expect(consentProblems({}, check)).toEqual([]);
  });
});
