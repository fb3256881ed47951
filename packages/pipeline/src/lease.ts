import type { Log } from '@loopwell/kit';
import type { RetryPolicy } from './backoff.ts';
import type { Ledger, Nudge, NudgeFunction, Row, Settled, Transactions } from './ledger-port.ts';
import type { Stage } from './stages.ts';

/** Rows held under a lease while a story talks to another server. DECISIONS D74. */
export type Lease<Tx, R extends Row> = {
  rows: readonly R[];
  /**
   * Tells whether the lease is ours, right before each side effect. It is false when the lease has
   * passed to another worker, or when so little is left of it that a request begun now might
   * outlive it. Renewed at each third, a lease in good health has more than half.
   */
  isOurs: (row: R) => boolean;
  /**
   * Parks one row while its neighbors go on.
   *
   * @throws the error itself when it says that the database is away
   */
  park: (row: R, error: unknown) => Promise<void>;
  /**
   * Settles rows in one transaction, which first proves which leases are still ours and hands
   * exactly those rows to `work`. Rows that `work` settles are finished; those that it leaves out
   * stay held. `first` takes what has to be locked before them.
   */
  settle: (
    rows: readonly R[],
    work: (tx: Tx, ours: readonly R[]) => Promise<SettleResult<R>>,
    first?: (tx: Tx) => Promise<void>,
  ) => Promise<void>;
  /**
   * Says which server rows are waiting for from now on. While that server lets work wait, the
   * runner does not wait for this batch.
   */
  waitAt: (rows: readonly R[], receiver: string) => void;
  /**
   * Gives rows back as they were, to be taken up later. Nothing was tried, and the history gets no
   * line.
   */
  giveBack: (rows: readonly R[], delayMs: number) => Promise<void>;
};

/** A batch that has been claimed and is being worked. */
export type Flight = {
  rows: number;
  /** Rows that are not done yet. */
  left: () => number;
  /** Tells whether all that is left of the batch waits for servers that let work wait. */
  isStuck: () => boolean;
};

/** The outcomes of rows, and the nudges that they call for. */
export type SettleResult<R extends Row> = {
  settled: readonly Settled<R>[];
  nudges?: readonly Nudge[];
};

/** A stage that talks to other servers. */
export type IoStage<Tx, R extends Row> = {
  stage: Stage;
  limit: number;
  leaseMs: number;
  work: (lease: Lease<Tx, R>) => Promise<void>;
};

/** The functions and settings that every io stage needs. */
export type IoDeps<Tx, R extends Row> = Transactions<Tx> & {
  ledger: Ledger<Tx, R>;
  nudge: NudgeFunction;
  retry: RetryPolicy;
  principal: string;
  log: Log;
  /** Tells whether a server lets work wait; none does when left out. */
  letsWait?: (receiver: string) => boolean;
};
