import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { createLog, newSecret } from '@loopwell/kit';
import { compose } from '../../services/cli/src/run/compose.ts';
import { open } from '../../services/console/src/open.ts';
import { connection, tenant } from './lists-rows.ts';

/**
 * All pages, APIs, probes and partners' reads in one process that works no stage; the console
 * beside it tells what is stalled.
 */
const { databaseUrl } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as {
  databaseUrl: string;
};
const ehr = 'https://clinic.example.org/fhir';

const composition = await compose({
  tenant,
  databaseUrl,
  queueUrl: databaseUrl,
  host: '127.0.0.1',
  port: 0,
  anyPort: true,
  ehr: {
    connection: { id: connection, tenant, base: ehr, quirks: 'plain-r4' },
    patients: [],
    since: undefined,
  },
  credentials: () => ({ bearer: async () => 'bench', renew: async () => 'bench' }),
  referral: {
    tenant,
    siteName: 'Bench',
    minorAge: 18,
    readAfterEndMs: 30 * 86_400_000,
    send: true,
    approve: 'unambiguous',
    agreedByConsent: false,
    longestConsentDays: 365,
    acceptByMs: 172_800_000,
    decideBy: { businessDays: 2 },
    pollMs: 900_000,
    askAgainMs: 60_000,
    batch: 50,
    leaseMs: 60_000,
  },
  publicUrl: undefined,
  partners: JSON.parse(readFileSync(process.argv[3] ?? '', 'utf8')),
  partnerTokens: {},
  secretKey: newSecret(32),
  allowedPrivateOrigins: [],
  writeBack: false,
  once: false,
  stages: [],
  timing: {
    reconcileMs: 60_000,
    coalesceMs: 1_000,
    pullIntervalMs: 3_600_000,
    leaseMs: 60_000,
    requestTimeoutMs: 30_000,
  },
  log: createLog({ service: 'bench', level: 'warn', destination: process.stderr }),
  tell: () => {},
});
const operations = await open({
  DATABASE_URL: databaseUrl,
  DATABASE_POOL: 5,
  QUEUE_URL: databaseUrl,
  LOOPWELL_HOST: '127.0.0.1',
  LOOPWELL_LOG: 'warn',
  LOOPWELL_TENANT: tenant,
  CONSOLE_PORT: 0,
  TRUSTED_PROXIES: [],
});
process.stdout.write(
  `${JSON.stringify({ address: composition.address, console: operations.address })}\n`,
);
createInterface({ input: process.stdin }).once('close', () => {
  void Promise.all([composition.close(), operations.close()]).finally(() => process.exit(0));
});
