import type { Outbound } from '@loopwell/fhir/client';
import type { Clock, Log } from '@loopwell/kit';
import type { CancelScope } from '@loopwell/partners';
import { defaultRetry, type NudgeFunction, type StageWork, workIo, workPure } from '@loopwell/pipeline';
import { judgeReported } from '@loopwell/sdoh';
import { type Database, installation, isDatabaseAway, ledger, referrals, type TaskRow } from '@loopwell/store';
import { closeStage } from './close/stage.ts';
import type { SendTokens } from './directory/send-tokens.ts';
import { createHoldWatch } from './holds.ts';
import { copyOutputs, createPartners, pollTasks } from './partners.ts';
import { recordPolicy, wantApproved } from './refer/approve.ts';
import { deliver } from './refer/deliver.ts';
import { gather } from './refer/gather.ts';
import { prepareSends, reloadOutgoing } from './refer/prepare.ts';
import { revokeRequests } from './refer/revoke.ts';
import { gateRules } from './refer/rules.ts';
import { recallWords, settleDeliveries, settleRecall } from './refer/settle.ts';
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
  const isHeld = createHoldWatch(db, settings.organisation, clock);
  const cancel = (task: TaskRow, words: string, scope: CancelScope) =>
    partners(task.address, task.channel).cancel(task.remote_id ?? '', words, scope);
  const refer = referStage(
    {
      settings,
      gather: (tx, ids) => gather(tx, ids, context),
      prepare: (tx, sends) => prepareSends(tx, sends, context),
      reload: (tx, asks) => reloadOutgoing(tx, asks, settings.askAgainMs),
      deliver: (outgoing, isOurs) =>
        deliver(senderOf(partners(outgoing.address, outgoing.channel)), outgoing, { isOurs, isHeld: ({ partner }) => isHeld(partner) }),
      recall: (task, reason) => cancel(task, recallWords[reason], reason === 'consent-expired' ? 'untaken' : 'open'),
      settleDeliveries: (tx, some) => settleDeliveries(tx, some, context),
      settleRecall: (tx, one) => settleRecall(tx, one, context),
      recordPolicy: (tx, approvals) => recordPolicy(tx, approvals, clock),
      wantApproved,
      revokeRequests,
      clock,
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
      cancel: (task, words) => cancel(task, words, 'untaken'),
      isHeld,
      isAway: isDatabaseAway,
      outputs: async (task) => {
        const context = await db.tx(async (tx) => ({
          serviceRequest: (await referrals.loadReferrals(tx, [task.referral])).get(task.referral)?.service_request ?? null,
          identifierSystem: await installation.identifierSystem(tx),
        }));
        return copyOutputs(partners(task.address, task.channel), task, context);
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
