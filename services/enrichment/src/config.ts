import { z } from 'zod';

/** Environment of the enrichment service. */
export const EnrichmentConfig = z.object({
  DATABASE_URL: z.string(),
  QUEUE_URL: z.string(),
  LOOPWELL_HOST: z.string().default('127.0.0.1'),
  ENRICHMENT_PORT: z.coerce.number().int().min(0).max(65_535).default(8082),
  ENRICHMENT_BATCH: z.coerce.number().int().min(1).max(1_000).default(100),
  ENRICHMENT_CONCURRENCY: z.coerce.number().int().min(1).max(16).default(2),
  RECONCILE_MS: z.coerce.number().int().min(50).default(2_000),
});
