import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { ageStanding, patientStanding } from './patient-standing.ts';

const of = (more: object) => patientStanding({ resourceType: 'Patient', ...more } as fhir4.Patient);

describe('whether anything may go out for a Patient', () => {
  it.each<[string, object]>([
    ['says nothing of it', {}],
    ['is alive', { deceasedBoolean: false }],
    ['is in use', { active: true }],
    [
      'replaces another record',
      {
        link: [
          { type: 'replaces', other: {} },
          { type: 'seealso', other: {} },
        ],
      },
    ],
    ['has plain extensions', { extension: [{ url: 'x' }], modifierExtension: [] }],
  ])('yes, when it %s', (_name, more) => expect(of(more)).toBe('stands'));

  it.each<[string, object, string]>([
    ['says so', { deceasedBoolean: true }, 'died'],
    ['says when', { deceasedDateTime: '2026-11-02' }, 'died'],
    ['says when, coarsely', { deceasedDateTime: '2026' }, 'died'],
    ['says both', { deceasedBoolean: true, deceasedDateTime: '2026-11-02T10:00:00Z' }, 'died'],
    [
      'was merged into another',
      { link: [{ type: 'seealso' }, { type: 'replaced-by', other: { reference: 'Patient/2' } }] },
      'merged',
    ],
    ['is not used any more', { active: false }, 'inactive'],
    ['has died, whatever else is unclear', { deceasedBoolean: true, active: 'no' }, 'died'],
  ])('no, when it %s', (_name, more, standing) => expect(of(more)).toBe(standing));

  it.each<[string, object]>([
    ['a boolean as text', { deceasedBoolean: 'true' }],
    ['a boolean in a list', { deceasedBoolean: [true] }],
    ['a boolean as a number', { deceasedBoolean: 1 }],
    ['nothing in place of a boolean', { deceasedBoolean: null }],
    ['a masked boolean', { _deceasedBoolean: { extension: [] } }],
    ['a date that is none', { deceasedDateTime: 'last week' }],
    ['a date in a list', { deceasedDateTime: ['2026-11-02'] }],
    ['a masked date', { _deceasedDateTime: { extension: [] } }],
    ['both, against each other', { deceasedBoolean: false, deceasedDateTime: '2026-11-02' }],
    ['another form of it', { deceasedAge: { value: 80 } }],
    ['active as text', { active: 'false' }],
    ['active masked', { _active: { extension: [] } }],
    ['active null', { active: null }],
    ['links that are no list', { link: { type: 'replaced-by' } }],
    ['a link without type', { link: [{ other: {} }] }],
    ['a link type in other writing', { link: [{ type: 'Replaced-By' }] }],
    ['a modifier', { modifierExtension: [{ url: 'x' }] }],
    ['rules of its own', { implicitRules: 'https://x.example' }],
  ])('a person looks, when it has %s', (_name, more) => expect(of(more)).toBe('unclear'));

  it('a person looks, when there is none', () =>
    expect(patientStanding(undefined)).toBe('unclear'));
});

describe('whether somebody is of age', () => {
  const on = (birthDate: unknown, today = '2026-11-24') =>
    ageStanding({ resourceType: 'Patient', birthDate } as fhir4.Patient, today, 18);

  it.each<[unknown, string]>([
    ['1979-03-02', 'adult'],
    ['2008-11-24', 'adult'],
    ['2008-11-25', 'minor'],
    ['2007', 'adult'],
    ['2008', 'unknown'],
    ['2009', 'minor'],
    ['2008-10', 'adult'],
    ['2008-11', 'unknown'],
    ['2008-12', 'minor'],
    [undefined, 'unknown'],
    [null, 'unknown'],
    ['', 'unknown'],
    ['03/02/1979', 'unknown'],
    ['1979-02-30', 'unknown'],
    [1979, 'unknown'],
    [['1979-03-02'], 'unknown'],
    ['1979-03-02T00:00:00Z', 'unknown'],
    ['2027-01-01', 'unknown'],
    ['1850-01-01', 'unknown'],
  ])('%j is %s', (birthDate, age) => expect(on(birthDate)).toBe(age));

  it('is told of somebody born on February 29 from March 1 on', () => {
    expect([on('2008-02-29', '2026-02-28'), on('2008-02-29', '2026-03-01')]).toEqual([
      'minor',
      'adult',
    ]);
  });

  it('is unknown without a Patient', () =>
    expect(ageStanding(undefined, '2026-11-24', 18)).toBe('unknown'));
});
