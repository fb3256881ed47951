import type { Facts } from '@loopwell/kit';
import type { Stage } from './stages.ts';

/** The party that a row waits for. */
export type WaitsFor = 'worker' | 'reviewer' | 'partner' | 'ehr' | 'operator';

/**
 * A row of the ledger as the pipeline reads it. Rows of the store pass through with all that they
 * hold.
 */
export type Row = {
  tenant: string;
  stage: string;
  subject: string;
  person: string | null;
  batch: string;
  waits_for: WaitsFor;
  generation: number;
  fence: number;
  /** Failures so far, all of one cause. */
  attempts: number;
  /** The code that `attempts` counts; null where nothing has failed. */
  cause: string | null;
  trace: string;
};

/**
 * The rows that a worker asks for: those of a batch, named rows, or all that have waited for a
 * while.
 */
export type Claim = { batch: string } | { subjects: readonly string[] } | { waitedMs: number };

/** The outcome of a row that was worked: done, waiting, or failed. */
export type Settlement =
  | { kind: 'done'; outcome: string }
  | {
      kind: 'wait';
      outcome: string;
      waitsFor: WaitsFor;
      delayMs?: number;
      quiet?: boolean;
      unresolved?: boolean;
      owedBy?: WaitsFor;
    }
  | {
      kind: 'park';
      code: string;
      facts?: Facts;
      delayMs?: number;
      waitsFor: WaitsFor;
      owedBy?: WaitsFor;
    };

/** A row with its settlement, the principal that worked it, and facts for its line of history. */
export type Settled<R extends Row> = {
  row: R;
  settlement: Settlement;
  principal: string;
  ms?: number;
  facts?: Facts;
};

/** What the pipeline needs of a ledger; the store has one. */
export type Ledger<Tx, R extends Row> = {
  claim: (tx: Tx, stage: Stage, what: Claim, limit: number) => Promise<R[]>;
  claimLease: (tx: Tx, stage: Stage, what: Claim, limit: number, leaseMs: number) => Promise<R[]>;
  renewLease: (tx: Tx, rows: readonly R[], leaseMs: number) => Promise<Set<string>>;
  holdLeases: (tx: Tx, rows: readonly R[]) => Promise<R[]>;
  settle: (tx: Tx, settled: readonly Settled<R>[]) => Promise<void>;
};

/** Transactions of the database. */
export type Transactions<Tx> = {
  tx: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  /** True when an error says that the database is away, so that no row is to blame. */
  isAway: (error: unknown) => boolean;
};

/** A reference to work, never the work itself: this is all that a queue ever carries. */
export type Nudge = { stage: Stage; batch: string };
/** Nudges the workers of stages. */
export type NudgeFunction = (nudges: readonly Nudge[]) => Promise<void>;
