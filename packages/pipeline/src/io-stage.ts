import { AppError, errorRecord } from '@loopwell/kit';
import { isTheirs } from './backoff.ts';
import { type Holder, holdRows } from './hold-rows.ts';
import type { Flight, IoDeps, IoStage } from './lease.ts';
import type { Claim, Row } from './ledger-port.ts';

/**
 * Claims rows under a lease, commits, lets the story work, and parks what it left unsettled.
 *
 * DECISIONS D8.
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
 * Lets the story work some of the held rows. An error that is not another server's doing may come
 * from one of them: what is left is worked again in halves, down to that one. Repeating is safe,
 * since receipts are asked first.
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
    const unsettled = left();
    if (unsettled.length > 1 && !isRemote(error)) await workHalves(deps, stage, holder, unsettled);
    else for (const row of unsettled) await parkOne(deps, holder, row, error);
  }
}

/** Works the two halves of what a failed batch left. */
async function workHalves<Tx, R extends Row>(
  deps: IoDeps<Tx, R>,
  stage: IoStage<Tx, R>,
  holder: Holder<Tx, R>,
  rows: readonly R[],
): Promise<void> {
  const facts = { stage: stage.stage, rows: rows.length };
  deps.log.warn('A leased batch failed and is halved', facts);
  const middle = Math.ceil(rows.length / 2);
  await workHeld(deps, stage, holder, rows.slice(0, middle));
  await workHeld(deps, stage, holder, rows.slice(middle));
}

/**
 * Tells whether an error is the other server's doing. Asking that server once more for each half
 * would only add to its trouble.
 */
const isRemote = (error: unknown) => isTheirs(errorRecord(error).code);

/**
 * Settles a row that the story left. A row whose lease the story could not rely on any more is
 * given back as it was; any other is parked as the story's fault.
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

/** Parks one row, and logs where that fails. */
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
