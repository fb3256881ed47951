import { AppError, readConfig } from '@loopwell/kit';
import { z } from 'zod';
import { main } from './program.ts';

const Environment = z.object({
  DATABASE_URL: z.string().optional(),
  QUEUE_URL: z.string().optional(),
  LOOPWELL_LOG: z.string().optional(),
});

try {
  const environment = readConfig(Environment, process.env, ['DATABASE_URL', 'QUEUE_URL']);
  process.exit(await main(process.argv.slice(2), environment));
} catch (error) {
  process.stderr.write(`${error instanceof AppError ? error.message : 'Something went wrong'}\n`);
  process.exit(1);
}
