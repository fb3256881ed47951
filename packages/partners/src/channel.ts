import type { fhir4 } from '@loopwell/fhir';

/** A Task as its partner has it. */
export type RemoteTask = {
  remoteId: string;
  etag?: string | undefined;
  status: string;
  task: fhir4.Task;
};

/**
 * The answer to the question whether a Task arrived. `cannot-tell`: the answer did not show whether
 * the question was understood.
 */
export type Asked =
  | ({ kind: 'there' } & RemoteTask)
  | { kind: 'not-there' }
  | { kind: 'cannot-tell' };

/** One Task of a poll. A failure is that Task's own; the other Tasks are reported all the same. */
export type Polled =
  | ({ kind: 'there' } & RemoteTask)
  | { kind: 'gone' }
  | { kind: 'failed'; error: unknown };

/**
 * The Tasks that may be cancelled. `untaken`: only those that are not accepted; `open`: also those
 * that the partner works on.
 */
export type CancelScope = 'untaken' | 'open';

/**
 * The outcome of a cancellation. `task`: the partner's last version, which our own words must not
 * cover up.
 */
export type Cancelled = (
  | /** It can no longer end in help, and the partner shows it so. */ {
      kind: 'cancelled';
      status: string;
    }
  /** The partner was faster: it took the Task, or has ended it in its own way. */
  | { kind: 'kept'; status: string }
  | { kind: 'cannot-prove'; code: string }
) & { task: fhir4.Task };

/** One entry of Task.output as it came, and the resource that its reference led to. */
export type Output = {
  type: unknown;
  /** `valueString`, `valueReference` …; null if it has no value. */
  valueName: string | null;
  content: unknown;
  reference: string | null;
  /** The resource that was read or was contained in the Task; null if there is none. */
  resource: unknown;
  /** The reason why a reference led to nothing, so that a person looks. */
  unread: 'elsewhere' | 'not-there' | 'unreadable' | 'too-many' | null;
};

/**
 * Sends referrals to one kind of partner, and reads its answers. Each channel has one folder here.
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
  /**
   * Asks whether a Task arrived whose send has an unknown outcome. A "no" lets the Task be sent
   * again.
   */
  ask: (task: fhir4.Task, receiptKey: string) => Promise<Asked>;
  /** Reads the states of many Tasks at once, by their ids at the partner, and answers for each. */
  poll: (remoteIds: readonly string[]) => Promise<Map<string, Polled>>;
  /** Takes a Task back with a reason in words, and proves it by reading it again. */
  cancel: (remoteId: string, reason: string, scope: CancelScope) => Promise<Cancelled>;
  /**
   * Lists all outputs that a Task names, with the resources that can be read.
   *
   * @param giveUp an output that cannot be read now is left unread; without it a partner in trouble
   *   throws and is asked again
   */
  outputs: (task: fhir4.Task, giveUp?: boolean) => Promise<Output[]>;
};
