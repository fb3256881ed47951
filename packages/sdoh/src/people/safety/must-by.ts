import { instantIn } from '@loopwell/kit';

/**
 * The date by which something must happen (YYYY-MM-DD, at the site), and what it does to the clocks
 * of a referral. DECISIONS D155.
 */

/** Tells whether a text is a day of the calendar. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** Finds what is wrong with a date by which something must happen; undefined where it is fine. */
export function findMustByProblem(day: string, today: string): string | undefined {
  if (!isDay(day)) return 'The date is a day of the calendar.';
  if (day < today) return 'The date has passed already.';
  if (Date.parse(day) - Date.parse(today) > longestMs)
    return 'The date is within the next two years.';
  return undefined;
}

const longestMs = 731 * 86_400_000;

/**
 * Gives the earlier of a deadline and the end of the date by which something must happen. A date
 * that has passed limits nothing: a person decides what is still of use.
 */
export function limitDeadline(deadline: Date, endOfMustBy: Date | undefined, now: Date): Date {
  const counts = endOfMustBy !== undefined && now < endOfMustBy && endOfMustBy < deadline;
  return counts ? endOfMustBy : deadline;
}

/** Gives the moment at which the date by which something must happen ends, in a time zone. */
export function endOfMustBy(day: string, timeZone: string): Date {
  const dayAfter = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
  return instantIn(timeZone, dayAfter);
}

/**
 * Gives the latest day to which something may be put off: the day before the date by which it must
 * happen. Undefined where there is no such date.
 */
export function latestPostponement(mustBy: string | null | undefined): string | undefined {
  if (mustBy === null || mustBy === undefined) return undefined;
  const before = new Date(Date.parse(mustBy) - 86_400_000);
  return before.toISOString().slice(0, 10);
}
