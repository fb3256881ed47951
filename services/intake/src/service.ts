import { givesAny, newestAfter, pullWindow, quirksOf } from '@loopwell/ehrs';
import type { fhir4 } from '@loopwell/fhir';
import { withoutUndefined } from '@loopwell/fhir';
import { type Credentials, type Outbound, tellsAll } from '@loopwell/fhir/client';
import { type Clock, errorRecord, type Log, sleep } from '@loopwell/kit';
import { defaultRetry, type NudgeFunction, type StageWork, workIo } from '@loopwell/pipeline';
import {
  type Connection,
  type Database,
  holds,
  isDatabaseAway,
  ledger,
  pullCursors,
  type Secrets,
} from '@loopwell/store';
import { createEhrs, type Ehr, type FindEhr } from './connections/ehrs.ts';
import { createNotes } from './connections/notes.ts';
import { openLanesOf } from './pull/open-cursors.ts';
import type { EhrReader } from './pull/ports.ts';
import { type Around, createAround } from './pull/read-around-holes.ts';
import { createForms, type KnownForms } from './pull/search-forms.ts';
import { pullStage } from './pull/stage.ts';
import { writeBackStage } from './write-back/stage.ts';
import { ifNoneExist, oursAmong, questionOf } from './write-back/write-back.ts';
import type { EhrWriter } from './write-back/write-resource.ts';

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
  /** How long after a "no" an EHR that perhaps has what we wrote is asked once more. */
  askAgainMs?: number;
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
export function wire(
  settings: IntakeSettings,
  ehrs: readonly EhrSettings[],
  resources: IntakeResources,
): Intake {
  const { db, nudge, outbound, clock, log } = resources;
  const stopping = new AbortController();
  const { writeBack: writes } = settings;
  const notes = createNotes({ db, log, tell: resources.tell, writeBack: writes });
  const findEhr = createEhrs(ehrs, {
    db,
    outbound,
    clock,
    secrets: resources.secrets,
    signal: stopping.signal,
    writeBack: writes,
    notes,
  });
  const isConnected = (id: string) =>
    findEhr(id).then(
      () => true,
      (error: unknown) => {
        if (errorRecord(error).code === 'NOT_FOUND') return false;
        throw error;
      },
    );
  const isPaused = (id: string) => holds.isPaused(db, id);
  const knownForms = createForms(db);
  const around = createAround(db, clock);
  const deps = stageDeps(resources);
  const plan = {
    overlapMs: settings.overlapMs,
    marginMs: settings.marginMs,
    finalTo: undefined as Date | undefined,
  };
  const pull = pullStage(
    {
      read: db.tx,
      readerOf: (id) => readerOf(id, findEhr, knownForms, around),
      isConnected,
      isPaused,
      waitFor: outbound.receivers.waitFor,
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
    {
      enabled: settings.writeBack,
      read: db.tx,
      writerOf: (id) => writerOf(id, findEhr),
      isConnected,
      isPaused,
      waitFor: outbound.receivers.waitFor,
      clock,
      askAgainMs: settings.askAgainMs ?? 5_000,
      signal: stopping.signal,
      log,
    },
    20,
    settings.leaseMs,
  );
  return {
    works: [
      {
        stage: 'pull',
        concurrency: 3,
        work: (claim, onClaim) => workIo(deps, pull, claim, onClaim),
      },
      {
        stage: 'write-back',
        concurrency: 2,
        work: (claim, onClaim) => workIo(deps, writeBack, claim, onClaim),
      },
    ],
    async start() {
      for (const ehr of ehrs) {
        // The end of a final window: the server's clock, rounded up to the second that its Date header is exact to.
        if (settings.once)
          plan.finalTo = new Date(
            (await clockOf(await findEhr(ehr.connection.id), outbound.stopping)).getTime() + 1_000,
          );
        await openConnection(db, ehr);
      }
    },
    async close() {
      stopping.abort();
      await sleep(0);
      await notes.kept();
    },
  };
}

/** What both stages need of the house. */
const stageDeps = ({ db, nudge, outbound, log }: IntakeResources) => ({
  ...{
    tx: db.tx,
    isAway: isDatabaseAway,
    ledger,
    nudge,
    retry: defaultRetry,
    principal: 'system:intake',
    log,
  },
  letsWait: outbound.receivers.letsWait,
});

/** Without the EHR's clock nothing can begin: one that lets us wait once is asked again. */
async function clockOf({ client }: Ehr, stopping: AbortSignal): Promise<Date> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await client.serverNow();
    } catch (error) {
      if (errorRecord(error).facts.code !== 'deadline' || tries >= 3 || stopping.aborted)
        throw error;
    }
  }
}

