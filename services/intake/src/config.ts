import { identifierSystemProblem } from '@loopwell/fhir';
import { originOf } from '@loopwell/fhir/client';
import { keyBytes, keysOf } from '@loopwell/store';
import { z } from 'zod';

/** Variables that may come from a file, as `NAME_FILE`. */
export const secretFiles = ['DATABASE_URL', 'QUEUE_URL', 'LOOPWELL_SECRET_KEY'] as const;

const isHttp = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** Environment of the intake service. Connections themselves are rows, configured through `/api/v1/connections`. */
export const IntakeConfig = z.object({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgres:// address'),
  DATABASE_POOL: z.coerce.number().int().min(2).max(100).default(10),
  QUEUE_URL: z
    .string()
    .regex(/^(rediss?|postgres(ql)?):\/\//, 'must be a redis://, rediss:// or postgres:// address'),
  /** 32 bytes, base64 or hexadecimal; several, comma-separated, while a key is being replaced. */
  LOOPWELL_SECRET_KEY: z
    .string()
    .refine((text) => keysOf(text).every(keyBytes), 'must be 32 bytes, as base64 or hexadecimal'),
  LOOPWELL_HOST: z.string().default('127.0.0.1'),
  LOOPWELL_LOG: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  INTAKE_PORT: z.coerce.number().int().min(0).max(65_535).default(8081),
  /** Origins of EHRs that may lie on private networks, comma-separated. */
  PRIVATE_ORIGINS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((one) => one.trim())
        .filter(Boolean),
    )
    .refine((all) => all.every(isHttp), 'must be http(s) origins, comma-separated')
    .transform((all) => all.map(originOf)),
  /** System of our identifiers, chosen once for a database; left out, what is stored, or one that is made at the first start. */
  IDENTIFIER_SYSTEM: z
    .string()
    .refine((text) => identifierSystemProblem(text) === undefined, {
      error: ({ input }) => identifierSystemProblem(String(input)),
    })
    .optional(),
  RECONCILE_MS: z.coerce.number().int().min(50).default(2_000),
  PULL_INTERVAL_MS: z.coerce.number().int().min(100).default(60_000),
  PULL_OVERLAP_MS: z.coerce.number().int().min(0).default(300_000),
  PULL_MARGIN_MS: z.coerce.number().int().min(0).default(60_000),
  COALESCE_MS: z.coerce.number().int().min(0).max(60_000).default(1_000),
  /** Only with `true` anything is written into EHRs. */
  WRITE_BACK: z.stringbool().default(false),
});

export type IntakeEnvironment = z.output<typeof IntakeConfig>;
