import { identifierSystemProblem, withoutUndefined } from '@loopwell/fhir';
import { parseProxies, proxiesRule } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { originOf } from '@loopwell/outbound';
import { type SiteFields, siteProblems } from '@loopwell/sdoh';
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

/**
 * Makes a variable of a setting of the site, held to the rule that people's changes are held to.
 */
const siteField = (field: keyof SiteFields) => {
  const ruleOf = (text: string) => siteProblems(siteFieldsOf({ [field]: text }))[0]?.rule;
  return z
    .string()
    .trim()
    .refine((text) => ruleOf(text) === undefined, { error: ({ input }) => ruleOf(String(input)) })
    .optional();
};

/** The settings of a site as the environment says them, each as a text. */
type SiteTexts = { readonly [Name in keyof SiteFields]?: string | undefined };

/** Reads the texts of settings: some are numbers, and one is a choice. */
export function siteFieldsOf(texts: SiteTexts): SiteFields {
  const { longestConsentDays, minorAge, contactFromChart, ...others } = texts;
  const fields: SiteFields = withoutUndefined(others);
  if (longestConsentDays) fields.longestConsentDays = numberIn(longestConsentDays);
  if (minorAge) fields.minorAge = numberIn(minorAge);
  // Any other word stays what it is, so that the rule refuses it.
  if (contactFromChart)
    fields.contactFromChart = (choices.get(contactFromChart.toLowerCase()) ??
      contactFromChart) as boolean;
  return fields;
}

const numberIn = (text: string): number => (/^\d+$/.test(text) ? Number(text) : Number.NaN);

const choices = new Map([
  ...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'off'].map((word) => [word, false] as const),
]);

/**
 * The variables that fill the settings of a site where it has none yet. Later starts with other
 * values change nothing: people change them on the page `/console/site`. DECISIONS D147.
 */
const siteVariables = {
  /** The name under which partners know who refers. */
  SITE_NAME: siteField('name'),
  SITE_PHONE: siteField('phone'),
  /**
   * The site's time zone, by its IANA name. Pages write times in it, and "today" is a day of it.
   * The machine's when left out.
   */
  TIME_ZONE: siteField('timeZone'),
  /**
   * `system|code` of the policy that the site's consent forms fall under; left out, an EHR's
   * Consent has to name its own.
   */
  CONSENT_POLICY: siteField('consentPolicy'),
  /** A consent counts for at most this many days from its signature. */
  LONGEST_CONSENT_DAYS: siteField('longestConsentDays'),
  /** Below this age no policy approves. */
  MINOR_AGE: siteField('minorAge'),
  /**
   * This site's consent form asks which contact partners may use: they read the one that the chart
   * puts first.
   */
  CONTACT_FROM_CHART: siteField('contactFromChart'),
  /** The deadline after which a partner that has not answered is silent. */
  ACCEPT_BY: siteField('acceptBy'),
  /**
   * How long a referral that no partner could help with may wait for a person before the operators
   * are told.
   */
  DECIDE_BY: siteField('decideBy'),
  /** How long a partner may read its order after its Task has ended. */
  READ_AFTER_END: siteField('readAfterEnd'),
  /** How long a decision of a signed-in person can be undone before it sends anything. */
  UNDO_FOR: siteField('undoFor'),
};

/** Returns the settings of the site that the environment says. */
export const siteOfEnvironment = (
  environment: z.output<z.ZodObject<typeof siteVariables>>,
): SiteFields =>
  siteFieldsOf({
    name: environment.SITE_NAME,
    phone: environment.SITE_PHONE,
    timeZone: environment.TIME_ZONE,
    consentPolicy: environment.CONSENT_POLICY,
    longestConsentDays: environment.LONGEST_CONSENT_DAYS,
    minorAge: environment.MINOR_AGE,
    contactFromChart: environment.CONTACT_FROM_CHART,
    acceptBy: environment.ACCEPT_BY,
    decideBy: environment.DECIDE_BY,
    readAfterEnd: environment.READ_AFTER_END,
    undoFor: environment.UNDO_FOR,
  });

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
  ...siteVariables,
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
export const secretFiles = [
  'DATABASE_URL',
  'QUEUE_URL',
  'LOOPWELL_SECRET_KEY',
  'SMTP_URL',
  'TEXT_GATEWAY',
  'MAIL_BOUNCE_SECRET',
] as const;
