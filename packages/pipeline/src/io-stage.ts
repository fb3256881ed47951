import { AppError, errorRecord, type Log } from '@loopwell/kit';
import { isTheirs, parkOf, type RetryPolicy } from './backoff.ts';
import type {
  Claim,
  Ledger,
  Nudge,
  NudgeFunction,
  Row,
  Settled,
  Transactions,
} from './ledger-port.ts';
import { heldUpBy, type Stage } from './stages.ts';

/** Rows held under a lease while a story talks to someone else. */
export type Lease<Tx, R extends Row> = {
  rows: readonly R[];
  /**
   * Asked right before each side effect: false when the lease has passed to another worker, or when
   * so little is left of it that a request begun now might outlive it. Renewed at each third, a
   * lease in good health has more than half.
   */
  isOurs: (row: R) => boolean;
  /**
   * Parks one row while its neighbors go on.
   *
   * @throws the error itself when it says that the database is away
   */
  park: (row: R, error: unknown) => Promise<void>;
  /**
   * One transaction that first proves which leases are still ours and hands exactly those rows to
   * `work`. Rows that `work` settles are finished; those that it leaves out stay held. `first`
   * takes what has to be locked before them.
   */
  settle: (
    rows: readonly R[],
    work: (tx: Tx, ours: readonly R[]) => Promise<SettleResult<R>>,
    first?: (tx: Tx) => Promise<void>,
  ) => Promise<void>;
  /**
   * Says which server rows are waiting for from now on: while it lets them wait, nobody waits for
   * this batch.
   */
  waitAt: (rows: readonly R[], receiver: string) => void;
  /** Gives rows back as they were, to be taken up later: nothing was tried, and nothing is told. */
  giveBack: (rows: readonly R[], delayMs: number) => Promise<void>;
};

/** A batch that has been claimed and is being worked. */
export type Flight = {
  rows: number;
  /** Rows that are not done yet. */
  left: () => number;
  /** True while all that is left of it waits for servers that let somebody wait. */
  isStuck: () => boolean;
};

export type SettleResult<R extends Row> = {
  settled: readonly Settled<R>[];
  nudges?: readonly Nudge[];
};

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
  /** Whether a server lets somebody wait; none does when left out. */
  letsWait?: (receiver: string) => boolean;
};

/**
 * Claims rows under a lease, commits, lets the story work, and parks what it left unsettled.
 *
 * @param onClaim told as soon as rows have been claimed, long before they are done
 * @returns how many rows were claimed
 */
export async function workIo<Tx, R extends Row>(
  deps: IoDeps<Tx, R>,
  stage: IoStage<Tx, R>,
  claim: Claim,
  onClaim: (flight: Flight) => void = () => {},
): Promise<number> {
  const claimedAt = performance.now();
  const rows = await deps.tx((tx) =>
    deps.ledger.claimLease(tx, stage.stage, claim, stage.limit, stage.leaseMs),
  );
  if (rows.length === 0) return 0;
  const holder = holdRows(deps, stage, rows, claimedAt);
  onClaim({ rows: rows.length, left: () => holder.held.size, isStuck: holder.isStuck });
  try {
    await workHeld(deps, stage, holder, rows);
  } finally {
    holder.stop();
  }
  return rows.length;
}

/**
 * Lets the story work some of the held rows. An error that another server is not to blame for may
 * come from one of them: what is left is worked again in halves, down to that one. Repeating is
 * safe, since receipts are asked first.
 */
async function workHeld<Tx, R extends Row>(
  deps: IoDeps<Tx, R>,
  stage: IoStage<Tx, R>,
  holder: Holder<Tx, R>,
  rows: readonly R[],
): Promise<void> {
  const left = () => rows.filter((row) => holder.held.has(row.subject));
  try {
    await stage.work({ ...holder.lease, rows });
    for (const row of left()) await leaveOne(deps, holder, row);
  } catch (error) {
    if (deps.isAway(error)) throw error;
    const some = left();
    if (some.length > 1 && !isRemote(error)) {
      deps.log.warn('A leased batch failed and is halved', {
        stage: stage.stage,
        rows: some.length,
      });
      const middle = Math.ceil(some.length / 2);
      await workHeld(deps, stage, holder, some.slice(0, middle));
      await workHeld(deps, stage, holder, some.slice(middle));
      return;
    }
    for (const row of some) await parkOne(deps, holder, row, error);
  }
}

/** The other server's doing: asking it once more for each half would only add to its trouble. */
const isRemote = (error: unknown) => isTheirs(errorRecord(error).code);

