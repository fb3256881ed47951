import type { Log } from '@loopwell/kit';
import { parkOf, type RetryPolicy } from './backoff.ts';
import type {
  Claim,
  Ledger,
  Nudge,
  NudgeFunction,
  Row,
  Settled,
  Settlement,
  Transactions,
} from './ledger-port.ts';
import type { Stage } from './stages.ts';

/**
 * A stage without I/O of its own: claimed, loaded, worked, saved and settled in one transaction.
 * `step` works one subject and knows neither queue nor database.
 * DECISIONS D5.
 */
export type PureStage<Tx, R extends Row, Loaded, Done> = {
  stage: Stage;
  limit: number;
  load: (tx: Tx, rows: readonly R[]) => Promise<ReadonlyMap<string, Loaded>>;
  step: (loaded: Loaded, row: R) => Done;
  /** Writes the results of the whole batch; returns what should be woken after the commit. */
  save: (tx: Tx, results: readonly { row: R; done: Done }[]) => Promise<readonly Nudge[]>;
  outcome: (done: Done) => string;
};

/** The functions and settings that every pure stage needs. */
export type PureDeps<Tx, R extends Row> = Transactions<Tx> & {
  ledger: Ledger<Tx, R>;
  nudge: NudgeFunction;
  retry: RetryPolicy;
  principal: string;
  log: Log;
};

/**
 * Works the rows that a claim gives. An item that throws is parked while its neighbors go on. A
 * statement that the database refuses rolls the batch back and halves it, down to the one row to
 * blame.
 *
 * @returns how many rows were claimed; 0 means that there was nothing left to do
 */
export async function workPure<Tx, R extends Row, L, D>(
  deps: PureDeps<Tx, R>,
  stage: PureStage<Tx, R, L, D>,
  claim: Claim,
): Promise<number> {
  let subjects: string[] = [];
  try {
    const { count, nudges } = await deps.tx(async (tx) => {
      const rows = await deps.ledger.claim(tx, stage.stage, claim, stage.limit);
      subjects = rows.map((row) => row.subject);
      const nudges = rows.length === 0 ? [] : await workRows(deps, stage, tx, rows);
      return { count: rows.length, nudges };
    });
    await deps.nudge(nudges);
    return count;
  } catch (error) {
    if (deps.isAway(error) || subjects.length === 0) throw error;
    const facts = { stage: stage.stage, rows: subjects.length };
    deps.log.warn('A batch was refused and is halved', facts);
    if (subjects.length === 1) await parkOne(deps, stage, subjects, error);
    else await workHalves(deps, stage, subjects);
    return subjects.length;
  }
}

/** Loads, works, saves and settles the claimed rows in their transaction. */
async function workRows<Tx, R extends Row, L, D>(
  deps: PureDeps<Tx, R>,
  stage: PureStage<Tx, R, L, D>,
  tx: Tx,
  rows: readonly R[],
): Promise<readonly Nudge[]> {
  const started = performance.now();
  const loaded = await stage.load(tx, rows);
  const results: { row: R; done: D }[] = [];
  const settled: Settled<R>[] = [];
  const settle = (row: R, settlement: Settlement) =>
    settled.push({ row, settlement, principal: deps.principal });
  for (const row of rows) {
    const facts = loaded.get(row.subject);
    if (facts === undefined) {
      settle(row, { kind: 'done', outcome: 'nothing' });
      continue;
    }
    try {
      const done = stage.step(facts, row);
      results.push({ row, done });
      settle(row, { kind: 'done', outcome: stage.outcome(done) });
    } catch (error) {
      deps.log.error('An item failed and is parked', error, { stage: stage.stage });
      settle(row, parkOf(error, row, deps.retry));
    }
  }
  const nudges = await stage.save(tx, results);
  const ms = Math.round((performance.now() - started) / rows.length);
  const timed = settled.map((each) => ({ ...each, ms }));
  await deps.ledger.settle(tx, timed);
  return nudges;
}

/** Works the two halves of a batch that the database refused. */
async function workHalves<Tx, R extends Row, L, D>(
  deps: PureDeps<Tx, R>,
  stage: PureStage<Tx, R, L, D>,
  subjects: readonly string[],
): Promise<void> {
  const middle = Math.ceil(subjects.length / 2);
  await workPure(deps, stage, { subjects: subjects.slice(0, middle) });
  await workPure(deps, stage, { subjects: subjects.slice(middle) });
}

/** Parks the one row that the database refused. */
async function parkOne<Tx, R extends Row, L, D>(
  deps: PureDeps<Tx, R>,
  stage: PureStage<Tx, R, L, D>,
  subjects: readonly string[],
  error: unknown,
): Promise<void> {
  deps.log.error('A row was refused by the database and is parked', error, { stage: stage.stage });
  await deps.tx(async (tx) => {
    const rows = await deps.ledger.claim(tx, stage.stage, { subjects }, 1);
    const parked = rows.map((row) => {
      const settlement = parkOf(error, row, deps.retry);
      return { row, settlement, principal: deps.principal };
    });
    await deps.ledger.settle(tx, parked);
  });
}
