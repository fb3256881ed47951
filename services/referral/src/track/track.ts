import { isUntaken } from '@loopwell/sdoh';
import type { TaskRow } from '@loopwell/store';

/** A Task as its partner shows it now. A failure is that Task's own: its neighbours are told all the same. */
export type Report = { kind: 'there'; status: string; etag?: string | undefined } | { kind: 'gone' } | { kind: 'failed'; error: unknown };

/** How a reported status relates to the last known one; from the Task moves of the domain. */
export type Judgement = { kind: 'same' } | { kind: 'believed'; unseen: readonly string[] } | { kind: 'illegal' };

export type TrackStep =
  /** Nothing new: looked at again at the next poll. */
  | { kind: 'unchanged' }
  | { kind: 'moved'; to: string; unseen: readonly string[] }
  /** Declined or cancelled by the target: the next partner's turn. */
  | { kind: 'declined'; to: string; unseen: readonly string[] }
  | { kind: 'failed'; unseen: readonly string[] }
  | { kind: 'completed'; unseen: readonly string[] }
  /** Silent beyond its deadline: cancelled with a reason, then read again. */
  | { kind: 'silent' }
  /** Out of a terminal state, or back to requested, ready or received: nothing is overwritten, a person is told. */
  | { kind: 'illegal'; reported: string }
  | { kind: 'gone' }
  /** The partner could not be asked about this one. */
  | { kind: 'not-asked'; error: unknown };

/**
 * What a report means for a Task (SDOH Clinical Care 3.0.0, referral Task states). A status that can be reached from the
 * last known one is believed, with the steps between marked as not seen.
 */
export function track(task: TaskRow, report: Report, judge: (from: string, to: string) => Judgement, now: Date): TrackStep {
  if (report.kind === 'gone') return { kind: 'gone' };
  if (report.kind === 'failed') return { kind: 'not-asked', error: report.error };
  const judged = judge(task.status, report.status);
  if (judged.kind === 'illegal') return { kind: 'illegal', reported: report.status };
  const silent = isUntaken(report.status) && isOverdue(task, now);
  if (judged.kind === 'same') return silent ? { kind: 'silent' } : { kind: 'unchanged' };
  const { unseen } = judged;
  switch (report.status) {
    case 'rejected':
    case 'cancelled':
      return { kind: 'declined', to: report.status, unseen };
    case 'failed':
      return { kind: 'failed', unseen };
    case 'completed':
      return { kind: 'completed', unseen };
    default:
      return { kind: 'moved', to: report.status, unseen };
  }
}

/** Only a Task that nobody has taken can be silent; one that was accepted has its own pace. */
export function isOverdue(task: TaskRow, now: Date): boolean {
  return isUntaken(task.status) && task.accept_by !== null && task.accept_by <= now;
}
