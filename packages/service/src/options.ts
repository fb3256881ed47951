import type { Log } from '@loopwell/kit';
import type { Stage } from '@loopwell/pipeline';
import type { SiteFields } from '@loopwell/sdoh';
import type { Database } from '@loopwell/store';
import type { Hosted } from './module.ts';

/** The settings of a host. */
export type HostOptions = {
  services: readonly Hosted[];
  /** Stages that this process works; all those of its services when left out. */
  stages?: readonly Stage[] | undefined;
  /** The one tenant that this process serves. */
  tenant: string;
  database: { url: string; max: number; applicationName?: string };
  /**
   * Brings the database up to date first. Otherwise the work waits until the database is migrated.
   */
  migrates: boolean;
  /** `prefix` begins every key in Redis; two installations that share a Redis need one each. */
  queue: { url: string; prefix?: string | undefined };
  /** `anyPort`: another free port will do when this one is taken. */
  listen: { host: string; port: number; anyPort?: boolean };
  /** Address at which partners and people reach us; the address that we listen at when left out. */
  publicUrl?: string | undefined;
  trustedProxies?: readonly string[] | undefined;
  /** What flags and environment say of the site; it counts where the site has set nothing. */
  site?: SiteFields | undefined;
  /** System of our identifiers; left out, the one of this database. */
  identifierSystem?: string | undefined;
  /**
   * Seals what is configured through the API; without it nothing secret can be configured there.
   */
  secretKey?: string | undefined;
  /** Origins that may lie on private networks. */
  privateOrigins: readonly string[];
  timing: { reconcileMs: number; requestTimeoutMs?: number; leaseMs?: number };
  log: Log;
  tell: (sentence: string) => void;
  /** Ends what is asked of others, also while the host opens. */
  signal?: AbortSignal | undefined;
  /**
   * Works on a database whose clock was moved, too. Only the sandbox and tests say so; any other
   * process refuses such a database.
   */
  mayMoveClock?: boolean | undefined;
  /**
   * Runs on the migrated database before any request can reach the host; only for a host that
   * migrates.
   */
  prepare?: (db: Database) => Promise<void>;
};
