import type { Credentials } from '@loopwell/fhir/client';
import { type Clock, errorRecord, type Log, sleep } from '@loopwell/kit';
import type { Outbound } from '@loopwell/outbound';
import { type NudgeFunction, type StageWork, workIo } from '@loopwell/pipeline';
import { stageDeps } from '@loopwell/service';
import {
  type Connection,
  type Database,
  holds,
  pullCursors,
  type Secrets,
  saveConnection,
} from '@loopwell/store';
import { readerOf, writerOf } from './connections/ehr-ports.ts';
import { createEhrs, type Ehr, type FindEhr } from './connections/ehrs.ts';
import { createNotes } from './connections/notes.ts';
import { readStoredPeople } from './people/read-stored-people.ts';
import { openLanesOf } from './pull/open-cursors.ts';
import { createAround } from './pull/read-around-holes.ts';
import { createForms } from './pull/search-forms.ts';
import { pullStage } from './pull/stage.ts';
import { writeBackStage } from './write-back/stage.ts';

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
  /**
   * Milliseconds after which an EHR that answered "no", but may have what we wrote, is asked once
   * more.
   */
  askAgainMs?: number;
};

export type IntakeResources = {
  db: Database;
  nudge: NudgeFunction;
  outbound: Outbound;
  clock: Clock;
  log: Log;
  /** Opens the secrets of connections that are rows. Without it only the named EHRs are read. */
  secrets?: Secrets | undefined;
  tell: (sentence: string) => void;
};

export type Intake = { works: StageWork[]; start: () => Promise<void>; close: () => Promise<void> };

/** Resources that pull and write-back share: the EHRs, and the signal that ends both. */
type Shared = IntakeResources & { findEhr: FindEhr; signal: AbortSignal };

/** The reach of a window into the past and towards now. `finalTo` ends the last window of a run. */
type Plan = { overlapMs: number; marginMs: number; finalTo: Date | undefined };

/** Wires pull and write-back for some EHRs. */
export function wire(
  settings: IntakeSettings,
  ehrs: readonly EhrSettings[],
  resources: IntakeResources,
): Intake {
  const { writeBack } = settings;
  const stopping = new AbortController();
  const { signal } = stopping;
  const notes = createNotes({ ...resources, writeBack });
  const { db, outbound, clock, secrets, log } = resources;
  const findEhr = createEhrs(ehrs, { db, outbound, clock, secrets, signal, writeBack, notes });
  const shared = { ...resources, findEhr, signal };
  const plan: Plan = {
    overlapMs: settings.overlapMs,
    marginMs: settings.marginMs,
    finalTo: undefined,
  };
  let reading = Promise.resolve();
  return {
    works: [pullWork(settings, plan, shared), writeBackWork(settings, shared)],
    async start() {
      for (const ehr of ehrs) {
        if (settings.once)
          plan.finalTo = await finalEnd(await findEhr(ehr.connection.id), outbound);
        await openConnection(db, ehr);
      }
      reading = readStoredPeople(db, signal).catch((error) =>
        log.error('Stored Patients could not be read', error),
      );
    },
    async close() {
      stopping.abort();
      await sleep(0);
      await reading;
      await notes.kept();
    },
  };
}

function pullWork(settings: IntakeSettings, plan: Plan, shared: Shared): StageWork {
  const { db, outbound, nudge, clock, log, tell, findEhr, signal } = shared;
  const knownForms = createForms(db);
  const around = createAround(db, clock);
  const stage = pullStage(
    {
      read: db.tx,
      readerOf: (id) => readerOf(id, findEhr, knownForms, around),
      isConnected: (id) => isConnected(id, findEhr),
      isPaused: (id) => holds.isPaused(db, id),
      waitFor: outbound.receivers.waitFor,
      nudge,
      plan,
      coalesceMs: settings.coalesceMs,
      intervalMs: settings.intervalMs,
      clock,
      log,
      tell,
      signal,
    },
    settings.leaseMs,
  );
  const deps = ioDeps(shared);
  return {
    stage: 'pull',
    concurrency: 3,
    work: (claim, onClaim) => workIo(deps, stage, claim, onClaim),
  };
}

/** The number of resources that are written into an EHR in one claim. */
const writeBackBatch = 20;

function writeBackWork(settings: IntakeSettings, shared: Shared): StageWork {
  const { db, outbound, clock, log, findEhr, signal } = shared;
  const stage = writeBackStage(
    {
      enabled: settings.writeBack,
      read: db.tx,
      writerOf: (id) => writerOf(id, findEhr),
      isConnected: (id) => isConnected(id, findEhr),
      isPaused: (id) => holds.isPaused(db, id),
      waitFor: outbound.receivers.waitFor,
      clock,
      askAgainMs: settings.askAgainMs ?? 5_000,
      signal,
      log,
    },
    writeBackBatch,
    settings.leaseMs,
  );
  const deps = ioDeps(shared);
  return {
    stage: 'write-back',
    concurrency: 2,
    work: (claim, onClaim) => workIo(deps, stage, claim, onClaim),
  };
}

const ioDeps = (shared: Shared) => ({
  ...stageDeps(shared, 'intake'),
  letsWait: shared.outbound.receivers.letsWait,
});

const isConnected = (id: string, findEhr: FindEhr): Promise<boolean> =>
  findEhr(id).then(
    () => true,
    (error: unknown) => {
      if (errorRecord(error).code === 'NOT_FOUND') return false;
      throw error;
    },
  );

/**
 * Returns the end of a final window: the server's clock, rounded up to the second, because its Date
 * header is exact to a second.
 */
async function finalEnd(ehr: Ehr, outbound: Outbound): Promise<Date> {
  const now = await clockOf(ehr, outbound.stopping);
  return new Date(now.getTime() + 1_000);
}

/**
 * Returns the EHR's time, which a run needs to begin. An EHR that is too slow is asked up to three
 * times.
 */
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
    await saveConnection(tx, ehr.connection);
    await pullCursors.reopenCursors(tx, ehr.connection.id);
    await openLanesOf(tx, ehr.connection, { patients: ehr.patients, since: ehr.since ?? null });
  });
}
