import type { fhir4 } from '@loopwell/fhir';
import { type OpenHours, type OpenTime, usualHours } from '../clocks/open-hours.ts';
import { ProfileProblem } from './profile-problem.ts';

const weekdays: readonly string[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const dayMinutes = 1_440;
/** How many days of an absence are read: a longer one is a service that is not active. */
const longestAbsenceDays = 400;

/**
 * Reads the open hours of a service from `availableTime` and `notAvailable`.
 *
 * @returns undefined where it says nothing; the usual week where it only says when it is away
 * @throws ProfileProblem with the rule that is broken
 */
export function readHours(service: fhir4.HealthcareService): OpenHours | undefined {
  const { availableTime = [], notAvailable = [] } = service;
  const closedDays = notAvailable.flatMap(({ during }) => daysOf(during));
  const week = weekOf(availableTime);
  if (closedDays.length > 0) return { week: week ?? usualHours.week, closedDays };
  return week && { week };
}

type AvailableTimes = readonly fhir4.HealthcareServiceAvailableTime[];

function weekOf(times: AvailableTimes): OpenTime[][] | undefined {
  if (times.length === 0) return undefined;
  const week: OpenTime[][] = weekdays.map(() => []);
  for (const time of times) {
    const open = openTimeOf(time);
    for (const day of time.daysOfWeek ?? weekdays) {
      const list = week[weekdays.indexOf(day)];
      if (!list) throw new ProfileProblem(unknownDay);
      list.push(open);
    }
  }
  return week;
}

const unknownDay = '`availableTime` has a day that FHIR does not know.';
const withoutTimes = '`availableTime` needs `allDay`, or a start and an end such as 08:00:00.';

function openTimeOf(time: fhir4.HealthcareServiceAvailableTime): OpenTime {
  if (time.allDay === true) return { from: 0, to: dayMinutes };
  const from = minutesOf(time.availableStartTime);
  const to = minutesOf(time.availableEndTime);
  if (from === undefined || to === undefined) throw new ProfileProblem(withoutTimes);
  return { from, to };
}

/** Reads a time of FHIR as minutes after midnight. */
function minutesOf(text: unknown): number | undefined {
  const parts = /^([01]\d|2[0-4]):([0-5]\d)(:[0-5]\d(\.\d+)?)?$/.exec(String(text));
  const minutes = Number(parts?.[1]) * 60 + Number(parts?.[2]);
  return minutes <= dayMinutes ? minutes : undefined;
}

/** Lists the days of a period. Without an end it is as long as an absence may be. */
function daysOf(period: fhir4.Period | undefined): string[] {
  const start = dayOf(period?.start);
  const end = dayOf(period?.end);
  const isUnreadEnd = period?.end !== undefined && end === undefined;
  if (start === undefined || isUnreadEnd) throw new ProfileProblem(withoutPeriod);
  const days: string[] = [];
  let day = start;
  while (days.length < longestAbsenceDays && day <= (end ?? day)) {
    days.push(day);
    day = dayAfter(day);
  }
  return days;
}

const withoutPeriod = '`notAvailable` needs a period that begins with a day.';

function dayAfter(day: string): string {
  const next = new Date(day);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}

function dayOf(text: unknown): string | undefined {
  const day = /^\d{4}-\d{2}-\d{2}/.exec(String(text))?.[0];
  const isDay = day !== undefined && Number.isFinite(Date.parse(day));
  return isDay ? day : undefined;
}
