import type { Deadline } from '../site/site-times.ts';
import { isUntaken } from '../task-state-machine.ts';
import { deadlineAfter, type Hours } from './deadline-after.ts';
import { addOpenTime, openTimeBetween } from './open-hours.ts';

/** The clocks of a Task: by when its partner has to act, and who was told so far. */
export type TaskClocks = {
  status: string;
  acceptBy: Date | null;
  contactBy: Date | null;
  serveBy: Date | null;
  /** When half of the time of the running clock is over. */
  halfAt: Date | null;
  halfToldAt: Date | null;
  lateToldAt: Date | null;
};

/** How long a partner has: to answer, to give news after a yes, and to help. */
export type ClockLimits = {
  acceptBy: Deadline;
  contactBy: Deadline;
  serveBy: Deadline;
};

/** What counts until a site decides otherwise. */
export const usualLimits = {
  acceptBy: { businessDays: 2 },
  contactBy: { businessDays: 2 },
  serveBy: { businessDays: 10 },
} as const satisfies ClockLimits;

/**
 * Where a clock begins, and the moment that it never passes: the end of the person's date, unless
 * that has passed already and limits nothing.
 */
export type ClockStart = {
  now: Date;
  hours: Hours;
  latest: Date | undefined;
};

/** The clocks that are set together. */
export type ClockTimes = Pick<TaskClocks, 'acceptBy' | 'contactBy' | 'serveBy' | 'halfAt'>;

/** Gives the clock that runs: whatever the partner has to do next. */
export function runningClock(
  clocks: Pick<TaskClocks, 'status' | 'acceptBy' | 'contactBy' | 'serveBy'>,
): Date | null {
  const { status, acceptBy, contactBy, serveBy } = clocks;
  if (isUntaken(status)) return acceptBy;
  if (contactBy === null || serveBy === null) return contactBy ?? serveBy;
  return earlier(contactBy, serveBy);
}

const earlier = (a: Date, b: Date): Date => (a.getTime() < b.getTime() ? a : b);

/** Sets the clocks of a Task that its partner has from now on. */
export function clocksFromSend(limits: ClockLimits, start: ClockStart): ClockTimes {
  const acceptBy = limitedDeadline(limits.acceptBy, start);
  const halfAt = halfOf(acceptBy, limits.acceptBy, start);
  return { acceptBy, contactBy: null, serveBy: null, halfAt };
}

/** Sets the clocks of a Task that its partner takes now. */
export function clocksFromYes(
  acceptBy: Date | null,
  limits: ClockLimits,
  start: ClockStart,
): ClockTimes {
  const contactBy = limitedDeadline(limits.contactBy, start);
  const serveBy = limitedDeadline(limits.serveBy, start);
  const halfAt = halfOf(contactBy, limits.contactBy, start);
  return { acceptBy, contactBy, serveBy, halfAt };
}

/**
 * Sets the clocks of a Task that was taken, and of which its partner says something new now. No
 * first news is due any more. What came late gives as much time again as first news have.
 */
export function clocksFromNews(
  { acceptBy, serveBy: before }: Pick<TaskClocks, 'acceptBy' | 'serveBy'>,
  limits: ClockLimits,
  start: ClockStart,
): ClockTimes {
  const again = limitedDeadline(limits.contactBy, start);
  const first = before ?? limitedDeadline(limits.serveBy, start);
  const serveBy = first.getTime() > again.getTime() ? first : again;
  const halfAt = halfOf(serveBy, limits.serveBy, start);
  return { acceptBy, contactBy: null, serveBy, halfAt };
}

/** Ends a clock with the person's date. */
function limitedDeadline(limit: Deadline, { now, hours, latest }: ClockStart): Date {
  const whole = deadlineAfter(now, limit, hours);
  return latest === undefined ? whole : earlier(whole, latest);
}

/** Finds the middle of the time that is left: of open time, unless the limit is plain time. */
function halfOf(until: Date, limit: Deadline, { now, hours }: ClockStart): Date {
  const middle = new Date((now.getTime() + until.getTime()) / 2);
  if ('ms' in limit) return middle;
  const openMs = openTimeBetween(now, until, hours.hours, hours.timeZone);
  if (openMs === 0) return middle;
  return addOpenTime(now, openMs / 2, hours.hours, hours.timeZone) ?? middle;
}

/** Somebody with a name is told: half of the time is over, or a partner that said yes is late. */
export type ClockEvent = 'half' | 'late';

/**
 * Lists of what somebody has to be told now, each once. A Task that nobody took by its time is
 * silent instead: it is taken back.
 */
export function clockEvents(clocks: TaskClocks, now: Date): ClockEvent[] {
  const { halfAt, halfToldAt, lateToldAt } = clocks;
  const clock = runningClock(clocks);
  if (clock === null) return [];
  if (clock <= now) return isUntaken(clocks.status) || lateToldAt ? [] : ['late'];
  return halfAt !== null && halfAt <= now && halfToldAt === null ? ['half'] : [];
}

/** Gives the moment at which something is due by the clocks of a Task; undefined for never. */
export function nextClockEvent(clocks: TaskClocks, now: Date): Date | undefined {
  const { halfAt, halfToldAt, lateToldAt } = clocks;
  const clock = runningClock(clocks);
  if (clock === null) return undefined;
  if (halfAt !== null && halfToldAt === null && halfAt < clock && now < clock) return halfAt;
  return isUntaken(clocks.status) || lateToldAt === null ? clock : undefined;
}
