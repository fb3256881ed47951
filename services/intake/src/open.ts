import {
  createOutbound,
  originBeingRead,
  receiverMeasures,
  receiverSentences,
} from '@loopwell/fhir/client';
import { addContract, addMetrics, createApp, finish, listen, type Opened } from '@loopwell/http';
import { createLog } from '@loopwell/kit';
import {
  nudgeMeasures,
  openQueues,
  queueAway,
  stageNames,
  startRunner,
  watchLeftAlone,
} from '@loopwell/pipeline';
import {
  access,
  clockMeasure,
  installation,
  openDatabase,
  openDatabaseClock,
  readiness,
  receivers,
  secretsWith,
} from '@loopwell/store';
import type { IntakeEnvironment } from './config.ts';
import { addConnectionRoutes, intakeContract } from './connections/connections.route.ts';
import { wire } from './service.ts';

const requestTimeoutMs = 30_000;
const leaseMs = requestTimeoutMs + 30_000;

/** Intake as a process of its own: reads and writes the EHRs that are configured as rows. */
export async function open(config: IntakeEnvironment): Promise<Opened> {
  const log = createLog({ service: 'intake', level: config.LOOPWELL_LOG });
  const db = openDatabase({
    url: config.DATABASE_URL,
    max: config.DATABASE_POOL,
    applicationName: 'loopwell-intake',
    log,
  });
  await readiness.requireDatabase(db);
  const clock = await openDatabaseClock(db);
  await installation.chooseIfMigrated(db, config.IDENTIFIER_SYSTEM);
  const queues = await openQueues({ url: config.QUEUE_URL, stages: stageNames, log });
  const outbound = createOutbound({
    allowedPrivateOrigins: config.PRIVATE_ORIGINS,
    requestTimeoutMs,
  });
  const secrets = secretsWith(config.LOOPWELL_SECRET_KEY);
  const intake = wire(
    {
      writeBack: config.WRITE_BACK,
      once: false,
      overlapMs: config.PULL_OVERLAP_MS,
      marginMs: config.PULL_MARGIN_MS,
      coalesceMs: config.COALESCE_MS,
      intervalMs: config.PULL_INTERVAL_MS,
      leaseMs,
    },
    [],
    {
      db,
      nudge: queues.nudge,
      outbound,
      clock,
      log,
      secrets,
      tell: (sentence) => log.warn(sentence),
    },
  );
  const app = createApp({
    log,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {
      ...readiness.checksOf(db, ['pull', 'write-back']),
      key: () => readiness.keyDoesNotFit(db, secrets),
    },
    notes: {
      queue: () => queueAway(queues),
      receivers: async () => receiverSentences(outbound).join('; ') || undefined,
    },
  });
  addContract(app, intakeContract);
  addConnectionRoutes(app, { db, outbound, secrets });
  addMetrics(app, async () => [
    ...receiverMeasures(outbound),
    ...nudgeMeasures(queues),
    await clockMeasure(db),
  ]);
  finish(app, log);
  const server = await listen(app, { host: config.LOOPWELL_HOST, port: config.INTAKE_PORT });
  const stopping = new AbortController();
  let leftAlone: { close: () => Promise<void> } | undefined;
  const running = readiness
    .untilMigrated(db, (sentence) => log.warn(sentence), stopping.signal)
    .then(async () => {
      if (stopping.signal.aborted) return undefined;
      await installation.chooseIdentifierSystem(db, config.IDENTIFIER_SYSTEM);
      leftAlone = await watchLeftAlone(
        () => receivers.heldReceivers(db),
        outbound.receivers.leaveAlone,
        { log },
      );
      return startRunner({ queues, works: intake.works, intervalMs: config.RECONCILE_MS, log });
    });
  return {
    log,
    address: server.address,
    noteEnd: (code) => receivers.noteEnd(db, originBeingRead(), code),
    async close() {
      stopping.abort();
      outbound.stop();
      await server.close();
      await intake.close();
      await (await running)?.close();
      await leftAlone?.close();
      await queues.close();
      await outbound.close();
      await clock.close();
      await db.close();
    },
  };
}
