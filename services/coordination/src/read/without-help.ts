import { isWithoutHelp, type WithoutHelp } from '@loopwell/sdoh';
import type { ReferralRow } from '@loopwell/store';

/**
 * A referral that no partner could help with: why, since when, who decides, and who is told if no
 * decision comes in time.
 */
export type WithoutHelpView = {
  reason: WithoutHelp;
  since: string;
  owner: 'reviewer';
  /** The time by which a person should decide. */
  decideBy: string | null;
  overdue: boolean;
  /** The operators, who are told by an alert once it is overdue; null before. */
  told: 'operator' | null;
};

/** Gives the view of a referral that no partner could help with; null for others. */
export function withoutHelpOf(
  row: ReferralRow,
  { now, today }: { now: Date; today: string },
): WithoutHelpView | null {
  if (row.state !== 'waiting' || row.gate !== 'withoutHelp' || !isWithoutHelp(row.without_help))
    return null;
  const isPutOff = (row.postponed_until ?? '') > today;
  const overdue = row.decide_by !== null && row.decide_by <= now && !isPutOff;
  return {
    reason: row.without_help,
    since: (row.without_help_since ?? row.changed_at).toISOString(),
    owner: 'reviewer',
    decideBy: row.decide_by?.toISOString() ?? null,
    overdue,
    told: overdue ? 'operator' : null,
  };
}
