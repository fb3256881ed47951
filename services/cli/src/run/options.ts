import { ehrs } from '@loopwell/ehrs';
import type { OptionDefinition } from '../command-line/definition.ts';
import { messageOptions } from '../command-line/message-options.ts';
import {
  parseAge,
  parseDays,
  parseDeadline,
  parseDuration,
  parseInstant,
  parsePhoneNumber,
  parsePolicy,
  parseProxyList,
  parseSiteName,
  parseUndoWait,
  parseWebAddress,
} from '../command-line/option-parsers.ts';
import {
  identifierSystemOption,
  jsonTotalsOption,
  listenOptions,
  timeoutOption,
  timeZoneOption,
} from '../command-line/shared-options.ts';
import type { SiteOptions } from './site-options.ts';

/** The values of the options of `run` and `load`. */
export type RunOptions = SiteOptions & {
  ehr?: string;
  ehrTokenFile?: string;
  ehrClientId?: string;
  ehrKey?: string;
  ehrKid?: string;
  ehrTokenUrl?: string;
  ehrScopes?: string;
  ehrKind: string;
  ehrAlias: readonly string[];
  /** `false` ends the use of the earlier map. */
  conceptMap?: string | false;
  negative?: boolean;
  icd10cm?: boolean;
  patients?: string;
  since?: Date;
  partners?: string;
  partnerTokens?: string;
  approve?: 'unambiguous';
  agreedByConsent: boolean;
  send: boolean;
  writeBack: boolean;
  allowPrivateNetworks: boolean;
  smtpUrl?: string;
  mailFrom?: string;
  textGateway?: string;
  textFrom?: string;
  publicUrl?: string;
  identifierSystem?: string;
  trustedProxies?: string[];
  host: string;
  port?: number;
  settle: number;
  once: boolean;
  timeout: number;
  startOver?: boolean;
  json: boolean;
  dataDir?: string;
};

/** The options for reaching the EHR, and for its special behavior. */
const ehrOptions: readonly OptionDefinition[] = [
  {
    flags: '--ehr-token-file <file>',
    description: 'file with a bearer for the EHR; read again when the bearer is refused',
  },
  {
    flags: '--ehr-client-id <id>',
    description: 'client id for SMART Backend Services; needs --ehr-key',
  },
  { flags: '--ehr-key <file>', description: 'private key, PEM or JWK (ES384 or RS384)' },
  { flags: '--ehr-kid <kid>', description: 'key id, when the key does not say it' },
  {
    flags: '--ehr-token-url <url>',
    description: 'token endpoint, when it is not to be discovered',
    parse: parseWebAddress,
  },
  {
    flags: '--ehr-scopes <scopes>',
    description:
      'scopes to ask for (default: to read everything, and with --write-back to write results)',
  },
  {
    flags: '--ehr-kind <kind>',
    description: 'quirks of the EHR',
    choices: ehrs.map((ehr) => ehr.id),
    default: 'plain-r4',
  },
  {
    flags: '--ehr-alias <base>',
    description:
      'another base under which the EHR names itself in its links, behind a proxy; only the ' +
      'one of --ehr is ever asked; may be repeated',
    parse: (text, before) => [...(before as readonly string[]), parseWebAddress(text)],
    default: [],
  },
];

/** The options for what partners see, and for how long. They fill what the site has not set. */
const disclosureOptions: readonly OptionDefinition[] = [
  {
    flags: '--site-name <name>',
    description: 'name under which partners know who refers (default: Loopwell)',
    variable: 'SITE_NAME',
    parse: parseSiteName,
  },
  {
    flags: '--site-phone <number>',
    description: 'number that partners call instead of the person',
    variable: 'SITE_PHONE',
    parse: parsePhoneNumber,
  },
  {
    flags: '--contact-from-chart',
    description:
      "this site's consent form asks whether partners may have the contact that the person chose (env: CONTACT_FROM_CHART)",
  },
  {
    flags: '--minor-age <years>',
    description: 'below this age no policy approves (default: 18)',
    variable: 'MINOR_AGE',
    parse: parseAge,
  },
  {
    flags: '--read-after-end <duration>',
    description: 'how long a partner reads its order after its Task has ended (default: 30d)',
    variable: 'READ_AFTER_END',
    parse: parseDuration,
  },
];

