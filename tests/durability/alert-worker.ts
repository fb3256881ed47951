import { readFileSync } from 'node:fs';
import { createLog } from '@loopwell/kit';
import { hosted, openHost } from '../../packages/service/src/index.ts';
import { coordination } from '../../services/coordination/src/index.ts';

/** What a test tells its worker process; a JSON file, named by ALERT_WORKER. */
export type AlertWorkerOptions = {
  tenant: string;
  databaseUrl: string;
  queueUrl: string;
  mailUrl: string;
  leaseMs: number;
};

/**
 * The service of the care team as a process of its own, which a test kills at will. It loads its
 * code and begins to work at SIGUSR2, so that the next one is there when the one before is killed.
 */
const options = JSON.parse(
  readFileSync(process.env.ALERT_WORKER ?? '', 'utf8'),
) as AlertWorkerOptions;
const { tenant, leaseMs } = options;
const timing = { leaseMs, everyMs: 3_600_000, retryMs: 100, deadlineMs: 5_000, lookMs: 20 };
const mail = { url: options.mailUrl, from: 'loopwell@clinic.org' };
const begun = new Promise((resolve) => process.once('SIGUSR2', resolve));
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
// Never outlives the test: its end of this pipe closes with it.
process.stdin.on('end', () => process.exit(0)).resume();
await begun;
await openHost({
  services: [hosted(coordination, { mail, timing })],
  tenant,
  database: { url: options.databaseUrl, max: 3 },
  migrates: false,
  queue: { url: options.queueUrl },
  listen: { host: '127.0.0.1', port: 0 },
  privateOrigins: [],
  timing: { reconcileMs: 500 },
  log: createLog({ service: 'alert-worker', level: 'warn' }),
  tell: () => {},
});
