import { wire as wireEnrichment } from '@loopwell/enrichment';
import { createOutbound, type Outbound, originOf } from '@loopwell/fhir/client';
import { createApp, finish, listen } from '@loopwell/http';
import { type EhrSettings, wire as wireIntake } from '@loopwell/intake';
import { AppError, clockIn, type Log, newId } from '@loopwell/kit';
import { openQueues, type Queues, queueAway, type Stage, stageNames, startRunner } from '@loopwell/pipeline';
import { addFhirRoutes, configuredTokens, grantReads, type ReferralSettings, wire as wireReferral } from '@loopwell/referral';
import {
  access,
  type Database,
  directory,
  installation,
  migrate,
  openDatabase,
  type PartnerRow,
  readiness,
  secretsWith,
  wake,
} from '@loopwell/store';
import type { PartnerTokens } from './partners-file.ts';
import { addWeb } from './web.ts';

export type ComposeOptions = {
  organisation: string;
  databaseUrl: string;
  queueUrl: string;
  /** Begins every key in Redis; two installations that share a Redis need one each. */
  queuePrefix?: string;
  host: string;
  port: number;
  /** Another free port will do when this one is taken. */
  anyPort: boolean;
  ehr: Omit<EhrSettings, 'credentials'>;
  credentials: (outbound: Outbound) => EhrSettings['credentials'];
  referral: Omit<ReferralSettings, 'publicBase'>;
  publicUrl: string | undefined;
  /** System of our identifiers; left out, the one of this database. */
  identifierSystem?: string | undefined;
  /** The site's time zone; the machine's when left out. */
  timeZone?: string | undefined;
  partners: readonly PartnerRow[];
  partnerTokens: PartnerTokens;
  /** Origins on private networks that were named on the command line or in the partners file. */
  allowedPrivateOrigins: readonly string[];
  writeBack: boolean;
  once: boolean;
  /** Seals what is configured through the API; without it connections and directory are what the command line says. */
  secretKey?: string;
  /** Stages that this process works; all of them when absent. */
  stages?: readonly Stage[];
  /** `marginMs`: how long before the EHR's now a window ends when running on; a minute when left out. */
  timing: { reconcileMs: number; coalesceMs: number; pullIntervalMs: number; marginMs?: number; leaseMs: number; requestTimeoutMs: number };
  log: Log;
  tell: (sentence: string) => void;
};

export type Composition = { db: Database; queues: Queues; address: string; publicBase: string; close: () => Promise<void> };

/** All services in one process, on one port: the same wiring that separate processes use, over the same store. */
export async function compose(options: ComposeOptions): Promise<Composition> {
  const { log, organisation } = options;
  await migrate(options.databaseUrl);
  const db = openDatabase({ url: options.databaseUrl, max: 16, log });
  await installation.chooseIdentifierSystem(db, options.identifierSystem).catch(async (error: unknown) => {
    await db.close();
    throw error;
  });
  await savePartners(db, options);
  const queues = await openQueues({ url: options.queueUrl, stages: stageNames, log, prefix: options.queuePrefix });
  const outbound = createOutbound({
    allowedPrivateOrigins: options.allowedPrivateOrigins,
    requestTimeoutMs: options.timing.requestTimeoutMs,
  });
  const app = createApp({
    log,
    timeZone: options.timeZone,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: { ...readiness.checksOf(db, options.stages ?? stageNames), queue: () => queueAway(queues) },
    notes: { holds: () => readiness.holdsActive(db, organisation) },
  });
  const server = await listenAnywhere(app, options);
  const publicBase = `${(options.publicUrl ?? server.address).replace(/\/+$/, '')}/fhir`;
  const settings: ReferralSettings = { ...options.referral, publicBase, timeZone: options.timeZone };
  addFhirRoutes(app, { db, settings });
  const secrets = options.secretKey === undefined ? undefined : secretsWith(options.secretKey);
  addWeb(app, {
    db,
    nudge: queues.nudge,
    outbound,
    secrets,
    longestConsentDays: settings.longestConsentDays,
    consentPolicy: settings.consentPolicy,
    minorAge: settings.minorAge,
    contactFromChart: settings.contactFromChart,
    publicUrl: options.publicUrl,
    clock: clockIn(options.timeZone),
  });
  finish(app, log);
  const { intake, works } = wireServices(options, settings, { db, queues, outbound, secrets });
  await intake.start();
  // Switches and directory may have changed since the last run.
  await db.tx((tx) => wake(tx, organisation, newId()));
  const runner = startRunner({ queues, works, intervalMs: options.timing.reconcileMs, log });
  return {
    db,
    queues,
    address: server.address,
    publicBase,
    async close() {
      await server.close();
      await intake.close();
      await runner.close();
      await queues.close();
      await outbound.close();
      await db.close();
    },
  };
}

type Parts = { db: Database; queues: Queues; outbound: Outbound; secrets: ReturnType<typeof secretsWith> | undefined };

/** The stages of all services, as far as this process works them. */
function wireServices(options: ComposeOptions, settings: ReferralSettings, { db, queues, outbound, secrets }: Parts) {
  const { log, organisation } = options;
  const shared = { db, nudge: queues.nudge, outbound, clock: clockIn(options.timeZone), log };
  const intake = wireIntake(
    {
      writeBack: options.writeBack,
      once: options.once,
      overlapMs: 300_000,
      marginMs: options.once ? 0 : (options.timing.marginMs ?? 60_000),
      coalesceMs: options.timing.coalesceMs,
      intervalMs: options.timing.pullIntervalMs,
      leaseMs: options.timing.leaseMs,
    },
    [{ ...options.ehr, credentials: options.credentials(outbound) }],
    { ...shared, secrets, tell: options.tell },
  );
  const enrichment = wireEnrichment({ batch: 100, concurrency: 2 }, shared);
  const configured = secrets && configuredTokens({ db, secrets, clock: shared.clock }, organisation);
  const named = new Map(
    Object.entries(options.partnerTokens).flatMap(([address, one]) => (one.send ? [[address, one.send] as const] : [])),
  );
  const referral = wireReferral(settings, {
    ...shared,
    sendTokens: { get: async (address) => named.get(address) ?? (await configured?.get(address)) },
  });
  const works = [...intake.works, ...enrichment.works, ...referral.works].filter((one) => options.stages?.includes(one.stage) ?? true);
  return { intake, works };
}

async function listenAnywhere(app: Parameters<typeof listen>[0], options: ComposeOptions) {
  try {
    return await listen(app, { host: options.host, port: options.port });
  } catch (error) {
    if (!options.anyPort || !(error instanceof AppError)) throw error;
    return listen(app, { host: options.host, port: 0 });
  }
}

/** The directory and the partners' bearers, as configured now; a bearer that is gone from the file opens nothing more. */
async function savePartners(db: Database, options: ComposeOptions): Promise<void> {
  await db.tx(async (tx) => {
    await directory.saveDirectory(tx, options.organisation, options.partners);
    const reads = new Map(
      Object.entries(options.partnerTokens).flatMap(([address, { read }]) => (read === undefined ? [] : [[address, read] as const])),
    );
    await grantReads(tx, options.organisation, options.partners, reads);
  });
}

/** Origins of addresses that somebody named; only these may lie on private networks, and only when that was allowed. */
export const originsOf = (addresses: readonly (string | undefined)[]): string[] =>
  addresses.flatMap((one) => (one !== undefined && URL.canParse(one) ? [originOf(one)] : []));
