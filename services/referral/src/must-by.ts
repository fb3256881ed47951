import { timeZoneOf } from '@loopwell/kit';
import { endOfMustBy, limitDeadline } from '@loopwell/sdoh';
import type { ReferralRow } from '@loopwell/store';

/**
 * Limits a deadline by the date by which something must happen for a referral, which ends with its
 * day at the site. DECISIONS D155.
 */
export function limitByDate(
  deadline: Date,
  referral: Pick<ReferralRow, 'must_by'> | undefined,
  { now, timeZone }: { now: Date; timeZone: string | undefined },
): Date {
  const mustBy = referral?.must_by ?? undefined;
  if (mustBy === undefined) return deadline;
  return limitDeadline(deadline, endOfMustBy(mustBy, timeZoneOf({ timeZone })), now);
}
