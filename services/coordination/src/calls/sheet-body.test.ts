import { describe, expect, it } from 'vitest';
import { readSheet } from './sheet-body.ts';

const [ada, bo] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
const who = { saidBy: 'Sue', at: '2026-11-30T15:48' };
const read = (form: object) => readSheet(form, 'America/Chicago');

describe('a filled sheet', () => {
  it('has a line for everybody who came, and for words alone', () => {
    expect(
      read({ ...who, came: ada, [`said-${ada}`]: ' two bags ', [`said-${bo}`]: 'moved' }),
    ).toEqual({
      saidBy: 'Sue',
      at: '2026-11-30T15:48:00-06:00',
      lines: [
        { referral: ada, came: true, words: 'two bags' },
        { referral: bo, came: false, words: 'moved' },
      ],
    });
  });

  it('takes one box or several', () => {
    expect(read({ ...who, came: [ada, bo] }).lines.map(({ came }) => came)).toEqual([true, true]);
  });

  it.each([
    ['nothing is written', { ...who, [`said-${ada}`]: '  ' }, 'nothing'],
    ['nobody said so', { ...who, saidBy: ' ', came: ada }, 'required'],
    ['no time is given', { saidBy: 'Sue', at: 'yesterday', came: ada }, 'required'],
    ['it is no form', undefined as unknown as object, 'nothing'],
    ['a box is of nobody', { ...who, came: '<script>' }, 'nothing'],
  ])('is asked about again where %s', (_what, form, problem) => {
    expect(read(form).problem).toBe(problem);
  });
});
