import { describe, expect, it } from 'vitest';
import { personSearch, type SearchKind, searchTerms } from './search-terms.ts';

const termsOf = (kind: SearchKind, patient: object): string[] =>
  searchTerms({ resourceType: 'Patient', ...patient })
    .filter((one) => one.kind === kind)
    .map(({ term }) => term);

describe('terms by which a Patient is found', () => {
  it.each([
    ['a name without a family name', [{ text: 'Hodan' }], ['hodan']],
    ['accents', [{ family: 'Núñez', given: ['José'] }], ['jose', 'nunez']],
    ['letters that do not come apart', [{ family: 'Sørensen' }], ['sorensen']],
    ['a joined name, whole and by its parts', [{ family: "O'Brien" }], ['obrien', 'o', 'brien']],
    ['a double name', [{ text: 'Nur-Ali' }], ['nurali', 'nur', 'ali']],
    [
      'a former name',
      [{ text: 'Kia Moua' }, { use: 'maiden', text: 'Kia Vang' }],
      ['kia', 'moua', 'vang'],
    ],
    ['no name', [], []],
  ])('are the parts of each name: %s', (_title, name, terms) => {
    expect(termsOf('name', { name })).toEqual(terms);
  });

  it.each([
    ['(612) 555-0123', ['6125550123', '5550123']],
    ['+1 612 555 0123', ['6125550123', '5550123']],
    ['612-555-0123 x45', ['6125550123', '5550123']],
    ['612 555 0123 or 651 555 0124', ['6125550123', '5550123', '6515550124', '5550124']],
    ['555-0123', ['5550123']],
    ['call sister 6125550123', ['6125550123', '5550123']],
    ['612.555.0123 (no voicemail!!)', ['6125550123', '5550123']],
    ['0000000000', []],
    ['none', []],
  ])('are the digits of a phone number: %s', (value, terms) => {
    expect(termsOf('phone', { telecom: [{ system: 'phone', value }] })).toEqual(terms);
  });

  it('are no number that is no longer theirs, and none of another person', () => {
    const telecom = [{ system: 'phone', use: 'old', value: '612-555-0123' }];
    const contact = [{ telecom: [{ system: 'phone', value: '612-555-0199' }] }];
    expect(termsOf('phone', { telecom, contact })).toEqual([]);
  });

  it('are identifiers without their signs, and the birth date', () => {
    const patient = { identifier: [{ value: 'MRN-10442' }, 'odd', {}], birthDate: '1985-09-21' };
    expect(termsOf('mrn', patient)).toEqual(['mrn10442']);
    expect(termsOf('birth', patient)).toEqual(['1985-09-21']);
  });
});

describe('a search as it is typed', () => {
  const shown = (typed: string) =>
    personSearch(typed)?.map((word) =>
      word.map(({ kind, term, isStart }) => `${kind}:${term}${isStart ? '*' : ''}`),
    );

  it.each([
    ['Kia', [['name:kia*']]],
    ['  moua,  KIA ', [['name:moua*'], ['name:kia*']]],
    ['José', [['name:jose*']]],
    ["o'br", [['name:obr*']]],
    ['9/21/1985', [['birth:1985-09-21']]],
    ['1985-09-21', [['birth:1985-09-21']]],
    ['Sep 21, 1985', [['birth:1985-09-21']]],
    ['Kia 09/21/1985', [['birth:1985-09-21'], ['name:kia*']]],
    ['MRN-10442', [['name:mrn10442*', 'mrn:mrn10442']]],
    ['10442', [['name:10442*', 'mrn:10442']]],
    ['(612) 555-0142', [['phone:6125550142', 'mrn:6125550142']]],
    ['+1 612.555.0142', [['phone:6125550142', 'mrn:16125550142']]],
    ['555-0142', [['phone:5550142', 'mrn:5550142']]],
    ['612-555-0142 x45', [['phone:6125550142', 'mrn:6125550142x45']]],
  ])('reads %s', (typed, words) => {
    expect(shown(typed)).toEqual(words);
  });

  it.each(['', ' ', 'k', '!!', '%', 'a b'])('is too short to look for: “%s”', (typed) => {
    expect(personSearch(typed)).toBeUndefined();
  });

  it('is cut, however long it is', () => {
    expect(personSearch('kia '.repeat(100_000))?.length).toBeLessThanOrEqual(6);
  });
});
