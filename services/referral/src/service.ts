import type { fhir4 } from '@loopwell/fhir';
import { AppError, type Clock, type Log } from '@loopwell/kit';
import type { Outbound } from '@loopwell/outbound';
import {
  type CancelScope,
  type ChannelShelf,
  channels,
  type PartnerConnection,
} from '@loopwell/partners';
import { type NudgeFunction, type StageWork, workIo, workPure } from '@loopwell/pipeline';
import { stageDeps } from '@loopwell/service';
import {
  type Database,
  isDatabaseAway,
  people,
  type Secrets,
  type TaskRow,
  type Tx,
} from '@loopwell/store';
import { learnAnswer } from './answers/keep-answers.ts';
import { remindPartner } from './clocks/remind-partner.ts';
import { closeStage } from './close/stage.ts';
import { settingsInDirectory } from './directory/partner-settings.ts';
import type { SendTokens } from './directory/send-tokens.ts';
import { judgeGrants } from './grants/judge-grants.ts';
import { createHoldWatch } from './hold-check.ts';
import { messagesOf } from './messages/messages-of.ts';
import type { TellPartner } from './messages/tell-partner.ts';
import { createPartners, type Partners, pollOf, pollTasks } from './open-channels.ts';
import { packetOf, withLinks } from './packet-of.ts';
import { withResources } from './packet-resources.ts';
import { deliver, type Sender } from './refer/deliver.ts';
import { gateRules } from './refer/gate-rules.ts';
import { gather } from './refer/load-facts.ts';
import type { Outgoing, Recalled } from './refer/model.ts';
import { prepareSends, reloadOutgoing } from './refer/prepare-sends.ts';
import { recordPolicy, wantApproved } from './refer/record/record-approval.ts';
import { settleDeliveries } from './refer/record/record-deliveries.ts';
import { recallWords, settleRecall } from './refer/record/record-recall.ts';
import { revokeRequests } from './refer/record/revoke.ts';
import { isSaidNoSince } from './refer/said-no.ts';
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
  /** Opens secret settings of partners. */
  secrets?: Secrets | undefined;
  /** The channels; those of the shelf when left out. */
  shelf?: ChannelShelf;
  /** Tells partners something by e-mail and text; without it nobody is told. */
  tellPartner?: TellPartner | undefined;
};

export type Referral = { works: StageWork[] };

/** The resources that refer and track share. */
type Shared = {
  settings: ReferralSettings;
  resources: ReferralResources;
  shelf: ChannelShelf;
  partners: Partners;
  isHeld: ReturnType<typeof createHoldWatch>;
};

