import { instantIn } from '@loopwell/kit';

/** A period in time. A side that is left out has no limit. */
export type Period = { from?: Date; to?: Date };

/** What is wrong with a period as it was typed, by its field. */
export type PeriodProblem = { field: 'from' | 'to'; rule: string };

const dayForm = /^\d{4}-\d{2}-\d{2}$/;
const instantForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** The rule for both ends of a period. */
export const periodRule =
  'must be a day such as 2026-11-23, or an instant such as 2026-11-23T08:00:00-06:00';

/**
 * Reads a period. A day counts from its midnight at the site, and as the last day it counts whole.
 * An instant as the end is the first moment that is not in the period any more.
 */
export function readPeriod(
  texts: { from?: string | undefined; to?: string | undefined },
  timeZone: string,
): { period: Period } | { problem: PeriodProblem } {
  const from = texts.from ? momentOf(texts.from, timeZone, 0) : undefined;
  if (from === 'wrong') return { problem: { field: 'from', rule: periodRule } };
  const to = texts.to ? momentOf(texts.to, timeZone, 1) : undefined;
  if (to === 'wrong') return { problem: { field: 'to', rule: periodRule } };
  if (from && to && from >= to)
    return { problem: { field: 'to', rule: 'must not be before from' } };
  const period: Period = {};
  if (from) period.from = from;
  if (to) period.to = to;
  return { period };
}

/** Reads a day, plus so many days, or an instant. */
function momentOf(text: string, timeZone: string, plusDays: number): Date | 'wrong' {
  const typed = text.trim();
  const isDay = dayForm.test(typed);
  if (!isDay && !instantForm.test(typed)) return 'wrong';
  const day = typed.slice(0, 10);
  const midnight = new Date(`${day}T00:00:00Z`);
  const isInCalendar = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
  if (!isInCalendar || !/^(19|20|21)/.test(day)) return 'wrong';
  if (!isDay) {
    const instant = new Date(typed);
    return Number.isNaN(instant.getTime()) ? 'wrong' : instant;
  }
  midnight.setUTCDate(midnight.getUTCDate() + plusDays);
  return instantIn(timeZone, midnight.toISOString().slice(0, 10));
}
