import { describe, expect, it } from 'vitest';
import type { PatientStanding } from '../patient-standing.ts';
import { personProfile } from '../person-profile.ts';
import { contactStanding, nextAsk, reachableText } from './next-ask.ts';

const answeredAt = new Date('2026-08-01T12:00:00Z');
const recorded = { answeredAt, recordKey: 'then' };
const at = (day: string, recordKey = 'then') => ({ now: new Date(day), recordKey });

describe('the next time to ask how to reach a person', () => {
  it.each([
    ['never asked', undefined, at('2026-08-01'), { isDue: true, why: 'never-asked' }],
    [
      'not before 90 days',
      recorded,
      at('2026-10-30T11:59:59Z'),
      { isDue: false, from: new Date('2026-10-30T12:00:00Z') },
    ],
    ['after 90 days', recorded, at('2026-10-30T12:00:00Z'), { isDue: true, why: 'answer-is-old' }],
    [
      'another number in the record',
      recorded,
      at('2026-08-02', 'now'),
      { isDue: true, why: 'record-changed' },
    ],
  ] as const)('%s', (_name, before, facts, expected) => {
    expect(nextAsk(before, facts)).toEqual(expected);
  });
});

describe('numbers and addresses of a record', () => {
  const textOf = (more: object) =>
    reachableText(personProfile({ resourceType: 'Patient', id: 'kia', ...more }));
  const [home, work] = [
    { system: 'phone', value: '612-555-0123', use: 'home' },
    { system: 'phone', value: '612-555-0124', use: 'work' },
  ];
  it('are the same in another order, and beside another name', () => {
    expect(textOf({ telecom: [home, work], name: [{ text: 'Kia' }] })).toBe(
      textOf({ telecom: [work, home] }),
    );
  });

  it.each<[string, object]>([
    ['a number that is new', { telecom: [home, work] }],
    ['a number that is gone', { telecom: [] }],
    ['a number that has become old', { telecom: [{ ...home, use: 'old' }] }],
    ['an address', { telecom: [home], address: [{ line: ['1 Elm St'], city: 'Saint Paul' }] }],
  ])('differ by %s', (_name, more) => {
    expect(textOf(more)).not.toBe(textOf({ telecom: [home] }));
  });
});

describe('whether anything may go out to a person', () => {
  it.each<[PatientStanding[], boolean, string]>([
    [['stands'], false, 'active'],
    [['stands'], true, 'changed'],
    [['stands', 'died'], false, 'deceased'],
    [['merged', 'stands'], false, 'active'],
    [['merged'], false, 'merged'],
    [['merged', 'inactive'], false, 'inactive'],
    [['stands', 'inactive'], false, 'active'],
    [['stands', 'unclear'], false, 'inactive'],
    [[], false, 'inactive'],
  ])('records that say %s, changed %s: %s', (standings, hasChanged, expected) => {
    expect(contactStanding(standings, hasChanged)).toBe(expected);
  });
});
