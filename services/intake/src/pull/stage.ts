import { AppError, type Clock, errorRecord, type Facts, type Log, sleep } from '@loopwell/kit';
import { type IoStage, type Lease, type NudgeFunction, together } from '@loopwell/pipeline';
import { type Connection, type Lane, type LedgerRow, lanes, type Settled, type Tx } from '@loopwell/store';
import type { Source } from './check.ts';
import { createPace, type Pace } from './pace.ts';
import { type PullPlan, pullLane, type Window, type WindowPage } from './pull.ts';
import type { PulledType } from './pulled-types.ts';
import { savePages } from './save-page.ts';
import { openLanes } from './scope.ts';

/** What an EHR must offer to be read. */
export type EhrReader = {
  serverNow: () => Promise<Date>;
  pages: (window: Window) => AsyncIterable<WindowPage>;
  /** Whether the EHR says that it has a type; undefined when it does not say. */
  offers: (type: string) => Promise<boolean | undefined>;
};

export type PullStageDeps = {
  read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  readerOf: (connection: string) => EhrReader | undefined;
  /** False for an EHR that this run, or this process, does not talk to. */
  isConnected: (connection: string) => Promise<boolean>;
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
      const save = together<ReadPage>((some) => saveRead(deps, lease, some));
      const ended = await Promise.allSettled(
        lease.rows.map((row) => pullOne(deps, lease, row, { pace, save }).catch((error) => lease.park(row, error))),
      );
      for (const one of ended) if (one.status === 'rejected') throw one.reason;
    },
  };
}

/** What lanes that are read at the same time share. */
type Company = { pace: Pace; save: (one: ReadPage) => Promise<void> };

type Pulling = { deps: PullStageDeps; lease: Lease<Tx, LedgerRow>; row: LedgerRow; lane: Lane; connection: Connection; reader: EhrReader };

