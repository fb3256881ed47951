import type { fhir4 } from '@loopwell/fhir';
import { isTaken, isUntaken, type Oddity, type PersonReason } from '@loopwell/sdoh';
import type { TaskRow } from '@loopwell/store';

/** What a partner's Task says beside its status, as far as it decides anything. */
export type Said = {
  /** Why nothing is done on it. */
  odd?: readonly Oddity[];
  /** Another Organization owns it by now. */
  handedOn?: boolean;
  /** A coded reason that speaks of the person. */
  reason?: PersonReason | undefined;
  /**
   * Our own reason for a cancellation of ours: a worker that ended before it could write that down
   * had cancelled.
   */
  cancelledFor?: string | undefined;
};

/**
 * A Task as its partner shows it now. A failure is that Task's own: its neighbors are told all the
 * same.
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

/** How a reported status relates to the last known one; from the Task moves of the domain. */
export type Judgement =
  | { kind: 'same' }
  | { kind: 'believed'; unseen: readonly string[] }
  | { kind: 'illegal' }
  | { kind: 'unknown' };

/** Why a person has to look before anybody else is asked. */
export type PersonsTurn =
  | PersonReason
  | 'partner-failed'
  | 'cancelled-by-partner'
  | 'rejected-after-acceptance';

export type TrackStep =
  /** Nothing new: looked at again at the next poll. */
  | { kind: 'unchanged' }
  | { kind: 'moved'; to: string; unseen: readonly string[] }
  /** Declined before anybody took it, or cancelled by us: the next partner's turn. */
  | { kind: 'declined'; to: string; unseen: readonly string[]; reason?: string }
  /** Ended without help in a way that a person has to look at. */
  | { kind: 'ended'; to: string; unseen: readonly string[]; why: PersonsTurn }
  | { kind: 'completed'; unseen: readonly string[] }
  /** Silent beyond its deadline: cancelled with a reason, then read again. */
  | { kind: 'silent' }
  /**
   * Out of a terminal state, or back to requested or received: nothing is overwritten, a person is
   * told.
   */
  | { kind: 'illegal'; reported: string }
  /** No status of FHIR's, and the deadline has passed: a person is told. */
  | { kind: 'unreadable'; reported: string }
  /** Perhaps not our Task, or not to be understood: nothing is done, a person is told. */
  | { kind: 'odd'; oddities: readonly Oddity[] }
  | { kind: 'gone' }
  /** It has ended, and is looked at once more: nothing is moved. */
  | { kind: 'late' }
  /** The partner could not be asked about this one. */
  | { kind: 'not-asked'; error: unknown };

/**
 * What a report means for a Task (SDOH Clinical Care 3.0.0, referral Task states). A status that
 * can be reached from the last known one is believed, with the steps between marked as not seen.
 */
export function track(
  task: TaskRow,
  report: Report,
  judge: (from: string, to: string) => Judgement,
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

/** Only a Task that nobody has taken can be silent; one that was accepted has its own pace. */
export function isOverdue(task: TaskRow, now: Date): boolean {
  return isUntaken(task.status) && isPastDeadline(task, now);
}
