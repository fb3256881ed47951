import { AppError, type Clock, errorRecord, type Log, newId, sleep } from '@loopwell/kit';
import type { IoStage, Lease, NudgeFunction } from '@loopwell/pipeline';
import { type Connection, type Lane, lanes, ledger, type LedgerRow, type Settled, type Tx } from '@loopwell/store';
import { type PulledType, pulledTypes, type Source } from './check.ts';
import { createPace, type Pace } from './pace.ts';
import { pullLane, type PullPlan, type WindowPage, type Window } from './pull.ts';
import { savePage } from './save-page.ts';

/** What an EHR must offer to be read. */
export type EhrReader = {
  serverNow: () => Promise<Date>;
  pages: (window: Window) => AsyncIterable<WindowPage>;
};

export type PullStageDeps = {
  read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  readerOf: (connection: string) => EhrReader | undefined;
  nudge: NudgeFunction;
  plan: PullPlan;
  /** A person's resources arrive on several pages: coding waits this long for the rest. */
  coalesceMs: number;
  intervalMs: number;
  clock: Clock;
  log: Log;
  /** One sentence for people when a server refuses a search across patients. */
  tell: (sentence: string) => void;
  signal: AbortSignal;
};

const principal = 'system:intake';

/** Lanes that one claim reads at the same time: a few pages in flight, within what the client allows one server. */
const lanesAtOnce = 8;

/** `pull`: a row's subject is a lane (connection, type, scope). */
export function pullStage(deps: PullStageDeps, leaseMs: number): IoStage<Tx, LedgerRow> {
  const pace = createPace(deps.coalesceMs);
  return {
    stage: 'pull',
    limit: lanesAtOnce,
    leaseMs,
    work: async (lease) => {
      // A lane that fails is parked by itself; only a database that is away stops them all.
      const ended = await Promise.allSettled(lease.rows.map((row) => pullOne(deps, lease, row, pace).catch((error) => lease.park(row, error))));
      for (const one of ended) if (one.status === 'rejected') throw one.reason;
    },
  };
}

async function pullOne(deps: PullStageDeps, lease: Lease<Tx, LedgerRow>, row: LedgerRow, pace: Pace): Promise<void> {
  const [lane] = await deps.read((tx) => lanes.loadLanes(tx, [row.subject]));
  const connection = lane && (await deps.read((tx) => lanes.loadConnections(tx, [lane.connection]))).get(lane.connection);
  const reader = lane && deps.readerOf(lane.connection);
  if (!lane || !connection || !reader) throw new AppError('NOT_FOUND', 'The EHR of this lane is not connected', { facts: { lane: row.subject } });
  pace.enter(connection.id, row.subject);
  try {
    const pulled = await pullLane(
      {
        serverNow: reader.serverNow,
        pages: reader.pages,
        goOn: () => lease.isOurs(row) && !deps.signal.aborted,
        save: async (page, next) => {
          await saveOnePage(deps, lease, row, connection, page, next);
          if (page.nextUrl === undefined) pace.leave(connection.id, row.subject);
          else await pace.keep(connection.id, row.subject, next.window_from);
        },
      },
      lane,
      deps.plan,
    );
    await lease.settle([row], async (tx, ours) => {
      await lanes.saveLane(tx, pulled);
      return { settled: ours.map((one) => settledLane(one, pulled, deps.intervalMs)) };
    });
  } catch (error) {
    if (!isRefusedAcrossPatients(error, lane)) throw error;
    await goPatientByPatient(deps, lease, row, lane, connection);
  } finally {
    pace.leave(connection.id, row.subject);
  }
}

function settledLane(row: LedgerRow, lane: Lane, intervalMs: number): Settled {
  const facts = { pages: lane.pages, resources: lane.resources };
  if (lane.done) return { row, settlement: { kind: 'done', outcome: 'pulled' }, principal, facts };
  return { row, settlement: { kind: 'wait', outcome: 'pulled', waitsFor: 'ehr', delayMs: intervalMs, quiet: true }, principal, facts };
}

async function saveOnePage(
  deps: PullStageDeps,
  lease: Lease<Tx, LedgerRow>,
  row: LedgerRow,
  connection: Connection,
  page: WindowPage,
  lane: Lane,
): Promise<void> {
  const source: Source = { organisation: connection.organisation, connection: connection.id, base: connection.base };
  let batch: string | undefined;
  await lease.settle([row], async (tx) => {
    const saved = await savePage(tx, row, source, lane.type as PulledType, page, deps.coalesceMs);
    await lanes.saveLane(tx, lane);
    batch = saved.batch;
    return { settled: [] };
  });
  if (!lease.isOurs(row)) throw new AppError('CONFLICT', 'The lease on this lane has passed to another worker', { retryable: true });
  if (batch !== undefined) nudgeLater(deps, batch);
}

/** The nudge comes when the rows are due; if it gets lost, the reconciler finds them. */
function nudgeLater(deps: PullStageDeps, batch: string): void {
  sleep(deps.coalesceMs, deps.signal)
    .then(() => (deps.signal.aborted ? undefined : deps.nudge([{ stage: 'screen', batch }])))
    .catch((error) => deps.log.error('A nudge was not taken', error));
}

/** 401 and 429 are about us, not about the search; what remains of 4xx is the server's refusal of this search. */
function isRefusedAcrossPatients(error: unknown, lane: Lane): boolean {
  const { code, facts } = errorRecord(error);
  return code === 'REMOTE_REFUSED' && lane.scope === '' && [400, 403, 404, 405, 422, 501].includes(Number(facts.status));
}

/**
 * Where a server refuses a search across patients, the lane ends with a sentence, and one lane for each person known so
 * far (by `--patients` or by what was pulled) takes its place.
 */
async function goPatientByPatient(
  deps: PullStageDeps,
  lease: Lease<Tx, LedgerRow>,
  row: LedgerRow,
  lane: Lane,
  connection: Connection,
): Promise<void> {
  const patients = await deps.read((tx) => lanes.knownPatients(tx, lane.connection));
  const note =
    patients.length > 0
      ? `The EHR refuses to search ${lane.type} across patients: reading it patient by patient (${patients.length}).`
      : `The EHR refuses to search ${lane.type} across patients, and no patients are named: give them with --patients.`;
  deps.tell(note);
  await lease.settle([row], async (tx, ours) => {
    await lanes.saveLane(tx, { ...lane, note, done: true });
    await openLanes(tx, connection, [lane.type as PulledType], patients, { since: lane.upto });
    return { settled: ours.map((one) => ({ row: one, settlement: { kind: 'done', outcome: 'patient-by-patient' }, principal })) };
  });
}

export const laneId = (connection: string, type: string, scope: string): string => [connection, type, scope].join('/');

/** Opens lanes and makes them due: for everyone (no scopes), or for each of some patients. */
export async function openLanes(
  tx: Tx,
  connection: Connection,
  types: readonly PulledType[],
  scopes: readonly string[],
  options: { since: Date | null },
): Promise<void> {
  const rows = types.flatMap((type) =>
    (scopes.length > 0 ? scopes : ['']).map((scope) => ({
      id: laneId(connection.id, type, scope),
      organisation: connection.organisation,
      connection: connection.id,
      type,
      scope,
      upto: options.since,
    })),
  );
  await lanes.addLanes(tx, rows);
  const batch = newId();
  await ledger.due(
    tx,
    rows.map((lane) => ({ organisation: lane.organisation, stage: 'pull', subject: lane.id, batch, trace: newId() })),
  );
}

export const allTypes = Object.keys(pulledTypes) as PulledType[];
