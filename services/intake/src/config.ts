import { z } from 'zod';

/** Environment of the intake service. Connections themselves are rows, parsed by the schema of their shelf folder. */
export const IntakeConfig = z.object({
  DATABASE_URL: z.string(),
  QUEUE_URL: z.string(),
  LOOPWELL_HOST: z.string().default('127.0.0.1'),
  INTAKE_PORT: z.coerce.number().int().min(0).max(65_535).default(8081),
  RECONCILE_MS: z.coerce.number().int().min(50).default(2_000),
  PULL_INTERVAL_MS: z.coerce.number().int().min(100).default(60_000),
  PULL_OVERLAP_MS: z.coerce.number().int().min(0).default(300_000),
  WRITE_BACK: z.stringbool().default(false),
});
