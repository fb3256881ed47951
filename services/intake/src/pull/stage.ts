import { AppError, errorRecord } from '@loopwell/kit';
import { batchWhileBusy, type IoStage, type Lease } from '@loopwell/pipeline';
import {
  type Connection,
  type LedgerRow,
  loadConnections,
  type PullCursor,
  pullCursors,
  type Settled,
  type Tx,
} from '@loopwell/store';
import type { Source } from './check/page-rows.ts';
import type { PulledType } from './check/pulled-types.ts';
import { createPace, type Pace } from './cursor-pacing.ts';
import { giveBackShut, loadKnown } from './give-back-shut.ts';
import type { PullStageDeps } from './ports.ts';
import { pullLane, type WindowPage } from './pull.ts';
import {
  afterPatient,
  afterShort,
  isRefusedSearch,
  settledGap,
  wakeAtConsent,
} from './read-gaps.ts';
import {
  afterRefusal,
  leaveGap,
  noteMetadata,
  type Pulling,
  settledAsEmpty,
  waitsWithHoles,
} from './refused-search.ts';
import { type Ahead, createAhead } from './rows-ahead-of-clock.ts';
import { savePages } from './save-page.ts';
import { createScreenBatches, type ScreenBatches } from './screen-batches.ts';

const principal = 'system:intake';

/** Milliseconds between reads of a type that has to be read whole each time. DECISIONS D10. */
const wholeIntervalMs = 900_000;

/**
 * The number of failures after which a server error may be about a record that the EHR cannot show.
 * A single one happens by chance.
 */
const failuresToSuspect = 2;

/** The number of cursors that one claim takes, of many EHRs, so that no EHR waits for another. */
const lanesAtMost = 64;
/**
 * The number of cursors of one EHR that one claim reads at the same time: a few pages in flight,
 * within what the client allows one server.
 */
const lanesAtOnce = 8;

/** How long a page waits for pages of other cursors, to be saved together, in milliseconds. */
const gatherPagesMs = 8;

/** Creates the stage `pull`. The subject of a row is a cursor (connection, type, scope). */
export function pullStage(deps: PullStageDeps, leaseMs: number): IoStage<Tx, LedgerRow> {
  const pace = createPace(deps.coalesceMs);
  const ahead = createAhead(deps);
  const batches = createScreenBatches(deps);
  return {
    stage: 'pull',
    limit: lanesAtMost,
    leaseMs,
    work: async (lease) => {
      // A cursor that fails is parked alone. Only an unreachable database stops all.
      const save = batchWhileBusy<ReadPage>(
        (pages) => saveRead(deps, lease, pages, batches),
        gatherPagesMs,
      );
      const claimed = await deps.read((tx) => loadKnown(tx, lease.rows));
      const free = await giveBackShut(deps, lease, claimed);
      const pullRow = (row: LedgerRow) =>
        pullOne(deps, lease, row, { pace, save, ahead }).catch(async (error) => {
          if (isAboutTheEhr(error))
            await deps.read((tx) => pullCursors.noteFailure(tx, row.subject));
          await lease.park(row, error);
        });
      const byEhr = Map.groupBy(free, (row) => claimed.get(row.subject)?.connection.id);
      const ended = await Promise.allSettled(
        [...byEhr.values()].flatMap((rows) => inLines(rows, lanesAtOnce, pullRow)),
      );
      for (const result of ended) if (result.status === 'rejected') throw result.reason;
    },
  };
}

/**
 * Returns whether an error came from the EHR, and not from a stop or a takeover by another worker.
 */
function isAboutTheEhr(error: unknown): boolean {
  const { code, facts } = errorRecord(error);
  return code.startsWith('REMOTE_') && facts.code !== 'stopped';
}

/** Works rows in at most `width` parallel lines, one row after another in each line. */
function inLines(
  rows: readonly LedgerRow[],
  width: number,
  work: (row: LedgerRow) => Promise<void>,
): Promise<void>[] {
  const queue = [...rows];
  const line = async () => {
    for (let row = queue.shift(); row; row = queue.shift()) await work(row);
  };
  return Array.from({ length: Math.min(width, rows.length) }, line);
}

/** The shared parts of cursors that are read at the same time. */
type SharedPull = { pace: Pace; save: (readPage: ReadPage) => Promise<void>; ahead: Ahead };

async function pullOne(
  deps: PullStageDeps,
  lease: Lease<Tx, LedgerRow>,
  row: LedgerRow,
  shared: SharedPull,
): Promise<void> {
  const [lane] = await deps.read((tx) => pullCursors.loadCursors(tx, [row.subject]));
  const connection =
    lane && (await deps.read((tx) => loadConnections(tx, [lane.connection]))).get(lane.connection);
  const reader = lane && deps.readerOf(lane.connection);
  if (!lane || !connection || !reader)
    throw new AppError('NOT_FOUND', 'The EHR of this lane is not connected', {
      facts: { lane: row.subject },
    });
  if (!(await deps.isConnected(connection.id))) {
    const settlement = { kind: 'wait', outcome: 'waits:connection', waitsFor: 'operator' } as const;
    return lease.settle([row], async (_tx, ours) => ({
      settled: ours.map((one) => ({ row: one, settlement, principal })),
    }));
  }
  if (await deps.isPaused(connection.id)) return lease.settle([row], waitPaused);
  shared.pace.enter(connection.id, row.subject);
  const pulling: Pulling = { deps, lease, row, lane, connection, reader };
  try {
    await pullOnward(pulling, shared);
  } catch (error) {
    if (error instanceof Paused) return lease.settle([row], waitPaused);
    const short = afterShort(pulling.lane, error, pulling.lane.window_to ?? deps.clock.now());
    if (short)
      await (short.closed_by === null
        ? leaveGap(pulling, short)
        : settleRead(pulling, { ...short, done: deps.plan.finalTo !== undefined }));
    else if (isRefusedSearch(error)) await afterRefusal(pulling, error);
    else throw error;
  } finally {
    shared.pace.leave(connection.id, row.subject);
  }
}

