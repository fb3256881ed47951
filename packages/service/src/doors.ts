import {
  type App,
  addContract,
  addDocs,
  addMetrics,
  addSignIn,
  type Checks,
  createApp,
  finish,
  type LateForms,
  listen,
} from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { receiverMeasures, receiverSentences } from '@loopwell/outbound';
import { nudgeMeasures, queueAway, stageNames } from '@loopwell/pipeline';
import {
  access,
  clockMeasure,
  clockMoves,
  type DatabaseClock,
  readiness,
  sealedForms,
} from '@loopwell/store';
import type { Closing } from './closing.ts';
import type { Wired } from './module.ts';
import type { HostOptions } from './options.ts';
import { type HostParts, resourcesOf } from './parts.ts';

/**
 * Listens, wires the services and adds all their routes. Nothing is awaited between listening and
 * the last route, so that no request reaches an app that is half ready.
 */
export async function openDoors(
  options: HostOptions,
  parts: HostParts,
  closing: Closing,
): Promise<{ address: string; routes: ReadonlySet<string>; wired: Wired[] }> {
  const { log, trustedProxies } = options;
  const lateForms = parts.secrets && sealedForms.lateForms(parts.db, parts.secrets);
  const app = createApp({
    log,
    lateForms,
    clock: parts.clock,
    trustedProxies,
    findAccess: (kind, secret) => access.findAccess(parts.db, kind, secret),
    readiness: checksOf(options, parts),
    notes: notesOf(options, parts),
  });
  const server = await listenAt(app, options.listen);
  closing.add(server.close);
  const publicUrl = (options.publicUrl ?? server.address).replace(/\/+$/, '');
  const resources = resourcesOf(options, parts, publicUrl);
  const wired = options.services.map((service) => service.wire(resources));
  addRoutes(app, options, { ...parts, lateForms }, wired);
  finish(app, log);
  return { address: server.address, routes: app.declared, wired };
}

/** Makes the checks of `/ready`, each of which says a sentence where this process is not ready. */
function checksOf(
  { mayMoveClock }: HostOptions,
  { db, clock, stages, secrets }: HostParts,
): Checks {
  const checks = {
    ...readiness.checksOf(db, stages),
    moved: async () => (isShut(clock, mayMoveClock) ? clockMoves.movedClockSentence : undefined),
  };
  return secrets ? { ...checks, key: () => readiness.keyDoesNotFit(db, secrets) } : checks;
}

/** Tells whether the clock was moved under a process that does not work with a moved one. */
const isShut = (clock: DatabaseClock, mayMove = false): boolean => !mayMove && clock.isMoved();

/**
 * Makes the notes of `/ready`, each of which informs people in a sentence and makes nothing less
 * ready.
 */
function notesOf({ tenant }: HostOptions, { db, queues, outbound, stages }: HostParts): Checks {
  const notes: Checks = {
    queue: () => queueAway(queues),
    holds: () => readiness.holdsActive(db, tenant),
    receivers: async () => receiverSentences(outbound).join('; ') || undefined,
  };
  // A process that works no stage checks the work of all stages.
  if (stages.length > 0) return notes;
  return { ...notes, stalled: () => readiness.workStalled(db, stageNames) };
}

/** Listens at the address, or at another free port where that is allowed. */
async function listenAt(app: App, { host, port, anyPort = false }: HostOptions['listen']) {
  try {
    return await listen(app, { host, port });
  } catch (error) {
    if (!anyPort || !(error instanceof AppError)) throw error;
    return listen(app, { host, port: 0 });
  }
}

/** Adds contracts, sign-in, the routes of the services, metrics and docs. */
function addRoutes(
  app: App,
  { services, publicUrl }: HostOptions,
  { db, queues, outbound, lateForms }: HostParts & { lateForms: LateForms | undefined },
  wired: readonly Wired[],
): void {
  for (const { contract } of services) if (contract !== undefined) addContract(app, contract);
  const pages = new Set(services.flatMap((service) => service.pages ?? []));
  if (pages.has('sign-in'))
    addSignIn(app, access.signInDoors(db), {
      secure: publicUrl?.startsWith('https:') ?? false,
      lateForms,
    });
  for (const { routes } of wired) routes?.(app);
  addMetrics(app, async (principal) => {
    const numbers = await Promise.all(wired.map(async ({ metrics }) => metrics?.(principal) ?? []));
    const shared = [...receiverMeasures(outbound), ...nudgeMeasures(queues)];
    return [...numbers.flat(), ...shared, await clockMeasure(db)];
  });
  if (pages.has('docs')) addDocs(app, contracts);
}
