import { isWithoutHelp, type WithoutHelp } from '@loopwell/sdoh';
import type { ReferralRow } from '@loopwell/store';

/**
 * A referral that nobody could help with: why, since when, whose it is, and who is told when nobody
 * decides in time.
 */
export type WithoutHelpView = {
  reason: WithoutHelp;
  since: string;
  owner: 'reviewer';
  /** By when a person should have decided. */
  decideBy: string | null;
  overdue: boolean;
  /** Who has been told: the operators, by an alert, once it is overdue. */
  told: 'operator' | null;
};

/** Null where it does not wait because nobody could help. */
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
