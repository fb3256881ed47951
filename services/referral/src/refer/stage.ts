import { AppError, type Clock, type Log } from '@loopwell/kit';
import { batchWhileBusy, givenBack, type IoStage, type Lease } from '@loopwell/pipeline';
import { type LedgerRow, ledger, type Settled, type TaskRow, type Tx } from '@loopwell/store';
import { type Job, runByPartner } from '../in-parallel.ts';
import type { ReferralSettings } from '../settings.ts';
import type { GatheredFacts } from './load-facts.ts';
import type {
  Decision,
  Delivered,
  Delivery,
  Outgoing,
  Prepare,
  Recalled,
  RecallReason,
} from './model.ts';
import { approvalsOf } from './record/record-approval.ts';
import {
  agreementPatches,
  type Outcome,
  type RecordDeps,
  record,
  settleAtOnce,
} from './record/record-decisions.ts';
import { decide } from './refer.ts';

/** The functions that the stage needs from the service. */
export type ReferStageDeps = RecordDeps & {
  settings: ReferralSettings;
  gather: (tx: Tx, ids: readonly string[]) => Promise<Map<string, GatheredFacts>>;
  /** Saves what partners may read because of the referrals' Tasks. `sent`: got a Task just now. */
  judgeGrants: (
    tx: Tx,
    facts: ReadonlyMap<string, GatheredFacts>,
    sent: readonly string[],
  ) => Promise<void>;
  /** Writes ServiceRequest, Task, consent decision and the receipt `intended` for each send. */
  prepare: (tx: Tx, sends: readonly Prepare[]) => Promise<Map<string, Outgoing>>;
  /** Loads unsettled Tasks from the store, as they would be sent. */
  reload: (
    tx: Tx,
    asks: readonly { task: TaskRow; resend: boolean }[],
  ) => Promise<Map<string, Outgoing>>;
  /** Gives the milliseconds until a partner's server may be asked; undefined if it may be now. */
  waitFor: (address: string) => number | undefined;
  deliver: (outgoing: Outgoing, isOurs: () => boolean) => Promise<Delivery>;
  recall: (task: TaskRow, reason: RecallReason) => Promise<Recalled>;
  settleDeliveries: (tx: Tx, deliveries: readonly Delivered[]) => Promise<Settled[]>;
  settleRecall: (
    tx: Tx,
    recall: { row: LedgerRow; task: TaskRow; recalled: Recalled; reason: RecallReason },
  ) => Promise<Settled>;
  clock: Clock;
  log: Log;
};

/** Makes the stage that decides about referrals, sends Tasks and recalls them. */
export function referStage(
  deps: ReferStageDeps,
  limit: number,
  leaseMs: number,
): IoStage<Tx, LedgerRow> {
  return { stage: 'refer', limit, leaseMs, work: (lease) => workReferrals(deps, lease) };
}

/**
 * Works on a batch of referrals. The first transaction checks the gates, settles decisions that
 * need no I/O and writes receipts `intended`. Then, outside any transaction, Tasks are asked for,
 * sent or recalled one by one. Each outcome is settled only while the lease is ours.
 */
async function workReferrals(deps: ReferStageDeps, lease: Lease<Tx, LedgerRow>): Promise<void> {
  const plan = await decideAll(deps, lease);
  const settle = batchWhileBusy<Delivered>(
    (deliveries) => settleSent(deps, lease, deliveries),
    gatherMs,
  );
  const settling: Promise<void>[] = [];
  const settleLater = (delivered: Delivered) => {
    const settled = settle(delivered);
    settled.catch(() => {});
    settling.push(settled);
  };
  const jobs: Job[] = [
    ...[...plan.sends, ...plan.asks].map(({ row, outgoing }) => ({
      ...{ row, address: outgoing.address },
      run: () => sendOne(deps, lease, row, outgoing, settleLater),
    })),
    ...plan.recalls.map(({ row, task, reason }) => ({
      ...{ row, address: task.address },
      run: () => recallOne(deps, lease, row, task, reason),
    })),
  ];
  const ran = runByPartner(jobs, lease.waitAt);
  const [ended] = await Promise.allSettled([ran]);
  // What is sent is written down, even where another request failed.
  await Promise.all(settling);
  if (ended.status === 'rejected') throw ended.reason;
}

/** How long an outcome waits for others, to be written together, in milliseconds. */
const gatherMs = 8;

type Plan = {
  sends: { row: LedgerRow; outgoing: Outgoing }[];
  asks: { row: LedgerRow; outgoing: Outgoing }[];
  recalls: { row: LedgerRow; task: TaskRow; reason: RecallReason }[];
};

