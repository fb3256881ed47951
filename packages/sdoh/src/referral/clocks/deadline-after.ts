import type { Deadline } from '../site/site-times.ts';
import { addOpenDays, type OpenHours, usualHours } from './open-hours.ts';

/** In whose hours a deadline runs, and where. */
export type Hours = { hours: OpenHours; timeZone: string };

/**
 * Gives the moment at which a time limit of a partner ends. Days are days on which the partner
 * opens; seconds, minutes and hours are plain time. A partner that never opens has the usual hours:
 * no clock may run without an end. DECISIONS D201.
 */
export function deadlineAfter(from: Date, limit: Deadline, { hours, timeZone }: Hours): Date {
  if ('ms' in limit) return new Date(from.getTime() + limit.ms);
  const { businessDays: days } = limit;
  return (
    addOpenDays(from, days, hours, timeZone) ??
    addOpenDays(from, days, usualHours, timeZone) ??
    from
  );
}