async function openConnection(db: Database, ehr: EhrSettings): Promise<void> {
  await db.tx(async (tx) => {
    await pullCursors.lockForOpening(tx, ehr.connection.id);
    await pullCursors.saveConnection(tx, ehr.connection);
    await pullCursors.reopenCursors(tx, ehr.connection.id);
    await openLanesOf(tx, ehr.connection, { patients: ehr.patients, since: ehr.since ?? null });
  });
}

/** A record that the EHR cannot show is found where its window is read. */
const unlessBadRecord =
  <T>(otherwise: T) =>
  (error: unknown): T => {
    if (errorRecord(error).facts.badRecord === true) return otherwise;
    throw error;
  };

/** The connection is opened when it is read, so that what was configured meanwhile counts. */
const readerOf = (
  id: string,
  findEhr: FindEhr,
  knownForms: KnownForms,
  around: Around,
): EhrReader => ({
  serverNow: async () => (await findEhr(id)).client.serverNow(),
  async *pages(window) {
    const { client, quirks } = await findEhr(id);
    const forms = await knownForms.formsOf(id);
    yield* around.pages(id, client, window, (by, part) =>
      pullWindow(by, quirksOf(quirks), part, forms),
    );
  },
  offers: (type) => offersOf(id, findEhr, type),
  newestAfter: async (type, after) => {
    const { client, quirks } = await findEhr(id);
    return newestAfter(client, quirksOf(quirks), type, after, await knownForms.formsOf(id)).catch(
      unlessBadRecord(undefined),
    );
  },
  gives: async (type, patient) => {
    const { client, quirks } = await findEhr(id);
    return givesAny(client, quirksOf(quirks), type, patient, await knownForms.formsOf(id)).catch(
      unlessBadRecord(false),
    );
  },
  metadataStatus: async () => {
    const { client } = await findEhr(id);
    return client.capabilities().then(
      () => 200,
      (error: unknown) => {
        const { status } = errorRecord(error).facts;
        return typeof status === 'number' ? status : undefined;
      },
    );
  },
  isWhole: async (type, byPatient) =>
    (await knownForms.formsOf(id)).formOf(type, byPatient)?.time === 'none',
});

const offersOf = async (id: string, findEhr: FindEhr, type: string): Promise<boolean | undefined> =>
  offersType(await (await findEhr(id)).client.capabilities().catch(() => undefined), type);

/** CapabilityStatement.rest.resource, where it is filled in: a server may leave it out and still have everything. */
function offersType(
  statement: fhir4.CapabilityStatement | undefined,
  type: string,
): boolean | undefined {
  const rest: unknown = statement?.rest;
  const listed = (
    Array.isArray(rest) ? (rest as (fhir4.CapabilityStatementRest | null)[]) : []
  ).flatMap((one) => (Array.isArray(one?.resource) ? one.resource : []));
  return listed.length === 0 ? undefined : listed.some((one) => one?.type === type);
}

const writerOf = (id: string, findEhr: FindEhr): EhrWriter => ({
  offers: (type) => offersOf(id, findEhr, type),
  create: async (resource, madeId, mayGo) =>
    (await findEhr(id)).client.create(resource, ifNoneExist(resource, madeId), mayGo),
  update: async (resource, etag, mayGo) => (await findEhr(id)).client.update(resource, etag, mayGo),
  read: async (type, resourceId) => (await findEhr(id)).client.read(type, resourceId),
  find: async (resource, madeId) => {
    const { parameter, value } = questionOf(resource, madeId);
    const page = await (await findEhr(id)).client.search(resource.resourceType, {
      [parameter]: value,
    });
    const found = oursAmong(page.resources, resource, madeId);
    const version = found?.meta?.versionId;
    return {
      wasTold: tellsAll(page, parameter),
      ...withoutUndefined({
        existing: found?.id
          ? {
              id: found.id,
              resource: found,
              etag: version ? `W/"${version}"` : undefined,
            }
          : undefined,
      }),
    };
  },
});
