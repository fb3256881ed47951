import { type Clock, systemClock } from '@loopwell/kit';
import { type ClockMoves, readMoves } from './clock-moves.ts';
import { realNow } from './clock-sql.ts';
import { requireRow, type Tx } from './database.ts';

/**
 * A clock that shows the database's time. Deadlines, consents and due times are compared with
 * instants that the database wrote. A machine whose own clock is wrong therefore decides as all
 * others do. Tests and the sandbox may move it ahead; `real` never moves.
 * DECISIONS D13. DECISIONS D136.
 */
export type DatabaseClock = Clock & {
  /** The database's clock as it is: for what other servers told, and for what measures a wait. */
  real: Clock;
  /** Tells whether the clock has been moved, or will be in a moment. */
  isMoved: () => boolean;
  close: () => Promise<void>;
};

/**
 * How often the database's clock is read again: where nobody may move it, and where somebody may.
 * An announced move has to be noticed before it is made.
 */
const [everyMs, everyMovableMs] = [10_000, 400];
/** The slowest answer that counts: half of that time may be an error. */
const slowestMs = 1_000;
/**
 * By how much a process makes a move before the database does. Work that the database gives out
 * after the move then never meets a process that is still before it.
 */
const earlyMs = 20;

/** An instant of the database beside one of this machine's steady clock, which never jumps. */
type Anchor = { wallMs: number; steadyMs: number; moves: ClockMoves };

async function anchorTo(tx: Tx): Promise<Anchor & { tookMs: number }> {
  const moves = await readMoves(tx);
  const asked = performance.now();
  const { rows } = await tx.query<{ now: Date }>(`select ${realNow} as now`);
  const answered = performance.now();
  return {
    wallMs: requireRow(rows, 'instant').now.getTime(),
    steadyMs: (asked + answered) / 2,
    tookMs: answered - asked,
    moves,
  };
}

/** Returns how far the clock of deadlines is ahead at a real instant. */
const aheadAt = ({ beforeMs, aheadMs, atMs }: ClockMoves, realMs: number): number =>
  realMs >= atMs - earlyMs ? aheadMs : beforeMs;

/**
 * Opens the database's clock. It is exact to a part of a second, and goes on by itself while the
 * database is away.
 *
 * @param db where it is read
 * @param place gives the site's time zone, which may change; the machine's when left out.
 *   `mayMove`: it is read often from the beginning, since it may be allowed to move in a moment
 */
export async function openDatabaseClock(
  db: Tx,
  place: Pick<Clock, 'timeZone'> & { mayMove?: boolean | undefined } = {},
): Promise<DatabaseClock> {
  let anchor: Anchor = await anchorTo(db);
  let reading: Promise<void> | undefined;
  let timer: NodeJS.Timeout;
  const read = async () => {
    const next = await anchorTo(db);
    // A slow answer tells the time badly, and yet whether the clock moves.
    anchor = next.tookMs <= slowestMs ? next : { ...anchor, moves: next.moves };
  };
  const readAgain = () => {
    timer = setTimeout(
      () => {
        reading = read()
          .catch(() => {})
          .then(readAgain);
      },
      place.mayMove || anchor.moves.mayMove ? everyMovableMs : everyMs,
    ).unref();
  };
  readAgain();
  const realMs = () => anchor.wallMs + (performance.now() - anchor.steadyMs);
  return {
    get timeZone() {
      return place.timeZone;
    },
    now: () => new Date(realMs() + aheadAt(anchor.moves, realMs())),
    real: { now: () => new Date(realMs()) },
    isMoved: () => anchor.moves.aheadMs > 0,
    async close() {
      clearTimeout(timer);
      await reading;
      clearTimeout(timer);
    },
  };
}

/**
 * Reads an instant of the clock of deadlines, so that all that a story writes carries one time of
 * the database.
 */
export async function readNow(tx: Tx): Promise<Date> {
  const { rows } = await tx.query<{ now: Date }>('select loopwell_now() as now');
  return requireRow(rows, 'instant').now;
}

/**
 * The difference that `/ready` tolerates. A machine whose clock is set by a time service stays
 * within it.
 */
const toleratedSeconds = 5;

/**
 * Measures by how many seconds the clock of this process and the database's real one differ. The
 * time that the question took is not counted.
 */
async function secondsApart(tx: Tx, clock: Pick<Clock, 'now'> = systemClock): Promise<number> {
  const asked = clock.now().getTime();
  const { rows } = await tx.query<{ now: Date }>(`select ${realNow} as now`);
  const answered = clock.now().getTime();
  const now = requireRow(rows, 'instant').now.getTime();
  return Math.max(0, asked - now, now - answered) / 1_000;
}

/**
 * Checks for `/ready` that the machine's clock agrees with the database's. Otherwise this process
 * would write and sign wrong times for others. A database that is away is reported by another
 * check.
 */
export async function clockDiffers(
  tx: Tx,
  clock: Pick<Clock, 'now'> = systemClock,
): Promise<string | undefined> {
  const seconds = await secondsApart(tx, clock).catch(() => 0);
  if (seconds < toleratedSeconds) return undefined;
  return (
    `The clock of this machine and the database's differ by ${Math.round(seconds)} s: have ` +
    'both set by a time service (NTP)'
  );
}

/** Measures for `/metrics` by how much the clock of this process and the database's differ. */
export async function clockMeasure(
  tx: Tx,
): Promise<{ name: string; help: string; amount: number }> {
  const help = "By how much the clock of this process and the database's differ";
  return {
    name: 'loopwell_clock_difference_seconds',
    help,
    amount: Math.round((await secondsApart(tx)) * 10) / 10,
  };
}