type Holder<Tx, R extends Row> = {
  lease: Lease<Tx, R>;
  held: Map<string, R> /** Rows of which `isOurs` once said no. */;
  doubted: Set<string>;
  isStuck: () => boolean;
  stop: () => void;
};

function holdRows<Tx, R extends Row>(
  deps: IoDeps<Tx, R>,
  stage: IoStage<Tx, R>,
  rows: readonly R[],
  claimedAt: number,
): Holder<Tx, R> {
  const held = new Map(rows.map((row) => [row.subject, row]));
  let until = claimedAt + stage.leaseMs;
  const renew = async () => {
    const asked = performance.now();
    const kept = await deps.tx((tx) =>
      deps.ledger.renewLease(tx, [...held.values()], stage.leaseMs),
    );
    for (const subject of held.keys()) if (!kept.has(subject)) held.delete(subject);
    until = asked + stage.leaseMs;
  };
  const timer = setInterval(() => {
    renew().catch((error) =>
      deps.log.error('A lease could not be renewed', error, { stage: stage.stage }),
    );
  }, stage.leaseMs / 3);
  const settle: Lease<Tx, R>['settle'] = async (some, work, first) => {
    const nudges = await deps.tx(async (tx) => {
      await first?.(tx);
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
  const doubted = new Set<string>();
  const isOurs = (row: R) => {
    const ours = held.has(row.subject) && performance.now() < until - stage.leaseMs / 2;
    if (!ours) doubted.add(row.subject);
    return ours;
  };
  const park: Lease<Tx, R>['park'] = async (row, error) => {
    if (deps.isAway(error)) throw error;
    deps.log.error('A row failed and is parked', error, { stage: stage.stage });
    const settlement = parkOf(error, row, deps.retry);
    await settle([row], async () => ({
      settled: [{ row, settlement, principal: deps.principal }],
    }));
  };
  const places = placesOf(held, deps.letsWait ?? (() => false));
  const lease = {
    rows,
    isOurs,
    park,
    settle,
    waitAt: places.waitAt,
    giveBack: givingBack(deps, settle),
  };
  return { lease, held, doubted, isStuck: places.isStuck, stop: () => clearInterval(timer) };
}

/** Which servers the rows of a batch wait for. */
function placesOf<R extends Row>(
  held: ReadonlyMap<string, R>,
  letsWait: (receiver: string) => boolean,
) {
  const places = new Map<string, string>();
  const isWaiting = (subject: string) => {
    const place = places.get(subject);
    return place !== undefined && letsWait(place);
  };
  return {
    waitAt: (rows: readonly R[], receiver: string) => {
      for (const row of rows) places.set(row.subject, receiver);
    },
    isStuck: () => held.size > 0 && [...held.keys()].every(isWaiting),
  };
}

function givingBack<Tx, R extends Row>(
  deps: IoDeps<Tx, R>,
  settle: Lease<Tx, R>['settle'],
): Lease<Tx, R>['giveBack'] {
  return async (rows, delayMs) => {
    if (rows.length === 0) return;
    await settle(rows, async (_tx, ours) => ({
      settled: ours.map((row) => ({
        row,
        settlement: givenBack(row, delayMs),
        principal: deps.principal,
      })),
    }));
  };
}

/**
 * As it was before it was claimed: what failed before counts on, and shows. It is the server that
 * holds it up.
 */
export const givenBack = (row: Row, delayMs: number) => {
  const untried = { quiet: true, unresolved: true, owedBy: heldUpBy(row.stage) };
  return {
    kind: 'wait' as const,
    outcome: 'given-back',
    waitsFor: row.waits_for,
    delayMs,
    ...untried,
  };
};

/**
 * A row whose lease the story could not rely on any more is given back as it was; any other that it
 * left is its fault.
 */
async function leaveOne<Tx, R extends Row>(
  deps: IoDeps<Tx, R>,
  holder: Holder<Tx, R>,
  row: R,
): Promise<void> {
  if (!holder.doubted.has(row.subject))
    return parkOne(
      deps,
      holder,
      row,
      new AppError('INTERNAL', 'The story left this row unsettled'),
    );
  await holder.lease.giveBack([row], 0);
}

async function parkOne<Tx, R extends Row>(
  deps: IoDeps<Tx, R>,
  holder: Holder<Tx, R>,
  row: R,
  error: unknown,
): Promise<void> {
  try {
    await holder.lease.park(row, error);
  } catch (failed) {
    if (deps.isAway(failed)) throw failed;
    deps.log.error('A row could not be parked', failed, { stage: row.stage });
  }
}
