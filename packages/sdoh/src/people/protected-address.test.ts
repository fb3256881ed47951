import { describe, expect, it } from 'vitest';
import { safeAtHome } from '../terminology/safe-at-home.ts';
import { isProtectedAddress, shownAddresses } from './protected-address.ts';

describe('an address of Safe at Home', () => {
  it.each<[object, boolean]>([
    [{ line: ['Lot 0123', 'PO Box 17370'], city: 'Saint Paul', postalCode: '55117' }, true],
    [{ line: ['P.O. Box 17370, Lot 0123'], city: 'St. Paul' }, true],
    [{ line: ['POST OFFICE BOX 17370'], city: 'ST PAUL' }, true],
    [{ lines: ['Lot 0123'], text: 'Lot 0123, P O Box 17370, Saint Paul MN 55117' }, true],
    [{ line: ['Lot 4521', 'PO Box17370'], city: 'Saint Paul' }, true],
    [{ line: ['POB 17370'], city: 'Saint Paul' }, true],
    [{ line: ['POB17370 Lot 4521'], city: 'St.Paul' }, true],
    [{ line: ['Lot 4521 Box 17370'], city: 'SaintPaul' }, true],
    [{ line: ['PO Bx 17370'], city: 'STPAUL' }, true],
    [{ line: ['P.O. Box #17370'], city: 'Saint  Paul' }, true],
    [{ line: ['p. o. box no. 17370'], city: 'St Paul' }, true],
    [{ line: ['Lot 4521', 'PO Box 17370'], state: 'MN', postalCode: '55117' }, true],
    [{ line: ['PO Box 17370'], city: ' ' }, true],
    [{ line: ['PO Box 173705'], city: 'Saint Paul' }, false],
    [{ line: ['17370 Box Street'], city: 'Saint Paul' }, false],
    [{ line: ['17370 Elm Street'] }, false],
    [{ line: ['PO Box 1737'], city: 'Saint Paul' }, false],
    [{ line: ['17370 Elm Street'], city: 'Saint Paul' }, false],
    [{ line: ['PO Box 17370'], city: 'Duluth' }, false],
    [{ line: [null, 5], city: 7 }, false],
    [{}, false],
  ])('%j: %s', (address, isOne) => {
    expect(isProtectedAddress(address, safeAtHome)).toBe(isOne);
  });

  it('is none where the site has no pattern', () => {
    expect(isProtectedAddress({ line: ['PO Box 17370'], city: 'Saint Paul' }, ' ')).toBe(false);
  });

  const [elm, lot] = [
    { lines: ['1 Elm Street'], city: 'Duluth', isOld: false },
    { lines: ['Lot 0123', 'PO Box 17370'], city: 'St Paul', isOld: false },
  ];
  it.each([
    ['every other address is hidden', [elm, { ...elm, isOld: true }, lot], [lot]],
    ['one that has ended hides nothing', [elm, { ...lot, isOld: true }], undefined],
    ['others are shown where there is none', [elm], undefined],
  ])('%s', (_name, addresses, shown) => {
    expect(shownAddresses(addresses, safeAtHome)).toEqual(shown ?? addresses);
  });
});