async function pullOne(deps: PullStageDeps, lease: Lease<Tx, LedgerRow>, row: LedgerRow, { pace, save }: Company): Promise<void> {
  const [lane] = await deps.read((tx) => lanes.loadLanes(tx, [row.subject]));
  const connection = lane && (await deps.read((tx) => lanes.loadConnections(tx, [lane.connection]))).get(lane.connection);
  const reader = lane && deps.readerOf(lane.connection);
  if (!lane || !connection || !reader)
    throw new AppError('NOT_FOUND', 'The EHR of this lane is not connected', { facts: { lane: row.subject } });
  if (!(await deps.isConnected(connection.id))) {
    const settlement = { kind: 'wait', outcome: 'waits:connection', waitsFor: 'operator' } as const;
    return lease.settle([row], async (_tx, ours) => ({ settled: ours.map((one) => ({ row: one, settlement, principal })) }));
  }
  pace.enter(connection.id, row.subject);
  try {
    const pulled = await pullLane(
      {
        serverNow: reader.serverNow,
        pages: reader.pages,
        goOn: () => lease.isOurs(row) && !deps.signal.aborted,
        save: async (page, next) => {
          await save({ row, connection, page, lane: next });
          if (!lease.isOurs(row))
            throw new AppError('CONFLICT', 'The lease on this lane has passed to another worker', { retryable: true });
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
    await afterRefusal({ deps, lease, row, lane, connection, reader }, error);
  } finally {
    pace.leave(connection.id, row.subject);
  }
}

function settledLane(row: LedgerRow, lane: Lane, intervalMs: number): Settled {
  const facts = { pages: lane.pages, resources: lane.resources };
  if (lane.done) return { row, settlement: { kind: 'done', outcome: 'pulled' }, principal, facts };
  return { row, settlement: { kind: 'wait', outcome: 'pulled', waitsFor: 'ehr', delayMs: intervalMs, quiet: true }, principal, facts };
}

/** A page that a lane has read, and where the lane stands after it. */
type ReadPage = { row: LedgerRow; connection: Connection; page: WindowPage; lane: Lane };

/** Saves what several lanes have read in one transaction: each lane's new position with its page, or neither. */
async function saveRead(deps: PullStageDeps, lease: Lease<Tx, LedgerRow>, some: readonly ReadPage[]): Promise<void> {
  let batches: string[] = [];
  await lease.settle(
    some.map((one) => one.row),
    async (tx, ours) => {
      batches = [];
      const held = some.filter((one) => ours.includes(one.row));
      for (const one of held) await lanes.saveLane(tx, one.lane);
      for (const [, own] of Map.groupBy(held, (one) => one.connection.id)) {
        const batch = await savePages(
          tx,
          sourceOf(own),
          own.map(({ row, lane, page }) => ({ row, type: lane.type as PulledType, page, patient: lane.scope })),
          deps.coalesceMs,
        );
        if (batch !== undefined) batches.push(batch);
      }
      return { settled: [] };
    },
  );
  for (const batch of batches) nudgeLater(deps, batch);
}

function sourceOf(some: readonly ReadPage[]): Source {
  const [first] = some;
  if (!first) throw new AppError('INTERNAL', 'A page without an EHR');
  return { organisation: first.connection.organisation, connection: first.connection.id, base: first.connection.base };
}

/** The nudge comes when the rows are due; if it gets lost, the reconciler finds them. */
function nudgeLater(deps: PullStageDeps, batch: string): void {
  sleep(deps.coalesceMs, deps.signal)
    .then(() => (deps.signal.aborted ? undefined : deps.nudge([{ stage: 'screen', batch }])))
    .catch((error) => deps.log.error('A nudge was not taken', error));
}

/**
 * Refused was the search itself: not the token, not the capabilities, not a page. 401 and 429 are about us; what remains
 * of 4xx is the server's refusal of this search.
 */
function isRefusedAcrossPatients(error: unknown, lane: Lane): boolean {
  const { code, facts } = errorRecord(error);
  if (code !== 'REMOTE_REFUSED' || facts.interaction !== 'search' || lane.scope !== '') return false;
  return [400, 403, 404, 405, 422, 501].includes(Number(facts.status));
}

/** Where a search is refused: a type that the EHR does not have is told, any other is read patient by patient. */
async function afterRefusal(pulling: Pulling, error: unknown): Promise<void> {
  const { deps, lease, row, lane, reader } = pulling;
  const { facts } = errorRecord(error);
  if (lane.type === 'Patient' || facts.status === 403 || (await reader.offers(lane.type)) !== false)
    return goPatientByPatient(pulling, facts);
  const note = `The EHR does not offer ${lane.type}: it is not read.`;
  deps.tell(note);
  await lease.settle([row], async (tx, ours) => {
    await lanes.saveLane(tx, { ...lane, note, done: true });
    return { settled: ours.map((one) => ({ row: one, settlement: { kind: 'done', outcome: 'not-offered' }, principal })) };
  });
}

/**
 * Where a server refuses a search across patients, the lane ends with a sentence, and one lane for each Patient takes its
 * place: for those known so far (by `--patients` or by what was pulled), and for others as they become known. Where not
 * even Patients can be searched and none are named, nobody can be read: that waits for an operator.
 */
async function goPatientByPatient({ deps, lease, row, lane, connection }: Pulling, facts: Facts): Promise<void> {
  let known = 0;
  await lease.settle([row], async (tx, ours) => {
    await lanes.lockConnection(tx, connection.id);
    const patients = await lanes.knownPatients(tx, lane.connection);
    known = patients.length;
    await lanes.saveLane(tx, { ...lane, note: sentence(lane.type, known), done: true, by_patient: true });
    if (known > 0) await openLanes(tx, connection, [lane.type as PulledType], patients, { since: lane.since });
    const settlement =
      known === 0 && lane.type === 'Patient' ? nobodyToRead(facts) : ({ kind: 'done', outcome: 'patient-by-patient' } as const);
    return { settled: ours.map((one) => ({ row: one, settlement, principal })) };
  });
  deps.tell(sentence(lane.type, known));
}

function nobodyToRead({ status, issueCode }: Facts): Settled['settlement'] {
  const rule = 'The EHR refuses to search Patients, and none are named: give them with --patients';
  return { kind: 'park', code: 'REMOTE_REFUSED', facts: { status, issueCode, rule }, waitsFor: 'operator' };
}

function sentence(type: string, known: number): string {
  if (known > 0) return `The EHR refuses to search ${type} across patients: reading it patient by patient (${known} so far).`;
  if (type === 'Patient') return 'The EHR refuses to search Patients, and none are named: give them with --patients.';
  return `The EHR refuses to search ${type} across patients: reading it for each Patient that becomes known.`;
}
