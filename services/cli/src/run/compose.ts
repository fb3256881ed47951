import { consoleService } from '@loopwell/console';
import { coordination, type OnDutySettings } from '@loopwell/coordination';
import { enrichment } from '@loopwell/enrichment';
import { type EhrSettings, intake } from '@loopwell/intake';
import { type Clock, newId } from '@loopwell/kit';
import { type Outbound, originOf } from '@loopwell/outbound';
import { channels } from '@loopwell/partners';
import {
  grantReads,
  type ReferralModuleSettings,
  referral,
  sealSettings,
} from '@loopwell/referral';
import { type Host, type HostOptions, hosted, openHost } from '@loopwell/service';
import {
  clockMoves,
  type Database,
  type DirectoryProblem,
  directory,
  type NewPartner,
  secretsWith,
  wake,
} from '@loopwell/store';
import type { PartnerTokens } from '../input-files/partners-file.ts';

/** Options of the one-process form: a host's options, and the settings of its services. */
export type ComposeOptions = Omit<
  HostOptions,
  'services' | 'database' | 'migrates' | 'prepare' | 'timing'
> & {
  databaseUrl: string;
  ehr: Omit<EhrSettings, 'credentials'>;
  credentials: (outbound: Outbound, clock: Clock) => EhrSettings['credentials'];
  referral: Omit<ReferralModuleSettings, 'sendTokens'>;
  partners: readonly NewPartner[];
  /** Services of the partners file that cannot be used here. */
  partnerProblems?: readonly DirectoryProblem[];
  partnerTokens: PartnerTokens;
  writeBack: boolean;
  once: boolean;
  /** How people on duty are told; nobody by e-mail when left out. */
  onDuty?: OnDutySettings;
  /**
   * `marginMs` is the time between the end of a window and the EHR's now when running on; a minute
   * when left out.
   */
  timing: HostOptions['timing'] & {
    coalesceMs: number;
    pullIntervalMs: number;
    marginMs?: number;
  };
};

const poolSize = 16;

/**
 * Opens all services in one process, on one port: the same modules as separate processes run, over
 * the same store.
 */
export function compose(options: ComposeOptions): Promise<Host> {
  return openHost({
    ...options,
    services: servicesOf(options),
    database: { url: options.databaseUrl, max: poolSize },
    migrates: true,
    prepare: (db) => prepare(db, options),
  });
}

/** Returns the services with the settings that the command line gives them. */
function servicesOf(options: ComposeOptions): HostOptions['services'] {
  const { timing, once } = options;
  const intakeSettings = {
    writeBack: options.writeBack,
    once,
    overlapMs: 300_000,
    marginMs: once ? 0 : (timing.marginMs ?? 60_000),
    coalesceMs: timing.coalesceMs,
    intervalMs: timing.pullIntervalMs,
    ehrs: ({ outbound, clock }: { outbound: Outbound; clock: Clock }) => [
      { ...options.ehr, credentials: options.credentials(outbound, clock) },
    ],
  };
  const sendTokens = bearersOf(options.partnerTokens, 'send');
  return [
    hosted(referral, { ...options.referral, sendTokens }),
    hosted(consoleService, {}),
    hosted(coordination, { ...options.onDuty, isOnce: once }),
    hosted(enrichment, { batch: 200, concurrency: 2 }),
    hosted(intake, intakeSettings),
  ];
}

/**
 * Stores the directory and the partners' bearers of this run, so that a bearer that is no longer in
 * the file opens nothing. Then wakes work that waits for a person, because switches and directory
 * may have changed since the last run.
 */
async function prepare(db: Database, options: ComposeOptions): Promise<void> {
  await (options.mayMoveClock ? clockMoves.allowMoves(db) : clockMoves.forbidMoves(db));
  const { tenant, partnerTokens, partnerProblems, secretKey } = options;
  const secrets = secretKey === undefined ? undefined : secretsWith(secretKey);
  const partners = sealSettings(options.partners, channels, secrets);
  await db.tx(async (tx) => {
    await directory.saveDirectory(tx, tenant, partners, partnerProblems);
    await grantReads(tx, tenant, partners, bearersOf(partnerTokens, 'read'));
  });
  await db.tx((tx) => wake(tx, tenant, newId()));
}

/** Returns the bearers of one direction by Endpoint address. */
function bearersOf(tokens: PartnerTokens, direction: 'send' | 'read'): Map<string, string> {
  const bearers = new Map<string, string>();
  for (const [address, bearer] of Object.entries(tokens)) {
    const secret = bearer[direction];
    if (secret !== undefined) bearers.set(address, secret);
  }
  return bearers;
}

/**
 * Returns the origins of named addresses. Only these may be on private networks, and only when that
 * was allowed.
 */
export function originsOf(addresses: readonly (string | undefined)[]): string[] {
  const origins: string[] = [];
  for (const address of addresses)
    if (address !== undefined && URL.canParse(address)) origins.push(originOf(address));
  return origins;
}
