import { describe, expect, it } from 'vitest';
import {
  findKindProblems,
  gravestDanger,
  indexDangers,
  isSafetyCategory,
  readDangerKind,
} from './danger-kinds.ts';

type Table = Parameters<typeof findKindProblems>[0][number];
type Question = Table['questions'][number];
type Answer = NonNullable<Question['answers']>[number];

function tableOf(question: Partial<Question>, answer: Partial<Answer> = {}): Table {
  const answers = [{ code: 'yes', positive: true, ...answer }];
  return { id: 'form', questions: [{ code: 'q', answers, ...question }] };
}

describe('rows that tell of a danger', () => {
  it.each<[string, Table, string[]]>([
    ['a plain row needs no kind', tableOf({}), []],
    [
      'an answer without a kind is reported',
      tableOf({}, { danger: 'power is off' }),
      ['form/q/yes: a danger without a kind'],
    ],
    [
      'a question without a kind is reported',
      tableOf({ danger: 'not safe' }),
      ['form/q: a danger without a kind'],
    ],
    [
      'a safety question without a kind is reported, also where it names no danger',
      tableOf({ safety: true }),
      ['form/q: a danger without a kind'],
    ],
    [
      'a kind that is not known is reported',
      tableOf({}, { danger: 'power is off', dangerKind: 'callToday' }),
      ['form/q/yes: the kind of danger is not known'],
    ],
    [
      'a kind without a danger is reported',
      tableOf({}, { dangerKind: 'call-today' }),
      ['form/q/yes: a kind without a danger'],
    ],
    [
      'a safety question is never one to call about',
      tableOf({ safety: true, dangerKind: 'call-today' }),
      ['form/q: an answer about safety is never a reason to call'],
    ],
    [
      'a safety question whose answer is one to call about is reported',
      tableOf({ safety: true, dangerKind: 'see-first' }, { danger: 'x', dangerKind: 'call-today' }),
      ['form/q: an answer about safety is never a reason to call'],
    ],
    [
      'a row with its kind is fine',
      tableOf({}, { danger: 'power is off', dangerKind: 'call-today' }),
      [],
    ],
  ])('%s', (_, table, problems) => {
    expect(findKindProblems([table])).toEqual(problems);
  });
});

describe('the danger of answers', () => {
  const power = tableOf({}, { danger: 'power is off', dangerKind: 'call-today' });
  const unsafe = {
    ...tableOf({ safety: true, danger: 'not safe', dangerKind: 'see-first' }),
    id: 'safe',
  };
  const dangers = indexDangers([power, unsafe]);
  it.each<[string, string[], { kind: string; words: string } | undefined]>([
    ['none', ['form/q/no'], undefined],
    ['a date', ['form/q/yes'], { kind: 'call-today', words: 'power is off' }],
    ['both: safety first', ['form/q/yes', 'safe/q/yes'], { kind: 'see-first', words: 'not safe' }],
  ])('%s', (_, rules, danger) => {
    expect(gravestDanger(dangers, rules)).toEqual(danger);
  });

  it('counts as one to see first where its kind is not known, so nobody calls', () => {
    expect([null, undefined, '', 'callToday', 'call-today'].map(readDangerKind)).toEqual([
      'see-first',
      'see-first',
      'see-first',
      'see-first',
      'call-today',
    ]);
  });

  it('knows the categories whose names give an answer away', () => {
    expect(isSafetyCategory('intimate-partner-violence')).toBe(true);
    expect(isSafetyCategory('elder-abuse')).toBe(true);
    expect(isSafetyCategory('food-insecurity')).toBe(false);
  });
});
