import type { fhir4 } from '@loopwell/fhir';
import { AppError, errorRecord, type Log } from '@loopwell/kit';
import type { IoStage, Lease } from '@loopwell/pipeline';
import { copies, type CopyRow, holds, type LedgerRow, lanes, made, pulled, type Settled, type Tx } from '@loopwell/store';
import { type Copy, type EhrIds, forEhr, identifierQuery, inReferenceOrder, provesWrite } from './write-back.ts';

/** What the EHR must offer to be written to. */
export type EhrWriter = {
  create: (resource: fhir4.Resource, ifNoneExist: string) => Promise<{ id: string; etag?: string | undefined }>;
  update: (resource: fhir4.Resource & { id: string }, etag: string | undefined) => Promise<{ etag?: string | undefined }>;
  read: (type: string, id: string) => Promise<fhir4.Resource>;
};

export type WriteBackDeps = {
  enabled: boolean;
  read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  writerOf: (connection: string) => EhrWriter | undefined;
  log: Log;
};

type Person = { row: LedgerRow; connection: string; base: string; patientId: string | undefined; copies: Copy[]; known: Map<string, string> };

const principal = 'system:intake';

/** `write-back`: a row's subject is the person; one after the other in reference order, each proved by reading it again. */
export function writeBackStage(deps: WriteBackDeps, limit: number, leaseMs: number): IoStage<Tx, LedgerRow> {
  return {
    stage: 'write-back',
    limit,
    leaseMs,
    work: async (lease) => {
      const people = await deps.read((tx) => load(tx, lease.rows));
      const held = await deps.read(async (tx) => new Set((await holds.loadHolds(tx, lease.rows[0]?.organisation ?? '')).map((one) => one.scope)));
      for (const row of lease.rows) {
        await writePerson(deps, lease, row, people.get(row.subject), held).catch((error) => {
          // An EHR that is away is away for everybody; anything else is about this person alone.
          if (errorRecord(error).code === 'REMOTE_UNAVAILABLE') throw error;
          return lease.park(row, error);
        });
      }
    },
  };
}

async function load(tx: Tx, rows: readonly LedgerRow[]): Promise<Map<string, Person>> {
  const people = rows.map((row) => row.subject);
  const all = Map.groupBy(await copies.copiesOfPeople(tx, people), (one) => one.person);
  const bodies = await made.loadMade(
    tx,
    [...all.values()].flat().map((one) => one.made_id),
  );
  const patients = new Map(
    (await pulled.pulledOfPeople(tx, people)).filter((one) => one.type === 'Patient').map((one) => [one.person, one]),
  );
  const connections = await lanes.loadConnections(tx, [...new Set([...all.values()].flat().map((one) => one.connection))]);
  return new Map(
    rows.flatMap((row) => {
      const own = all.get(row.subject) ?? [];
      const connection = connections.get(own[0]?.connection ?? '');
      if (!connection) return [];
      const waiting = own.filter((one) => one.state === 'waiting').flatMap((one) => copyOf(one, bodies.get(one.made_id)?.body));
      const known = new Map(own.flatMap((one) => (one.ehr_id ? [[one.made_id, one.ehr_id] as const] : [])));
      const patientId = patients.get(row.subject)?.source_id;
      return [[row.subject, { row, connection: connection.id, base: connection.base, patientId, copies: waiting, known }]];
    }),
  );
}

function copyOf(row: CopyRow, body: string | undefined): Copy[] {
  return body === undefined ? [] : [{ row, body: JSON.parse(body) as fhir4.Resource }];
}

async function writePerson(
  deps: WriteBackDeps,
  lease: Lease<Tx, LedgerRow>,
  row: LedgerRow,
  person: Person | undefined,
  held: ReadonlySet<string>,
): Promise<void> {
  const waits = (outcome: string) => finish(lease, row, { kind: 'wait', outcome, waitsFor: 'operator' });
  if (!person || person.copies.length === 0) return finish(lease, row, { kind: 'done', outcome: 'nothing-to-write' });
  if (!deps.enabled) return waits('waits:write-back');
  if (held.has('all') || held.has(`ehr:${person.connection}`)) return waits('waits:hold');
  const writer = deps.writerOf(person.connection);
  if (!writer || !person.patientId) {
    throw new AppError('RESOURCE_INVALID', 'The EHR or the Patient of this write-back is not known', { facts: { person: row.subject } });
  }
  const ids: EhrIds = { base: person.base, person: row.subject, patientId: person.patientId, byMade: person.known };
  for (const copy of inReferenceOrder(person.copies)) {
    if (!lease.isOurs(row)) return;
    await writeOne(lease, row, writer, copy, ids, person.known);
  }
  await finish(lease, row, { kind: 'done', outcome: 'written' });
}

async function finish(lease: Lease<Tx, LedgerRow>, row: LedgerRow, settlement: Settled['settlement']): Promise<void> {
  await lease.settle([row], async (_tx, ours) => ({ settled: ours.map((one) => ({ row: one, settlement, principal })) }));
}

/**
 * Writes one resource. What the EHR refuses is listed with status and issue code, never dropped; what it could not be
 * asked throws, and the whole person is tried again later: our identifier makes that harmless.
 */
async function writeOne(
  lease: Lease<Tx, LedgerRow>,
  row: LedgerRow,
  writer: EhrWriter,
  copy: Copy,
  ids: EhrIds,
  known: Map<string, string>,
): Promise<void> {
  const resource = forEhr(copy, ids);
  const madeId = copy.row.made_id;
  try {
    const { id, etag } = await put(writer, copy, resource, madeId);
    const read = await writer.read(resource.resourceType, id);
    if (!provesWrite(resource, read, madeId)) throw new AppError('REMOTE_REFUSED', 'The EHR does not show what it was given');
    known.set(madeId, id);
    await lease.settle([row], async (tx) => {
      await copies.settleCopy(tx, madeId, { state: 'done', ehrId: id, etag, version: copy.row.wanted_version });
      return { settled: [] };
    });
  } catch (error) {
    const { code, retryable, facts } = errorRecord(error);
    if (retryable || code !== 'REMOTE_REFUSED') throw error;
    await lease.settle([row], async (tx) => {
      const status = typeof facts.status === 'number' ? facts.status : undefined;
      const issueCode = typeof facts.issueCode === 'string' ? facts.issueCode : undefined;
      await copies.settleCopy(tx, madeId, { state: 'refused', version: copy.row.wanted_version, status, issueCode });
      return { settled: [] };
    });
  }
}

async function put(
  writer: EhrWriter,
  copy: Copy,
  resource: fhir4.Resource,
  madeId: string,
): Promise<{ id: string; etag?: string | undefined }> {
  const { ehr_id, etag } = copy.row;
  if (ehr_id === null) return writer.create(resource, identifierQuery(madeId));
  try {
    const updated = await writer.update({ ...resource, id: ehr_id }, etag ?? undefined);
    return { id: ehr_id, etag: updated.etag };
  } catch (error) {
    if (errorRecord(error).facts.status !== 412) throw error;
    // Changed since we last looked: by ourselves, when an earlier update arrived and its answer did not.
    const shown = await writer.read(resource.resourceType, ehr_id);
    if (!provesWrite(resource, shown, madeId)) throw error;
    return { id: ehr_id, etag: shown.meta?.versionId ? `W/"${shown.meta.versionId}"` : undefined };
  }
}
