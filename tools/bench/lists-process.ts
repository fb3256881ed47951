import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { createLog, newSecret } from '@loopwell/kit';
import { hosted, openHost } from '../../packages/service/src/index.ts';
import { compose } from '../../services/cli/src/run/compose.ts';
import { consoleService } from '../../services/console/src/index.ts';
import { connection, tenant } from './lists-rows.ts';

/**
 * All pages, APIs, probes and partners' reads in one process that works no stage; the console
 * beside it tells what is stalled.
 */
const { databaseUrl } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as {
  databaseUrl: string;
};
const log = createLog({ service: 'bench', level: 'warn', destination: process.stderr });
const ehr = 'https://clinic.example.org/fhir';

const composition = await compose({
  tenant,
  databaseUrl,
  queue: { url: databaseUrl },
  listen: { host: '127.0.0.1', port: 0 },
  ehr: {
    connection: { id: connection, tenant, base: ehr, quirks: 'plain-r4' },
    patients: [],
    since: undefined,
  },
  credentials: () => ({ bearer: async () => 'bench', renew: async () => 'bench' }),
  referral: {
    send: true,
    approve: 'unambiguous',
    agreedByConsent: false,
    pollMs: 900_000,
    askAgainMs: 60_000,
  },
  publicUrl: undefined,
  partners: JSON.parse(readFileSync(process.argv[3] ?? '', 'utf8')),
  partnerTokens: {},
  secretKey: newSecret(32),
  privateOrigins: [],
  writeBack: false,
  once: false,
  stages: [],
  timing: {
    reconcileMs: 60_000,
    coalesceMs: 1_000,
    pullIntervalMs: 3_600_000,
  },
  log,
  tell: () => {},
});
const operations = await openHost({
  services: [hosted(consoleService, {})],
  tenant,
  database: { url: databaseUrl, max: 5 },
  migrates: false,
  queue: { url: databaseUrl },
  listen: { host: '127.0.0.1', port: 0 },
  privateOrigins: [],
  timing: { reconcileMs: 60_000 },
  log,
  tell: () => {},
});
process.stdout.write(
  `${JSON.stringify({ address: composition.address, console: operations.address })}\n`,
);
createInterface({ input: process.stdin }).once('close', () => {
  void Promise.all([composition.close(), operations.close()]).finally(() => process.exit(0));
});
