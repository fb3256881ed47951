import type { Outbound } from '@loopwell/fhir/client';
import type { Clock, Log } from '@loopwell/kit';
import type { CancelScope } from '@loopwell/partners';
import {
  defaultRetry,
  type NudgeFunction,
  type StageWork,
  workIo,
  workPure,
} from '@loopwell/pipeline';
import { judgeReported } from '@loopwell/sdoh';
import { type Database, isDatabaseAway, ledger, type TaskRow } from '@loopwell/store';
import { closeStage } from './close/stage.ts';
import type { SendTokens } from './directory/send-tokens.ts';
import { createHoldWatch } from './hold-check.ts';
import { createPartners, pollTasks } from './open-channels.ts';
import { deliver, type Sender } from './refer/deliver.ts';
import { gateRules } from './refer/gate-rules.ts';
import { gather } from './refer/load-facts.ts';
import { prepareSends, reloadOutgoing } from './refer/prepare-sends.ts';
import { recordPolicy, wantApproved } from './refer/record-approval.ts';
import { recallWords, settleDeliveries, settleRecall } from './refer/record-deliveries.ts';
import { revokeRequests } from './refer/revoke.ts';
import { type Outgoing, type Recalled, referStage } from './refer/stage.ts';
import type { ReferralSettings } from './settings.ts';
import { learnAnswer } from './track/answers.ts';
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
  const isHeld = createHoldWatch(db, settings.tenant, clock);
  const cancel = async (task: TaskRow, words: string, scope: CancelScope): Promise<Recalled> => {
    const channel = partners(task.address, task.channel);
    const { task: body, ...cancelled } = await channel.cancel(task.remote_id ?? '', words, scope);
    return { ...cancelled, answer: await learnAnswer(channel, body, 'recall') };
  };
  const refer = referStage(
    {
      settings,
      gather: (tx, ids) => gather(tx, ids, context),
      prepare: (tx, sends) => prepareSends(tx, sends, context),
      reload: (tx, asks) => reloadOutgoing(tx, asks, settings.askAgainMs),
      deliver: (outgoing, isOurs) =>
        deliver(senderOf(partners(outgoing.address, outgoing.channel)), outgoing, {
          isOurs,
          isHeld: ({ partner }) => isHeld(partner),
        }),
      waitFor: outbound.receivers.waitFor,
      recall: (task, reason) =>
        cancel(task, recallWords[reason], reason === 'consent-expired' ? 'untaken' : 'open'),
      settleDeliveries: (tx, some) => settleDeliveries(tx, some, context),
      settleRecall: (tx, one) => settleRecall(tx, one, context),
      recordPolicy: (tx, approvals) => recordPolicy(tx, approvals, clock),
      wantApproved,
      revokeRequests: (tx, ended) => revokeRequests(tx, ended, settings.timeZone),
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
      waitFor: outbound.receivers.waitFor,
      poll: (address, some) => pollTasks(partners(address, some[0]?.channel ?? ''), some),
      cancel: (task, words) => cancel(task, words, 'untaken'),
      isHeld,
      isAway: isDatabaseAway,
      outputs: (task, body, giveUp) => partners(task.address, task.channel).outputs(body, giveUp),
      log,
    },
    settings.batch,
    settings.leaseMs,
  );
  const close = closeStage(settings.batch, settings.timeZone);
  const deps = {
    tx: db.tx,
    isAway: isDatabaseAway,
    ledger,
    nudge,
    retry: defaultRetry,
    principal: 'system:referral',
    log,
    letsWait: outbound.receivers.letsWait,
  };
  return {
    works: [
      {
        stage: 'refer',
        concurrency: 2,
        work: (claim, onClaim) => workIo(deps, refer, claim, onClaim),
      },
      {
        stage: 'track',
        concurrency: 1,
        work: (claim, onClaim) => workIo(deps, track, claim, onClaim),
      },
      { stage: 'close', concurrency: 1, work: (claim) => workPure(deps, close, claim) },
    ],
  };
}

type ChannelOf = ReturnType<ReturnType<typeof createPartners>>;

/** A partner may have answered by the time that we read what we sent. */
const senderOf = (channel: ChannelOf): Sender => ({
  send: async (one: Outgoing, isOurs: () => boolean) => {
    const { task, ...remote } = await channel.send(one.body, one.receiptKey, isOurs);
    return { ...remote, answer: await learnAnswer(channel, task, 'send') };
  },
  ask: async (one: Outgoing) => {
    const asked = await channel.ask(one.body, one.receiptKey);
    return asked.kind === 'there'
      ? { ...asked, answer: await learnAnswer(channel, asked.task, 'send') }
      : asked;
  },
});
