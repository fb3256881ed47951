import { AppError, readConfig } from '@loopwell/kit';
import { environmentSchema } from './command-line/environment.ts';
import { main, optionVariables } from './program.ts';
import { flushStreams, ignoreWriteErrors } from './terminal/standard-streams.ts';

// An empty variable, as `X=` in a settings file makes, counts as none.
for (const name of optionVariables) if (process.env[name] === '') delete process.env[name];

async function run(): Promise<number> {
  try {
    const environment = readConfig(environmentSchema, process.env, ['DATABASE_URL', 'QUEUE_URL']);
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
