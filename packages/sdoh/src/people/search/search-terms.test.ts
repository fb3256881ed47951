import { describe, expect, it } from 'vitest';
import { type SearchKind, searchTerms } from './search-terms.ts';

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

  it.each([
    ['a name', [{ text: 'Warmack' }], ['armack', 'rmack', 'mack', 'ack', 'ck']],
    ['a short name', [{ text: 'Xô' }], []],
    ['accents', [{ text: 'Núñez' }], ['unez', 'nez', 'ez']],
    ['letters of several code units', [{ text: '𐐀𐐁𐐂' }], ['𐐩𐐪']],
  ])('are what is left of a name without its first letters: %s', (_title, name, terms) => {
    expect(termsOf('inside', { name })).toEqual(terms);
  });

  it('are no more than a few hundred, however long the names are', () => {
    const name = Array.from({ length: 90 }, (_, n) => ({ text: `${'abcdefgh'.repeat(9)}${n}` }));
    const terms = searchTerms({ resourceType: 'Patient', name });
    expect(terms.length).toBeLessThanOrEqual(260);
    expect(Math.max(...terms.map(({ term }) => term.length))).toBeLessThanOrEqual(60);
  });

  it('are identifiers without their signs, and the birth date', () => {
    const patient = { identifier: [{ value: 'MRN-10442' }, 'odd', {}], birthDate: '1985-09-21' };
    expect(termsOf('mrn', patient)).toEqual(['mrn10442']);
    expect(termsOf('birth', patient)).toEqual(['1985-09-21']);
  });
});
