import type { Outbound } from '@loopwell/fhir/client';
import type { Clock, Log } from '@loopwell/kit';
import { defaultRetry, type NudgeFunction, type StageWork, workIo, workPure } from '@loopwell/pipeline';
import { agreementOf, type DirectoryPartner, evaluateConsent, judgeReported, serviceCodesOf } from '@loopwell/sdoh';
import { type Database, isDatabaseAway, ledger, type PartnerRow, referrals, type TaskRow } from '@loopwell/store';
import { closeStage } from './close/stage.ts';
import type { SendTokens } from './directory/send-tokens.ts';
import { copyOutputs, createPartners, pollTasks } from './partners.ts';
import { deliver } from './refer/deliver.ts';
import { gather, type GateRules, type PersonFile } from './refer/gather.ts';
import { prepareSends, recordPolicy, reloadOutgoing, wantApproved } from './refer/prepare.ts';
import type { ConsentDecision, Partner } from './refer/refer.ts';
import { settleDelivery, settleRecall } from './refer/settle.ts';
import { type Outgoing, referStage } from './refer/stage.ts';
import type { ReferralSettings } from './settings.ts';
import { trackStage } from './track/stage.ts';

export type ReferralResources = {
  db: Database;
  nudge: NudgeFunction;
  outbound: Outbound;
  /** Endpoint address → bearer that we send. */
  sendTokens: SendTokens;
  clock: Clock;
  log: Log;
};

export type Referral = { works: StageWork[] };

/** Wires refer, track and close. */
export function wire(settings: ReferralSettings, resources: ReferralResources): Referral {
  const { db, nudge, outbound, sendTokens, clock, log } = resources;
  const partners = createPartners({ outbound, sendTokens, clock });
  const context = { rules: gateRules(settings, clock), settings, clock };
  const recall = (task: TaskRow, reason: string) => partners(task.address, task.channel).cancel(task.remote_id ?? '', reason);
  const refer = referStage(
    {
      settings,
      gather: (tx, ids) => gather(tx, ids, context),
      prepare: (tx, sends) => prepareSends(tx, sends, context),
      reload: (tx, asks) => reloadOutgoing(tx, asks, settings.askAgainMs),
      deliver: (outgoing, isOurs) => deliver(senderOf(partners(outgoing.address, outgoing.channel)), outgoing, isOurs),
      recall,
      settleDelivery: (tx, one) => settleDelivery(tx, one, context),
      settleRecall: (tx, one) => settleRecall(tx, one, context),
      recordPolicy,
      wantApproved,
      log,
    },
    settings.batch,
    settings.leaseMs,
  );
  const track = trackStage(
    {
      settings,
      clock,
      read: db.tx,
      judge: judgeReported,
      poll: (address, some) => pollTasks(partners(address, some[0]?.channel ?? ''), some),
      cancel: recall,
      outputs: async (task) => {
        const referral = (await db.tx((tx) => referrals.loadReferrals(tx, [task.referral]))).get(task.referral);
        return copyOutputs(partners(task.address, task.channel), task, { serviceRequest: referral?.service_request ?? null });
      },
      log,
    },
    settings.batch,
    settings.leaseMs,
  );
  const close = closeStage(settings.batch);
  const deps = { tx: db.tx, isAway: isDatabaseAway, ledger, nudge, retry: defaultRetry, principal: 'system:referral', log };
  return {
    works: [
      { stage: 'refer', concurrency: 2, work: (claim) => workIo(deps, refer, claim) },
      { stage: 'track', concurrency: 1, work: (claim) => workIo(deps, track, claim) },
      { stage: 'close', concurrency: 1, work: (claim) => workPure(deps, close, claim) },
    ],
  };
}

type ChannelOf = ReturnType<ReturnType<typeof createPartners>>;

const senderOf = (channel: ChannelOf) => ({
  send: (one: Outgoing, isOurs: () => boolean) => channel.send(one.body, one.receiptKey, isOurs),
  ask: (one: Outgoing) => channel.ask(one.body, one.receiptKey),
});

function gateRules(settings: ReferralSettings, clock: Clock): GateRules {
  return {
    consent: (consents, file, partner) => consentFor(consents, file, partner, settings, clock),
    agreement: (file, category) => {
      const brought = agreementOf(category, file.goals, file.serviceRequests);
      if (brought || !settings.agreedByConsent) return brought;
      const answer = consentFor(file.consents, file, anyone, settings, clock);
      return answer.kind === 'permit' ? { source: `Consent/${answer.consentId}`, on: answer.version } : undefined;
    },
    serviceCode: (category) => serviceCodesOf(category).flatMap((one) => ({ system: one.system, code: one.code, display: one.display ?? '' }))[0],
    partnersFor: (rows, category) => partnersFor(rows, category),
  };
}

const anyone: Partner = { id: '', name: '', address: '', channel: '' };

function consentFor(consents: PersonFile['consents'], file: PersonFile, partner: Partner, settings: ReferralSettings, clock: Clock): ConsentDecision {
  const references = new Set(partner.references ?? [`Organization/${partner.id}`]);
  const patientId = file.patient?.id ?? '';
  return evaluateConsent(consents, {
    isPerson: (reference) => reference === `Patient/${patientId}` || reference === `${file.base}/Patient/${patientId}`,
    isRecipient: (reference) => partner.id === '' || references.has(reference?.reference ?? '') || references.has(`${reference?.reference ?? ''}`.replace(`${file.base}/`, '')),
    now: clock.now(),
    longestDays: settings.longestConsentDays,
  });
}

function partnersFor(rows: readonly PartnerRow[], category: string): Partner[] {
  return rows.flatMap((row) => {
    const partner = JSON.parse(row.body) as DirectoryPartner;
    if (!partner.categories.includes(category)) return [];
    return [{ id: partner.id, name: partner.name, address: partner.address, channel: 'fhir-rest', references: partner.references }];
  });
}
