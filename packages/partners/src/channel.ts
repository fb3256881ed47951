import type { fhir4 } from '@loopwell/fhir';

/** A partner's Task as it stands at the partner. */
export type RemoteTask = {
  remoteId: string;
  etag?: string | undefined;
  status: string;
  task: fhir4.Task;
};

/** `cannot-tell`: the answer did not show whether the question was understood. */
export type Asked =
  | ({ kind: 'there' } & RemoteTask)
  | { kind: 'not-there' }
  | { kind: 'cannot-tell' };

/** One Task of a poll. A failure is that Task's own: its neighbors are told all the same. */
export type Polled =
  | ({ kind: 'there' } & RemoteTask)
  | { kind: 'gone' }
  | { kind: 'failed'; error: unknown };

/** `untaken`: only while nobody has accepted it; `open`: also while the partner works on it. */
export type CancelScope = 'untaken' | 'open';

/** `task`: what the partner had said last, which our own words must not cover up. */
export type Cancelled = (
  | /** It can no longer end in help, and the partner shows it so. */ {
      kind: 'cancelled';
      status: string;
    }
  /** The partner was faster: it took the Task, or has ended it in its own way. */
  | { kind: 'kept'; status: string }
  | { kind: 'cannot-prove'; code: string }
) & { task: fhir4.Task };

/** One entry of Task.output as it came, and what its reference led to. */
export type Output = {
  type: unknown;
  /** `valueString`, `valueReference` …; null where it has no value. */
  valueName: string | null;
  content: unknown;
  reference: string | null;
  /** What was read, or was contained in the Task; null where there is nothing. */
  resource: unknown;
  /** Why a reference led to nothing: somebody has to look. */
  unread: 'elsewhere' | 'not-there' | 'unreadable' | 'too-many' | null;
};

/**
 * How referrals reach one kind of partner, and how their answers come back. One folder of this
 * shelf each.
 */
export type Channel = {
  id: string;
  /**
   * Sends a Task under its receipt key, at most once at a time.
   *
   * @param mayGo asked right before anything leaves; nothing does when it says no
   * @throws AppError REMOTE_REFUSED with `status` when the partner will not take it;
   *   OUTCOME_UNKNOWN when it may have it, with `notKept` when it said yes and shows nothing;
   *   REMOTE_UNAVAILABLE when it asks to come back later
   */
  send: (task: fhir4.Task, receiptKey: string, mayGo?: () => boolean) => Promise<RemoteTask>;
  /** Asks what became of a send whose outcome is unknown. A "no" lets the Task go again. */
  ask: (task: fhir4.Task, receiptKey: string) => Promise<Asked>;
  /** States of many Tasks at once, by their ids at the partner: an answer for each. */
  poll: (remoteIds: readonly string[]) => Promise<Map<string, Polled>>;
  /** Takes a Task back with a reason in words, and proves it by reading it again. */
  cancel: (remoteId: string, reason: string, scope: CancelScope) => Promise<Cancelled>;
  /**
   * Everything that a Task names as its output, with what can be read of it.
   *
   * @param giveUp what cannot be read now is left unread; without it a partner in trouble throws,
   *   and is asked again
   */
  outputs: (task: fhir4.Task, giveUp?: boolean) => Promise<Output[]>;
};
