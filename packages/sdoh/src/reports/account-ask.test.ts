import { describe, expect, it } from 'vitest';
import { type AccountTexts, partnerProblem, readAccountAsk } from './account-ask.ts';

const id = '0b6c1f5e-5f2c-4b3e-9a53-0b4ad0c36b1d';

describe('what an account is asked for', () => {
  it.each<[string, AccountTexts, object]>([
    ['may be nothing', {}, {}],
    ['may be empty fields', { person: '', partner: ' ', by: '', from: '', to: '' }, {}],
    ['may be a person', { person: ` ${id.toUpperCase()}` }, { person: id }],
    [
      'may be a partner by name',
      { partner: 'Hillside Food Shelf ' },
      { partner: 'Hillside Food Shelf' },
    ],
    ['may be a name of a person here', { by: 'mai' }, { by: 'person:mai' }],
    ['may be any principal', { by: 'policy:unambiguous' }, { by: 'policy:unambiguous' }],
    ['may be a time', { from: '2026-11-23T00:00:00Z' }, { from: new Date('2026-11-23T00:00:00Z') }],
  ])('%s', (_what, texts, ask) => {
    expect(readAccountAsk(texts, 'America/Chicago')).toEqual({ ask });
  });

  it.each<[string, AccountTexts, string[]]>([
    ['the person is a name', { person: 'Ada' }, ['person']],
    ['the partner has two lines', { partner: 'a\nb' }, ['partner']],
    ['a name is too long', { by: 'x'.repeat(201) }, ['by']],
    ['several fields are wrong', { person: '7', from: '11/23/2026' }, ['from', 'person']],
  ])('is refused where %s', (_what, texts, fields) => {
    const read = readAccountAsk(texts, 'America/Chicago');
    expect('problems' in read && read.problems.map(({ field }) => field)).toEqual(fields);
  });
});

it.each([
  [0, 'is not known here'],
  [1, undefined],
  [2, 'is the name of several partners; give the id'],
])('says of %i partners of a name: %s', (count, rule) => {
  expect(partnerProblem(Array.from({ length: count }))?.rule).toBe(rule);
});
