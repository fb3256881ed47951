import { addBusinessDays, type WithoutHelp } from '@loopwell/sdoh';
import type { ReferralPatch, ReferralRow } from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';

/** It does not wait because nobody could help, or not any more. */
export const notWithoutHelp = {
  without_help: null,
  without_help_since: null,
  decide_by: null,
} as const;

/**
 * Why nobody could help, since when, and by when a person should have decided. Looking again
 * changes neither day; another reason begins anew.
 */
export function withoutHelpPatch(
  referral: ReferralRow | undefined,
  why: WithoutHelp | undefined,
  now: Date,
  settings: Pick<ReferralSettings, 'decideBy' | 'timeZone'>,
): ReferralPatch {
  if (!why) return notWithoutHelp;
  const isSame = referral?.without_help === why;
  return {
    without_help: why,
    without_help_since: (isSame ? referral.without_help_since : null) ?? now,
    decide_by: (isSame ? referral.decide_by : null) ?? deadlineOf(now, settings),
  };
}

const deadlineOf = (
  now: Date,
  { decideBy: limit, timeZone }: Pick<ReferralSettings, 'decideBy' | 'timeZone'>,
): Date =>
  'ms' in limit
    ? new Date(now.getTime() + limit.ms)
    : addBusinessDays(now, limit.businessDays, timeZone);
