import { pullWindow, quirksOf } from '@loopwell/ehrs';
import type { Credentials, Outbound } from '@loopwell/fhir/client';
import { type Clock, type Log, sleep } from '@loopwell/kit';
import { defaultRetry, type NudgeFunction, type StageWork, workIo } from '@loopwell/pipeline';
import { type Connection, type Database, isDatabaseAway, lanes, ledger, type Secrets } from '@loopwell/store';
import { createEhrs, type FindEhr } from './connections/ehrs.ts';
import { openLanesOf } from './pull/scope.ts';
import { type EhrReader, pullStage } from './pull/stage.ts';
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
  /** Opens the secrets of connections that were configured as rows; without it only the named EHRs are read. */
  secrets?: Secrets | undefined;
  tell: (sentence: string) => void;
};

export type Intake = { works: StageWork[]; start: () => Promise<void>; close: () => Promise<void> };

/** Wires pull and write-back for some EHRs; the only service that talks to them. */
export function wire(settings: IntakeSettings, ehrs: readonly EhrSettings[], resources: IntakeResources): Intake {
  const { db, nudge, outbound, clock, log } = resources;
  const stopping = new AbortController();
  const findEhr = createEhrs(ehrs, { db, outbound, clock, secrets: resources.secrets });
  const deps = { tx: db.tx, isAway: isDatabaseAway, ledger, nudge, retry: defaultRetry, principal: 'system:intake', log };
  const plan = { overlapMs: settings.overlapMs, marginMs: settings.marginMs, finalTo: undefined as Date | undefined };
  const pull = pullStage(
    {
      read: db.tx,
      readerOf: (id) => readerOf(id, findEhr),
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
    { enabled: settings.writeBack, read: db.tx, writerOf: (id) => writerOf(id, findEhr), log },
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
        // The end of a final window: the server's clock, rounded up to the second that its Date header is exact to.
        if (settings.once) plan.finalTo = new Date((await (await findEhr(ehr.connection.id)).client.serverNow()).getTime() + 1_000);
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
  await db.tx(async (tx) => {
    await lanes.saveConnection(tx, ehr.connection);
    await lanes.reopenLanes(tx, ehr.connection.id);
    await openLanesOf(tx, ehr.connection, { patients: ehr.patients, since: ehr.since ?? null });
  });
}

/** The connection is opened when it is read, so that what was configured meanwhile counts. */
const readerOf = (id: string, findEhr: FindEhr): EhrReader => ({
  serverNow: async () => (await findEhr(id)).client.serverNow(),
  async *pages(window) {
    const { client, quirks } = await findEhr(id);
    yield* pullWindow(client, quirksOf(quirks), window);
  },
});

const writerOf = (id: string, findEhr: FindEhr): EhrWriter => ({
  create: async (resource, ifNoneExist) => (await findEhr(id)).client.create(resource, ifNoneExist),
  update: async (resource, etag) => (await findEhr(id)).client.update(resource, etag),
  read: async (type, resourceId) => (await (await findEhr(id)).client.read(type, resourceId)).resource,
});
