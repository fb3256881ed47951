import { describe, expect, it } from 'vitest';
import { readGrants } from './directory.ts';

const pantry = 'https://pantry.example/fhir';
const shelter = 'https://shelter.example/fhir';
const partners = [
  { id: 'pantry', address: pantry },
  { id: 'shelter', address: shelter },
  { id: 'annex', address: pantry },
];

describe('whom a bearer belongs to', () => {
  it('are the partners at the Endpoint address that it was given for', () => {
    expect(
      readGrants(
        partners,
        new Map([
          [pantry, 'r-1'],
          [shelter, 'r-2'],
        ]),
      ),
    ).toEqual([
      {
        secret: 'r-1',
        principal: 'partner:annex+pantry',
        belongsTo: [
          { address: pantry, partner: 'pantry' },
          { address: pantry, partner: 'annex' },
        ],
      },
      {
        secret: 'r-2',
        principal: 'partner:shelter',
        belongsTo: [{ address: shelter, partner: 'shelter' }],
      },
    ]);
  });

  it('are the partners of all of its addresses when it was given for several', () => {
    const [grant, ...rest] = readGrants(
      partners,
      new Map([
        [pantry, 'r'],
        [shelter, 'r'],
      ]),
    );
    expect(rest).toEqual([]);
    expect(grant?.belongsTo.map((one) => one.partner)).toEqual(['pantry', 'shelter', 'annex']);
  });

  it('is nobody at an address that no partner has', () =>
    expect(readGrants(partners, new Map([['https://elsewhere.example', 'r']]))).toEqual([]));
});
