import { ehrs } from '@loopwell/ehrs';
import { AppError } from '@loopwell/kit';
import type { ConsentPolicy } from '@loopwell/sdoh';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import {
  age,
  consentPolicy,
  type Deadline,
  days,
  deadline,
  duration,
  identifierSystem,
  instant,
  phoneNumber,
  port,
  proxies,
  siteName,
  timeZone,
  webAddress,
} from '../command-line/option-parsers.ts';

/** What `run` and `load` are told on the command line. */
export type RunOptions = {
  ehr?: string;
  ehrTokenFile?: string;
  ehrClientId?: string;
  ehrKey?: string;
  ehrKid?: string;
  ehrTokenUrl?: string;
  ehrScopes?: string;
  ehrKind: string;
  ehrAlias: readonly string[];
  /** `false` ends the use of the one that was given before. */
  conceptMap?: string | false;
  negative?: boolean;
  icd10cm?: boolean;
  patients?: string;
  since?: Date;
  partners?: string;
  partnerTokens?: string;
  approve?: 'unambiguous';
  agreedByConsent: boolean;
  consentValidFor: number;
  siteName: string;
  sitePhone?: string;
  contactFromChart: boolean;
  minorAge: number;
  readAfterEnd: number;
  consentPolicy?: ConsentPolicy;
  send: boolean;
  writeBack: boolean;
  allowPrivateNetworks: boolean;
  publicUrl?: string;
  identifierSystem?: string;
  timeZone?: string;
  trustedProxies?: string[];
  host: string;
  port?: number;
  acceptBy: Deadline;
  decideBy: Deadline;
  settle: number;
  once: boolean;
  timeout: number;
  fresh?: boolean;
  json: boolean;
  dataDir?: string;
};

export const defaultHost = '127.0.0.1';

/** What partners see, and for how long. */
function withDisclosureOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--site-name <name>', 'name under which partners know who refers')
        .env('SITE_NAME')
        .argParser(siteName)
        .default('Loopwell'),
    )
    .addOption(
      new Option('--site-phone <number>', 'number that partners call instead of the person')
        .env('SITE_PHONE')
        .argParser(phoneNumber),
    )
    .option(
      '--contact-from-chart',
      "this site's consent form asks which contact partners may use: the one of rank 1 goes along (env: CONTACT_FROM_CHART)",
      false,
    )
    .addOption(
      new Option('--minor-age <years>', 'below this age no policy approves')
        .env('MINOR_AGE')
        .argParser(age)
        .default(18),
    )
    .addOption(
      new Option(
        '--read-after-end <duration>',
        'how long a partner reads its order after its Task has ended',
      )
        .env('READ_AFTER_END')
        .argParser(duration)
        .default(30 * 86_400_000, '30d'),
    );
}

/** By when somebody should have done something. */
function withDeadlineOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--accept-by <deadline>',
        'a partner that has not accepted by then is silent: 15s, 2h, 3d, or business days such as 2bd',
      )
        .env('ACCEPT_BY')
        .argParser(deadline)
        .default({ businessDays: 2 }, '2bd'),
    )
    .addOption(
      new Option(
        '--decide-by <deadline>',
        'operators are told of a referral that nobody could help with when no person has decided by then',
      )
        .env('DECIDE_BY')
        .argParser(deadline)
        .default({ businessDays: 2 }, '2bd'),
    );
}

/** For every command that has pages or deadlines. */
export const timeZoneOption = (): Option =>
  new Option(
    '--time-zone <name>',
    "the site's time zone, such as America/Chicago (default: the machine's)",
  )
    .env('TIME_ZONE')
    .argParser(timeZone);

export const identifierSystemOption = (says: string): Option =>
  new Option('--identifier-system <uri>', says)
    .env('IDENTIFIER_SYSTEM')
    .argParser(identifierSystem);

/** How the EHR is reached, and what is special about it. */
function withEhrOptions(command: Command): Command {
  return command
    .option(
      '--ehr-token-file <file>',
      'file with a bearer for the EHR; read again when the bearer is refused',
    )
    .option('--ehr-client-id <id>', 'client id for SMART Backend Services; needs --ehr-key')
    .option('--ehr-key <file>', 'private key, PEM or JWK (ES384 or RS384)')
    .option('--ehr-kid <kid>', 'key id, when the key does not say it')
    .option('--ehr-token-url <url>', 'token endpoint, when it is not to be discovered', webAddress)
    .option(
      '--ehr-scopes <scopes>',
      'scopes to ask for (default: to read everything, and with --write-back to write results)',
    )
    .addOption(
      new Option('--ehr-kind <kind>', 'quirks of the EHR')
        .choices(ehrs.map((one) => one.id))
        .default('plain-r4'),
    )
    .option(
      '--ehr-alias <base>',
      'another base under which the EHR names itself in its links, behind a proxy; only the one of --ehr is ever asked; may be repeated',
      (text: string, before: readonly string[]) => [...before, webAddress(text)],
      [],
    );
}

