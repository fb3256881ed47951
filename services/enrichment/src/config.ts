import { identifierSystemProblem } from '@loopwell/fhir';
import { parseProxies, proxiesRule } from '@loopwell/http';
import { timeZoneProblem } from '@loopwell/kit';
import { parseConsentPolicy } from '@loopwell/sdoh';
import { z } from 'zod';

/** Variables that may come from a file, as `NAME_FILE`. */
export const secretFiles = ['DATABASE_URL', 'QUEUE_URL'] as const;

const ageRule = 'must be an age in years from 0 to 30';

const timeZone = z.string().refine((text) => timeZoneProblem(text) === undefined, {
  error: ({ input }) => timeZoneProblem(String(input)),
});

/** Environment of the enrichment service. */
export const EnrichmentConfig = z.object({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgres:// address'),
  DATABASE_POOL: z.coerce.number().int().min(2).max(100).default(10),
  QUEUE_URL: z
    .string()
    .regex(/^(rediss?|postgres(ql)?):\/\//, 'must be a redis://, rediss:// or postgres:// address'),
  LOOPWELL_HOST: z.string().default('127.0.0.1'),
  LOOPWELL_LOG: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  ENRICHMENT_PORT: z.coerce.number().int().min(0).max(65_535).default(8082),
  ENRICHMENT_BATCH: z.coerce.number().int().min(1).max(1_000).default(100),
  ENRICHMENT_CONCURRENCY: z.coerce.number().int().min(1).max(16).default(2),
  /** The site's time zone, by its IANA name: in it pages write times, and "today" is. The machine's when left out. */
  TIME_ZONE: timeZone.optional(),
  /** With an https address, the session's cookie goes nowhere else. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Reverse proxies in front of us, whose X-Forwarded-For is believed; nobody's when left out. */
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .refine((text) => parseProxies(text) !== undefined, proxiesRule)
    .transform((text) => parseProxies(text) ?? []),
  /** A consent that a reviewer records counts for at most this many days from its signature. */
  LONGEST_CONSENT_DAYS: z.coerce.number().int().min(1).max(36_500).default(365),
  /** Below this age no policy approves; the same as the referral service has. */
  MINOR_AGE: z.coerce
    .number({ error: ageRule })
    .int(ageRule)
    .min(0, ageRule)
    .max(30, ageRule)
    .default(18),
  /** `system|code` of the policy that the site's consent forms fall under; left out, an EHR's Consent has to name its own. */
  CONSENT_POLICY: z
    .string()
    .refine(
      (text) => parseConsentPolicy(text) !== undefined,
      'must be the system|code of a policy that permits',
    )
    .transform(parseConsentPolicy)
    .optional(),
  /** As in referral, for what the page says of a consent: a partner reads the contact that the chart puts first. */
  CONTACT_FROM_CHART: z.stringbool({ error: 'must be true or false' }).default(false),
  /** System of our identifiers, chosen once for a database; left out, what is stored, or one that is made at the first start. */
  IDENTIFIER_SYSTEM: z
    .string()
    .refine((text) => identifierSystemProblem(text) === undefined, {
      error: ({ input }) => identifierSystemProblem(String(input)),
    })
    .optional(),
  RECONCILE_MS: z.coerce.number().int().min(50).default(2_000),
});

export type EnrichmentEnvironment = z.output<typeof EnrichmentConfig>;
