import type { Outbound } from '@loopwell/fhir/client';
import type { Clock, Log } from '@loopwell/kit';
import type { CancelScope } from '@loopwell/partners';
import { type NudgeFunction, type StageWork, workIo, workPure } from '@loopwell/pipeline';
import { stageDeps } from '@loopwell/service';
import { type Database, isDatabaseAway, type TaskRow } from '@loopwell/store';
import { learnAnswer } from './answers/keep-answers.ts';
import { closeStage } from './close/stage.ts';
import type { SendTokens } from './directory/send-tokens.ts';
import { createHoldWatch } from './hold-check.ts';
import { createPartners, pollTasks } from './open-channels.ts';
import { deliver, type Sender } from './refer/deliver.ts';
import { gateRules } from './refer/gate-rules.ts';
import { gather } from './refer/load-facts.ts';
import type { Outgoing, Recalled } from './refer/model.ts';
import { prepareSends, reloadOutgoing } from './refer/prepare-sends.ts';
import { recordPolicy, wantApproved } from './refer/record-approval.ts';
import { settleDeliveries } from './refer/record-deliveries.ts';
import { recallWords, settleRecall } from './refer/record-recall.ts';
import { revokeRequests } from './refer/revoke.ts';
import { referStage } from './refer/stage.ts';
import type { ReferralSettings } from './settings.ts';
import { trackStage } from './track/stage.ts';

export type ReferralResources = {
  db: Database;
  nudge: NudgeFunction;
  outbound: Outbound;
  /** Endpoint address → bearer that we send. */
  sendTokens: SendTokens;
  clock: Clock;
  /** The clock that nobody moves. */
  realClock: Clock;
  log: Log;
};

export type Referral = { works: StageWork[] };

/** The resources that refer and track share. */
type Shared = {
  settings: ReferralSettings;
  resources: ReferralResources;
  partners: Partners;
  isHeld: ReturnType<typeof createHoldWatch>;
};

/** Wires the stages refer, track and close. */
export function wire(settings: ReferralSettings, resources: ReferralResources): Referral {
  const { db, realClock } = resources;
  const shared: Shared = {
    settings,
    resources,
    // What another server is told, and what measures a wait, is on the clock that nobody moves.
    partners: createPartners({ ...resources, clock: realClock }),
    isHeld: createHoldWatch(db, settings.tenant, realClock),
  };
  const deps = stageDeps(resources, 'referral');
  const ioDeps = { ...deps, letsWait: resources.outbound.receivers.letsWait };
  const [refer, track] = [wireRefer(shared), wireTrack(shared)];
  const close = closeStage(settings.batch, settings.timeZone);
  return {
    works: [
      {
        stage: 'refer',
        concurrency: 2,
        work: (claim, onClaim) => workIo(ioDeps, refer, claim, onClaim),
      },
      {
        stage: 'track',
        concurrency: 1,
        work: (claim, onClaim) => workIo(ioDeps, track, claim, onClaim),
      },
      { stage: 'close', concurrency: 1, work: (claim) => workPure(deps, close, claim) },
    ],
  };
}

function wireRefer(shared: Shared) {
  const { settings, resources, partners, isHeld } = shared;
  const { outbound, clock, log } = resources;
  const context = { rules: gateRules(settings, clock), settings, clock };
  const deps: Parameters<typeof referStage>[0] = {
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
    recall: (task, reason) => {
      const scope = reason === 'consent-expired' ? 'untaken' : 'open';
      return cancelTask(partners, task, recallWords[reason], scope);
    },
    settleDeliveries: (tx, deliveries) => settleDeliveries(tx, deliveries, context),
    settleRecall: (tx, recalled) => settleRecall(tx, recalled, context),
    recordPolicy: (tx, approvals) => recordPolicy(tx, approvals, clock),
    wantApproved,
    revokeRequests: (tx, ended) => revokeRequests(tx, ended, settings.timeZone),
    clock,
    log,
  };
  return referStage(deps, settings.batch, settings.leaseMs);
}

function wireTrack({ settings, resources, partners, isHeld }: Shared) {
  const { db, outbound, clock, log } = resources;
  const deps: Parameters<typeof trackStage>[0] = {
    settings,
    clock,
    read: db.tx,
    isPolled: ({ channel }) => !['hub', 'manual'].includes(channel),
    waitFor: outbound.receivers.waitFor,
    poll: (address, tasks) => pollTasks(partners(address, tasks[0]?.channel ?? ''), tasks),
    cancel: (task, words) => cancelTask(partners, task, words, 'untaken'),
    isHeld,
    isAway: isDatabaseAway,
    outputs: (task, body, giveUp) => partners(task.address, task.channel).outputs(body, giveUp),
    log,
  };
  return trackStage(deps, settings.batch, settings.leaseMs);
}

/** Asks a partner to end a Task, and reads the answer that it has given meanwhile. */
async function cancelTask(
  partners: Partners,
  task: TaskRow,
  words: string,
  scope: CancelScope,
): Promise<Recalled> {
  const channel = partners(task.address, task.channel);
  const { task: body, ...cancelled } = await channel.cancel(task.remote_id ?? '', words, scope);
  return { ...cancelled, answer: await learnAnswer(channel, body) };
}

type Partners = ReturnType<typeof createPartners>;

type ChannelOf = ReturnType<Partners>;

/**
 * Makes the sender of a channel. It also reads answers, because a partner may have answered by the
 * time a send is read back.
 */
const senderOf = (channel: ChannelOf): Sender => ({
  send: async (outgoing: Outgoing, isOurs: () => boolean) => {
    const { task, ...remote } = await channel.send(outgoing.body, outgoing.receiptKey, isOurs);
    return { ...remote, answer: await learnAnswer(channel, task) };
  },
  ask: async (outgoing: Outgoing) => {
    const asked = await channel.ask(outgoing.body, outgoing.receiptKey);
    return asked.kind === 'there'
      ? { ...asked, answer: await learnAnswer(channel, asked.task) }
      : asked;
  },
});
