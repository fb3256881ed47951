import type { fhir4 } from '@loopwell/fhir';
import { isTaken, isUntaken, type Oddity, type PersonReason } from '@loopwell/sdoh';
import type { TaskRow } from '@loopwell/store';

/** The parts of a partner's Task beside its status that decide anything. */
export type Said = {
  /** Oddities because of which nothing is done on it. */
  odd?: readonly Oddity[];
  /** Another Organization owns it by now. */
  handedOn?: boolean;
  /** A coded reason that is about the person. */
  reason?: PersonReason | undefined;
  /**
   * Our own reason, if we cancelled it. The worker that cancelled had ended before it could record
   * that.
   */
  cancelledFor?: string | undefined;
};

/**
 * A Task as its partner shows it now. A failure is that Task's own; the other Tasks of the search
 * are reported all the same.
 */
export type Report =
  | {
      kind: 'there';
      status: string;
      etag?: string | undefined;
      body?: fhir4.Task;
      statement?: Said;
    }
  | { kind: 'gone' }
  | { kind: 'failed'; error: unknown };

/** The relation of a reported status to the last known one, by the Task moves of the domain. */
export type Judgment =
  | { kind: 'same' }
  | { kind: 'believed'; unseen: readonly string[] }
  | { kind: 'illegal' }
  | { kind: 'unknown' };

/** The reason why a person has to look before another partner is asked. */
export type PersonsTurn =
  | PersonReason
  | 'partner-failed'
  | 'cancelled-by-partner'
  | 'rejected-after-acceptance';

export type TrackStep =
  /** Nothing is new. It is asked for again at the next poll. */
  | { kind: 'unchanged' }
  | { kind: 'moved'; to: string; unseen: readonly string[] }
  /** Declined before it was taken, or cancelled by us. It is the next partner's turn. */
  | { kind: 'declined'; to: string; unseen: readonly string[]; reason?: string }
  /** Ended without help in a way that a person has to look at. */
  | { kind: 'ended'; to: string; unseen: readonly string[]; why: PersonsTurn }
  | { kind: 'completed'; unseen: readonly string[] }
  /** Silent beyond its deadline. It is cancelled with a reason, then read again. */
  | { kind: 'silent' }
  /**
   * Moved out of a terminal state, or back to requested or received. Nothing is overwritten, and a
   * person is told.
   */
  | { kind: 'illegal'; reported: string }
  /** The status is none of FHIR's, and the deadline has passed. A person is told. */
  | { kind: 'unreadable'; reported: string }
  /** The Task may not be ours, or is not understood. Nothing is done, and a person is told. */
  | { kind: 'odd'; oddities: readonly Oddity[] }
  | { kind: 'gone' }
  /** It has ended and is looked at once more. Nothing is moved. */
  | { kind: 'late' }
  /** The partner could not be asked about this one. */
  | { kind: 'not-asked'; error: unknown };

/**
 * Decides what a report means for a Task (SDOH Clinical Care 3.0.0, referral Task states). A status
 * that can be reached from the last known one is accepted, and the steps between are marked as not
 * seen.
 */
export function track(
  task: TaskRow,
  report: Report,
  judge: (from: string, to: string) => Judgment,
  now: Date,
): TrackStep {
  if (task.live === false) return { kind: 'late' };
  if (report.kind === 'gone') return { kind: 'gone' };
  if (report.kind === 'failed') return { kind: 'not-asked', error: report.error };
  const statement = report.statement ?? {};
  if (statement.odd && statement.odd.length > 0) return { kind: 'odd', oddities: statement.odd };
  const judged = judge(task.status, report.status);
  if (judged.kind === 'illegal') return { kind: 'illegal', reported: report.status };
  if (judged.kind === 'unknown')
    return isPastDeadline(task, now)
      ? { kind: 'unreadable', reported: report.status }
      : { kind: 'unchanged' };
  const silent = isUntaken(report.status) && isOverdue(task, now);
  if (judged.kind === 'same') return silent ? { kind: 'silent' } : { kind: 'unchanged' };
  return believed(task, report.status, judged.unseen, statement);
}

/** Gives the step for a status that is accepted. */
function believed(
  task: TaskRow,
  status: string,
  unseen: readonly string[],
  { reason, cancelledFor }: Said,
): TrackStep {
  switch (status) {
    case 'rejected':
      if (reason) return { kind: 'ended', to: status, unseen, why: reason };
      return isTaken(task.status)
        ? { kind: 'ended', to: status, unseen, why: 'rejected-after-acceptance' }
        : { kind: 'declined', to: status, unseen };
    case 'cancelled':
      if (cancelledFor !== undefined)
        return { kind: 'declined', to: status, unseen, reason: cancelledFor };
      return { kind: 'ended', to: status, unseen, why: reason ?? 'cancelled-by-partner' };
    case 'failed':
      return { kind: 'ended', to: status, unseen, why: reason ?? 'partner-failed' };
    case 'completed':
      return { kind: 'completed', unseen };
    default:
      return { kind: 'moved', to: status, unseen };
  }
}

const isPastDeadline = (task: TaskRow, now: Date): boolean =>
  task.accept_by !== null && task.accept_by <= now;

/** Tells whether a Task is past its deadline and not taken. An accepted Task has its own pace. */
export function isOverdue(task: TaskRow, now: Date): boolean {
  return isUntaken(task.status) && isPastDeadline(task, now);
}
