import { AppError, readConfig } from '@loopwell/kit';
import { z } from 'zod';
import { main } from './program.ts';
import { flushStreams, ignoreWriteErrors } from './terminal/standard-streams.ts';

const Environment = z.object({
  DATABASE_URL: z.string().optional(),
  QUEUE_URL: z.string().optional(),
  LOOPWELL_LOG: z.string().optional(),
  CONTACT_FROM_CHART: z.string().optional(),
  ORGANISATION_NAME: z.string().optional(),
  LOOPWELL_ORGANISATION: z.string().optional(),
});

/** What options read from the environment themselves. An empty one is what `X=` in a file of settings leaves behind. */
const ofOptions = [
  'TIME_ZONE',
  'IDENTIFIER_SYSTEM',
  'CONSENT_POLICY',
  'SITE_NAME',
  'SITE_PHONE',
  'MINOR_AGE',
  'READ_AFTER_END',
  'ACCEPT_BY',
  'DECIDE_BY',
  'TRUSTED_PROXIES',
];
for (const name of ofOptions) if (process.env[name] === '') delete process.env[name];

async function run(): Promise<number> {
  try {
    const environment = readConfig(Environment, process.env, ['DATABASE_URL', 'QUEUE_URL']);
    return await main(process.argv.slice(2), environment);
  } catch (error) {
    process.stderr.write(`${error instanceof AppError ? error.message : 'Something went wrong'}\n`);
    return 1;
  }
}

ignoreWriteErrors(process.stdout, process.stderr);
const status = await run();
await flushStreams(process.stdout, process.stderr);
process.exit(status);
