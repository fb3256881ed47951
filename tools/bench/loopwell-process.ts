import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createLog, sleep } from '@loopwell/kit';
import type { Stage } from '@loopwell/pipeline';
import type { NewPartner } from '@loopwell/store';
import { compose } from '../../services/cli/src/run/compose.ts';

/**
 * Loopwell as it is measured: all services in one process of its own, working some of the stages.
 */
export type LoopwellOptions = {
  databaseUrl: string;
  queueUrl: string;
  ehrBase: string;
  partnerAddress: string;
  stages: readonly Stage[];
};

const tenant = 'bench';

const options = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as LoopwellOptions;
const pantry = {
  id: 'pantry',
  name: 'Pantry',
  address: options.partnerAddress,
  channel: 'fhir-rest',
  categories: ['food-insecurity'],
  references: [],
};
// Without an agreement nothing is sent (DECISIONS D189).
const agreement = { kind: 'memorandum', from: '2020-01-01' } as const;
const services = [{ service: 'pantry', categories: pantry.categories, places: [], agreement }];

const partner: NewPartner = {
  id: 'pantry',
  tenant,
  position: 0,
  name: 'Pantry',
  address: options.partnerAddress,
  body: JSON.stringify({ ...pantry, services }),
};

const say = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);
/**
 * CPU time until the pull begins: reading the code, migrating, opening queues, compiling contracts.
 */
let startCpu: NodeJS.CpuUsage | undefined;

/**
 * A bearer that nobody asks for: the first request waits for it, and with it for the end of the
 * start.
 */
async function atRest(): Promise<string> {
  if (!startCpu) {
    await sleep(2_000);
    startCpu = process.cpuUsage();
    say({ starting: true });
  }
  return 'bench';
}

const composition = await compose({
  tenant,
  databaseUrl: options.databaseUrl,
  queue: { url: options.queueUrl },
  listen: { host: '127.0.0.1', port: 0 },
  ehr: {
    connection: { id: 'clinic', tenant, base: options.ehrBase, quirks: 'plain-r4' },
    patients: [],
    since: undefined,
  },
  credentials: () => ({ bearer: atRest, renew: atRest }),
  referral: {
    send: true,
    approve: 'unambiguous',
    agreedByConsent: false,
    pollMs: 900_000,
    askAgainMs: 60_000,
  },
  publicUrl: undefined,
  partners: [partner],
  partnerTokens: {},
  privateOrigins: [new URL(options.ehrBase).origin],
  writeBack: false,
  once: true,
  stages: options.stages,
  timing: {
    reconcileMs: 500,
    coalesceMs: 1_000,
    pullIntervalMs: 5_000,
  },
  log: createLog({ service: 'bench', level: 'warn', destination: process.stderr }),
  tell: () => {},
});

const lines = createInterface({ input: process.stdin });
lines.on('line', () => {
  const { user, system } = process.cpuUsage(startCpu);
  say({ ...composition.db.counters, cpuMs: Math.round((user + system) / 1_000) });
});
lines.once('close', () => void composition.close().finally(() => process.exit(0)));
