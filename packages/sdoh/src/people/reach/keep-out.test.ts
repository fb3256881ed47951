import { describe, expect, it } from 'vitest';
import { isKeptOut, isUnresolved, partnersNamed } from './keep-out.ts';

const hillside = { id: 'hillside', name: 'Hillside Food Shelf' };
const partners = [hillside, { id: 'luz', name: 'Casa de la Lúz' }, { id: 'co', name: 'Co' }];

describe('a place or person to keep out', () => {
  it.each([
    ['Hillside Food Shelf', ['hillside']],
    ['  hillside food-shelf ', ['hillside']],
    ['hillside', ['hillside']],
    ['casa de la luz', ['luz']],
    ['Hillside', []],
    ['my cousin at Hillside Food Shelf', []],
    ['my ex', []],
  ])('means the Organization only by its id or whole name: %s', (words, expected) => {
    const meant = words === 'Hillside' ? [{ id: 'p1', name: hillside.name }] : partners;
    expect(partnersNamed(words, meant)).toEqual(expected);
  });

  it.each<[words: string, chosen: string[] | undefined, isOut: boolean]>([
    ['my cousin works at Hillside Food Shelf', undefined, true],
    ['Hillside', undefined, true],
    ['Hillside', ['luz'], true],
    ['my ex', ['hillside'], true],
    ['my ex', [], false],
    ['my ex', undefined, false],
    ['Food', [], true],
    ['or', [], false],
  ])('keeps a partner out: %s, chosen %s: %s', (words, chosen, isOut) => {
    expect(isKeptOut(hillside, [{ id: 'k', words, partners: chosen }])).toBe(isOut);
  });

  it('does not find a short name within words', () => {
    expect(isKeptOut({ id: 'x', name: 'Co' }, [{ id: 'k', words: 'a co worker' }])).toBe(false);
  });

  it('stops everything until somebody has said whom it means', () => {
    expect(isUnresolved([{ id: 'k', words: 'my ex' }])).toBe(true);
    expect(isUnresolved([{ id: 'k', words: 'my ex', partners: [] }])).toBe(false);
    expect(isUnresolved([])).toBe(false);
  });
});
