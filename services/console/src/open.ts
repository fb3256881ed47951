import { fileURLToPath } from 'node:url';
import {
  addContract,
  addDocs,
  addSignIn,
  createApp,
  finish,
  listen,
  type Opened,
} from '@loopwell/http';
import { createLog } from '@loopwell/kit';
import { nudgeMeasures, openQueues, queueAway, stageNames } from '@loopwell/pipeline';
import { access, openDatabase, openDatabaseClock, readiness } from '@loopwell/store';
import type { ConsoleEnvironment } from './config.ts';
import { addConsoleRoutes, consoleContract } from './console.route.ts';

const described = ['intake', 'enrichment', 'referral', 'console'] as const;

/** The descriptions of all services' APIs, for the API page. */
export const descriptions = Object.fromEntries(
  described.map((name) => [
    name,
    fileURLToPath(import.meta.resolve(`@loopwell/openapi/${name}.yaml`)),
  ]),
);

/** The console as a process of its own. It works no stage; its queue is for nudges after a retry or a release. */
export async function open(config: ConsoleEnvironment): Promise<Opened> {
  const log = createLog({ service: 'console', level: config.LOOPWELL_LOG });
  const db = openDatabase({
    url: config.DATABASE_URL,
    max: config.DATABASE_POOL,
    applicationName: 'loopwell-console',
    log,
  });
  await readiness.requireDatabase(db);
  const clock = await openDatabaseClock(db, config.TIME_ZONE);
  const queues = await openQueues({ url: config.QUEUE_URL, stages: stageNames, log });
  const app = createApp({
    log,
    timeZone: config.TIME_ZONE,
    trustedProxies: config.TRUSTED_PROXIES,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: readiness.checksOf(db, []),
    notes: {
      queue: () => queueAway(queues),
      stalled: () => readiness.workStalled(db, stageNames),
      holds: () => readiness.holdsActive(db, config.LOOPWELL_TENANT),
    },
  });
  addContract(app, consoleContract);
  addSignIn(app, access.signInDoors(db), {
    secure: config.PUBLIC_URL?.startsWith('https:') ?? false,
  });
  addConsoleRoutes(app, { db, clock, nudge: queues.nudge, measures: () => nudgeMeasures(queues) });
  addDocs(app, descriptions);
  finish(app, log);
  const server = await listen(app, { host: config.LOOPWELL_HOST, port: config.CONSOLE_PORT });
  return {
    log,
    address: server.address,
    async close() {
      await server.close();
      await queues.close();
      await clock.close();
      await db.close();
    },
  };
}
