import type { fhir4 } from '@loopwell/fhir';
import {
  type HandedReason,
  handedAmong,
  isTaken,
  isUntaken,
  type Oddity,
  type PersonReason,
  personReasonAmong,
  type ReadOutput,
  stoppingOddities,
} from '@loopwell/sdoh';
import type { InboxRow, TaskRow } from '@loopwell/store';
import { ownReasons, principal, silenceWords } from './our-words.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { saysPersonsNoIn } from './persons-no.ts';

/** The relation of a reported status to the last known one, by the Task moves of the domain. */
export type Judgment =
  | { kind: 'same' }
  | { kind: 'believed'; unseen: readonly string[] }
  | { kind: 'illegal' }
  | { kind: 'unknown' };

type Judge = (from: string, to: string) => Judgment;

/** The reason why a person has to look before another partner is asked. */
export type PersonsTurn =
  | PersonReason
  | HandedReason
  | 'partner-failed'
  | 'cancelled-by-partner'
  | 'rejected-after-acceptance';

export type TrackStep =
  /** Nothing is new. */
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
  /** The status is none of FHIR's, or outputs are missing. A later answer may say more. */
  | { kind: 'waits' }
  /** It has ended. The answer is kept, and nothing is moved. */
  | { kind: 'late' };

/** A Task as the track stage reads it, with the order that its outcome has to be for. */
export type Tracked = {
  task: TaskRow;
  serviceRequest: string | null;
  /** An answer is there that can be undone until then. Nobody is silent meanwhile. */
  heldUntil?: Date | undefined;
};

/** One answer, the Task as it was before it, and what the answer does to it. */
export type Look = {
  row: InboxRow;
  task: TaskRow;
  step: TrackStep;
  /** The outcome of a Task that is completed by this answer, or was without showing any. */
  outcome?: Outcome;
};

/** What the inbox and the clock say of a Task: what each answer does, and what is next. */
export type TrackResult = { looks: readonly Look[]; task: TaskRow; next: TrackStep };

/**
 * Decides what the answers in the inbox mean for a Task (SDOH Clinical Care 3.0.0, referral Task
 * states), one after the other. Without an answer that moves it, the clock decides whether it has
 * been silent too long.
 */
export function track(
  { task, serviceRequest, heldUntil }: Tracked,
  waiting: readonly InboxRow[],
  judge: Judge,
  now: Date,
): TrackResult {
  const looks: Look[] = [];
  let current = task;
  for (const row of waiting) {
    const look: Look = { row, task: current, step: stepOf(current, row, judge, now) };
    const outcome = outcomeIn(look, serviceRequest);
    if (outcome !== undefined) look.outcome = outcome;
    looks.push(look);
    current = taskAfter(look);
  }
  const last = looks.at(-1)?.step ?? { kind: 'unchanged' };
  const isByClock = last.kind === 'unchanged' && heldUntil === undefined;
  const next = isByClock ? clockStep(current, now) : last;
  return {
    looks,
    task: current,
    next,
  };
}

/** Decides by the clock alone whether a Task has been silent too long. */
function clockStep(task: TaskRow, now: Date): TrackStep {
  if (task.live === false) return { kind: 'late' };
  return isOverdue(task, now) ? { kind: 'silent' } : { kind: 'unchanged' };
}

/**
 * Decides what one answer means for a Task. A status that can be reached from the last known one is
 * accepted, and the steps between are marked as not seen.
 */
function stepOf(task: TaskRow, row: InboxRow, judge: Judge, now: Date): TrackStep {
  // The same answer comes again with its outputs.
  if (row.is_partial) return { kind: 'waits' };
  if (task.live === false) return { kind: 'late' };
  const odd = stopping(row);
  if (odd.length > 0) return { kind: 'odd', oddities: odd };
  const judged = judge(task.status, row.status);
  if (judged.kind === 'illegal') return { kind: 'illegal', reported: row.status };
  if (judged.kind === 'unknown')
    return isPastDeadline(task, now)
      ? { kind: 'unreadable', reported: row.status }
      : { kind: 'waits' };
  return judged.kind === 'same' ? { kind: 'unchanged' } : believed(task, row, judged.unseen);
}

