import type { App, Measure, Principal } from '@loopwell/http';
import type { Clock, Log } from '@loopwell/kit';
import type { Outbound } from '@loopwell/outbound';
import type { NudgeFunction, StageWork } from '@loopwell/pipeline';
import type { Database, Secrets } from '@loopwell/store';
import { z } from 'zod';
import { hostFields, poolField, portField } from './shared-config.ts';
import type { Site } from './site.ts';

/** The resources that the host opens once and lends to every service of its process. */
export type Resources = {
  tenant: string;
  db: Database;
  nudge: NudgeFunction;
  outbound: Outbound;
  /** Opens and seals stored credentials; undefined in a process that has no key. */
  secrets: Secrets | undefined;
  /** The clock of deadlines, in the site's time zone. Tests and the sandbox may move it. */
  clock: Clock;
  /**
   * The database's clock as it is: for what other servers are told and tell, and for what measures
   * a wait.
   */
  realClock: Clock;
  /** What the site decides, as it counts now. */
  site: Site;
  /** Address at which partners and people reach us, without trailing slash. */
  publicUrl: string;
  /** How long a stage that talks to others may hold its work: longer than a request may take. */
  leaseMs: number;
  log: Log;
  /** Says a sentence to the operator of this process. */
  tell: (sentence: string) => void;
};

/** A service made ready by `wire`. */
export type Wired = {
  /** Adds the service's routes, each with its guard. */
  routes?: (app: App) => void;
  works?: readonly StageWork[];
  /** Numbers for `/metrics` that only this service can read. */
  metrics?: (principal: Principal) => Promise<readonly Measure[]>;
  /** Called once the database is migrated, before any stage is worked. */
  start?: () => Promise<void>;
  /** Ends what the service does of its own accord; its stages end after it. */
  close?: () => Promise<void>;
};

/** A service as it is exported to be run. The host does the rest. */
export type ServiceModule<Fields extends z.ZodRawShape, Settings> = {
  /** The service's name in the table of stages, which says what this service works. */
  name: string;
  /** The port of the service as a process of its own, unless `<NAME>_PORT` says otherwise. */
  port: number;
  /** Connections to PostgreSQL as a process of its own, unless `DATABASE_POOL` says otherwise. */
  pool?: number;
  /** Variables of the host without which this service cannot run as a process of its own. */
  needs?: readonly ('LOOPWELL_SECRET_KEY' | 'PUBLIC_URL')[];
  /** Variables that this service reads beside those of the host. */
  fields: Fields;
  settingsOf: (environment: z.output<z.ZodObject<Fields>>) => Settings;
  /** Path of the OpenAPI file that its requests and answers are held to. */
  contract?: string;
  /** Pages that the host adds for people who sign in at this service. */
  pages?: readonly ('sign-in' | 'docs')[];
  wire: (resources: Resources, settings: Settings) => Wired;
};

/** Infers the types of a module from its fields. */
export const defineService = <Fields extends z.ZodRawShape, Settings>(
  module: ServiceModule<Fields, Settings>,
): ServiceModule<Fields, Settings> => module;

/** A service with its settings, as the host takes it. */
export type Hosted = Pick<ServiceModule<z.ZodRawShape, unknown>, 'name' | 'contract' | 'pages'> & {
  wire: (resources: Resources) => Wired;
};

/** Joins a module with settings that do not come from its environment. */
export const hosted = <Fields extends z.ZodRawShape, Settings>(
  module: ServiceModule<Fields, Settings>,
  settings: Settings,
): Hosted => ({
  name: module.name,
  ...(module.contract === undefined ? {} : { contract: module.contract }),
  ...(module.pages === undefined ? {} : { pages: module.pages }),
  wire: (resources) => module.wire(resources, settings),
});

/** Returns the name of the variable that says where a service listens. */
export const portName = (service: string): string => `${service.toUpperCase()}_PORT`;

/** The variables that the host reads of a process's environment. */
export type HostEnvironment = z.output<z.ZodObject<typeof hostFields>> & { DATABASE_POOL: number };

/**
 * Makes the schema of the whole environment of a service as a process of its own, by the names of
 * its variables.
 */
export function environmentOf({
  name,
  port,
  pool = 10,
  needs = [],
  fields,
}: Pick<ServiceModule<z.ZodRawShape, never>, 'name' | 'port' | 'pool' | 'needs' | 'fields'>) {
  const needed = needs.map((variable) => [variable, hostFields[variable].unwrap()]);
  return z.object({
    ...hostFields,
    ...Object.fromEntries(needed),
    DATABASE_POOL: poolField(pool),
    [portName(name)]: portField(port),
    ...fields,
  });
}
