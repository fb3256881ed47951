import { type Clock, systemClock } from '@loopwell/kit';
import { requireRow, type Tx } from './database.ts';

/**
 * A clock that shows the database's time. Deadlines, consents, due times and leases are compared
 * with instants that the database wrote. A machine whose own clock is wrong therefore decides as
 * all others do.
 * DECISIONS D13.
 */
export type DatabaseClock = Clock & { close: () => Promise<void> };

/**
 * How often the database's clock is read again, and the slowest answer that counts: half of that
 * time may be an error.
 */
const [everyMs, slowestMs] = [10_000, 1_000];

type Anchor = { wallMs: number; steadyMs: number };

/**
 * Reads an instant of the database, and beside it one of this machine's steady clock, which never
 * jumps.
 */
async function anchorTo(tx: Tx): Promise<Anchor & { tookMs: number }> {
  const asked = performance.now();
  const { rows } = await tx.query<{ now: Date }>('select clock_timestamp() as now');
  const answered = performance.now();
  return {
    wallMs: requireRow(rows, 'instant').now.getTime(),
    steadyMs: (asked + answered) / 2,
    tookMs: answered - asked,
  };
}

/**
 * Opens the database's clock. It is exact to a part of a second, and goes on by itself while the
 * database is away.
 *
 * @param db where it is read
 * @param timeZone of the site; the machine's when left out
 */
export async function openDatabaseClock(db: Tx, timeZone?: string): Promise<DatabaseClock> {
  let anchor: Anchor = await anchorTo(db);
  let reading: Promise<void> | undefined;
  const read = async () => {
    const next = await anchorTo(db);
    if (next.tookMs <= slowestMs) anchor = next;
  };
  const timer = setInterval(() => {
    reading ??= read()
      .catch(() => {})
      .finally(() => {
        reading = undefined;
      });
  }, everyMs).unref();
  return {
    timeZone,
    now: () => new Date(anchor.wallMs + (performance.now() - anchor.steadyMs)),
    async close() {
      clearInterval(timer);
      await reading;
    },
  };
}

/**
 * Reads the instant of this transaction, so that all that it writes carries one time of the
 * database.
 */
export async function readNow(tx: Tx): Promise<Date> {
  const { rows } = await tx.query<{ now: Date }>('select now() as now');
  return requireRow(rows, 'instant').now;
}

/**
 * The difference that `/ready` tolerates. A machine whose clock is set by a time service stays
 * within it.
 */
const toleratedSeconds = 5;

/**
 * Measures by how many seconds the clock of this process and the database's differ. The time that
 * the question took is not counted.
 */
async function secondsApart(tx: Tx, clock: Pick<Clock, 'now'> = systemClock): Promise<number> {
  const asked = clock.now().getTime();
  const { rows } = await tx.query<{ now: Date }>('select clock_timestamp() as now');
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
  return `The clock of this machine and the database's differ by ${Math.round(seconds)} s: have both set by a time service (NTP)`;
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
