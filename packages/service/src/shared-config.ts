import { identifierSystemProblem } from '@loopwell/fhir';
import { originOf } from '@loopwell/fhir/client';
import { parseProxies, proxiesRule } from '@loopwell/http';
import { AppError, timeZoneProblem } from '@loopwell/kit';
import { parseConsentPolicy } from '@loopwell/sdoh';
import { keyBytes, keysOf } from '@loopwell/store';
import { z } from 'zod';

/** Names that settings had in earlier versions, with the names that they have now. */
const formerNames = {
  LOOPWELL_ORGANISATION: 'LOOPWELL_TENANT',
  ORGANISATION_NAME: 'SITE_NAME',
} as const;

/** The settings of an environment that are named as in earlier versions. */
export type FormerSettings = { readonly [name in keyof typeof formerNames]?: string | undefined };

/**
 * Refuses settings that are given under a name of an earlier version.
 *
 * @throws AppError REQUEST_INVALID
 */
export function refuseFormerNames(environment: FormerSettings): void {
  for (const [former, name] of Object.entries(formerNames)) {
    if (environment[former as keyof FormerSettings])
      throw new AppError('REQUEST_INVALID', `${former} is called ${name} now`);
  }
}

/** Makes a field that must be absent, since its variable has another name now. */
const refused = (name: keyof typeof formerNames) =>
  z.undefined({ error: `is called ${formerNames[name]} now` }).optional();

const isHttp = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

const partsOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** Makes the field of a port to listen on. */
export const portField = (preset: number) =>
  z.coerce.number().int().min(0).max(65_535).default(preset);

/** Makes the field that limits a process's connections to PostgreSQL. */
export const poolField = (preset: number) =>
  z.coerce.number().int().min(2).max(100).default(preset);

/** The field of a tenant's name. */
export const tenantField = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/, 'must be an id');

/** The variables that every service reads, whether or not it has a use for each of them. */
export const hostFields = {
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgres:// address'),
  QUEUE_URL: z
    .string()
    .regex(/^(rediss?|postgres(ql)?):\/\//, 'must be a redis://, rediss:// or postgres:// address'),
  /** 32 bytes, base64 or hexadecimal; several, comma-separated, while a key is being replaced. */
  LOOPWELL_SECRET_KEY: z
    .string()
    .refine((text) => keysOf(text).every(keyBytes), 'must be 32 bytes, as base64 or hexadecimal')
    .optional(),
  LOOPWELL_HOST: z.string().default('127.0.0.1'),
  LOOPWELL_LOG: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  LOOPWELL_TENANT: tenantField.default('default'),
  /**
   * The site's time zone, by its IANA name. Pages write times in it, and "today" is a day of it.
   * The machine's when left out.
   */
  TIME_ZONE: z
    .string()
    .refine((text) => timeZoneProblem(text) === undefined, {
      error: ({ input }) => timeZoneProblem(String(input)),
    })
    .optional(),
  /**
   * Address at which partners and people reach us. With an https address, the session's cookie is
   * sent over https only.
   */
  PUBLIC_URL: z.string().refine(isHttp, 'must be an http(s) address').optional(),
  /** Reverse proxies in front of us, whose X-Forwarded-For is believed; none when left out. */
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .refine((text) => parseProxies(text) !== undefined, proxiesRule)
    .transform((text) => parseProxies(text) ?? []),
  /** Origins of EHRs and partners that may lie on private networks, comma-separated. */
  PRIVATE_ORIGINS: z
    .string()
    .default('')
    .transform(partsOf)
    .refine((origins) => origins.every(isHttp), 'must be http(s) origins, comma-separated')
    .transform((origins) => origins.map(originOf)),
  /**
   * System of our identifiers, chosen once for a database. When left out, it is the stored one, or
   * one that is made at the first start.
   */
  IDENTIFIER_SYSTEM: z
    .string()
    .refine((text) => identifierSystemProblem(text) === undefined, {
      error: ({ input }) => identifierSystemProblem(String(input)),
    })
    .optional(),
  RECONCILE_MS: z.coerce.number().int().min(50).default(2_000),
  LOOPWELL_ORGANISATION: refused('LOOPWELL_ORGANISATION'),
  ORGANISATION_NAME: refused('ORGANISATION_NAME'),
};

/** The variables that may come from a file, as `NAME_FILE`. */
export const secretFiles = ['DATABASE_URL', 'QUEUE_URL', 'LOOPWELL_SECRET_KEY'] as const;

const ageRule = 'must be an age in years from 0 to 30';

/**
 * The variables that say how a site judges consent and approval. They are the same in each service
 * that reads them.
 */
export const judgingFields = {
  /** A consent counts for at most this many days from its signature. */
  LONGEST_CONSENT_DAYS: z.coerce.number().int().min(1).max(36_500).default(365),
  /** Below this age no policy approves. */
  MINOR_AGE: z.coerce
    .number({ error: ageRule })
    .int(ageRule)
    .min(0, ageRule)
    .max(30, ageRule)
    .default(18),
  /**
   * `system|code` of the policy that the site's consent forms fall under; left out, an EHR's
   * Consent has to name its own.
   */
  CONSENT_POLICY: z
    .string()
    .refine(
      (text) => parseConsentPolicy(text) !== undefined,
      'must be the system|code of a policy that permits',
    )
    .transform(parseConsentPolicy)
    .optional(),
  /**
   * This site's consent form asks which contact partners may use: they read the one that the chart
   * puts first.
   */
  CONTACT_FROM_CHART: z.stringbool({ error: 'must be true or false' }).default(false),
};
