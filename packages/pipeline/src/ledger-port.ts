import type { Facts } from '@loopwell/kit';
import type { Stage } from './stages.ts';

/**
 * What the pipeline needs of a ledger. The store has one; its rows pass through here with all that
 * they hold.
 */
export type WaitsFor = 'worker' | 'reviewer' | 'partner' | 'ehr' | 'operator';

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

export type Claim = { batch: string } | { subjects: readonly string[] } | { waitedMs: number };

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

export type Settled<R extends Row> = {
  row: R;
  settlement: Settlement;
  principal: string;
  ms?: number;
  facts?: Facts;
};

export type Ledger<Tx, R extends Row> = {
  claim: (tx: Tx, stage: Stage, what: Claim, limit: number) => Promise<R[]>;
  claimLease: (tx: Tx, stage: Stage, what: Claim, limit: number, leaseMs: number) => Promise<R[]>;
  renewLease: (tx: Tx, rows: readonly R[], leaseMs: number) => Promise<Set<string>>;
  holdLeases: (tx: Tx, rows: readonly R[]) => Promise<R[]>;
  settle: (tx: Tx, settled: readonly Settled<R>[]) => Promise<void>;
};

export type Transactions<Tx> = {
  tx: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  /** True when an error says that the database is away, so that no row is to blame. */
  isAway: (error: unknown) => boolean;
};

/** A reference to work, never the work itself: this is all that a queue ever carries. */
export type Nudge = { stage: Stage; batch: string };
export type NudgeFunction = (nudges: readonly Nudge[]) => Promise<void>;
