import { addBusinessDays, type WithoutHelp } from '@loopwell/sdoh';
import type { ReferralPatch, ReferralRow } from '@loopwell/store';
import { limitByDate } from '../../must-by.ts';
import type { ReferralSettings } from '../../settings.ts';

/** The patch of a referral that does not wait because no partner could help. */
export const notWithoutHelp = {
  without_help: null,
  without_help_since: null,
  decide_by: null,
} as const;

/**
 * Makes the patch that says why no partner could help, since when, and by when a person should
 * decide. The same reason keeps both days; another reason sets them again.
 */
export function withoutHelpPatch(
  referral: ReferralRow | undefined,
  why: WithoutHelp | undefined,
  now: Date,
  settings: Pick<ReferralSettings, 'decideBy' | 'timeZone'>,
): ReferralPatch {
  if (!why) return notWithoutHelp;
  const isSame = referral?.without_help === why;
  const decideBy = (isSame ? referral.decide_by : null) ?? deadlineOf(now, settings);
  return {
    without_help: why,
    without_help_since: (isSame ? referral.without_help_since : null) ?? now,
    decide_by: limitByDate(decideBy, referral, { now, timeZone: settings.timeZone }),
  };
}

const deadlineOf = (
  now: Date,
  { decideBy: limit, timeZone }: Pick<ReferralSettings, 'decideBy' | 'timeZone'>,
): Date =>
  'ms' in limit
    ? new Date(now.getTime() + limit.ms)
    : addBusinessDays(now, limit.businessDays, timeZone);