/** Wires the stages refer, track and close. */
export function wire(settings: ReferralSettings, resources: ReferralResources): Referral {
  const { db, realClock, secrets, shelf = channels } = resources;
  // What another server is told, and what measures a wait, is on the clock that nobody moves.
  const outside = { ...resources, clock: realClock, shelf };
  const settingsOf = settingsInDirectory({ db, secrets, clock: realClock }, settings.tenant, shelf);
  const shared: Shared = {
    settings,
    resources,
    shelf,
    partners: createPartners({
      ...outside,
      settingsOf,
      messages: messagesOf(db, resources.tellPartner),
    }),
    isHeld: createHoldWatch(db, settings.tenant, realClock),
  };
  const deps = stageDeps(resources, 'referral');
  const ioDeps = { ...deps, letsWait: resources.outbound.receivers.letsWait };
  const [refer, track] = [wireRefer(shared), wireTrack(shared)];
  const close = closeStage(settings.batch, settings);
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

/** Gives the addresses of bearers that only this process was given, and that stand in no table. */
const addressesOf = (tokens: SendTokens): ReadonlySet<string> =>
  new Set(tokens instanceof Map ? tokens.keys() : []);

function wireRefer(shared: Shared) {
  const { settings, resources, shelf, partners, isHeld } = shared;
  const { db, outbound, clock, log } = resources;
  const sendsTo = addressesOf(resources.sendTokens);
  const context = { rules: gateRules(settings, clock), settings, clock, sendsTo };
  type Deps = Parameters<typeof referStage>[0];
  const complete = async (tx: Tx, prepared: ReadonlyMap<string, Outgoing>) => {
    const linked = await withLinks(tx, prepared, { settings, shelf });
    return withResources(tx, linked, { ...context, shelf });
  };
  const sending: Pick<Deps, 'prepare' | 'reload' | 'deliver' | 'recall'> = {
    async prepare(tx, sends) {
      return complete(tx, await prepareSends(tx, sends, { ...context, shelf }));
    },
    async reload(tx, asks) {
      return complete(tx, await reloadOutgoing(tx, asks, settings.askAgainMs));
    },
    async deliver(outgoing, isOurs) {
      const sender = senderOf(await partners(outgoing), settings);
      const isStopped = async (going: Outgoing) =>
        (await isHeld(going.partner)) ||
        (await people.isStoppedFor(db, going.person, going.partner)) ||
        isSaidNoSince(db, going, clock);
      return deliver(sender, outgoing, { isOurs, isHeld: isStopped });
    },
    recall(task, reason) {
      const scope = reason === 'consent-expired' ? 'untaken' : 'open';
      return cancelTask(partners, task, recallWords[reason], scope);
    },
  };
  const deps: Deps = {
    ...sending,
    settings,
    gather: (tx, ids) => gather(tx, ids, context),
    judgeGrants: (tx, facts, sent) => judgeGrants(tx, facts, sent, { settings, now: clock.now() }),
    waitFor: outbound.receivers.waitFor,
    settleDeliveries: (tx, deliveries) => settleDeliveries(tx, deliveries, { ...context, shelf }),
    settleRecall: (tx, recalled) => settleRecall(tx, recalled, context),
    recordPolicy: (tx, approvals) => recordPolicy(tx, approvals, clock),
    wantApproved,
    revokeRequests: (tx, ended) => revokeRequests(tx, ended, settings.timeZone),
    clock,
    log,
  };
  return referStage(deps, settings.batch, settings.leaseMs);
}

function wireTrack({ settings, resources, shelf, partners, isHeld }: Shared) {
  const { db, outbound, clock, log } = resources;
  const deps: Parameters<typeof trackStage>[0] = {
    settings,
    clock,
    read: db.tx,
    isPolled: ({ channel }) => shelf[channel]?.door === 'copy',
    waitFor: outbound.receivers.waitFor,
    poll: (_address, tasks) => pollTasks(partners, tasks),
    cancel: (task, words) => cancelTask(partners, task, words, 'untaken'),
    remind: (task) => remindPartner({ db, settings, tellPartner: resources.tellPartner }, task),
    isHeld,
    isAway: isDatabaseAway,
    async outputs(task, body, giveUp) {
      const poll = pollOf(await partners(task));
      return poll ? poll.outputs(body, giveUp) : [];
    },
    log,
  };
  return trackStage(deps, settings.batch, settings.leaseMs);
}

/**
 * Asks a partner to end a Task, and reads the answer that it has given meanwhile. A Task that is
 * moved here is ended by what we record.
 */
async function cancelTask(
  partners: Partners,
  task: TaskRow,
  words: string,
  scope: CancelScope,
): Promise<Recalled> {
  const connection = await partners(task);
  const { retract } = connection;
  if (!retract) return { kind: 'cancelled', status: 'cancelled', byHand: true };
  switch (retract.kind) {
    case 'here':
      return { kind: 'cancelled', status: 'cancelled' };
    case 'copy': {
      const { task: body, ...cancelled } = await retract.cancel(task.remote_id ?? '', words, scope);
      return { ...cancelled, answer: await answerIn(connection, task, body) };
    }
  }
}

/** Reads the answer in a Task, if the channel is one whose Tasks we read. */
async function answerIn(
  connection: PartnerConnection,
  { channel: id }: Pick<Outgoing, 'channel'>,
  body: fhir4.Task,
) {
  const poll = pollOf(connection);
  return poll && learnAnswer({ id, outputs: poll.outputs }, body);
}

/**
 * Makes the sender of a connection. It also reads answers, because a partner may have answered by
 * the time a send is read back.
 */
function senderOf(connection: PartnerConnection, settings: ReferralSettings): Sender {
  const { whenUnknown } = connection;
  return {
    async send(outgoing, isOurs) {
      const [delivery] = await connection.deliver([packetOf(outgoing, settings)], isOurs);
      if (delivery?.kind === 'waiting') return delivery;
      if (delivery?.kind !== 'there') throw delivery?.error ?? notDelivered();
      const { task, ...remote } = delivery;
      return { ...remote, answer: await answerIn(connection, outgoing, task) };
    },
    whenUnknown:
      whenUnknown.kind !== 'ask'
        ? whenUnknown
        : {
            kind: 'ask',
            async ask(outgoing) {
              const asked = await whenUnknown.ask(packetOf(outgoing, settings));
              if (asked.kind !== 'there') return asked;
              return { ...asked, answer: await answerIn(connection, outgoing, asked.task) };
            },
          },
  };
}

const notDelivered = () =>
  new AppError('INTERNAL', 'A channel says nothing of a packet that it was given');
