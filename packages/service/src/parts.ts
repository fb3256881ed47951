import { createOutbound, type Outbound } from '@loopwell/outbound';
import {
  openQueues,
  type Queues,
  type Stage,
  stageNames,
  stages as stageTable,
} from '@loopwell/pipeline';
import {
  clockMoves,
  type Database,
  type DatabaseClock,
  installation,
  migrate,
  openDatabase,
  openDatabaseClock,
  readiness,
  type Secrets,
  secretsWith,
} from '@loopwell/store';
import type { Closing } from './closing.ts';
import type { Hosted, Resources } from './module.ts';
import type { HostOptions } from './options.ts';
import { type OpenSite, openSite } from './site.ts';

/** The parts that the host itself has opened. */
export type HostParts = {
  db: Database;
  clock: DatabaseClock;
  site: OpenSite;
  queues: Queues;
  outbound: Outbound;
  secrets: Secrets | undefined;
  /** Stages that this process works. */
  stages: readonly Stage[];
};

/**
 * How long a request to another server may take, and how much longer a lease lasts, in
 * milliseconds.
 */
const [defaultTimeoutMs, leaseMarginMs] = [30_000, 30_000];

/** Opens what all services of a process share, in the order in which one needs the other. */
export async function openParts(options: HostOptions, closing: Closing): Promise<HostParts> {
  const { tenant, database, queue, log } = options;
  const db = openDatabase({ ...database, tenant, log });
  closing.add(db.close);
  await readiness.requireDatabase(db);
  if (!options.mayMoveClock) await clockMoves.refuseMovedClock(db);
  if (options.migrates) await migrate(database.url);
  const site = openSite(db, options.site ?? {}, options.tell);
  closing.add(site.close);
  const clock = await openDatabaseClock(db, placeOf(site, options.mayMoveClock));
  closing.add(clock.close);
  const stages = options.stages ?? stagesOf(options.services);
  // A process that works no stage makes no resource with an identifier, so it chooses no system.
  if (stages.length > 0) await installation.chooseIfMigrated(db, options.identifierSystem);
  if ((await readiness.migrationsMissing(db)) === undefined) await site.seed();
  await options.prepare?.(db);
  const outbound = createOutbound({
    allowedPrivateOrigins: options.privateOrigins,
    requestTimeoutMs: options.timing.requestTimeoutMs ?? defaultTimeoutMs,
  });
  closing.add(outbound.close);
  const queues = await openQueues({
    url: queue.url,
    tenant,
    stages: stageNames,
    log,
    prefix: queue.prefix,
  });
  closing.add(queues.close);
  const secrets = options.secretKey === undefined ? undefined : secretsWith(options.secretKey);
  return { db, clock, site, queues, outbound, secrets, stages };
}

/** Gives the time zone of the site, which people may change while a process runs. */
const placeOf = (site: OpenSite, mayMove: boolean | undefined) => ({
  mayMove,
  get timeZone() {
    return site.settings().timeZone;
  },
});

/** Lists the stages of some services, by the table of stages. */
const stagesOf = (services: readonly Hosted[]): Stage[] =>
  stageNames.filter((stage) => services.some(({ name }) => name === stageTable[stage].service));

/** Makes the resources that the services of a process are lent. */
export const resourcesOf = (
  { tenant, timing, log, tell }: HostOptions,
  { db, clock, site, queues, outbound, secrets }: HostParts,
  publicUrl: string,
): Resources => {
  const { requestTimeoutMs = defaultTimeoutMs } = timing;
  const leaseMs = timing.leaseMs ?? requestTimeoutMs + leaseMarginMs;
  const { nudge } = queues;
  const realClock = clock.real;
  const opened = { db, nudge, outbound, secrets, clock, realClock, site };
  return { ...opened, tenant, publicUrl, leaseMs, log, tell };
};
