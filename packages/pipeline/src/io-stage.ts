import { AppError, type Log } from '@loopwell/kit';
import { parkOf, type RetryPolicy } from './backoff.ts';
import type { Claim, Ledger, Nudge, NudgeFunction, Row, Settled, Transactions } from './ports.ts';
import type { Stage } from './stages.ts';

/** Rows held under a lease while a story talks to someone else. */
export type Lease<Tx, R extends Row> = {
  rows: readonly R[];
  /** Asked right before each side effect: false when the lease has ended or passed to another worker. */
  isOurs: (row: R) => boolean;
  /**
   * One transaction that first proves which leases are still ours and hands exactly those rows to `work`.
   * Rows that `work` settles are finished; those that it leaves out stay held.
   */
  settle: (rows: readonly R[], work: (tx: Tx, ours: readonly R[]) => Promise<SettleResult<R>>) => Promise<void>;
};

export type SettleResult<R extends Row> = { settled: readonly Settled<R>[]; nudges?: readonly Nudge[] };

export type IoStage<Tx, R extends Row> = {
  stage: Stage;
  limit: number;
  leaseMs: number;
  work: (lease: Lease<Tx, R>) => Promise<void>;
};

export type IoDeps<Tx, R extends Row> = Transactions<Tx> & {
  ledger: Ledger<Tx, R>;
  nudge: NudgeFunction;
  retry: RetryPolicy;
  principal: string;
  log: Log;
};

/**
 * Claims rows under a lease, commits, lets the story work, and parks what it left unsettled.
 *
 * @returns how many rows were claimed
 */
export async function workIo<Tx, R extends Row>(deps: IoDeps<Tx, R>, stage: IoStage<Tx, R>, claim: Claim): Promise<number> {
  const claimedAt = Date.now();
  const rows = await deps.tx((tx) => deps.ledger.claimLease(tx, stage.stage, claim, stage.limit, stage.leaseMs));
  if (rows.length === 0) return 0;
  const holder = holdRows(deps, stage, rows, claimedAt);
  try {
    await stage.work(holder.lease);
    await parkLeftovers(deps, holder, new AppError('INTERNAL', 'The story left this row unsettled'));
  } catch (error) {
    if (deps.isAway(error)) throw error;
    deps.log.error('A leased batch failed', error, { stage: stage.stage });
    await parkLeftovers(deps, holder, error);
  } finally {
    holder.stop();
  }
  return rows.length;
}

type Holder<Tx, R extends Row> = { lease: Lease<Tx, R>; held: Map<string, R>; stop: () => void };

function holdRows<Tx, R extends Row>(
  deps: IoDeps<Tx, R>,
  stage: IoStage<Tx, R>,
  rows: readonly R[],
  claimedAt: number,
): Holder<Tx, R> {
  const held = new Map(rows.map((row) => [row.subject, row]));
  let until = claimedAt + stage.leaseMs;
  const renew = async () => {
    const asked = Date.now();
    const kept = await deps.tx((tx) => deps.ledger.renewLease(tx, [...held.values()], stage.leaseMs));
    for (const subject of held.keys()) if (!kept.has(subject)) held.delete(subject);
    until = asked + stage.leaseMs;
  };
  const timer = setInterval(() => {
    renew().catch((error) => deps.log.error('A lease could not be renewed', error, { stage: stage.stage }));
  }, stage.leaseMs / 3);
  const settle: Lease<Tx, R>['settle'] = async (some, work) => {
    const nudges = await deps.tx(async (tx) => {
      const ours = await deps.ledger.holdLeases(tx, some);
      for (const row of some) if (!ours.includes(row)) held.delete(row.subject);
      if (ours.length === 0) return [];
      const result = await work(tx, ours);
      await deps.ledger.settle(tx, result.settled);
      for (const one of result.settled) held.delete(one.row.subject);
      return result.nudges ?? [];
    });
    await deps.nudge(nudges);
  };
  const isOurs = (row: R) => held.has(row.subject) && Date.now() < until;
  return { lease: { rows, isOurs, settle }, held, stop: () => clearInterval(timer) };
}

async function parkLeftovers<Tx, R extends Row>(deps: IoDeps<Tx, R>, holder: Holder<Tx, R>, error: unknown): Promise<void> {
  for (const row of [...holder.held.values()]) {
    try {
      const settlement = parkOf(error, row.attempts, deps.retry);
      await holder.lease.settle([row], async () => ({ settled: [{ row, settlement, principal: deps.principal }] }));
    } catch (failed) {
      if (deps.isAway(failed)) throw failed;
      deps.log.error('A row could not be parked', failed, { stage: row.stage });
    }
  }
}
