import { type Clock, systemClock } from '@loopwell/kit';
import { requireRow, type Tx } from './database.ts';

/**
 * The database's clock is the one that counts: deadlines, consents, due times and leases are
 * compared with instants that it wrote. Processes read it here, so that a machine whose own clock
 * is wrong decides as all others do.
 * DECISIONS D13.
 */
export type DatabaseClock = Clock & { close: () => Promise<void> };

/**
 * How often it is read again, and the slowest answer that says anything: half of it may be an
 * error.
 */
const [everyMs, slowestMs] = [10_000, 1_000];

type Anchor = { wallMs: number; steadyMs: number };

/** An instant of the database, beside one of a clock of this machine that nobody sets. */
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
 * Opens the database's clock: exact to a part of a second, and it goes on by itself while the
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

/** The instant of this transaction: what it writes carries one time, and no process's own. */
export async function readNow(tx: Tx): Promise<Date> {
  const { rows } = await tx.query<{ now: Date }>('select now() as now');
  return requireRow(rows, 'instant').now;
}

/** A machine whose clock is set by a time service is within this. */
const toleratedSeconds = 5;

/**
 * By how much the clock of this process and the database's differ, in seconds; what the question
 * took to be answered is not held against it.
 */
async function secondsApart(tx: Tx, clock: Pick<Clock, 'now'> = systemClock): Promise<number> {
  const asked = clock.now().getTime();
  const { rows } = await tx.query<{ now: Date }>('select clock_timestamp() as now');
  const answered = clock.now().getTime();
  const now = requireRow(rows, 'instant').now.getTime();
  return Math.max(0, asked - now, now - answered) / 1_000;
}

/**
 * For `/ready`: what this process writes and signs for others would carry a wrong time. That the
 * database is away is said elsewhere.
 */
export async function clockDiffers(
  tx: Tx,
  clock: Pick<Clock, 'now'> = systemClock,
): Promise<string | undefined> {
  const seconds = await secondsApart(tx, clock).catch(() => 0);
  if (seconds < toleratedSeconds) return undefined;
  return `The clock of this machine and the database's differ by ${Math.round(seconds)} s: have both set by a time service (NTP)`;
}

/** For `/metrics` of each process. */
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