/** The options for deadlines. */
const deadlineOptions: readonly OptionDefinition[] = [
  {
    flags: '--accept-by <deadline>',
    description:
      'a partner that has not accepted by then is silent: 15s, 2h, 3d, or business days such ' +
      'as 2bd (default: 2bd)',
    variable: 'ACCEPT_BY',
    parse: parseDeadline,
  },
  {
    flags: '--decide-by <deadline>',
    description:
      'operators are told of a referral that nobody could help with when no person has decided ' +
      'by then (default: 2bd)',
    variable: 'DECIDE_BY',
    parse: parseDeadline,
  },
  {
    flags: '--undo-for <duration>',
    description:
      'how long a decision of a signed-in person can be undone before anything is sent; 0s for ' +
      'no wait, as under --once (default: 10m)',
    variable: 'UNDO_FOR',
    parse: parseUndoWait,
  },
];

/** The options for what is read and how it is coded. */
const codingOptions: readonly OptionDefinition[] = [
  {
    flags: '--concept-map <file>',
    description:
      "FHIR ConceptMap from the site's own codes to LOINC; left out, the one given before stays",
  },
  { flags: '--no-concept-map', description: 'without one from now on' },
  {
    flags: '--negative',
    description: 'NEG on answers that say that there is no need, for receivers that demand it',
  },
  { flags: '--no-negative', description: 'without NEG from now on' },
  {
    flags: '--no-icd10cm',
    description: 'no ICD-10-CM code beside a SNOMED CT finding: a clinician adds it',
  },
  { flags: '--icd10cm', description: 'with ICD-10-CM codes from now on' },
  {
    flags: '--patients <file>',
    description: 'ids of the patients to read, one a line; everyone without',
  },
  {
    flags: '--since <instant>',
    description: 'read only what has changed since',
    parse: parseInstant,
  },
];

/** The options for who gets referrals, and who decides before. */
const sendingOptions: readonly OptionDefinition[] = [
  {
    flags: '--partners <file>',
    description: 'FHIR Bundle of Organization, HealthcareService and Endpoint, tried in its order',
  },
  {
    flags: '--partner-tokens <file>',
    description: 'JSON: Endpoint address to { "send": …, "read": … } bearers',
  },
  {
    flags: '--approve <policy>',
    description: 'policy that may stand in for the reviewer',
    choices: ['unambiguous'],
  },
  {
    flags: '--agreed-by-consent',
    description: "this site's consent form asks for agreement to help, too",
    default: false,
  },
  {
    flags: '--consent-valid-for <days>',
    description: 'how long a consent counts at most from its signature (default: 365)',
    parse: parseDays,
  },
  {
    flags: '--consent-policy <system|code>',
    description:
      "the policy that this site's consent forms fall under, for Consents that name none",
    variable: 'CONSENT_POLICY',
    parse: parsePolicy,
  },
  {
    flags: '--send',
    description: 'send referrals to the partners; without it nothing goes to them',
    default: false,
  },
  {
    flags: '--write-back',
    description: 'write results into the EHR; without it nothing goes there',
    default: false,
  },
];

const networkOptions: readonly OptionDefinition[] = [
  {
    flags: '--allow-private-networks',
    description: 'let the addresses named here and in the partners file lie on private networks',
    default: false,
  },
  {
    flags: '--public-url <url>',
    description: 'address at which partners and people reach us',
    parse: parseWebAddress,
  },
  {
    flags: '--trusted-proxies <list>',
    description:
      'reverse proxies in front of us, whose X-Forwarded-For is believed (default: none)',
    variable: 'TRUSTED_PROXIES',
    parse: parseProxyList,
  },
  identifierSystemOption,
  ...listenOptions,
];

/** The options for the end of a run, its output and its data directory. */
const runningOptions: readonly OptionDefinition[] = [
  {
    flags: '--settle <duration>',
    description: 'under --once: end when no Task has changed for so long',
    parse: parseDuration,
    default: 15_000,
    defaultText: '15s',
  },
  { flags: '--once', description: 'end when everything has come to rest', default: false },
  timeoutOption,
  {
    flags: '--fresh',
    description: 'start over: forget what earlier runs left in the data directory',
    default: false,
    key: 'startOver',
  },
  jsonTotalsOption,
  {
    flags: '--data-dir <folder>',
    description: 'where everything is kept (default: .loopwell/<command>)',
  },
];

/** The options of `run` and `load`, in the order of the help. */
export const runOptions: readonly OptionDefinition[] = [
  timeZoneOption,
  ...ehrOptions,
  ...disclosureOptions,
  ...deadlineOptions,
  ...messageOptions,
  ...codingOptions,
  ...sendingOptions,
  ...networkOptions,
  ...runningOptions,
];
