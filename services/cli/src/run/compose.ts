import { wire as wireEnrichment } from '@loopwell/enrichment';
import {
  createOutbound,
  type Outbound,
  originBeingRead,
  originOf,
  receiverSentences,
} from '@loopwell/fhir/client';
import { createApp, finish, listen } from '@loopwell/http';
import { type EhrSettings, wire as wireIntake } from '@loopwell/intake';
import { AppError, type Clock, type Log, newId } from '@loopwell/kit';
import {
  openQueues,
  type Queues,
  queueAway,
  type Stage,
  stageNames,
  startRunner,
  watchLeftAlone,
} from '@loopwell/pipeline';
import {
  addFhirRoutes,
  configuredTokens,
  grantReads,
  type ReferralSettings,
  wire as wireReferral,
} from '@loopwell/referral';
import {
  access,
  type Database,
  directory,
  installation,
  migrate,
  openDatabase,
  openDatabaseClock,
  type PartnerRow,
  readiness,
  receivers,
  secretsWith,
  wake,
} from '@loopwell/store';
import type { PartnerTokens } from '../input-files/partners-file.ts';
import { addWeb } from './web.ts';

export type ComposeOptions = {
  tenant: string;
  databaseUrl: string;
  queueUrl: string;
  /** Begins every key in Redis; two installations that share a Redis need one each. */
  queuePrefix?: string;
  host: string;
  port: number;
  /** Another free port will do when this one is taken. */
  anyPort: boolean;
  ehr: Omit<EhrSettings, 'credentials'>;
  credentials: (outbound: Outbound, clock: Clock) => EhrSettings['credentials'];
  referral: Omit<ReferralSettings, 'publicBase'>;
  publicUrl: string | undefined;
  /** System of our identifiers; left out, the one of this database. */
  identifierSystem?: string | undefined;
  /** The site's time zone; the machine's when left out. */
  timeZone?: string | undefined;
  trustedProxies?: readonly string[] | undefined;
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
  timing: {
    reconcileMs: number;
    coalesceMs: number;
    pullIntervalMs: number;
    marginMs?: number;
    leaseMs: number;
    requestTimeoutMs: number;
  };
  log: Log;
  tell: (sentence: string) => void;
  /** Ends what is asked of others, also while it opens. */
  signal?: AbortSignal;
};

export type Composition = {
  db: Database;
  queues: Queues;
  address: string;
  publicBase: string;
  /** Servers that work waits for, each in a sentence; as it was when somebody stopped us. */
  waitsFor: () => readonly string[];
  /** Ages of the oldest request of each server, in seconds. */
  oldestRequests: () => number[];
  noteEnd: (code: string) => Promise<void>;
  close: () => Promise<void>;
};

