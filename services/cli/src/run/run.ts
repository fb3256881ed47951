import { withoutUndefined } from '@loopwell/fhir';
import {
  backendServices,
  bearerFromFile,
  type Credentials,
  type Outbound,
  staticBearer,
} from '@loopwell/fhir/client';
import { scopesFor } from '@loopwell/intake';
import { AppError, type Clock, deriveId, newSecret, systemClock } from '@loopwell/kit';
import type { ReferralModuleSettings } from '@loopwell/referral';
import type { SiteChoices } from '@loopwell/sdoh';
import type { Host } from '@loopwell/service';
import { type PartnerRow, readPulse } from '@loopwell/store';
import { readConceptMapText } from '../input-files/concept-map-file.ts';
import {
  type PartnerTokens,
  readPartnersFile,
  readPartnerTokensFile,
} from '../input-files/partners-file.ts';
import { readPatientsFile } from '../input-files/patients-file.ts';
import { compose, originsOf } from './compose.ts';
import { checkTogether } from './option-checks.ts';
import type { RunOptions } from './options.ts';
import { remembered, type Session } from './session.ts';
import { untilSettled } from './wait-until-settled.ts';

export const tenant = 'default';

/** What `start` decides for its sandbox and `run` takes from the command line. */
export type RunPlan = {
  ehrBase: string;
  connectionId?: string;
  ehrToken?: string;
  partners: readonly PartnerRow[];
  tokens: PartnerTokens;
  patients?: readonly string[];
  /** FHIR ConceptMap from the site's own codes to LOINC, as JSON text; empty for none from now on. */
  conceptMap?: string;
  options: RunOptions;
  /** Partners are asked every second, as under `--once` and `start`, and not every quarter of an hour. */
  fast: boolean;
  /** Origins of servers that this command started itself: no private network of somebody else's. */
  ownOrigins?: readonly string[];
};

/** Reads every file that the options name, before anything is opened or asked. */
export function planOf(options: RunOptions): RunPlan {
  if (!options.ehr) throw new AppError('REQUEST_INVALID', 'Name the EHR with --ehr <FHIR base>');
  checkTogether(options);
  const { conceptMap, partners, partnerTokens, patients } = options;
  const partnerRows = partners === undefined ? [] : readPartnersFile(partners, tenant);
  const plan: RunPlan = {
    ehrBase: options.ehr,
    partners: partnerRows,
    tokens: partnerTokens === undefined ? {} : readPartnerTokensFile(partnerTokens, partnerRows),
    patients: patients === undefined ? [] : readPatientsFile(patients),
    options,
    fast: options.once,
  };
  if (conceptMap === false) plan.conceptMap = '';
  else if (conceptMap !== undefined) plan.conceptMap = readConceptMapText(conceptMap);
  return plan;
}

/** What the site wants otherwise than the guide advises, as far as it is said here: the rest stays as it was chosen before. */
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

/** Opens everything for a plan and says, before anything goes out, who would get it. */
export async function openRun(
  session: Omit<Session, 'screen'>,
  plan: RunPlan,
  signal: AbortSignal,
): Promise<Host> {
  const { options } = plan;
  nameRecipients(session, plan);
  if (plan.conceptMap)
    session.tell(
      'The ConceptMap counts for what is coded from now on; `loopwell recode` shows what it would change for everybody before.',
    );
  const named = originsOf([
    plan.ehrBase,
    options.ehrTokenUrl,
    ...plan.partners.map((one) => one.address),
  ]);
  const host = await compose({
    tenant,
    databaseUrl: session.databaseUrl,
    queue: { url: session.queueUrl },
    listen: {
      host: options.host,
      port: options.port ?? 8800,
      anyPort: options.port === undefined,
    },
    ehr: {
      connection: {
        id: plan.connectionId ?? deriveId('connection', plan.ehrBase).slice(0, 13),
        tenant,
        base: plan.ehrBase,
        quirks: options.ehrKind,
        concept_map: plan.conceptMap ?? null,
        choices: choicesOf(options),
        aliases: options.ehrAlias,
      },
      patients: plan.patients ?? [],
      since: options.since,
    },
    credentials: (outbound, clock) => credentialsOf(plan, outbound, clock),
    referral: referralSettings(plan),
    publicUrl: options.publicUrl,
    timeZone: options.timeZone,
    trustedProxies: options.trustedProxies,
    identifierSystem: options.identifierSystem,
    secretKey: remembered(session.folder, 'secret-key.json', () => ({ key: newSecret(32) })).key,
    partners: plan.partners,
    partnerTokens: plan.tokens,
    privateOrigins: [...(plan.ownOrigins ?? []), ...(options.allowPrivateNetworks ? named : [])],
    writeBack: options.writeBack,
    once: options.once,
    timing: timingOf(plan),
    log: session.log,
    tell: session.tell,
    signal,
  });
  session.announce(options.publicUrl ?? host.address);
  return host;
}

/** A sandbox EHR of ours answers in the order in which it writes: what it has now may be read now. */
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

function referralSettings({ options, fast }: RunPlan): ReferralModuleSettings {
  const { acceptBy } = options;
  return {
    siteName: options.siteName,
    sitePhone: options.sitePhone,
    contactFromChart: options.contactFromChart,
    minorAge: options.minorAge,
    readAfterEndMs: options.readAfterEnd,
    send: options.send,
    approve: options.approve,
    agreedByConsent: options.agreedByConsent,
    longestConsentDays: options.consentValidFor,
    consentPolicy: options.consentPolicy,
    acceptByMs: 'ms' in acceptBy ? acceptBy.ms : 0,
    acceptByBusinessDays: 'businessDays' in acceptBy ? acceptBy.businessDays : undefined,
    decideBy: options.decideBy,
    pollMs: fast ? 1_000 : 900_000,
    askAgainMs: fast ? 1_000 : 60_000,
  };
}

function nameRecipients(session: Pick<Session, 'tell'>, plan: RunPlan): void {
  const { options } = plan;
  const names = plan.partners
    .map((one) => `${one.name} (${new URL(one.address).origin})`)
    .join(', ');
  session.tell(
    options.send
      ? `Referrals may go to: ${names || 'nobody, no partners are named'}.`
      : 'Nothing goes to partners (no --send).',
  );
  session.tell(
    options.writeBack
      ? `Results are written into ${new URL(plan.ehrBase).origin}.`
      : 'Nothing is written into the EHR (no --write-back).',
  );
  const isFar = plan.partners.some(
    (one) => !plan.ownOrigins?.includes(new URL(one.address).origin) && !isLoopback(one.address),
  );
  if (options.send && isFar && options.publicUrl === undefined)
    session.tell(
      'Partners elsewhere cannot reach this machine by its loopback address: give --public-url.',
    );
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

/** Waits for the end of a run: settled under `--once` or timed out, else stopped by somebody. */
export async function followRun(
  session: Pick<Session, 'signal'>,
  host: Pick<Host, 'db'>,
  options: Pick<RunOptions, 'once' | 'settle' | 'timeout'>,
): Promise<'settled' | 'timeout' | 'stopped'> {
  if (!options.once) {
    await new Promise<void>((resolve) => {
      if (session.signal.aborted) return resolve();
      session.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    return 'stopped';
  }
  return untilSettled(() => readPulse(host.db, tenant), {
    settleMs: options.settle,
    timeoutMs: options.timeout,
    clock: systemClock,
    signal: session.signal,
  });
}
