import { describe, expect, it } from 'vitest';
import { periodRule, readPeriod } from './period.ts';

const zone = 'America/Chicago';

describe('a period', () => {
  it.each<[string, { from?: string; to?: string }, (string | undefined)[]]>([
    ['has no limits', {}, [undefined, undefined]],
    ['has none where the fields are empty', { from: '', to: '' }, [undefined, undefined]],
    [
      'is whole days at the site',
      { from: '2026-11-23', to: '2026-11-29' },
      ['2026-11-23T06:00:00.000Z', '2026-11-30T06:00:00.000Z'],
    ],
    [
      'is one day, which may be one of 23 hours',
      { from: '2026-03-08', to: '2026-03-08' },
      ['2026-03-08T06:00:00.000Z', '2026-03-09T05:00:00.000Z'],
    ],
    [
      'is between instants',
      { from: '2026-11-23T08:00:00-06:00', to: '2026-11-23T15:00Z' },
      ['2026-11-23T14:00:00.000Z', '2026-11-23T15:00:00.000Z'],
    ],
  ])('%s', (_what, texts, expected) => {
    const read = readPeriod(texts, zone);
    const { from, to } = 'period' in read ? read.period : {};
    expect([from?.toISOString(), to?.toISOString()]).toEqual(expected);
  });

  it.each<[string, { from?: string; to?: string }, string, string]>([
    ['ends before it begins', { from: '2026-11-24', to: '2026-11-23' }, 'to', 'must not be before'],
    [
      'ends when it begins',
      { from: '2026-11-23T08:00:00Z', to: '2026-11-23T08:00:00Z' },
      'to',
      'must not be before',
    ],
    ['is written as people do', { from: '11/23/2026' }, 'from', periodRule],
    ['has a day that there is not', { to: '2026-02-30' }, 'to', periodRule],
    ['has an instant without its zone', { from: '2026-11-23T08:00:00' }, 'from', periodRule],
    ['has a month alone', { from: '2026-11' }, 'from', periodRule],
    ['has an hour that there is not', { from: '2026-11-23T25:00:00Z' }, 'from', periodRule],
    ['is words', { to: 'yesterday' }, 'to', periodRule],
    ['has a year that there was not', { from: '0001-01-01' }, 'from', periodRule],
  ])('is refused where it %s', (_what, texts, field, rule) => {
    expect(readPeriod(texts, zone)).toMatchObject({
      problem: { field, rule: expect.stringContaining(rule) },
    });
  });
});
