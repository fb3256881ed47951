import { AppError } from '@loopwell/kit';

/**
 * Selects referrals that were needed. It leaves out suggestions that coding took back by itself
 * before a person had looked at them, since half of a screening may look otherwise than all.
 * DECISIONS D76.
 */
export const wasNeeded =
  "(r.state <> 'withdrawn' or r.approved_by is distinct from 'system:enrichment')";

/**
 * Selects the referrals that no partner could help with and that no person has decided in time. A
 * referral that a person postponed is not overdue before its day.
 *
 * @param today YYYY-MM-DD at the site
 */
export const isOverdue = (
  today: string,
): string => `(r.state = 'waiting' and r.gate = 'withoutHelp' and r.decide_by <= loopwell_now()
  and coalesce(r.postponed_until, '') <= '${isoDay(today)}')`;

/** Returns a day that may become a part of a statement, and throws for any other text. */
function isoDay(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text))
    throw new AppError('INTERNAL', 'What was given as a day is none');
  return text;
}
