import { requestStage } from '@loopwell/sdoh';
import type { ReferralRow, TaskRow } from '@loopwell/store';
import { clocksOfSend } from '../../../clocks/task-clocks.ts';
import { clockLimitsOf, type ReferralSettings } from '../../../settings.ts';
import type { Look } from './look.ts';

/**
 * Gives when a partner should have answered. While the message to it still waits, its clock does not
 * run, and this is the time as it would be if the message had gone at once.
 */
export function answerByOf(
  task: TaskRow,
  need: ReferralRow,
  { hoursFor, now }: Pick<Look, 'hoursFor' | 'now'>,
  settings: ReferralSettings,
): Date | undefined {
  if (task.accept_by !== null) return task.accept_by;
  if (requestStage(task.status) !== 'asked') return undefined;
  const clock = { now: () => task.requested_at, timeZone: settings.timeZone };
  const setting = { clock, limits: clockLimitsOf(settings), hours: hoursFor(need.category) };
  const { accept_by: by } = clocksOfSend(need, setting);
  return by && by > now ? by : undefined;
}
