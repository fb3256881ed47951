import { dayIn, instantIn, timeOfDayIn, timeZoneOf } from '@loopwell/kit';

const dayMs = 86_400_000;

/**
 * Adds business days (Monday to Friday) to a moment and keeps its time of day. From a Friday
 * afternoon, two business days lead to Tuesday afternoon; what comes in at a weekend counts from
 * Monday's start.
 *
 * Public holidays are not known here: give a longer deadline around them.
 *
 * DECISIONS D61.
 * @param timeZone whose days they are: the site's, or the machine's when left out
 */
export function addBusinessDays(from: Date, days: number, timeZone?: string): Date {
  const zone = timeZoneOf({ timeZone });
  const started = dayIn(zone, from);
  let day = started;
  while (isWeekend(day)) day = dayAfter(day);
  const timeOfDay = day === started ? timeOfDayIn(zone, from) : 0;
  for (let left = days; left > 0; ) {
    day = dayAfter(day);
    if (!isWeekend(day)) left -= 1;
  }
  return instantIn(zone, day, timeOfDay);
}

const dayAfter = (day: string): string =>
  new Date(Date.parse(day) + dayMs).toISOString().slice(0, 10);

const isWeekend = (day: string): boolean => [0, 6].includes(new Date(day).getUTCDay());
