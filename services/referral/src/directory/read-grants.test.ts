import { describe, expect, it } from 'vitest';
import { readGrants } from './directory.ts';

const pantry = 'https://pantry.example/fhir';
const shelter = 'https://shelter.example/fhir';
const partners = [
  { id: 'pantry', address: pantry },
  { id: 'shelter', address: shelter },
  { id: 'annex', address: pantry },
];

describe('what a bearer of a partner opens', () => {
  it('is the Endpoint address that it was given for, whichever Organizations share that', () => {
    expect(
      readGrants(
        partners,
        new Map([
          [pantry, 'r-1'],
          [shelter, 'r-2'],
        ]),
      ),
    ).toEqual([
      { secret: 'r-1', addresses: [pantry], principal: 'partner:annex+pantry' },
      { secret: 'r-2', addresses: [shelter], principal: 'partner:shelter' },
    ]);
  });

  it('is all of its addresses when one bearer was given for several', () => {
    const [grant, ...rest] = readGrants(
      partners,
      new Map([
        [pantry, 'r'],
        [shelter, 'r'],
      ]),
    );
    expect(rest).toEqual([]);
    expect(grant?.addresses).toEqual([pantry, shelter]);
  });

  it('is nothing at an address that no partner has', () =>
    expect(readGrants(partners, new Map([['https://elsewhere.example', 'r']]))).toEqual([]));
});
