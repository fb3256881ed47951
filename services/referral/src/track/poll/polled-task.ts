import type { fhir4 } from '@loopwell/fhir';
import type { Clock, Log } from '@loopwell/kit';
import type { Told } from '@loopwell/partners';
import { parkOf } from '@loopwell/pipeline';
import type { ReadOutput } from '@loopwell/sdoh';
import type { InboxRow, LedgerRow, Settlement, TaskRow, Tx } from '@loopwell/store';
import type { LearnedAnswer } from '../../answers/keep-answers.ts';
import type { Recalled } from '../../refer/model.ts';
import type { ReferralSettings } from '../../settings.ts';
import { isOverdue } from '../track.ts';

/**
 * A Task as its partner shows it now. A failure is that Task's own; the other Tasks of the search
 * are reported all the same.
 */
export type Report =
  | { kind: 'there'; status: string; etag?: string | undefined; body?: fhir4.Task }
  | { kind: 'gone' }
  | { kind: 'failed'; error: unknown };

export type TrackStageDeps = {
  settings: ReferralSettings;
  clock: Clock;
  read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  /** Tells whether a Task's channel asks the partner for its copy. */
  isPolled: (task: TaskRow) => boolean;
  /** Gives the milliseconds until a partner's server may be asked; undefined if it may be now. */
  waitFor: (address: string, rows: number) => number | undefined;
  /** Asks a partner for all its Tasks of the batch in one search. Keys are our Task ids. */
  poll: (address: string, batch: readonly TaskRow[]) => Promise<Map<string, Report>>;
  /** Takes back a Task that is not taken yet, with a reason in words. */
  cancel: (task: TaskRow, words: string) => Promise<Recalled>;
  /**
   * Reads the outputs of a Task.
   *
   * @param giveUp an output that cannot be read now is left unread, instead of being asked for
   *   again
   */
  outputs: (task: TaskRow, body: fhir4.Task, giveUp: boolean) => Promise<readonly ReadOutput[]>;
  /** Reminds a partner of a Task that waits for its answer. */
  remind: (task: TaskRow) => Promise<Told>;
  isHeld: (partner: string) => Promise<boolean>;
  isAway: (error: unknown) => boolean;
  log: Log;
};

export type Work = { row: LedgerRow; task: TaskRow };
/**
 * A Task with the ids by which ours is told from another's, and the answers in the inbox that wait
 * for it.
 */
export type Asked = Work & {
  serviceRequest: string | null;
  identifierSystem: string;
  waiting: readonly InboxRow[];
  /** Until when an answer can be undone that ends the Task. */
  heldUntil: Date | undefined;
};

/**
 * What a poll found. `failed`: the partner could not be asked about this Task, or an output of a
 * new version could not be read.
 */
export type PollResult =
  | { kind: 'nothing' }
  | { kind: 'answer'; answer: LearnedAnswer; etag: string | undefined }
  | { kind: 'gone' }
  | { kind: 'failed'; error: unknown };

/**
 * A Task with what its door found, how its cancellation for silence went, and, where nobody has
 * taken it, until when its consent lasts.
 */
export type Polled = Asked & {
  poll: PollResult;
  recalled?: Recalled;
  /** What came of the reminder, where one was due. */
  reminded?: Told;
  consentUntil?: Date | undefined;
};

/** Failures to reach a partner before a silent Task is given to a person. */
const reachTries = 8;

/**
 * Schedules the next question to a partner that could not be asked. It is asked again with growing
 * pauses, for as long as it takes, so a weekend's outage needs no person. A silent Task past its
 * deadline is given to a person after some failures.
 */
export function notAskedYet(
  deps: Pick<TrackStageDeps, 'settings' | 'clock'>,
  { row, task }: Work,
  error: unknown,
): Settlement {
  const maxMs = Math.max(300_000, deps.settings.pollMs);
  const attempts = isOverdue(task, deps.clock.now()) ? reachTries : Number.POSITIVE_INFINITY;
  const parked = parkOf(error, row, { baseMs: 1_000, maxMs, attempts });
  return parked.kind !== 'done' && parked.waitsFor === 'worker'
    ? { ...parked, waitsFor: 'partner' }
    : parked;
}