/** Lists the oddities of an answer for which nothing is done on it. */
const stopping = ({ oddities }: InboxRow): Oddity[] =>
  (JSON.parse(oddities) as Oddity[]).filter((oddity) => stoppingOddities.includes(oddity));

/** Gives the step for a status that is accepted. */
function believed(task: TaskRow, row: InboxRow, unseen: readonly string[]): TrackStep {
  const { status } = row;
  const codes = JSON.parse(row.codes) as { system: string; code: string }[];
  const reason = saysPersonsNoIn(row) ? 'person-declined' : personReasonAmong(codes);
  const handed = handedAmong(codes);
  switch (status) {
    case 'rejected':
      if (reason)
        return {
          kind: 'ended',
          to: status,
          unseen,
          why: reason,
        };
      return isTaken(task.status)
        ? {
            kind: 'ended',
            to: status,
            unseen,
            why: 'rejected-after-acceptance',
          }
        : {
            kind: 'declined',
            to: status,
            unseen,
          };
    case 'cancelled': {
      const cancelledFor = ourReason(task, row);
      if (cancelledFor !== undefined)
        return {
          kind: 'declined',
          to: status,
          unseen,
          reason: cancelledFor,
        };
      return { kind: 'ended', to: status, unseen, why: reason ?? handed ?? 'cancelled-by-partner' };
    }
    case 'failed':
      return { kind: 'ended', to: status, unseen, why: reason ?? 'partner-failed' };
    case 'completed':
      return { kind: 'completed', unseen };
    default:
      return {
        kind: 'moved',
        to: status,
        unseen,
      };
  }
}

/**
 * Gives our own reason, if a partner's copy shows that we cancelled the Task. The worker that
 * cancelled had ended before it could record that. A Task that was taken is never silent, so there
 * the words are the partner's.
 */
function ourReason(task: TaskRow, row: InboxRow): string | undefined {
  if (row.recorded_by !== principal) return undefined;
  const words = row.reason ?? '';
  if (words === silenceWords && isTaken(task.status)) return undefined;
  return ownReasons.get(words);
}

/** Gives a Task as it is after an answer. */
function taskAfter({ task, step, outcome }: Look): TaskRow {
  switch (step.kind) {
    case 'moved':
      return { ...task, status: step.to };
    case 'declined':
    case 'ended':
      return {
        ...task,
        status: step.to,
        live: false,
      };
    case 'completed':
      return { ...task, status: 'completed', live: false, reason: outcome?.verdict ?? null };
    default:
      return task;
  }
}

/**
 * Judges the outcome of a Task that an answer completes. A partner may show its outcome later than
 * the completion.
 */
function outcomeIn({ row, task, step }: Look, serviceRequest: string | null): Outcome | undefined {
  const isShownLate =
    step.kind === 'late' &&
    task.reason === 'no-outcome' &&
    row.status === 'completed' &&
    stopping(row).length === 0;
  if (step.kind !== 'completed' && !isShownLate) return undefined;
  const outputs = JSON.parse(row.read_outputs ?? '[]') as ReadOutput[];
  const body = row.body === null ? undefined : (JSON.parse(row.body) as fhir4.Task);
  const remoteId = task.remote_id ?? '';
  return outcomeOf(body, outputs, { person: task.person, serviceRequest, remoteId });
}

const isPastDeadline = (task: TaskRow, now: Date): boolean =>
  task.accept_by !== null && task.accept_by <= now;

/** Tells whether a Task is past its deadline and not taken. An accepted Task has its own pace. */
export function isOverdue(task: TaskRow, now: Date): boolean {
  return isUntaken(task.status) && isPastDeadline(task, now);
}
