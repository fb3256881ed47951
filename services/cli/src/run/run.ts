import { once } from 'node:events';
import { withoutUndefined } from '@loopwell/fhir';
import {
  backendServices,
  bearerFromFile,
  type Credentials,
  staticBearer,
} from '@loopwell/fhir/client';
import { scopesFor } from '@loopwell/intake';
import { AppError, type Clock, deriveId, newSecret, systemClock } from '@loopwell/kit';
import { readGateway, type TextSettings } from '@loopwell/messages';
import type { Outbound } from '@loopwell/outbound';
import type { ReferralModuleSettings } from '@loopwell/referral';
import { type DirectoryPartner, hasRoom, profileOf, type SiteChoices } from '@loopwell/sdoh';
import type { Host } from '@loopwell/service';
import { type DirectoryProblem, type NewPartner, readPulse } from '@loopwell/store';
import { readConceptMapText } from '../input-files/concept-map-file.ts';
import {
  type PartnersFile,
  type PartnerTokens,
  readPartnersFile,
  readPartnerTokensFile,
} from '../input-files/partners-file.ts';
import { readPatientsFile } from '../input-files/patients-file.ts';
import { compose, originsOf } from './compose.ts';
import { checkTogether } from './option-checks.ts';
import type { RunOptions } from './options.ts';
import { remembered, type Session } from './session.ts';
import { siteOfOptions } from './site-options.ts';
import { untilSettled } from './wait-until-settled.ts';

/** The tenant of `run`, `load` and `start`. */
export const tenant = 'default';

/** The plan of a run: `start` makes it for its sandbox, `run` and `load` from the command line. */
export type RunPlan = {
  ehrBase: string;
  connectionId?: string;
  ehrToken?: string;
  partners: readonly NewPartner[];
  /** Services of the partners file that cannot be used here. */
  partnerProblems?: readonly DirectoryProblem[];
  tokens: PartnerTokens;
  patients?: readonly string[];
  /**
   * FHIR ConceptMap from the site's own codes to LOINC, as JSON text. An empty text removes the
   * earlier one.
   */
  conceptMap?: string;
  options: RunOptions;
  /**
   * Whether partners are asked every second, as under `--once` and `start`, instead of every
   * quarter of an hour.
   */
  fast: boolean;
  /**
   * Origins of servers that this command started itself. They may always be on a private network.
   */
  ownOrigins?: readonly string[];
  /** All data is made up here, so that the clock of deadlines may be moved. */
  isSandbox?: boolean;
  /** The bearer of mail that came back. */
  bounceSecret?: string;
};

const noPartners: PartnersFile = { partners: [], problems: [] };

/**
 * Makes the plan of a run. It reads all files that the options name, before anything is opened or
 * asked.
 */
export function planOf(options: RunOptions): RunPlan {
  if (!options.ehr) throw new AppError('REQUEST_INVALID', 'Name the EHR with --ehr <FHIR base>');
  checkTogether(options);
  const { conceptMap, partners, partnerTokens, patients } = options;
  const file = partners === undefined ? noPartners : readPartnersFile(partners, tenant);
  const plan: RunPlan = {
    ehrBase: options.ehr,
    partners: file.partners,
    partnerProblems: file.problems,
    tokens: partnerTokens === undefined ? {} : readPartnerTokensFile(partnerTokens, file.partners),
    patients: patients === undefined ? [] : readPatientsFile(patients),
    options,
    fast: options.once,
  };
  if (conceptMap === false) plan.conceptMap = '';
  else if (conceptMap !== undefined) plan.conceptMap = readConceptMapText(conceptMap);
  return plan;
}

/**
 * Returns the choices in which the site differs from the guide. Choices without an option stay as
 * before.
 */
function choicesOf({ negative, icd10cm, timeZone }: RunOptions): string | null {
  const choices: SiteChoices = {
    ...withoutUndefined({
      interpretNegative: negative,
      withoutIcd10cm: icd10cm === undefined ? undefined : !icd10cm,
      timeZone,
    }),
  };
  return Object.keys(choices).length > 0 ? JSON.stringify(choices) : null;
}