/** What has been opened so far, closed in the reverse order. */
function createClosing() {
  const closers: (() => Promise<void>)[] = [];
  return {
    add: (close: () => Promise<void>) => void closers.push(close),
    close: async () => {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}

/** All services in one process, on one port: the same wiring that separate processes use, over the same store. */
export async function compose(options: ComposeOptions): Promise<Composition> {
  const closing = createClosing();
  try {
    return await openAll(options, closing);
  } catch (error) {
    await closing.close();
    throw error;
  }
}

async function openAll(
  options: ComposeOptions,
  closing: ReturnType<typeof createClosing>,
): Promise<Composition> {
  const { log, tenant } = options;
  await migrate(options.databaseUrl);
  const db = openDatabase({ url: options.databaseUrl, max: 16, log });
  closing.add(db.close);
  const clock = await openDatabaseClock(db, options.timeZone);
  closing.add(clock.close);
  await installation.chooseIdentifierSystem(db, options.identifierSystem);
  await savePartners(db, options);
  const { outbound, waitsFor } = openOutbound(options);
  closing.add(outbound.close);
  const queues = await openQueues({
    url: options.queueUrl,
    stages: stageNames,
    log,
    prefix: options.queuePrefix,
  });
  closing.add(queues.close);
  const secrets = options.secretKey === undefined ? undefined : secretsWith(options.secretKey);
  const { address, publicBase, settings } = await openWeb(
    options,
    { db, clock, queues, outbound, secrets },
    closing,
  );
  const { intake, works } = wireServices(options, settings, {
    db,
    clock,
    queues,
    outbound,
    secrets,
  });
  await intake.start();
  // Switches and directory may have changed since the last run.
  await db.tx((tx) => wake(tx, tenant, newId()));
  const leftAlone = await watchLeftAlone(
    () => receivers.heldReceivers(db),
    outbound.receivers.leaveAlone,
    { log },
  );
  closing.add(leftAlone.close);
  const runner = startRunner({ queues, works, intervalMs: options.timing.reconcileMs, log });
  closing.add(async () => {
    // What only reads ends at once, so that nobody who stops waits for somebody else's server.
    outbound.stop();
    await intake.close();
    await runner.close();
  });
  return {
    ...{
      db,
      queues,
      address,
      publicBase,
      waitsFor,
      oldestRequests: () => [...outbound.traffic.longest().values()],
    },
    noteEnd: (code) => receivers.noteEnd(db, originBeingRead(), code),
    close: closing.close,
  };
}

/** The way out. Whoever stops us ends what is asked there; what was waited for then is kept, to be told. */
function openOutbound({ allowedPrivateOrigins, timing, signal }: ComposeOptions) {
  const outbound = createOutbound({
    allowedPrivateOrigins,
    requestTimeoutMs: timing.requestTimeoutMs,
  });
  let waited: readonly string[] | undefined;
  const stop = () => {
    waited = receiverSentences(outbound);
    outbound.stop();
  };
  if (signal?.aborted) stop();
  else signal?.addEventListener('abort', stop, { once: true });
  return { outbound, waitsFor: () => waited ?? receiverSentences(outbound) };
}

/** Pages, APIs and what partners read. */
async function openWeb(
  options: ComposeOptions,
  { db, clock, queues, outbound, secrets }: Parts,
  closing: ReturnType<typeof createClosing>,
) {
  const { log, tenant } = options;
  const app = createApp({
    log,
    timeZone: options.timeZone,
    trustedProxies: options.trustedProxies,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {
      ...readiness.checksOf(db, options.stages ?? stageNames),
      key: async () => secrets && readiness.keyDoesNotFit(db, secrets),
    },
    notes: {
      queue: () => queueAway(queues),
      holds: () => readiness.holdsActive(db, tenant),
      receivers: async () => receiverSentences(outbound).join('; ') || undefined,
    },
  });
  const server = await listenAnywhere(app, options);
  closing.add(server.close);
  const publicBase = `${(options.publicUrl ?? server.address).replace(/\/+$/, '')}/fhir`;
  const settings: ReferralSettings = {
    ...options.referral,
    publicBase,
    timeZone: options.timeZone,
  };
  addFhirRoutes(app, { db, settings });
  addWeb(app, {
    db,
    nudge: queues.nudge,
    queues,
    outbound,
    secrets,
    longestConsentDays: settings.longestConsentDays,
    consentPolicy: settings.consentPolicy,
    minorAge: settings.minorAge,
    contactFromChart: settings.contactFromChart,
    publicUrl: options.publicUrl,
    clock,
  });
  finish(app, log);
  return { address: server.address, publicBase, settings };
}

type Parts = {
  db: Database;
  clock: Clock;
  queues: Queues;
  outbound: Outbound;
  secrets: ReturnType<typeof secretsWith> | undefined;
};

/** The stages of all services, as far as this process works them. */
function wireServices(
  options: ComposeOptions,
  settings: ReferralSettings,
  { db, clock, queues, outbound, secrets }: Parts,
) {
  const { log, tenant } = options;
  const shared = { db, nudge: queues.nudge, outbound, clock, log };
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
    [{ ...options.ehr, credentials: options.credentials(outbound, clock) }],
    { ...shared, secrets, tell: options.tell },
  );
  const enrichment = wireEnrichment({ batch: 100, concurrency: 2 }, shared);
  const configured = secrets && configuredTokens({ db, secrets, clock }, tenant);
  const named = new Map(
    Object.entries(options.partnerTokens).flatMap(([address, one]) =>
      one.send ? [[address, one.send] as const] : [],
    ),
  );
  const referral = wireReferral(settings, {
    ...shared,
    sendTokens: { get: async (address) => named.get(address) ?? (await configured?.get(address)) },
  });
  const works = [...intake.works, ...enrichment.works, ...referral.works].filter(
    (one) => options.stages?.includes(one.stage) ?? true,
  );
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
    await directory.saveDirectory(tx, options.tenant, options.partners);
    const reads = new Map(
      Object.entries(options.partnerTokens).flatMap(([address, { read }]) =>
        read === undefined ? [] : [[address, read] as const],
      ),
    );
    await grantReads(tx, options.tenant, options.partners, reads);
  });
}

/** Origins of addresses that somebody named; only these may lie on private networks, and only when that was allowed. */
export const originsOf = (addresses: readonly (string | undefined)[]): string[] =>
  addresses.flatMap((one) => (one !== undefined && URL.canParse(one) ? [originOf(one)] : []));