/**
 * Says that the connection was paused between two pages. Read pages are saved, and the cursor goes
 * on from there.
 */
class Paused extends Error {}

/**
 * Settles a row of a paused connection. It is also checked again after a delay, because a release
 * may have come while this was decided.
 */
const paused = {
  kind: 'wait',
  outcome: 'waits:paused',
  waitsFor: 'operator',
  delayMs: 60_000,
  quiet: true,
  unresolved: true,
} as const;

const waitPaused = async (_tx: Tx, ours: readonly LedgerRow[]) => ({
  settled: ours.map((row) => ({ row, settlement: paused, principal })),
});

async function pullOnward(pulling: Pulling, { pace, save, ahead }: SharedPull): Promise<void> {
  const { deps, lease, row, lane, connection, reader } = pulling;
  const pulled = await pullLane(
    {
      serverNow: reader.serverNow,
      reach: (type, to) =>
        ahead.reach(`${connection.id}/${type}`, (after) => reader.newestAfter(type, after), to),
      pages: (window) => reader.pages({ ...window, suspect: row.attempts >= failuresToSuspect }),
      goOn: () => lease.isOurs(row) && !deps.signal.aborted,
      save: async (page, next) => {
        await save({ row, connection, page, lane: next });
        pulling.lane = next;
        if (!lease.isOurs(row))
          throw new AppError('CONFLICT', 'The lease on this lane has passed to another worker', {
            retryable: true,
          });
        if (page.nextUrl !== undefined && (await deps.isPaused(connection.id))) throw new Paused();
        if (page.nextUrl === undefined) pace.leave(connection.id, row.subject);
        else await pace.keep(connection.id, row.subject, next.window_from);
      },
    },
    lane,
    deps.plan,
  );
  if (pulled.resources === 0) await noteMetadata(pulling);
  if (await settledAsEmpty(pulling, lane, pulled)) return;
  if (await waitsWithHoles(pulling, pulled)) return;
  await settleRead(pulling, afterPatient(pulled), lane);
}

async function settleRead(
  { deps, lease, row, lane, reader }: Pulling,
  read: PullCursor,
  before = lane,
): Promise<void> {
  const isWhole = await reader.isWhole(lane.type, lane.scope !== '');
  const pauseMs = isWhole ? Math.max(deps.intervalMs, wholeIntervalMs) : deps.intervalMs;
  await lease.settle([row], async (tx, ours) => {
    await pullCursors.saveCursor(tx, read);
    if (ours.length > 0) await wakeAtConsent(tx, before);
    const isUnknown = read.gap !== null && read.closed_by === null;
    return {
      settled: ours.map((ledgerRow) =>
        isUnknown
          ? settledGap(ledgerRow, read, deps.plan.finalTo !== undefined)
          : settledLane(ledgerRow, read, pauseMs),
      ),
    };
  });
}

function settledLane(row: LedgerRow, lane: PullCursor, intervalMs: number): Settled {
  const facts = { pages: lane.pages, resources: lane.resources };
  if (lane.done) return { row, settlement: { kind: 'done', outcome: 'pulled' }, principal, facts };
  return {
    row,
    settlement: {
      kind: 'wait',
      outcome: 'pulled',
      waitsFor: 'ehr',
      delayMs: intervalMs,
      quiet: true,
    },
    principal,
    facts,
  };
}

/** A page that was read, and the state of its cursor after it. */
type ReadPage = { row: LedgerRow; connection: Connection; page: WindowPage; lane: PullCursor };

/**
 * Saves the pages of several cursors in one transaction: each cursor's new position with its page,
 * or neither.
 */
async function saveRead(
  deps: PullStageDeps,
  lease: Lease<Tx, LedgerRow>,
  readPages: readonly ReadPage[],
  batches: ScreenBatches,
): Promise<void> {
  const batch = batches.current();
  let isNews = false;
  await lease.settle(
    readPages.map((one) => one.row),
    async (tx, ours) => {
      const held = readPages.filter((one) => ours.includes(one.row));
      for (const readPage of held) await pullCursors.saveCursor(tx, readPage.lane);
      const byConnection = [...Map.groupBy(held, (one) => one.connection.id).values()].map(
        (ofConnection) => ({
          source: sourceOf(ofConnection),
          pages: ofConnection.map(({ row, lane, page }) => ({
            row,
            type: lane.type as PulledType,
            page,
            patient: lane.scope,
          })),
        }),
      );
      isNews = await savePages(tx, byConnection, { batch, coalesceMs: deps.coalesceMs });
      return { settled: [] };
    },
  );
  if (isNews) void batches.nudgeLater(batch);
}

function sourceOf(readPages: readonly ReadPage[]): Source {
  const [first] = readPages;
  if (!first) throw new AppError('INTERNAL', 'A page without an EHR');
  return {
    tenant: first.connection.tenant,
    connection: first.connection.id,
    base: first.connection.base,
  };
}
