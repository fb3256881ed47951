import { AppError } from '@loopwell/kit';

/**
 * A suggestion that coding took back by itself, before anybody had looked at it, was no need: half of a screening may look
 * otherwise than all.
 */
export const wasNeeded =
  "(r.state <> 'withdrawn' or r.approved_by is distinct from 'system:enrichment')";

/**
 * Nobody could help, and no person has decided in time. What was put off by a person is not overdue before its day.
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

/**
 * At which gate it would stop now: what the sender decided when it last asked, but for what time and holds have changed since.
 * A consent that has run out lets nothing go, and a hold stands in front of a send that is switched off.
 */
export const gateNow = `case
  when r.gate in ('hold', 'send') and r.next_until <= now() then 'consent'
  when r.gate = 'send' and exists (select 1 from hold h where h.tenant = r.tenant
                                      and h.scope in ('all', 'partner:' || r.next_partner)) then 'hold'
  else coalesce(r.gate, 'review') end`;
