import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { encounterOf } from './match-encounter.ts';

const base = 'https://ehr.example.org/fhir';
const at = '2026-05-04T10:00:00-05:00';

function encounter(
  id: string,
  start?: unknown,
  end?: unknown,
  status = 'finished',
): fhir4.Encounter {
  const period =
    start === undefined && end === undefined
      ? {}
      : { period: { ...(start ? { start } : {}), ...(end ? { end } : {}) } };
  return {
    resourceType: 'Encounter',
    id,
    status,
    class: {},
    ...period,
  } as unknown as fhir4.Encounter;
}

const visit = encounter('visit', '2026-05-04T09:30:00-05:00', '2026-05-04T10:30:00-05:00');
const next = encounter('next', '2026-05-08T09:00:00-05:00', '2026-05-08T10:00:00-05:00');
const of = (
  encounters: fhir4.Encounter[],
  authored = at,
  references: (string | undefined)[] = [],
) => encounterOf(references, authored, encounters, base);

describe('the Encounter of a screening', () => {
  it.each<[string, (string | undefined)[], string | undefined]>([
    ['relative', ['Encounter/e9'], 'e9'],
    ['absolute', [`${base}/Encounter/e9`], 'e9'],
    ['with a version', ['Encounter/e9/_history/2'], 'e9'],
    ['twice the same', ['Encounter/e9', `${base}/Encounter/e9`, undefined], 'e9'],
    ['two different ones: no guess', ['Encounter/e9', 'Encounter/e8'], undefined],
    [
      'of another server: its period counts',
      ['https://elsewhere.example.org/fhir/Encounter/e9'],
      'visit',
    ],
    ['inside itself: its period counts', ['#e'], 'visit'],
    ['none: its period counts', [undefined], 'visit'],
  ])('by reference: %s', (_title, references, expected) => {
    expect(of([visit, next], at, references)).toBe(expected);
  });

  it.each<[string, fhir4.Encounter[], string, string | undefined]>([
    ['contains it', [visit, next], at, 'visit'],
    ['contains it by another offset', [visit], '2026-05-04T15:00:00Z', 'visit'],
    ['begins at that instant', [encounter('e', at, '2026-05-04T11:00:00-05:00')], at, 'e'],
    ['ends at that instant', [encounter('e', '2026-05-04T09:00:00-05:00', at)], at, 'e'],
    [
      'two that contain it: no guess, though one starts after',
      [visit, encounter('stay', '2026-05-01', '2026-05-06'), next],
      at,
      undefined,
    ],
    ['the same one listed twice is one', [visit, { ...visit }], at, 'visit'],
    [
      'written as days, by its own day and not by UTC',
      [encounter('e', '2026-05-04', '2026-05-04')],
      '2026-05-04T22:00:00-05:00',
      'e',
    ],
    ['a form of a day belongs to the visit of that day', [visit], '2026-05-04', 'visit'],
    [
      'a form of a day with two visits: no guess',
      [visit, encounter('late', '2026-05-04T15:00:00-05:00', '2026-05-04T16:00:00-05:00')],
      '2026-05-04',
      undefined,
    ],
    [
      'in progress without an end contains it',
      [encounter('e', '2026-04-01', undefined, 'in-progress')],
      at,
      'e',
    ],
    [
      'finished without an end contains its day',
      [encounter('e', '2026-05-04T08:00:00-05:00')],
      at,
      'e',
    ],
    [
      'finished without an end contains no other day',
      [encounter('e', '2026-05-01T08:00:00-05:00')],
      at,
      undefined,
    ],
    ['cancelled is nobody’s', [{ ...visit, status: 'cancelled' }], at, undefined],
    [
      'entered in error is nobody’s',
      [{ ...visit, status: 'entered-in-error' as never }],
      at,
      undefined,
    ],
    ['without a period is nobody’s', [encounter('e')], at, undefined],
    ['with only an end is nobody’s', [encounter('e', undefined, '2026-06-01')], at, undefined],
    ['with a date that is none is nobody’s', [encounter('e', 'May', 'June')], at, undefined],
  ])('by its period: %s', (_title, encounters, authored, expected) => {
    expect(of(encounters, authored)).toBe(expected);
    expect(of([...encounters].reverse(), authored)).toBe(expected);
  });

  it.each<[string, fhir4.Encounter[], string, string | undefined]>([
    ['starts within 7 days after', [next], at, 'next'],
    ['starts 7 days after to the second', [encounter('e', '2026-05-11T10:00:00-05:00')], at, 'e'],
    ['starts a second later', [encounter('e', '2026-05-11T10:00:01-05:00')], at, undefined],
    [
      'on the seventh day after a form of a day',
      [encounter('e', '2026-05-11T17:00:00Z')],
      '2026-05-04',
      'e',
    ],
    ['on the eighth', [encounter('e', '2026-05-12T00:00:00Z')], '2026-05-04', undefined],
    ['two that do: no guess', [next, encounter('other', '2026-05-06')], at, undefined],
    [
      'one that ended before is none',
      [encounter('e', '2026-05-03T09:00:00Z', '2026-05-03T10:00:00Z')],
      at,
      undefined,
    ],
    ['planned counts', [{ ...next, status: 'planned' }], at, 'next'],
  ])('by the next visit: %s', (_title, encounters, authored, expected) => {
    expect(of(encounters, authored)).toBe(expected);
  });

  it('is none for a screening without a date, and garbage does not hurt', () => {
    expect(of([visit], '')).toBeUndefined();
    expect(
      of([null, 7, { period: 'x' }, { id: 'e', period: { start: 7 } }] as never, at),
    ).toBeUndefined();
  });
});
