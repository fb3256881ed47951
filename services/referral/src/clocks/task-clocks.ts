import { type Clock, timeZoneOf } from '@loopwell/kit';
import {
  type ClockLimits,
  type ClockStart,
  type ClockTimes,
  clocksFromNews,
  clocksFromSend,
  clocksFromYes,
  endOfMustBy,
  isTaken,
  isUntaken,
  type OpenHours,
  type TaskClocks,
  usualHours,
  usualLimits,
} from '@loopwell/sdoh';
import type { ReferralRow, TaskPatch, TaskRow } from '@loopwell/store';
import type { Followed } from '../answers/followed-tasks.ts';

/** What the clocks of a Task depend on beside its own times. */
export type ClockSetting = {
  clock: Clock;
  limits?: ClockLimits | undefined;
  /** The open hours of its partner, if they are known. */
  hours?: OpenHours | undefined;
};

/** Reads the clocks of a Task from its row. */
export const clocksOf = (task: TaskRow): TaskClocks => ({
  status: task.status,
  acceptBy: task.accept_by,
  contactBy: task.contact_by,
  serveBy: task.serve_by,
  halfAt: task.half_at,
  halfToldAt: task.half_told_at,
  lateToldAt: task.late_told_at,
});

/** Makes the patch that sets the clocks of a Task that has arrived at its partner. */
export function clocksOfSend(
  referral: Pick<ReferralRow, 'must_by'> | undefined,
  setting: ClockSetting,
): TaskPatch {
  const limits = setting.limits ?? usualLimits;
  return patchOf(clocksFromSend(limits, startOf(referral, setting)));
}

/**
 * Makes the patch of the clocks of a Task of which its partner has said something new; undefined
 * where that sets no clock: it has not been taken, or it has ended.
 */
export function clocksOfMove(
  { task: before, referral }: Followed,
  after: TaskRow,
  setting: ClockSetting,
): TaskPatch | undefined {
  if (!after.live || !isTaken(after.status)) return undefined;
  const limits = setting.limits ?? usualLimits;
  const start = startOf(referral, setting);
  const isFirstYes = isUntaken(before.status) && after.status === 'accepted';
  const times = isFirstYes
    ? clocksFromYes(before.accept_by, limits, start)
    : clocksFromNews(clocksOf(before), limits, start);
  return patchOf(times);
}

function startOf(
  referral: Pick<ReferralRow, 'must_by'> | undefined,
  { clock, hours = usualHours }: ClockSetting,
): ClockStart {
  const timeZone = timeZoneOf(clock);
  const now = clock.now();
  const mustBy = referral?.must_by ?? undefined;
  const end = mustBy === undefined ? undefined : endOfMustBy(mustBy, timeZone);
  const latest = end !== undefined && end > now ? end : undefined;
  return { now, hours: { hours, timeZone }, latest };
}

/** Makes the patch of clocks that are set anew: nobody was told of them. */
const patchOf = ({ acceptBy, contactBy, serveBy, halfAt }: ClockTimes): TaskPatch => ({
  accept_by: acceptBy,
  contact_by: contactBy,
  serve_by: serveBy,
  half_at: halfAt,
  half_told_at: null,
  late_told_at: null,
});
