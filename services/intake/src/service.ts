import { pullWindow, quirksOf } from '@loopwell/ehrs';
import { createFhirClient, type Credentials, type FhirClient, type Outbound } from '@loopwell/fhir/client';
import { type Clock, type Log, sleep } from '@loopwell/kit';
import { defaultRetry, type NudgeFunction, type StageWork, workIo } from '@loopwell/pipeline';
import { type Connection, type Database, isDatabaseAway, lanes, ledger } from '@loopwell/store';
import { allTypes, type EhrReader, openLanes, pullStage } from './pull/stage.ts';
import { type EhrWriter, writeBackStage } from './write-back/stage.ts';

export type EhrSettings = {
  connection: Connection;
  credentials?: Credentials | undefined;
  /** Ids of patients to read; everyone when empty. */
  patients: readonly string[];
  since: Date | undefined;
};

export type IntakeSettings = {
  writeBack: boolean;
  /** The pull ends with a window that is fixed at the start. */
  once: boolean;
  overlapMs: number;
  marginMs: number;
  coalesceMs: number;
  intervalMs: number;
  leaseMs: number;
};

export type IntakeResources = {
  db: Database;
  nudge: NudgeFunction;
  outbound: Outbound;
  clock: Clock;
  log: Log;
  tell: (sentence: string) => void;
};

export type Intake = { works: StageWork[]; start: () => Promise<void>; close: () => Promise<void> };

/** Wires pull and write-back for some EHRs; the only service that talks to them. */
export function wire(settings: IntakeSettings, ehrs: readonly EhrSettings[], resources: IntakeResources): Intake {
  const { db, nudge, outbound, clock, log } = resources;
  const stopping = new AbortController();
  const clients = new Map(
    ehrs.map((ehr) => [ehr.connection.id, createFhirClient({ base: ehr.connection.base, outbound, credentials: ehr.credentials, clock })]),
  );
  const deps = { tx: db.tx, isAway: isDatabaseAway, ledger, nudge, retry: defaultRetry, principal: 'system:intake', log };
  const plan = { overlapMs: settings.overlapMs, marginMs: settings.marginMs, finalTo: undefined as Date | undefined };
  const pull = pullStage(
    {
      read: db.tx,
      readerOf: (id) => readerOf(clients.get(id), ehrs.find((one) => one.connection.id === id)?.connection.quirks ?? ''),
      nudge,
      plan,
      coalesceMs: settings.coalesceMs,
      intervalMs: settings.intervalMs,
      clock,
      log,
      tell: resources.tell,
      signal: stopping.signal,
    },
    settings.leaseMs,
  );
  const writeBack = writeBackStage(
    { enabled: settings.writeBack, read: db.tx, writerOf: (id) => writerOf(clients.get(id)), log },
    20,
    settings.leaseMs,
  );
  return {
    works: [
      { stage: 'pull', concurrency: 3, work: (claim) => workIo(deps, pull, claim) },
      { stage: 'write-back', concurrency: 2, work: (claim) => workIo(deps, writeBack, claim) },
    ],
    async start() {
      for (const ehr of ehrs) {
        const client = clients.get(ehr.connection.id);
        // The end of a final window: the server's clock, rounded up to the second that its Date header is exact to.
        if (settings.once && client) plan.finalTo = new Date((await client.serverNow()).getTime() + 1_000);
        await openConnection(db, ehr);
      }
    },
    async close() {
      stopping.abort();
      await sleep(0);
    },
  };
}

async function openConnection(db: Database, ehr: EhrSettings): Promise<void> {
  const quirks = quirksOf(ehr.connection.quirks);
  const patientOnly = new Set(quirks.patientOnly ?? []);
  await db.tx(async (tx) => {
    await lanes.saveConnection(tx, ehr.connection);
    await lanes.reopenLanes(tx, ehr.connection.id);
    const since = { since: ehr.since ?? null };
    const scoped = ehr.patients.length > 0 ? allTypes : allTypes.filter((type) => patientOnly.has(type));
    const open = allTypes.filter((type) => !scoped.includes(type));
    if (open.length > 0) await openLanes(tx, ehr.connection, open, [], since);
    if (scoped.length > 0 && ehr.patients.length > 0) await openLanes(tx, ehr.connection, scoped, ehr.patients, since);
  });
}

function readerOf(client: FhirClient | undefined, quirks: string): EhrReader | undefined {
  if (!client) return undefined;
  return { serverNow: client.serverNow, pages: (window) => pullWindow(client, quirksOf(quirks), window) };
}

function writerOf(client: FhirClient | undefined): EhrWriter | undefined {
  if (!client) return undefined;
  return {
    create: (resource, ifNoneExist) => client.create(resource, ifNoneExist),
    update: (resource, etag) => client.update(resource, etag),
    read: async (type, id) => (await client.read(type, id)).resource,
  };
}
