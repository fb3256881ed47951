import type { ReferralRow } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import { limitByDate } from './must-by.ts';
import { withoutHelpPatch } from './refer/record/without-help.ts';

const now = new Date('2026-11-28T15:00:00Z');
const timeZone = 'America/Chicago';
const deadline = new Date('2026-12-05T15:00:00Z');

describe('the date by which something must happen', () => {
  it.each<[string, string | null, string]>([
    ['no date', null, '2026-12-05T15:00:00.000Z'],
    ['ends with its day at the site', '2026-12-02', '2026-12-03T06:00:00.000Z'],
    ['today', '2026-11-28', '2026-11-29T06:00:00.000Z'],
    ['one later than the deadline', '2026-12-24', '2026-12-05T15:00:00.000Z'],
    ['one that has passed', '2026-11-27', '2026-12-05T15:00:00.000Z'],
  ])('%s', (_, must_by, expected) => {
    expect(limitByDate(deadline, { must_by }, { now, timeZone }).toISOString()).toBe(expected);
  });

  it('limits by when a person decides about what nobody could help with', () => {
    const settings = { decideBy: { businessDays: 5 }, timeZone } as const;
    const referral = { must_by: '2026-11-30' } as ReferralRow;
    const patch = withoutHelpPatch(referral, 'silent', now, settings);
    expect(patch.decide_by?.toISOString()).toBe('2026-12-01T06:00:00.000Z');
    const later = withoutHelpPatch({ ...referral, must_by: null }, 'silent', now, settings);
    expect(later.decide_by?.toISOString()).toBe('2026-12-07T06:00:00.000Z');
  });
});
