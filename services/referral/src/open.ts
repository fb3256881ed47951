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
import type { ReferralEnvironment } from './config.ts';
import { addDirectoryRoutes, referralContract } from './directory/directory.route.ts';
import { configuredTokens } from './directory/send-tokens.ts';
import { addFhirRoutes } from './hub/fhir.route.ts';
import { wire } from './service.ts';
import type { ReferralSettings } from './settings.ts';

const requestTimeoutMs = 30_000;

const settingsOf = (config: ReferralEnvironment): ReferralSettings => ({
  tenant: config.LOOPWELL_TENANT,
  siteName: config.SITE_NAME,
  sitePhone: config.SITE_PHONE,
  contactFromChart: config.CONTACT_FROM_CHART,
  minorAge: config.MINOR_AGE,
  readAfterEndMs: config.READ_AFTER_END,
  send: config.SEND,
  approve: config.APPROVE,
  agreedByConsent: config.AGREED_BY_CONSENT,
  longestConsentDays: config.LONGEST_CONSENT_DAYS,
  consentPolicy: config.CONSENT_POLICY,
  publicBase: `${config.PUBLIC_URL.replace(/\/+$/, '')}/fhir`,
  acceptByMs: 'ms' in config.ACCEPT_BY ? config.ACCEPT_BY.ms : 0,
  acceptByBusinessDays:
    'businessDays' in config.ACCEPT_BY ? config.ACCEPT_BY.businessDays : undefined,
  decideBy: config.DECIDE_BY,
  timeZone: config.TIME_ZONE,
  pollMs: config.POLL,
  askAgainMs: config.ASK_AGAIN,
  batch: 50,
  leaseMs: requestTimeoutMs + 30_000,
});

/** Referral as a process of its own: sends to partners, follows their Tasks, and is what they read from. */
export async function open(config: ReferralEnvironment): Promise<Opened> {
  const log = createLog({ service: 'referral', level: config.LOOPWELL_LOG });
  const db = openDatabase({
    url: config.DATABASE_URL,
    max: config.DATABASE_POOL,
    applicationName: 'loopwell-referral',
    log,
  });
  await readiness.requireDatabase(db);
  const clock = await openDatabaseClock(db, config.TIME_ZONE);
  await installation.chooseIfMigrated(db, config.IDENTIFIER_SYSTEM);
  const queues = await openQueues({ url: config.QUEUE_URL, stages: stageNames, log });
  const outbound = createOutbound({
    allowedPrivateOrigins: config.PRIVATE_ORIGINS,
    requestTimeoutMs,
  });
  const secrets = secretsWith(config.LOOPWELL_SECRET_KEY);
  const settings = settingsOf(config);
  const sendTokens = configuredTokens({ db, secrets, clock }, settings.tenant);
  const { works } = wire(settings, { db, nudge: queues.nudge, outbound, sendTokens, clock, log });
  const app = createApp({
    log,
    timeZone: config.TIME_ZONE,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {
      ...readiness.checksOf(db, ['refer', 'track', 'close']),
      key: () => readiness.keyDoesNotFit(db, secrets),
    },
    notes: {
      queue: () => queueAway(queues),
      holds: () => readiness.holdsActive(db, settings.tenant),
      receivers: async () => receiverSentences(outbound).join('; ') || undefined,
    },
  });
  addContract(app, referralContract);
  addDirectoryRoutes(app, { db, nudge: queues.nudge, outbound, secrets });
  addFhirRoutes(app, { db, settings });
  addMetrics(app, async () => [
    ...receiverMeasures(outbound),
    ...nudgeMeasures(queues),
    await clockMeasure(db),
  ]);
  finish(app, log);
  const server = await listen(app, { host: config.LOOPWELL_HOST, port: config.REFERRAL_PORT });
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
      return startRunner({ queues, works, intervalMs: config.RECONCILE_MS, log });
    });
  return {
    log,
    address: server.address,
    noteEnd: (code) => receivers.noteEnd(db, originBeingRead(), code),
    async close() {
      stopping.abort();
      outbound.stop();
      await server.close();
      await (await running)?.close();
      await leftAlone?.close();
      await queues.close();
      await outbound.close();
      await clock.close();
      await db.close();
    },
  };
}
