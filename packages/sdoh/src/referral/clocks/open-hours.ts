import { dayIn, instantIn, timeOfDayIn } from '@loopwell/kit';

/**
 * A time of day during which a partner is open, in minutes after midnight. Where `to` is not after
 * `from`, it is the next day's: 1320 to 120 is from 10 pm to 2 am.
 */
export type OpenTime = {
  from: number;
  to: number;
};

/** When a partner is open: the times of each weekday from Sunday on, and days that are closed. */
export type OpenHours = {
  week: readonly (readonly OpenTime[])[];
  /** Days of the calendar (YYYY-MM-DD) on which nothing opens. */
  closedDays?: readonly string[];
};

const officeDay: readonly OpenTime[] = [{ from: 8 * 60, to: 17 * 60 }];

/** The hours that count until a partner's own are known: Monday to Friday, 8 am to 5 pm. */
export const usualHours: OpenHours = {
  week: [[], officeDay, officeDay, officeDay, officeDay, officeDay, []],
};

/** A stretch of time during which a partner is open, in milliseconds since 1970. */
type Stretch = {
  opens: number;
  closes: number;
};

/** After how many days without an opening a partner counts as one that never opens. */
const longestClosedDays = 400;

/**
 * Finds when a partner is open next: at a moment during its hours, that moment. Undefined for a
 * partner that never opens.
 */
export function nextOpen(from: Date, hours: OpenHours, timeZone: string): Date | undefined {
  const next = stretchesFrom(from, hours, timeZone).next();
  return next.done ? undefined : new Date(next.value.opens);
}

/**
 * Adds time during which a partner is open to a moment. Undefined for a partner that never opens.
 * The hour that summer time skips is none, and the one that it repeats is two.
 */
export function addOpenTime(
  from: Date,
  ms: number,
  hours: OpenHours,
  timeZone: string,
): Date | undefined {
  let left = ms;
  for (const { opens, closes } of stretchesFrom(from, hours, timeZone)) {
    const lasts = closes - opens;
    if (lasts >= left) return new Date(opens + left);
    left -= lasts;
  }
  return undefined;
}

/** Measures for how long a partner is open between two moments, in milliseconds. */
export function openTimeBetween(
  from: Date,
  until: Date,
  hours: OpenHours,
  timeZone: string,
): number {
  const end = until.getTime();
  let sum = 0;
  for (const { opens, closes } of stretchesFrom(from, hours, timeZone)) {
    if (opens >= end) return sum;
    sum += Math.min(closes, end) - opens;
  }
  return sum;
}

/**
 * Adds days on which a partner opens. What comes while it is closed counts from its next opening.
 * The deadline has the time of day of the beginning, and lies in the partner's hours: where they
 * have not begun by then, it is the closing before.
 *
 * @returns undefined for a partner that never opens
 */
export function addOpenDays(
  from: Date,
  days: number,
  hours: OpenHours,
  timeZone: string,
): Date | undefined {
  const start = nextOpen(from, hours, timeZone);
  if (start === undefined || days === 0) return start;
  const firstDay = dayIn(timeZone, start);
  const lastDay = openDayAfter(firstDay, days, hours);
  if (lastDay === undefined) return undefined;
  const timeOfDay = timeOfDayIn(timeZone, start);
  const latest = instantIn(timeZone, lastDay, timeOfDay);
  return lastOpen(start, latest, hours, timeZone);
}

/** Finds the day that is so many days with an opening after another one. */
function openDayAfter(day: string, days: number, hours: OpenHours): string | undefined {
  let current = day;
  let left = days;
  let closed = 0;
  while (left > 0) {
    current = dayAfter(current);
    if (timesOf(current, hours).length > 0) {
      left -= 1;
      closed = 0;
    } else if (closed < longestClosedDays) {
      closed += 1;
    } else {
      return undefined;
    }
  }
  return current;
}

/** Finds the last moment up to another one by which a partner was open since a start. */
function lastOpen(start: Date, latest: Date, hours: OpenHours, timeZone: string): Date {
  const end = latest.getTime();
  let last = start.getTime();
  for (const { opens, closes } of stretchesFrom(start, hours, timeZone)) {
    if (opens >= end) break;
    last = Math.min(closes, end);
  }
  return new Date(last);
}

/** Goes through the stretches of open time from a moment on. Those that overlap count once. */
function* stretchesFrom(
  from: Date,
  hours: OpenHours,
  timeZone: string,
): Generator<Stretch, undefined> {
  // What opened the evening before may still be open.
  let day = dayBefore(dayIn(timeZone, from));
  let covered = from.getTime();
  let closed = 0;
  while (closed <= longestClosedDays) {
    closed += 1;
    for (const time of timesOf(day, hours)) {
      const { opens, closes } = stretchOf(day, time, timeZone);
      if (closes <= covered) continue;
      yield { opens: Math.max(opens, covered), closes };
      covered = closes;
      closed = 0;
    }
    day = dayAfter(day);
  }
}

function stretchOf(day: string, { from, to }: OpenTime, timeZone: string): Stretch {
  const isOverMidnight = to <= from;
  const lastDay = isOverMidnight ? dayAfter(day) : day;
  return {
    opens: wallTime(timeZone, day, from),
    closes: wallTime(timeZone, lastDay, to),
  };
}

/** Gives the instant of a time on the wall, in milliseconds since 1970. */
function wallTime(timeZone: string, day: string, minutes: number): number {
  const afterMidnightMs = minutes * 60_000;
  return instantIn(timeZone, day, afterMidnightMs).getTime();
}

/** Lists the times at which a partner opens on a day, in their order. */
function timesOf(day: string, { week, closedDays = [] }: OpenHours): readonly OpenTime[] {
  if (closedDays.includes(day)) return [];
  const weekday = new Date(day).getUTCDay();
  const times = week[weekday] ?? [];
  return times.toSorted((a, b) => a.from - b.from);
}

const dayMs = 86_400_000;
const dayAfter = (day: string): string => shifted(day, dayMs);
const dayBefore = (day: string): string => shifted(day, -dayMs);

function shifted(day: string, ms: number): string {
  const moved = new Date(Date.parse(day) + ms);
  return moved.toISOString().slice(0, 10);
}