/** Opens the services of a plan. Before anything is sent, it prints who would receive what. */
export async function openRun(
  session: Omit<Session, 'screen'>,
  plan: RunPlan,
  signal: AbortSignal,
): Promise<Host> {
  const { options } = plan;
  for (const sentence of recipientSentences(plan)) session.tell(sentence);
  if (plan.conceptMap)
    session.tell(
      'The ConceptMap counts for what is coded from now on; `loopwell recode` shows what it ' +
        'would change for everybody before.',
    );
  const { key: secretKey } = remembered(session.folder, 'secret-key.json', () => ({
    key: newSecret(32),
  }));
  const host = await compose({
    ...settingsOf(plan),
    databaseUrl: session.databaseUrl,
    queue: { url: session.queueUrl },
    secretKey,
    log: session.log,
    tell: session.tell,
    signal,
  });
  session.announce(options.publicUrl ?? host.address);
  return host;
}

/** Returns the settings of the services that the plan decides. */
function settingsOf(plan: RunPlan) {
  const { options, partners, partnerProblems, tokens, patients = [] } = plan;
  const { host, port, publicUrl, trustedProxies, identifierSystem } = options;
  return {
    tenant,
    listen: { host, port: port ?? 8800, anyPort: port === undefined },
    ehr: { connection: connectionOf(plan), patients, since: options.since },
    credentials: (outbound: Outbound, clock: Clock) => credentialsOf(plan, outbound, clock),
    referral: referralSettings(plan),
    ...{ publicUrl, trustedProxies, identifierSystem },
    // The made-up people of the sandbox live in Minnesota.
    site: { ...siteOfOptions(options), ...(plan.isSandbox ? { state: 'MN' } : {}) },
    partners,
    ...withoutUndefined({ partnerProblems }),
    partnerTokens: tokens,
    privateOrigins: privateOriginsOf(plan),
    mayMoveClock: plan.isSandbox ?? false,
    writeBack: options.writeBack,
    once: options.once,
    onDuty: { mail: mailOf(options) },
    timing: timingOf(plan),
  };
}

/** Returns the mail server that the options name. */
function mailOf({ smtpUrl: url, mailFrom: from }: RunOptions) {
  return url === undefined || from === undefined ? undefined : { url, from };
}

/** Returns the text gateway that the options name. */
function textsOf({ textGateway, textFrom: from }: RunOptions): TextSettings | undefined {
  const gateway = textGateway === undefined ? undefined : readGateway(textGateway);
  return gateway === undefined || from === undefined ? undefined : { ...gateway, from };
}

function connectionOf(plan: RunPlan) {
  const { ehrBase, options } = plan;
  return {
    id: plan.connectionId ?? deriveId('connection', ehrBase).slice(0, 13),
    tenant,
    base: ehrBase,
    quirks: options.ehrKind,
    concept_map: plan.conceptMap ?? null,
    choices: choicesOf(options),
    aliases: options.ehrAlias,
  };
}

/**
 * Returns the origins that may be on private networks: our own servers and, with the option, the
 * ones that the command line names.
 */
function privateOriginsOf({ options, ehrBase, partners, ownOrigins = [] }: RunPlan): string[] {
  if (!options.allowPrivateNetworks) return [...ownOrigins];
  const partnerAddresses = partners.map((partner) => partner.address);
  return [...ownOrigins, ...originsOf([ehrBase, options.ehrTokenUrl, ...partnerAddresses])];
}

/**
 * Returns the intervals of a run. A sandbox EHR answers in the order in which it writes, so it may
 * be read up to now (`marginMs`).
 */
function timingOf({ fast, ehrBase, ownOrigins }: RunPlan) {
  const isOwn = ownOrigins?.includes(new URL(ehrBase).origin) ?? false;
  const pace = fast || isOwn ? { pullIntervalMs: 5_000 } : { pullIntervalMs: 60_000 };
  return {
    reconcileMs: fast ? 500 : 2_000,
    coalesceMs: 1_000,
    ...pace,
    ...withoutUndefined({ marginMs: isOwn ? 0 : undefined }),
  };
}

