import { AppError } from '@loopwell/kit';

/**
 * A suggestion that coding took back by itself, before anybody had looked at it, was no need: half
 * of a screening may look otherwise than all.
 * DECISIONS D76.
 */
export const wasNeeded =
  "(r.state <> 'withdrawn' or r.approved_by is distinct from 'system:enrichment')";

/**
 * Nobody could help, and no person has decided in time. What was put off by a person is not overdue
 * before its day.
 *
 * @param today YYYY-MM-DD at the site
 */
export const isOverdue = (
  today: string,
): string => `(r.state = 'waiting' and r.gate = 'withoutHelp' and r.decide_by <= now()
  and coalesce(r.postponed_until, '') <= '${isoDay(today)}')`;

/** It becomes a part of a statement, so that nothing but a day may be one. */
function isoDay(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text))
    throw new AppError('INTERNAL', 'What was given as a day is none');
  return text;
}
