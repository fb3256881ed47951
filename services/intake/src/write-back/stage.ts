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
  /** False for an EHR that this run, or this process, does not talk to. */
  isConnected: (connection: string) => Promise<boolean>;
  /** True while an operator has paused it: nothing is asked of its EHR, reads included. */
  isPaused: (connection: string) => Promise<boolean>;
  /** Milliseconds after which an EHR may be asked; undefined: now. */
  waitFor: (base: string, rows: number) => number | undefined;
  clock: Clock;
  /** How long after a "no" an EHR that perhaps has a resource is asked once more. */
  askAgainMs: number;
  signal: AbortSignal;
  log: Log;
};

const principal = 'system:intake';

/**
 * `write-back`: a row's subject is the person; one after the other in reference order, each proved
 * by reading it again.
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

/** The people of one EHR, one after the other; of several EHRs each is written to by itself. */
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
    // What needs nobody's answer is done whatever the EHR does.
    const isAsked = deps.enabled && (people.get(row.subject)?.copies.length ?? 0) > 0;
    const waitMs = isAsked && base !== undefined ? deps.waitFor(base, left.length) : undefined;
    if (waitMs !== undefined) return lease.giveBack(left, waitMs);
    try {
      await writePerson(deps, lease, row, people.get(row.subject));
    } catch (error) {
      await lease.park(row, error);
      // An EHR that is away is away for everybody; anything else is about this person alone.
      if (errorRecord(error).code === 'REMOTE_UNAVAILABLE')
        return lease.giveBack(rows.slice(index + 1), awayMs);
    }
  }
}

/** How long the others of a batch wait after an EHR turned out to be away. */
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
  // It goes on when that EHR is connected again: nothing is wrong with it.
  if (!(await deps.isConnected(person.connection)))
    return finish(lease, row, waitsFor('waits:connection'));
  if (await deps.isPaused(person.connection)) return finish(lease, row, waitsFor('waits:hold'));
  const writer = deps.writerOf(person.connection);
  const isAboutNobody = person.copies.every((one) => one.row.type === 'Device');
  if (!writer || (!person.patientId && !isAboutNobody)) {
    // The Patient may be on a page that is still to come, and the EHR may be another process's.
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
    // What comes after may refer to it: the person waits until it is certain.
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

/** The Device comes first: what refers to it is written when its id is known. */
const soon = {
  kind: 'wait',
  outcome: 'waits:device',
  waitsFor: 'worker',
  delayMs: 300,
  quiet: true,
} as const;

/** Looked at again by itself, too: a release may have come while this was being decided. */
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

/**
 * What it is about turned out to rest on restricted information: it is not written, and listed so.
 */
class Restricted extends Error {}

const notWritten: Put = { kind: 'refused', issueCode: 'restricted' };

async function unlessStopped(error: unknown): Promise<'held' | typeof notWritten> {
  if (error instanceof Held) return 'held';
  if (error instanceof Restricted) return notWritten;
  throw error;
}

/**
 * Writes one resource. What the EHR refuses is listed with status and issue code, never dropped,
 * and stops nothing else: what refers to it goes without that reference. What it could not be asked
 * throws, and the whole person is tried again.
 */
async function writeOne(
  { deps, lease, row, writer, person, ids }: Writing,
  copy: Copy,
): Promise<'settled' | 'held' | 'denied'> {
  const { own_resource: madeId, wanted_version: version } = copy.row;
  if (copy.row.taken_back) {
    // The EHR would store it otherwise again: a person decides what becomes of it there.
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
      'The EHR keeps nothing of this type: it is left out from now on, and nothing else waits for it',
      facts,
    );
  }
  await lease.settle([row], async (tx) => {
    await settleOne(tx, madeId, version, outcome);
    return { settled: [] };
  });
  return outcome.kind === 'denied' ? 'denied' : 'settled';
}

/** A Provenance whose target the EHR does not have is not written: it would be about nothing. */
async function write(context: PutContext, leftOut: ReadonlySet<string>): Promise<Put> {
  const { row } = context.copy;
  if (row.change !== null) return endOrder(context);
  if (row.type === 'Provenance' && targetOf(context.resource) === undefined)
    return { kind: 'refused', issueCode: 'target-not-written' };
  return putUnlessLeftOut(context, leftOut);
}

/** The receipt comes before the write, and a hold that was set meanwhile before both. */
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
