import { expect, it } from 'vitest';
import { csvLine } from './csv.ts';

it.each<[string, string | number | null | undefined, string]>([
  ['nothing', null, ''],
  ['what is left out', undefined, ''],
  ['a number, also below zero', -3, '-3'],
  ['plain words', 'Hillside Food Shelf', 'Hillside Food Shelf'],
  ['a comma', 'food, shelter', '"food, shelter"'],
  ['a semicolon, which Excel may split at', 'food; shelter', '"food; shelter"'],
  ['quotes', 'the "Hill"', '"the ""Hill"""'],
  ['a line break', 'two\nlines', '"two\nlines"'],
  ['a formula', '=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
  ['a sum', '+1', `"'+1"`],
  ['a difference', '-1+1', `"'-1+1"`],
  ['a function', '@SUM(A1)', `"'@SUM(A1)"`],
  ['a command behind a tab', '\t=1', `"'\t=1"`],
  ['a command behind a blank', ' =1', `"' =1"`],
  ['a wide equals sign', '＝1', `"'＝1"`],
])('writes %s', (_what, cell, expected) => {
  expect(csvLine([cell, 'x'])).toBe(`${expected},x\r\n`);
});
