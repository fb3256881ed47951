import { readFileSync } from 'node:fs';
import { staticBearer } from '@loopwell/fhir/client';
import { createLog } from '@loopwell/kit';
import type { NewPartner } from '@loopwell/store';
import { compose, originsOf } from '../../services/cli/src/run/compose.ts';
import { type StopMoment, stopAtMoment } from './stop-moments.ts';

/** What a test tells its worker processes; a JSON file, named by DURABILITY_WORKER. */
export type WorkerOptions = {
  databaseUrl: string;
  queueUrl: string;
  queuePrefix: string;
  port: number;
  /** Where partners read; the worker's own address when not given. */
  publicUrl?: string;
  ehr: { id: string; base: string; token: string };
  partners: readonly NewPartner[];
  partnerTokens: Record<string, { send?: string; read?: string }>;
  leaseMs: number;
  acceptByMs: number;
  askAgainMs: number;
  requestTimeoutMs: number;
  reconcileMs: number;
  /** Nothing goes out before somebody has decided on a page, and before so long after that. */
  undoFor?: string;
  /** Reads on, instead of one window that was fixed at the start. */
  readsOn?: boolean;
  /** Stops this very process (SIGSTOP) the first time that it gets there. */
  stopAt?: StopMoment;
};

/**
 * A worker process as tests need it: everything that `run` wires, to be killed, stopped and
 * continued at will.
 */
const options = JSON.parse(
  readFileSync(process.env.DURABILITY_WORKER ?? '', 'utf8'),
) as WorkerOptions;
process.on('unhandledRejection', (reason) => {
  process.stderr.write(`UNHANDLED ${reason instanceof Error ? reason.name : 'value'}\n`);
  process.exit(70);
});
if (options.stopAt) stopAtMoment(options.stopAt);
const composition = await compose({
  tenant: 'default',
  databaseUrl: options.databaseUrl,
  queue: { url: options.queueUrl, prefix: options.queuePrefix },
  listen: { host: '127.0.0.1', port: options.port },
  ehr: {
    connection: {
      id: options.ehr.id,
      tenant: 'default',
      base: options.ehr.base,
      quirks: 'plain-r4',
    },
    patients: [],
    since: undefined,
  },
  credentials: () => staticBearer(options.ehr.token),
  referral: {
    send: true,
    approve: options.undoFor === undefined ? 'unambiguous' : undefined,
    agreedByConsent: false,
    pollMs: 500,
    askAgainMs: options.askAgainMs,
  },
  site: { acceptBy: `${options.acceptByMs}ms`, undoFor: options.undoFor ?? null },
  publicUrl: options.publicUrl,
  partners: options.partners,
  partnerTokens: options.partnerTokens,
  privateOrigins: originsOf([options.ehr.base, ...options.partners.map((one) => one.address)]),
  writeBack: true,
  once: options.readsOn !== true,
  timing: {
    reconcileMs: options.reconcileMs,
    coalesceMs: 300,
    pullIntervalMs: 2_000,
    leaseMs: options.leaseMs,
    requestTimeoutMs: options.requestTimeoutMs,
  },
  log: createLog({ service: 'worker', level: 'debug' }),
  tell: () => {},
});
process.stdout.write(`${JSON.stringify({ ready: true, address: composition.address })}\n`);
const end = () => void composition.close().finally(() => process.exit(0));
process.on('SIGTERM', end);
// Never outlives the test: its end of this pipe closes with it.
process.stdin.on('end', () => process.exit(0)).resume();
