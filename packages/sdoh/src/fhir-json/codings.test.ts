import { systems } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import table from '../terminology/service-codes.json' with { type: 'json' };
import {
  generalServiceCodes,
  serviceCodesOf,
  serviceToSuggest,
} from '../terminology/service-codes.ts';
import { concept, snomedVersion } from './codings.ts';

const version = 'http://snomed.info/sct/731000124108';

describe('the version of a SNOMED CT code', () => {
  it.each([
    '467771000124109',
    '551691000124106',
    '671361000124103',
    '11000124109',
    '123456781000124101',
  ])('is the US edition for %s, of its extension', (code) => {
    expect(snomedVersion(code)).toEqual({ version });
    expect(concept(systems.snomed, code, 'x')).toEqual({
      coding: [{ system: systems.snomed, version, code, display: 'x' }],
    });
  });

  it.each([
    '733423003',
    '1197640002',
    '1000124',
    '1000124103',
    '467771000087109',
    '01000124109',
    'Z59.41',
    '',
  ])('is not said for %s', (code) => {
    expect(snomedVersion(code)).toEqual({});
  });

  it('is nothing of another code system', () => {
    expect(concept(systems.loinc, '467771000124109').coding?.[0]).not.toHaveProperty('version');
  });
});

describe('a service that is ordered before anybody has chosen one', () => {
  it('is of a row that a source verifies, whatever the category', () => {
    const rows = Object.entries<{ code: string; unverified?: boolean }[]>(table.byCategory);
    for (const [category, some] of rows)
      expect([category, serviceToSuggest(category)?.code]).toEqual([
        category,
        some.find((one) => !one.unverified)?.code,
      ]);
    expect(serviceToSuggest('inadequate-housing')).toBeUndefined();
    expect(serviceToSuggest('utility-insecurity')).toBeUndefined();
  });

  it('leaves the others to a reviewer', () => {
    expect(serviceCodesOf('inadequate-housing').map((one) => one.display)).toEqual([
      'Housing assessment',
    ]);
    expect(generalServiceCodes().length).toBeGreaterThan(0);
  });
});