/** Options that `run` and `load` share. */
export function withRunOptions(command: Command): Command {
  return withDeadlineOptions(
    withDisclosureOptions(withEhrOptions(command.addOption(timeZoneOption()))),
  )
    .option(
      '--concept-map <file>',
      "FHIR ConceptMap from the site's own codes to LOINC; left out, the one given before stays",
    )
    .option('--no-concept-map', 'without one from now on')
    .option(
      '--negative',
      'NEG on answers that say that there is no need, for receivers that demand it',
    )
    .option('--no-negative', 'without NEG from now on')
    .option('--no-icd10cm', 'no ICD-10-CM code beside a SNOMED CT finding: a clinician adds it')
    .option('--icd10cm', 'with ICD-10-CM codes from now on')
    .option('--patients <file>', 'ids of the patients to read, one a line; everyone without')
    .option('--since <instant>', 'read only what has changed since', instant)
    .option(
      '--partners <file>',
      'FHIR Bundle of Organization, HealthcareService and Endpoint, tried in its order',
    )
    .option('--partner-tokens <file>', 'JSON: Endpoint address to { "send": …, "read": … } bearers')
    .addOption(
      new Option('--approve <policy>', 'policy that may stand in for the reviewer').choices([
        'unambiguous',
      ]),
    )
    .option(
      '--agreed-by-consent',
      "this site's consent form asks for agreement to help, too",
      false,
    )
    .option(
      '--consent-valid-for <days>',
      'how long a consent counts at most from its signature',
      days,
      365,
    )
    .addOption(
      new Option(
        '--consent-policy <system|code>',
        "the policy that this site's consent forms fall under, for Consents that name none",
      )
        .env('CONSENT_POLICY')
        .argParser(consentPolicy),
    )
    .option('--send', 'send referrals to the partners; without it nothing goes to them', false)
    .option('--write-back', 'write results into the EHR; without it nothing goes there', false)
    .option(
      '--allow-private-networks',
      'let the addresses named here and in the partners file lie on private networks',
      false,
    )
    .option('--public-url <url>', 'address at which partners and people reach us', webAddress)
    .addOption(
      new Option(
        '--trusted-proxies <list>',
        'reverse proxies in front of us, whose X-Forwarded-For is believed (default: none)',
      )
        .env('TRUSTED_PROXIES')
        .argParser(proxies),
    )
    .addOption(
      identifierSystemOption(
        'system of our identifiers, chosen once for a database (default: a urn:uuid: of its own)',
      ),
    )
    .option('--host <host>', 'address to listen on', defaultHost)
    .option('--port <port>', 'port to listen on (default: 8800, or a free one)', port)
    .addOption(
      new Option('--settle <duration>', 'under --once: end when no Task has changed for so long')
        .argParser(duration)
        .default(15_000, '15s'),
    )
    .option('--once', 'end when everything has come to rest', false)
    .addOption(
      new Option('--timeout <duration>', 'under --once: end then in any case')
        .argParser(duration)
        .default(600_000, '600s'),
    )
    .option('--fresh', 'start over: forget what earlier runs left in the data directory', false)
    .option('--json', 'print the totals as one JSON object', false)
    .option('--data-dir <folder>', 'where everything is kept (default: .loopwell/<command>)');
}

/** What `run` and `load` take from the environment, beside what single options do. */
export type SiteEnvironment = {
  CONTACT_FROM_CHART?: string | undefined;
};

/**
 * A switch is `false` in the environment, too, which an option that has no value cannot be.
 *
 * @throws AppError REQUEST_INVALID naming the variable
 */
export function withSite(
  options: RunOptions,
  { CONTACT_FROM_CHART: contact }: SiteEnvironment,
): RunOptions {
  if (!contact) return options;
  const goes = z.stringbool().safeParse(contact);
  if (!goes.success)
    throw new AppError('REQUEST_INVALID', 'CONTACT_FROM_CHART takes true or false');
  return { ...options, contactFromChart: options.contactFromChart || goes.data };
}

/**
 * What the options cannot say one by one.
 *
 * @throws AppError REQUEST_INVALID, which is wrong usage (exit status 2)
 */
export function checkTogether(options: RunOptions): void {
  const wrong = (message: string) => new AppError('REQUEST_INVALID', message);
  if (Boolean(options.ehrClientId) !== Boolean(options.ehrKey))
    throw wrong('--ehr-client-id and --ehr-key belong together');
  if (options.ehrTokenFile && options.ehrClientId)
    throw wrong('Give either --ehr-token-file or --ehr-client-id, not both');
  if ((options.ehrKid || options.ehrTokenUrl) && !options.ehrClientId)
    throw wrong('--ehr-kid and --ehr-token-url are for --ehr-client-id');
  if (options.partnerTokens && !options.partners) throw wrong('--partner-tokens needs --partners');
}
