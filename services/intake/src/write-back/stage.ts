import { withoutUndefined } from '@loopwell/fhir';
import { AppError, type Clock, errorRecord, type Log } from '@loopwell/kit';
import type { IoStage, Lease } from '@loopwell/pipeline';
import { holds, type LedgerRow, type Settled, type Tx, writeBacks } from '@loopwell/store';
import { endOrder } from './end-order.ts';
import { putUnlessLeftOut } from './left-out.ts';
import { loadPeople, type Person } from './people.ts';
import { settleOne, warnOfAltered } from './record-write-outcome.ts';
import { type Copy, type EhrIds, forEhr, inReferenceOrder, targetOf } from './write-back.ts';
import type { EhrWriter, Put, PutContext } from './write-resource.ts';

export type WriteBackDeps = {
  enabled: boolean;
  read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  writerOf: (connection: string) => EhrWriter | undefined;
  /** Whether this run or process talks to the EHR. */
  isConnected: (connection: string) => Promise<boolean>;
  /** Whether an operator has paused the connection. Its EHR is not even read then. */
  isPaused: (connection: string) => Promise<boolean>;
  /** Returns the milliseconds after which an EHR may be asked; undefined means now. */
  waitFor: (base: string, rows: number) => number | undefined;
  clock: Clock;
  /** Milliseconds until an EHR whose "no" is doubtful is asked once more. */
  askAgainMs: number;
  signal: AbortSignal;
  log: Log;
};

const principal = 'system:intake';

/**
 * Creates the stage `write-back`. The subject of a row is a person; that person's resources are
 * written in reference order, and each is proved by reading it again.
 */
export function writeBackStage(
  deps: WriteBackDeps,
  limit: number,
  leaseMs: number,
): IoStage<Tx, LedgerRow> {
  return {
    stage: 'write-back',
    limit,
    leaseMs,
    work: async (lease) => {
      const people = await deps.read((tx) => loadPeople(tx, lease.rows));
      const byEhr = Map.groupBy(lease.rows, (row) => people.get(row.subject)?.base);
      const ended = await Promise.allSettled(
        [...byEhr].map(([base, rows]) => writePeople(deps, lease, { base, rows, people })),
      );
      for (const result of ended) if (result.status === 'rejected') throw result.reason;
    },
  };
}

/**
 * Writes for the people of one EHR, one person at a time. Several EHRs are written to in parallel.
 */
async function writePeople(
  deps: WriteBackDeps,
  lease: Lease<Tx, LedgerRow>,
  {
    base,
    rows,
    people,
  }: { base: string | undefined; rows: readonly LedgerRow[]; people: ReadonlyMap<string, Person> },
): Promise<void> {
  if (base !== undefined) lease.waitAt(rows, base);
  for (const [index, row] of rows.entries()) {
    const left = rows.slice(index);
    // Rows that need no request are settled even when the EHR is away.
    const isAsked = deps.enabled && (people.get(row.subject)?.copies.length ?? 0) > 0;
    const waitMs = isAsked && base !== undefined ? deps.waitFor(base, left.length) : undefined;
    if (waitMs !== undefined) return lease.giveBack(left, waitMs);
    try {
      await writePerson(deps, lease, row, people.get(row.subject));
    } catch (error) {
      await lease.park(row, error);
      // An unreachable EHR concerns all its people. Other errors concern this person only.
      if (errorRecord(error).code === 'REMOTE_UNAVAILABLE')
        return lease.giveBack(rows.slice(index + 1), awayMs);
    }
  }
}

/** Milliseconds that the rest of a batch waits after an EHR turned out to be away. */
const awayMs = 2_000;

type Writing = {
  deps: WriteBackDeps;
  lease: Lease<Tx, LedgerRow>;
  row: LedgerRow;
  writer: EhrWriter;
  person: Person;
  ids: EhrIds;
};

async function writePerson(
  deps: WriteBackDeps,
  lease: Lease<Tx, LedgerRow>,
  row: LedgerRow,
  person: Person | undefined,
): Promise<void> {
  if (!person || person.copies.length === 0)
    return finish(lease, row, { kind: 'done', outcome: 'nothing-to-write' });
  if (!deps.enabled) return finish(lease, row, waitsFor('waits:write-back'));
  // It goes on when that EHR is connected again.
  if (!(await deps.isConnected(person.connection)))
    return finish(lease, row, waitsFor('waits:connection'));
  if (await deps.isPaused(person.connection)) return finish(lease, row, waitsFor('waits:hold'));
  const writer = deps.writerOf(person.connection);
  const isAboutNobody = person.copies.every((one) => one.row.type === 'Device');
  if (!writer || (!person.patientId && !isAboutNobody)) {
    // The Patient may be on a later page, and the EHR may belong to another process.
    throw new AppError(
      'RESOURCE_INVALID',
      'The EHR or the Patient of this write-back is not known',
      {
        retryable: true,
        facts: { person: row.subject },
      },
    );
  }
  const ids: EhrIds = {
    base: person.base,
    person: row.subject,
    patientId: person.patientId ?? '',
    byMade: person.ehrIds,
    byAlias: person.aliases,
    ...withoutUndefined({ device: person.device || undefined }),
  };
  if (person.awaitsDevice) return finish(lease, row, soon);
  const writing = { deps, lease, row, writer, person, ids };
  for (const copy of inReferenceOrder(person.copies)) {
    if (deps.signal.aborted)
      throw new AppError('CONFLICT', 'The write-back was interrupted and goes on later', {
        retryable: true,
      });
    if (!lease.isOurs(row)) return;
    const result = await writeOne(writing, copy);
    if (result === 'held') return finish(lease, row, waitsFor('waits:hold'));
    // Later resources may refer to this one, so the person waits until its outcome is certain.
    if (result === 'denied')
      return finish(lease, row, {
        kind: 'wait',
        outcome: 'asked',
        waitsFor: 'worker',
        delayMs: deps.askAgainMs,
        quiet: true,
        unresolved: true,
      });
  }
  await finish(lease, row, { kind: 'done', outcome: 'written' });
}

