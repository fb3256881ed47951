import { expect, it } from 'vitest';
import { sentenceAt } from './sentence.ts';

const on = (day: string) =>
  `Suggested because food on 2026-01-01 (often true) was answered on ${day} (Hunger Vital Sign).`;

it.each<[string, string, string | null, string, string]>([
  [
    'an evening that is tomorrow in UTC',
    '2026-11-28',
    '2026-11-28T03:30:00Z',
    'America/Chicago',
    '2026-11-27',
  ],
  [
    'a morning that is yesterday there',
    '2026-11-27',
    '2026-11-27T20:00:00Z',
    'Pacific/Auckland',
    '2026-11-28',
  ],
  ['an offset of its own', '2026-11-27', '2026-11-27T23:30:00-06:00', 'UTC', '2026-11-28'],
  [
    'a time to the fraction of a second',
    '2026-11-28',
    '2026-11-28T03:30:00.125+00:00',
    'America/Chicago',
    '2026-11-27',
  ],
  ['the same day there', '2026-11-27', '2026-11-27T18:00:00Z', 'America/Chicago', '2026-11-27'],
  ['a day, which is no instant', '2026-11-28', '2026-11-28', 'America/Chicago', '2026-11-28'],
  ['a month', '2026-11', '2026-11', 'America/Chicago', '2026-11'],
  [
    'a time without an offset',
    '2026-11-28',
    '2026-11-28T03:30:00',
    'America/Chicago',
    '2026-11-28',
  ],
  ['what was coded before the time was kept', '2026-11-28', null, 'America/Chicago', '2026-11-28'],
  ['a time that is none', '2026-13-45', '2026-13-45T03:30:00Z', 'America/Chicago', '2026-13-45'],
  [
    'a time of another answer',
    '2026-11-20',
    '2026-11-28T03:30:00Z',
    'America/Chicago',
    '2026-11-20',
  ],
])('evidence names the day at the site: %s', (_what, written, authored, zone, shown) => {
  expect(sentenceAt(zone, { sentence: on(written), authored })).toBe(on(shown));
});
