import { identifierSystemProblem } from '@loopwell/fhir';
import { originOf } from '@loopwell/fhir/client';
import { parseDurationMs, timeZoneProblem } from '@loopwell/kit';
import { parseConsentPolicy } from '@loopwell/sdoh';
import { keyBytes, keysOf } from '@loopwell/store';
import { z } from 'zod';

/** Variables that may come from a file, as `NAME_FILE`. */
export const secretFiles = ['DATABASE_URL', 'QUEUE_URL', 'LOOPWELL_SECRET_KEY'] as const;

const isHttp = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

const duration = (preset: string) =>
  z
    .string()
    .default(preset)
    .refine(
      (text) => parseDurationMs(text) !== undefined,
      'must be a duration such as 500ms, 15s, 10m, 2h or 3d',
    )
    .transform((text) => parseDurationMs(text) ?? 0);

/** A duration, or business days such as `2bd`. */
const deadline = (preset: string) =>
  z
    .string()
    .default(preset)
    .refine(
      (text) => /^\d{1,3}bd$/.test(text) || parseDurationMs(text) !== undefined,
      'must be a duration such as 15s, 2h or 3d, or business days such as 2bd',
    )
    .transform((text) =>
      text.endsWith('bd')
        ? { businessDays: Number.parseInt(text, 10) }
        : { ms: parseDurationMs(text) ?? 0 },
    );

const ageRule = 'must be an age in years from 0 to 30';

const timeZone = z.string().refine((text) => timeZoneProblem(text) === undefined, {
  error: ({ input }) => timeZoneProblem(String(input)),
});

/** Environment of the referral service. The directory and its bearers are rows, configured through `/api/v1/directory`. */
export const ReferralConfig = z.object({
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
  LOOPWELL_TENANT: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,64}$/, 'must be an id')
    .default('default'),
  /** How partners see who refers, and where they call instead of the person. */
  SITE_NAME: z
    .string()
    .trim()
    .regex(/^[^\p{Cc}]{1,200}$/u, 'must be a name of 1 to 200 characters')
    .default('Loopwell'),
  /** What it was called before: partners would not know who refers. */
  ORGANISATION_NAME: z.undefined({ error: 'is called SITE_NAME now' }).optional(),
  LOOPWELL_ORGANISATION: z.undefined({ error: 'is called LOOPWELL_TENANT now' }).optional(),
  SITE_PHONE: z
    .string()
    .trim()
    .regex(
      /^\+?[\d\s().-]{7,20}(?: ?(?:x|ext\.?) ?\d{1,6})?$/,
      'must be one phone number, such as +1 612 555 0100',
    )
    .or(z.literal('').transform(() => undefined))
    .optional(),
  /** This site's consent form asks which contact partners may use. */
  CONTACT_FROM_CHART: z.stringbool({ error: 'must be true or false' }).default(false),
  /** Below this age no policy approves. */
  MINOR_AGE: z.coerce
    .number({ error: ageRule })
    .int(ageRule)
    .min(0, ageRule)
    .max(30, ageRule)
    .default(18),
  /** How long a partner reads its order after its Task has ended. */
  READ_AFTER_END: duration('30d'),
  REFERRAL_PORT: z.coerce.number().int().min(0).max(65_535).default(8083),
  /** The site's time zone, by its IANA name: in it pages write times, and "today" is. The machine's when left out. */
  TIME_ZONE: timeZone.optional(),
  /** Address at which partners reach us; they read below `/fhir`. */
  PUBLIC_URL: z.string().refine(isHttp, 'must be an http(s) address'),
  /** Origins of partners that may lie on private networks, comma-separated. */
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
  /** Only with `true` anything goes to partners. */
  SEND: z.stringbool().default(false),
  /** A policy that may stand in for the reviewer; none when left out. */
  APPROVE: z.enum(['unambiguous']).optional(),
  /** This site's consent form asks for agreement to help, too. */
  AGREED_BY_CONSENT: z.stringbool().default(false),
  /** A consent counts for at most this many days from its signature. */
  LONGEST_CONSENT_DAYS: z.coerce.number().int().min(1).max(36_500).default(365),
  /** `system|code` of the policy that the site's consent forms fall under; left out, an EHR's Consent has to name its own. */
  CONSENT_POLICY: z
    .string()
    .refine(
      (text) => parseConsentPolicy(text) !== undefined,
      'must be the system|code of a policy that permits',
    )
    .transform(parseConsentPolicy)
    .optional(),
  /** A partner that has not answered by then is silent. */
  ACCEPT_BY: deadline('2bd'),
  /** How long a referral that nobody could help with may wait for a person before the operators are told. */
  DECIDE_BY: deadline('2bd'),
  /** How often partners are asked. */
  POLL: duration('15m'),
  /** How long after a first "not here" a receiver is asked again before it is sent a Task anew. */
  ASK_AGAIN: duration('60s'),
});

export type ReferralEnvironment = z.output<typeof ReferralConfig>;