/** Waits for the Device; resources that refer to it need its id. */
const soon = {
  kind: 'wait',
  outcome: 'waits:device',
  waitsFor: 'worker',
  delayMs: 300,
  quiet: true,
} as const;

/** Waits for an operator. A hold is checked again after a delay: a release may just have come. */
const waitsFor = (outcome: string) =>
  ({
    kind: 'wait',
    outcome,
    waitsFor: 'operator',
    ...withoutUndefined({ delayMs: outcome === 'waits:hold' ? 60_000 : undefined }),
  }) as const;

async function finish(
  lease: Lease<Tx, LedgerRow>,
  row: LedgerRow,
  settlement: Settled['settlement'],
): Promise<void> {
  await lease.settle([row], async (_tx, ours) => ({
    settled: ours.map((one) => ({ row: one, settlement, principal })),
  }));
}

class Held extends Error {}

/** Says that a resource rests on restricted information. It is not written but listed. */
class Restricted extends Error {}

const notWritten: Put = { kind: 'refused', issueCode: 'restricted' };

async function unlessStopped(error: unknown): Promise<'held' | typeof notWritten> {
  if (error instanceof Held) return 'held';
  if (error instanceof Restricted) return notWritten;
  throw error;
}

/**
 * Writes one resource and saves the outcome. A refusal is listed with status and issue code and
 * stops nothing else: resources that refer to it go without that reference. If the EHR cannot be
 * asked, it throws, and the whole person is tried again later.
 */
async function writeOne(
  { deps, lease, row, writer, person, ids }: Writing,
  copy: Copy,
): Promise<'settled' | 'held' | 'denied'> {
  const { own_resource: madeId, wanted_version: version } = copy.row;
  if (copy.row.taken_back) {
    // The EHR would alter it again, so a person decides what to do with it.
    await lease.settle([row], async (tx) => {
      await writeBacks.leaveTakenBack(tx, madeId, version);
      return { settled: [] };
    });
    return 'settled';
  }
  const mayGo = () => lease.isOurs(row) && !deps.signal.aborted;
  const intend = () => intendUnlessHeld(lease, row, person.connection, madeId);
  const context = {
    writer,
    copy,
    resource: forEhr(copy, ids),
    before: copy.earlier.map((body) => forEhr({ ...copy, body }, ids)),
    mayGo,
    intend,
    now: deps.clock.now(),
    askAgainMs: deps.askAgainMs,
  };
  const outcome = await write(context, person.leftOut).catch(unlessStopped);
  if (outcome === 'held') return 'held';
  if (outcome.kind === 'altered' && outcome.takenBack) person.ehrIds.delete(madeId);
  else if ('id' in outcome && outcome.id) person.ehrIds.set(madeId, outcome.id);
  if (outcome.kind === 'altered')
    warnOfAltered(deps.log, { connection: person.connection, type: copy.row.type }, outcome);
  if (outcome.kind === 'left-out' && !person.leftOut.has(copy.row.type)) {
    person.leftOut.add(copy.row.type);
    const facts = {
      connection: person.connection,
      type: copy.row.type,
      status: outcome.status,
      issueCode: outcome.issueCode,
    };
    deps.log.warn(
      'The EHR keeps nothing of this type: it is left out from now on, and nothing else waits ' +
        'for it',
      facts,
    );
  }
  await lease.settle([row], async (tx) => {
    await settleOne(tx, madeId, version, outcome);
    return { settled: [] };
  });
  return outcome.kind === 'denied' ? 'denied' : 'settled';
}

/** Writes the end of an order, or a resource. A Provenance without its target is refused. */
async function write(context: PutContext, leftOut: ReadonlySet<string>): Promise<Put> {
  const { row } = context.copy;
  if (row.change !== null) return endOrder(context);
  if (row.type === 'Provenance' && targetOf(context.resource) === undefined)
    return { kind: 'refused', issueCode: 'target-not-written' };
  return putUnlessLeftOut(context, leftOut);
}

/** Saves the receipt before the write, unless a hold was set meanwhile. */
async function intendUnlessHeld(
  lease: Lease<Tx, LedgerRow>,
  row: LedgerRow,
  connection: string,
  madeId: string,
): Promise<void> {
  let outcome: 'intended' | 'held' | 'restricted' | 'lost' = 'lost';
  await lease.settle([row], async (tx) => {
    const scopes = new Set((await holds.loadHolds(tx, row.tenant)).map((one) => one.scope));
    outcome = ['all', `ehr:${connection}`, `connection:${connection}`].some((ehrId) =>
      scopes.has(ehrId),
    )
      ? 'held'
      : 'intended';
    if (outcome === 'intended' && !(await writeBacks.intendWriteBack(tx, madeId)))
      outcome = 'restricted';
    return { settled: [] };
  });
  if ((outcome as string) === 'held') throw new Held();
  if ((outcome as string) === 'restricted') throw new Restricted();
  if ((outcome as string) === 'lost')
    throw new AppError('CONFLICT', 'The work has passed to somebody else', { retryable: true });
}
