import { AppError } from '@loopwell/kit';
import { realNow } from './clock-sql.ts';
import type { Tx } from './database.ts';

/**
 * How far the clock of deadlines is ahead of the real time, and who moves it.
 * DECISIONS D136.
 */

/** How far the clock is ahead, before a move and after it; `atMs` is when it moves. */
export type ClockMoves = {
  mayMove: boolean;
  beforeMs: number;
  aheadMs: number;
  atMs: number;
};

const neverMoved: ClockMoves = { mayMove: false, beforeMs: 0, aheadMs: 0, atMs: 0 };

/** PostgreSQL's code for a table that does not exist: the database is not migrated yet. */
const undefinedTable = '42P01';

/** Reads how far the clock of deadlines is ahead; a database without that clock is never ahead. */
export async function readMoves(tx: Pick<Tx, 'query'>): Promise<ClockMoves> {
  try {
    const { rows } = await tx.query<ClockMoves>(
      `select may_move as "mayMove", before_ms as "beforeMs", ahead_ms as "aheadMs",
              (extract(epoch from greatest(moves_at, 'epoch')) * 1000)::float8 as "atMs"
         from clock`,
    );
    return rows[0] ?? neverMoved;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === undefinedTable)
      return neverMoved;
    throw error;
  }
}

/** Says why a process does not work on a database whose clock was moved. */
export const movedClockSentence =
  'The clock of this database was moved ahead, which only `loopwell start` and tests may do: ' +
  'name another database';

/**
 * Refuses a database whose clock was moved.
 *
 * @throws AppError CONFIG_INVALID
 */
export async function refuseMovedClock(tx: Pick<Tx, 'query'>): Promise<void> {
  const { aheadMs } = await readMoves(tx);
  if (aheadMs > 0) throw new AppError('CONFIG_INVALID', movedClockSentence);
}

/**
 * Lets the clock of a database be moved from now on. It does nothing where the database has an EHR
 * already: what was read from an EHR may be about real people.
 */
export async function allowMoves(tx: Pick<Tx, 'query'>): Promise<void> {
  await tx.query('update clock set may_move = true where not exists (select 1 from connection)');
}

/**
 * Lets nobody move the clock of a database from now on, unless somebody has: what is read into it
 * may be about real people.
 */
export async function forbidMoves(tx: Pick<Tx, 'query'>): Promise<void> {
  await tx.query('update clock set may_move = false where may_move and ahead_ms = 0');
}

/** How long ahead a move is announced, so that every process makes it at the same instant. */
const announcedMs = 2_000;
/** How far the clock may be ahead at most. */
const longestMs = 3_650 * 86_400_000;

/**
 * Moves the clock of deadlines ahead. The move is announced two seconds before it is made. Moves at
 * the same moment add up.
 *
 * @throws AppError CONFLICT where this clock may not be moved
 * @throws AppError REQUEST_INVALID for a move back, none at all, or one too far
 */
export async function advanceClock(
  tx: Pick<Tx, 'query'>,
  { ms, by }: { ms: number; by: string },
): Promise<void> {
  if (!(ms >= 1) || ms > longestMs)
    throw new AppError('REQUEST_INVALID', 'A clock goes forward, by ten years at most');
  const { rowCount } = await tx.query(
    `update clock set moved_by = $2, ahead_ms = ahead_ms + $1::bigint,
        before_ms = case when moves_at <= ${realNow} then ahead_ms else before_ms end,
        moves_at = ${realNow} + $3 * interval '1 millisecond'
      where may_move and ahead_ms + $1::bigint <= $4::bigint`,
    [Math.round(ms), by, announcedMs, longestMs],
  );
  if (rowCount === 1) return;
  const { mayMove } = await readMoves(tx);
  if (mayMove) throw new AppError('REQUEST_INVALID', 'A clock goes forward, by ten years at most');
  throw new AppError(
    'CONFLICT',
    'The clock of this database cannot be moved: only that of `loopwell start` can, on data ' +
      'that it made up itself',
  );
}

/** The clock of deadlines as it is shown. `isMoving`: a move has been announced. */
export type ClockState = {
  now: Date;
  realNow: Date;
  aheadMs: number;
  isMoving: boolean;
};

/** Reads the clock of deadlines beside the real one. */
export async function readClock(tx: Pick<Tx, 'query'>): Promise<ClockState> {
  const { rows } = await tx.query<ClockState>(
    `select ${realNow} as "realNow", loopwell_now() as now, moves_at > ${realNow} as "isMoving",
            case when moves_at > ${realNow} then before_ms else ahead_ms end as "aheadMs"
       from clock`,
  );
  const [row] = rows;
  if (row === undefined) throw new AppError('INTERNAL', 'The clock of this database is missing');
  return row;
}
