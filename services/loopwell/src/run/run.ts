import { backendServices, bearerFromFile, type Credentials, type Outbound, staticBearer } from '@loopwell/fhir/client';
import { AppError, deriveId, systemClock } from '@loopwell/kit';
import { type PartnerRow, readAccounts } from '@loopwell/store';
import { compose, type Composition, originsOf } from './compose.ts';
import { readPulse, untilSettled } from './once.ts';
import { readPatients, type RunOptions } from './options.ts';
import { type PartnerTokens, readPartners, readTokens } from './partners-file.ts';
import { leftovers, type RunResult } from './result.ts';
import type { Session } from './session.ts';

export const organisation = 'default';

/** What `start` decides for its sandbox and `run` takes from the command line. */
export type RunPlan = {
  ehrBase: string;
  connectionId?: string;
  ehrToken?: string;
  partners: readonly PartnerRow[];
  tokens: PartnerTokens;
  options: RunOptions;
  fast: boolean;
};

export function planOf(options: RunOptions): RunPlan {
  if (!options.ehr) throw new AppError('CONFIG_INVALID', 'Name the EHR with --ehr <FHIR base>');
  if (Boolean(options.ehrClientId) !== Boolean(options.ehrKey)) throw new AppError('CONFIG_INVALID', '--ehr-client-id and --ehr-key belong together');
  const partners = readPartners(options.partners, organisation);
  return { ehrBase: options.ehr, partners, tokens: readTokens(options.partnerTokens, partners), options, fast: options.once };
}

/** Opens everything for a plan and says, before anything goes out, who would get it. */
export async function openRun(session: Session, plan: RunPlan): Promise<Composition> {
  const { options } = plan;
  nameRecipients(session, plan);
  const named = originsOf([plan.ehrBase, options.ehrTokenUrl, ...plan.partners.map((one) => one.address)]);
  const composition = await compose({
    organisation,
    databaseUrl: session.databaseUrl,
    queueUrl: session.queueUrl,
    host: '127.0.0.1',
    port: options.port ?? 8800,
    anyPort: options.port === undefined,
    ehr: {
      connection: { id: plan.connectionId ?? deriveId('connection', plan.ehrBase).slice(0, 13), organisation, base: plan.ehrBase, quirks: options.ehrKind },
      patients: readPatients(options.patients),
      since: options.since,
    },
    credentials: (outbound) => credentialsOf(plan, outbound),
    referral: {
      organisation,
      organisationName: 'Loopwell',
      send: options.send,
      approve: options.approve,
      agreedByConsent: options.agreedByConsent,
      longestConsentDays: 365,
      acceptByMs: options.acceptBy,
      pollMs: plan.fast ? 1_000 : 900_000,
      askAgainMs: plan.fast ? 1_000 : 60_000,
      batch: 50,
      leaseMs: 60_000,
    },
    publicUrl: options.publicUrl,
    partners: plan.partners,
    partnerTokens: plan.tokens,
    allowedPrivateOrigins: options.allowPrivateNetworks ? named : [],
    writeBack: options.writeBack,
    once: options.once,
    timing: { reconcileMs: plan.fast ? 500 : 2_000, coalesceMs: 1_000, pullIntervalMs: plan.fast ? 5_000 : 60_000, leaseMs: 60_000, requestTimeoutMs: 30_000 },
    log: session.log,
    tell: session.tell,
  });
  session.announce(composition.address);
  return composition;
}

function nameRecipients(session: Session, plan: RunPlan): void {
  const { options } = plan;
  const names = plan.partners.map((one) => `${one.name} (${new URL(one.address).origin})`).join(', ');
  session.tell(options.send ? `Referrals may go to: ${names || 'nobody, no partners are named'}.` : 'Nothing goes to partners (no --send).');
  session.tell(options.writeBack ? `Results are written into ${new URL(plan.ehrBase).origin}.` : 'Nothing is written into the EHR (no --write-back).');
}

function credentialsOf(plan: RunPlan, outbound: Outbound): Credentials | undefined {
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
    scopes: options.ehrScopes,
    outbound,
    clock: systemClock,
  });
}

/** Waits for the end of a run: settled under `--once`, else stopped by somebody. */
export async function followRun(session: Session, composition: Composition, options: RunOptions): Promise<void> {
  if (!options.once) {
    await new Promise<void>((resolve) => {
      if (session.signal.aborted) return resolve();
      session.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    return;
  }
  const end = await untilSettled(() => readPulse(composition.db, organisation), {
    settleMs: options.settle,
    timeoutMs: options.timeout,
    clock: systemClock,
    signal: session.signal,
  });
  if (end === 'timeout') session.tell('The timeout has come before everything was at rest.');
}

/** The accounts, read in one snapshot so that the sums add up. */
export async function accountsOf(composition: Pick<Composition, 'db'>): Promise<RunResult> {
  const started = Date.now();
  const accounts = await composition.db.tx(async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only');
    return readAccounts(tx, organisation);
  });
  return { ...accounts, durationMs: Date.now() - started };
}

/** Prints the result and says what is left; returns the exit status. */
export function report(result: RunResult, json: boolean): number {
  const left = leftovers(result);
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${summary(result)}\n`);
  for (const line of left) process.stderr.write(`- ${line}\n`);
  return left.length > 0 ? 3 : 0;
}

function summary(result: RunResult): string {
  const { encounters, screenings, conditions, referrals, writeBack } = result;
  return [
    `Encounters: ${encounters.pulled} pulled, ${encounters.coded} coded, ${encounters.nothingToCode} with nothing to code, ${encounters.needsPerson} for a person, ${encounters.quarantined} quarantined`,
    `Screenings: ${screenings.read} read, ${screenings.attached} attached to an Encounter`,
    `Conditions: ${conditions.created} suggested, evidence added ${conditions.evidenceAdded} times`,
    `Referrals:  ${referrals.needed} needed, ${referrals.closed} closed, ${referrals.failed} failed, ${referrals.withdrawn} withdrawn`,
    `Write-back: ${writeBack.done} done, ${writeBack.waiting} waiting, ${writeBack.refused} refused`,
  ].join('\n');
}
