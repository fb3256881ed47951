import type { fhir4 } from '@loopwell/fhir';
import { expect, it } from 'vitest';
import { consentChangesAfter } from './sent-consent.ts';

const now = new Date('2026-11-30T12:00:00Z');
const consent = (more: object) => ({ resourceType: 'Consent', ...more }) as fhir4.Consent;
const changes = (consents: readonly fhir4.Consent[], longestDays?: number) =>
  consentChangesAfter(consents, now, longestDays).map((date) => date.toISOString());

it.each<[string, object, number | undefined, string[]]>([
  ['says nothing of time', {}, undefined, []],
  ['was signed and has no end', { dateTime: '2026-11-01' }, undefined, []],
  [
    'counts for a year from its signature',
    { dateTime: '2026-11-01' },
    365,
    ['2027-11-01T00:00:00.001Z'],
  ],
  [
    'is signed later',
    { dateTime: '2026-12-01T08:00:00Z' },
    undefined,
    ['2026-12-01T08:00:00.000Z'],
  ],
  [
    'begins and ends later',
    {
      provision: { period: { start: '2026-12-02T00:00:00Z', end: '2026-12-05T00:00:00Z' } },
    },
    undefined,
    ['2026-12-02T00:00:00.000Z', '2026-12-05T00:00:00.001Z'],
  ],
  ['has run out', { provision: { period: { end: '2026-11-29' } } }, undefined, []],
  ['has times that nobody can read', { dateTime: 'soon', provision: 'x' }, 365, []],
])('a Consent that %s', (_what, more, longestDays, expected) => {
  expect(changes([consent(more)], longestDays)).toEqual(expected);
});

it('gives each instant of several Consents once, the earliest first', () => {
  const ends = (end: string) => consent({ provision: { period: { end } } });
  const days = ['2027-01-02T00:00:00Z', '2026-12-01T00:00:00Z', '2026-12-01T00:00:00Z'];
  expect(changes(days.map(ends))).toEqual(['2026-12-01T00:00:00.001Z', '2027-01-02T00:00:00.001Z']);
});