function referralSettings({ options, fast, bounceSecret }: RunPlan): ReferralModuleSettings {
  return {
    send: options.send,
    approve: options.approve,
    agreedByConsent: options.agreedByConsent,
    pollMs: fast ? 1_000 : 900_000,
    askAgainMs: fast ? 1_000 : 60_000,
    messages: { mail: mailOf(options), texts: textsOf(options), bounceSecret },
  };
}

/** Tells whether the file lets a partner get anything: it has room, and is not confidential. */
function takesReferrals({ body }: Pick<NewPartner, 'body'>): boolean {
  const { services = [] } = JSON.parse(body) as DirectoryPartner;
  const { capacity, isConfidential } = profileOf(services);
  return hasRoom(capacity) && !isConfidential;
}

/** Returns sentences about who would receive referrals and results. */
function recipientSentences(plan: RunPlan): string[] {
  const { options, partners, ehrBase, ownOrigins = [] } = plan;
  const open = partners.filter(takesReferrals);
  const names = open.map((partner) => `${partner.name} (${wayTo(partner)})`);
  const sentences = [
    options.send
      ? `Referrals may go to: ${names.join(', ') || 'nobody, no partners are named'}.`
      : 'Nothing goes to partners (no --send).',
    options.writeBack
      ? `Results are written into ${new URL(ehrBase).origin}.`
      : 'Nothing is written into the EHR (no --write-back).',
  ];
  const problems = plan.partnerProblems ?? [];
  for (const { service, rule } of problems)
    sentences.push(`The service ${service} of the partners file is left out: ${rule}`);
  const isElsewhere = ({ address }: NewPartner) =>
    isSentTo(address) && !ownOrigins.includes(new URL(address).origin) && !isLoopback(address);
  if (options.send && options.publicUrl === undefined && partners.some(isElsewhere))
    sentences.push(
      'Partners elsewhere cannot reach this machine by its loopback address: give --public-url.',
    );
  return sentences;
}

/** Tells whether something is sent to an address. Partners without an Endpoint have none. */
const isSentTo = (address: string) => /^https?:/.test(address);

/** Says how a referral reaches a partner. */
function wayTo({ address, kind }: NewPartner): string {
  if (isSentTo(address)) return new URL(address).origin;
  return kind === 'hub' ? 'reads it here' : 'by phone';
}

const isLoopback = (address: string) =>
  /^(127\.|localhost$|\[::1\]$)/.test(new URL(address).hostname);

function credentialsOf(plan: RunPlan, outbound: Outbound, clock: Clock): Credentials | undefined {
  const { options } = plan;
  if (plan.ehrToken) return staticBearer(plan.ehrToken);
  if (options.ehrTokenFile) return bearerFromFile(options.ehrTokenFile);
  if (!options.ehrClientId || !options.ehrKey) return undefined;
  return backendServices({
    base: plan.ehrBase,
    clientId: options.ehrClientId,
    keyFile: options.ehrKey,
    keyId: options.ehrKid,
    tokenUrl: options.ehrTokenUrl,
    scopes: options.ehrScopes ?? scopesFor(options.writeBack),
    outbound,
    clock,
  });
}

/**
 * Waits for the end of a run: settled or timed out under `--once`, stopped by a person otherwise.
 */
export async function followRun(
  session: Pick<Session, 'signal'>,
  host: Pick<Host, 'db'>,
  options: Pick<RunOptions, 'once' | 'settle' | 'timeout'>,
): Promise<'settled' | 'timeout' | 'stopped'> {
  if (!options.once) {
    if (!session.signal.aborted) await once(session.signal, 'abort');
    return 'stopped';
  }
  return untilSettled(() => readPulse(host.db, tenant), {
    settleMs: options.settle,
    timeoutMs: options.timeout,
    clock: systemClock,
    signal: session.signal,
  });
}