async function decideAll(deps: ReferStageDeps, lease: Lease<Tx, LedgerRow>): Promise<Plan> {
  const plan: Plan = { sends: [], asks: [], recalls: [] };
  await lease.settle(lease.rows, async (tx, ours) => {
    const facts = await deps.gather(
      tx,
      ours.map((row) => row.subject),
    );
    const outcome: Outcome = {
      settled: [],
      patches: [],
      nexts: [],
      ended: [],
      now: deps.clock.now(),
    };
    const prepare: Prepare[] = [];
    const asks: { row: LedgerRow; task: TaskRow; resend: boolean }[] = [];
    const approvals = approvalsOf(deps.settings, ours, facts);
    for (const row of ours) {
      const referralFacts = facts.get(row.subject);
      const decision: Decision = referralFacts
        ? decide(referralFacts, deps.settings)
        : { kind: 'nothing' };
      if (referralFacts)
        outcome.patches.push(...agreementPatches(referralFacts.referral, referralFacts.agreement));
      const waitMs = shutFor(deps, decision);
      if (waitMs !== undefined)
        outcome.settled.push({
          row,
          settlement: givenBack(row, waitMs),
          principal: 'system:referral',
        });
      else if (decision.kind === 'send' && referralFacts)
        prepare.push(counted({ row, facts: referralFacts, decision }));
      else if (decision.kind === 'ask')
        asks.push({ row, task: decision.task, resend: decision.resend });
      else if (decision.kind === 'recall')
        plan.recalls.push({ row, task: decision.task, reason: decision.reason });
      else settleAtOnce(row, referralFacts, decision, outcome, deps.settings);
    }
    await record(deps, tx, approvals, outcome);
    const outgoing = await deps.prepare(tx, prepare);
    const reloaded = await deps.reload(tx, asks);
    const sent = prepare.map((planned) => planned.row.subject);
    await deps.judgeGrants(tx, facts, sent);
    plan.sends.push(
      ...prepare.map((planned) => ({
        row: planned.row,
        outgoing: required(outgoing.get(planned.row.subject)),
      })),
    );
    plan.asks.push(
      ...asks.map((one) => ({ row: one.row, outgoing: required(reloaded.get(one.task.id)) })),
    );
    return { settled: outcome.settled };
  });
  return plan;
}

/** Counts a send for its partner, which may take only so much in a week. */
function counted(send: Prepare): Prepare {
  send.facts.countSend?.(send.decision.partner);
  return send;
}

/**
 * Gives the milliseconds until a decision's partner may be asked; undefined if it may be now.
 * Nothing is written for a slow partner before that, so it delays only its own referrals.
 */
function shutFor({ waitFor }: ReferStageDeps, decision: Decision): number | undefined {
  if (decision.kind === 'send') return waitFor(decision.partner.address);
  return decision.kind === 'ask' || decision.kind === 'recall'
    ? waitFor(decision.task.address)
    : undefined;
}

function required<T>(prepared: T | undefined): T {
  if (prepared === undefined) throw new AppError('INTERNAL', 'A prepared Task is missing');
  return prepared;
}

/**
 * Sends one Task if its lease is still ours. The next one does not wait until the outcome is
 * written: a process that dies before that leaves a receipt, and the partner is asked.
 */
async function sendOne(
  deps: ReferStageDeps,
  lease: Lease<Tx, LedgerRow>,
  row: LedgerRow,
  outgoing: Outgoing,
  settle: (delivered: Delivered) => void,
): Promise<void> {
  if (!lease.isOurs(row)) return;
  const delivery = await deps.deliver(outgoing, () => lease.isOurs(row));
  settle({ row, outgoing, delivery });
}

/**
 * Records outcomes of sends. Tasks are sent one by one, and outcomes that are known by the same
 * moment are written together.
 */
async function settleSent(
  deps: ReferStageDeps,
  lease: Lease<Tx, LedgerRow>,
  deliveries: readonly Delivered[],
): Promise<void> {
  await lease.settle(
    deliveries.map((one) => one.row),
    async (tx, ours) => ({
      settled: await deps.settleDeliveries(
        tx,
        deliveries.filter((one) => ours.includes(one.row)),
      ),
    }),
  );
}

/** Recalls one Task if its lease is still ours, and records the outcome. */
async function recallOne(
  deps: ReferStageDeps,
  lease: Lease<Tx, LedgerRow>,
  row: LedgerRow,
  task: TaskRow,
  reason: RecallReason,
): Promise<void> {
  if (!lease.isOurs(row)) return;
  try {
    const recalled = await deps.recall(task, reason);
    await lease.settle(
      [row],
      async (tx, [ours]) =>
        ours
          ? { settled: [await deps.settleRecall(tx, { row: ours, task, recalled, reason })] }
          : { settled: [] },
      // A worker that tracks the Task holds its row and makes this one due, so its row is locked
      // first here, too.
      (tx) => ledger.awaitStage(tx, 'track', [task.id]),
    );
  } catch (error) {
    // A partner that cannot be reached delays only this recall.
    await lease.park(row, error);
  }
}
