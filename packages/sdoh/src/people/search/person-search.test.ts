import { describe, expect, it } from 'vitest';
import { personSearch } from './person-search.ts';

const today = '2026-11-24';
const shown = (typed: string) =>
  personSearch(typed, today).words?.map((word) =>
    word.map(({ kind, term, isStart }) => `${kind}:${term}${isStart ? '*' : ''}`).join(' '),
  );
const name = (term: string) => `name:${term}* inside:${term}*`;

describe('a search as it is typed', () => {
  it.each([
    ['Kia', [name('kia')]],
    ['  moua,  KIA ', [name('moua'), name('kia')]],
    ['José', [name('jose')]],
    ['Cabdiraxmaan Xuseen', [name('cabdiraxmaan'), name('xuseen')]],
    ['Nkauj Hnub', [name('nkauj'), name('hnub')]],
    ['Đặng', [name('dang')]],
    ["o'br", [name('obr')]],
    ['Nur‑Ali', [name('nurali')]],
    ['李', [name('李')]],
    ['MRN-10442', [`${name('mrn10442')} mrn:mrn10442`]],
    ['A10442', [`${name('a10442')} mrn:a10442`]],
    ['442', [`${name('442')} mrn:442`]],
  ])('reads names and identifiers: %s', (typed, words) => {
    expect(shown(typed)).toEqual(words);
  });

  it.each([
    '9/21/1985',
    '09-21-1985',
    '9.21.1985',
    '09 21 1985',
    '21/9/1985',
    '9/21/85',
    '1985-09-21',
    '1985/9/21',
    'Sep 21, 1985',
    'Sept. 21 1985',
    'september 21st, 1985',
    '21 Sep 1985',
    '21-Sep-1985',
    'Sep-21-1985',
    'Sep.21,1985',
    '21SEP1985',
    "Sep 21 '85",
    '21 Sep 85',
    '21st of September, 1985',
    '9–21–1985',
  ])('reads a birth date: %s', (typed) => {
    expect(shown(typed)).toEqual(['birth:1985-09-21']);
  });

  it('reads a birth date beside a name, and a short year of either century', () => {
    expect(shown('Kia 09/21/1985')).toEqual(['birth:1985-09-21', name('kia')]);
    expect(shown('3/1/25')).toEqual(['birth:1925-03-01 birth:2025-03-01']);
    expect(shown('3/1/30')).toEqual(['birth:1930-03-01']);
    expect(shown('9/10/92')).toEqual(['birth:1992-09-10']);
    expect(shown('Jul 16, 1950')).toEqual(['birth:1950-07-16']);
    expect(shown('July 16 1950 Kia')).toEqual(['birth:1950-07-16', name('kia')]);
    expect(shown('09211985')?.[0]).toContain('birth:1985-09-21');
    expect(shown('19850921')?.[0]).toContain('birth:1985-09-21');
  });

  it.each([
    ['(612) 555-0142', 'phone:6125550142 mrn:6125550142'],
    ['+1 612.555.0142', 'phone:6125550142 mrn:16125550142'],
    ['1-612-555-0142', 'phone:6125550142 mrn:16125550142'],
    ['612 555 0142', 'phone:6125550142 mrn:6125550142'],
    ['6125550142', 'phone:6125550142 mrn:6125550142'],
    ['tel: 612–555–0142', 'phone:6125550142 mrn:6125550142'],
    ['555-0142', 'phone:5550142 mrn:5550142'],
    ['612-555-0142 x45', 'phone:6125550142 mrn:6125550142x45'],
    ['612-555-0142 ext. 45', 'phone:6125550142 mrn:6125550142ext45'],
    ['+44 20 7946 0958', 'phone:442079460958 mrn:442079460958 phone:442079460958'],
  ])('reads a phone number in any writing: %s', (typed, words) => {
    expect(shown(typed)).toEqual([words]);
  });

  it('reads a phone number beside a name, and two numbers as either of them', () => {
    expect(shown('Kia 612-555-0142')).toEqual(['phone:6125550142 mrn:6125550142', name('kia')]);
    expect(shown('612-555-0142 or 651-555-0100')).toEqual([
      'phone:6125550142 mrn:6125550142 phone:6515550100 mrn:6515550100',
    ]);
  });

  it.each([
    ['', 'tooShort'],
    [' ', 'tooShort'],
    ['k', 'tooShort'],
    ['!!', 'tooShort'],
    ['%', 'tooShort'],
    ['a b', 'tooShort'],
    ['9/21/2031', 'futureDate'],
    ['Kia 2026-11-25', 'futureDate'],
    ['Dec 24, 2026', 'futureDate'],
    ['2/30/1985', 'noSuchDate'],
    ['13/13/1985', 'noSuchDate'],
    ['1985-00-10', 'noSuchDate'],
    ['+1', 'noPhone'],
    ['(612)', 'noPhone'],
    ['+612', 'noPhone'],
    ['612-555-O142', 'letterInPhone'],
    ['(612) 555-01a2', 'letterInPhone'],
    ['+1 612-555-HELP', 'letterInPhone'],
  ])('names the rule that is broken: “%s”', (typed, problem) => {
    expect(personSearch(typed, today)).toEqual({ problem });
  });

  it.each([
    ['0152', 'mrn:0152 phone:…0152 phone:0152* name:0152*'],
    ['10442', 'mrn:10442 phone:…10442 phone:0442* name:10442*'],
    ['10-442-7', 'mrn:104427 phone:…104427 phone:04427* name:104427*'],
    ['(612) 555', 'mrn:612555 phone:…612555 phone:612555* name:612555*'],
    ['+1-555-0152', 'phone:15550152 mrn:15550152 phone:…15550152'],
    ['612-555-01', 'phone:61255501 mrn:61255501 phone:…61255501'],
    ['612-555-01425', 'phone:61255501425 mrn:61255501425 phone:…61255501425'],
    ['000-000-0000', 'phone:0000000000 mrn:0000000000'],
  ])('looks for four digits or more as they are: %s', (typed, words) => {
    const [word = []] = personSearch(typed, today).words ?? [];
    const written = word.map(
      ({ kind, term, isStart, isEnd }) => `${kind}:${isEnd ? '…' : ''}${term}${isStart ? '*' : ''}`,
    );
    expect(written.join(' ')).toBe(words);
  });

  it.each([
    ['1985', true],
    ['Sep 1985', true],
    ['5550', undefined],
    ['Kia', undefined],
  ])('knows a year alone, which may be a part of a number: %s', (typed, isYearAlone) => {
    expect(personSearch(typed, today).words).toBeDefined();
    expect(personSearch(typed, today)).toHaveProperty(
      ...((isYearAlone ? ['isYearAlone', true] : ['words']) as ['isYearAlone', true]),
    );
  });

  it('is cut, however long it is', () => {
    const long = personSearch('kia '.repeat(100_000), today);
    expect(long.words?.length).toBeLessThanOrEqual(6);
    const began = performance.now();
    for (const text of ['1'.repeat(100_000), '(1'.repeat(50_000), '1-'.repeat(50_000)])
      personSearch(text, today);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
