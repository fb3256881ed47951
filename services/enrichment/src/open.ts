import {
  addContract,
  addMetrics,
  addSignIn,
  createApp,
  finish,
  listen,
  type Opened,
} from '@loopwell/http';
import { createLog } from '@loopwell/kit';
import { nudgeMeasures, openQueues, queueAway, stageNames, startRunner } from '@loopwell/pipeline';
import {
  access,
  clockMeasure,
  installation,
  openDatabase,
  openDatabaseClock,
  readiness,
} from '@loopwell/store';
import type { EnrichmentEnvironment } from './config.ts';
import { addPreviewRoutes } from './preview/preview.route.ts';
import { addQualityRoutes } from './quality/quality.route.ts';
import { addRecodeRoutes } from './recode/recode.route.ts';
import { addReviewRoutes, reviewContract } from './review/review.route.ts';
import { findSite } from './screen/site.ts';
import { wire } from './service.ts';

/** Enrichment as a process of its own: codes screenings, and has the review page and its API. */
export async function open(config: EnrichmentEnvironment): Promise<Opened> {
  const log = createLog({ service: 'enrichment', level: config.LOOPWELL_LOG });
  const db = openDatabase({
    url: config.DATABASE_URL,
    max: config.DATABASE_POOL,
    applicationName: 'loopwell-enrichment',
    log,
  });
  await readiness.requireDatabase(db);
  const clock = await openDatabaseClock(db, config.TIME_ZONE);
  await installation.chooseIfMigrated(db, config.IDENTIFIER_SYSTEM);
  const queues = await openQueues({ url: config.QUEUE_URL, stages: stageNames, log });
  const timeZone = config.TIME_ZONE;
  const reader = { tx: db.tx, timeZone };
  const { works } = wire(
    { batch: config.ENRICHMENT_BATCH, concurrency: config.ENRICHMENT_CONCURRENCY, timeZone },
    { db, nudge: queues.nudge, log },
  );
  const app = createApp({
    log,
    timeZone,
    trustedProxies: config.TRUSTED_PROXIES,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: readiness.checksOf(db, ['screen', 'code']),
    notes: { queue: () => queueAway(queues) },
  });
  addContract(app, reviewContract);
  addSignIn(app, access.signInDoors(db), {
    secure: config.PUBLIC_URL?.startsWith('https:') ?? false,
  });
  addReviewRoutes(app, {
    tx: db.tx,
    nudge: queues.nudge,
    clock,
    longestConsentDays: config.LONGEST_CONSENT_DAYS,
    consentPolicy: config.CONSENT_POLICY,
    minorAge: config.MINOR_AGE,
    contactFromChart: config.CONTACT_FROM_CHART,
  });
  addPreviewRoutes(app, (tenant, id) => findSite(db, tenant, id, timeZone));
  addQualityRoutes(app, reader);
  addRecodeRoutes(app, { db: reader, nudge: queues.nudge });
  addMetrics(app, async () => [...nudgeMeasures(queues), await clockMeasure(db)]);
  finish(app, log);
  const server = await listen(app, { host: config.LOOPWELL_HOST, port: config.ENRICHMENT_PORT });
  const stopping = new AbortController();
  const running = readiness
    .untilMigrated(db, (sentence) => log.warn(sentence), stopping.signal)
    .then(async () => {
      if (stopping.signal.aborted) return undefined;
      await installation.chooseIdentifierSystem(db, config.IDENTIFIER_SYSTEM);
      return startRunner({ queues, works, intervalMs: config.RECONCILE_MS, log });
    });
  return {
    log,
    address: server.address,
    async close() {
      stopping.abort();
      await server.close();
      await (await running)?.close();
      await queues.close();
      await clock.close();
      await db.close();
    },
  };
}
