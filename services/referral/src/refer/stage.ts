import type { fhir4 } from '@loopwell/fhir';
import { AppError, type Clock, deriveId, type Log } from '@loopwell/kit';
import { batchWhileBusy, givenBack, type IoStage, type Lease } from '@loopwell/pipeline';
import {
  type DueRow,
  type LedgerRow,
  ledger,
  type NextAsked,
  type ReferralPatch,
  type ReferralRow,
  referrals,
  type Settled,
  type TaskRow,
  type Tx,
} from '@loopwell/store';
import { type Job, runByPartner } from '../in-parallel.ts';
import type { ReferralSettings } from '../settings.ts';
import type { LearnedAnswer } from '../track/answers.ts';
import { type Approval, type Approvals, approvalsOf } from './record-approval.ts';
import {
  type Agreement,
  type Decision,
  decide,
  gateOwners,
  isByPolicy,
  isRestricted,
  type RecallReason,
  whoIsNext,
} from './refer.ts';
import { withoutHelpPatch } from './without-help.ts';

/** What the stage needs from the edges; filled in service.ts. */
export type ReferStageDeps = {
  settings: ReferralSettings;
  gather: (tx: Tx, ids: readonly string[]) => Promise<Map<string, Gathered>>;
  /** Writes ServiceRequest, Task, consent decision and the receipt `intended` for each send. */
  prepare: (tx: Tx, sends: readonly Prepare[]) => Promise<Map<string, Outgoing>>;
  /** What an unsettled Task would be sent as, read back from the store. */
  reload: (
    tx: Tx,
    asks: readonly { task: TaskRow; resend: boolean }[],
  ) => Promise<Map<string, Outgoing>>;
  /** Milliseconds after which a partner's server may be asked; undefined: now. */
  waitFor: (address: string) => number | undefined;
  deliver: (outgoing: Outgoing, isOurs: () => boolean) => Promise<Delivery>;
  recall: (task: TaskRow, reason: RecallReason) => Promise<Recalled>;
  settleDeliveries: (tx: Tx, deliveries: readonly Delivered[]) => Promise<Settled[]>;
  settleRecall: (
    tx: Tx,
    recall: { row: LedgerRow; task: TaskRow; recalled: Recalled; reason: RecallReason },
  ) => Promise<Settled>;
  recordPolicy: (tx: Tx, approvals: readonly Approval[]) => Promise<void>;
  wantApproved: (tx: Tx, approved: readonly Approval[]) => Promise<DueRow[]>;
  /** The orders of referrals that end without help. */
  revokeRequests: (tx: Tx, ended: readonly Approval[]) => Promise<DueRow[]>;
  clock: Clock;
  log: Log;
};

export type Gathered = import('./refer.ts').ReferralFacts;
export type Prepare = {
  row: LedgerRow;
  facts: Gathered;
  decision: Extract<Decision, { kind: 'send' }>;
};

/** A Task on its way: everything the channel needs. */
export type Outgoing = {
  taskId: string;
  referral: string;
  person: string;
  receiptKey: string;
  partner: string;
  address: string;
  channel: string;
  body: fhir4.Task;
  /** Set when the POST may have arrived already: ask first, and whether a proven "no" may be answered by sending again. */
  ask?: { resend: boolean; deniedBefore: boolean; notKept: number };
};

export type Delivery =
  | { kind: 'there'; remoteId: string; etag?: string; status: string; answer?: LearnedAnswer }
  | { kind: 'refused'; status: number; issueCode?: string }
  /** Asked, and it showed that it does not have it; once is not enough. */
  | { kind: 'not-there' }
  /** It never arrived, and it may not go any more. */
  | { kind: 'abandoned' }
  /** A hold came between the decision and the POST: nothing has left. */
  | { kind: 'held' }
  | { kind: 'cannot-tell'; code: string }
  | { kind: 'failed'; error: unknown };

export type Delivered = { row: LedgerRow; outgoing: Outgoing; delivery: Delivery };

/** `answer`: what the partner had said, read on the way. */
export type Recalled = (
  | { kind: 'cancelled'; status: string }
  | { kind: 'kept'; status: string }
  | { kind: 'cannot-prove'; code: string }
) & { answer?: LearnedAnswer | undefined };

export function referStage(
  deps: ReferStageDeps,
  limit: number,
  leaseMs: number,
): IoStage<Tx, LedgerRow> {
  return { stage: 'refer', limit, leaseMs, work: (lease) => workReferrals(deps, lease) };
}

/**
 * First transaction: gates asked, decisions that need no I/O settled, receipts `intended` written. Then, outside any
 * transaction and one by one: ask, send or recall. Each outcome is settled only while the lease is ours.
 */
async function workReferrals(deps: ReferStageDeps, lease: Lease<Tx, LedgerRow>): Promise<void> {
  const plan = await decideAll(deps, lease);
  const settle = batchWhileBusy<Delivered>((some) => settleSent(deps, lease, some));
  const jobs: Job[] = [
    ...[...plan.sends, ...plan.asks].map(({ row, outgoing }) => ({
      ...{ row, address: outgoing.address },
      run: () => sendOne(deps, lease, row, outgoing, settle),
    })),
    ...plan.recalls.map(({ row, task, reason }) => ({
      ...{ row, address: task.address },
      run: () => recallOne(deps, lease, row, task, reason),
    })),
  ];
  await runByPartner(jobs, lease.waitAt);
}

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
        prepare.push({ row, facts: referralFacts, decision });
      else if (decision.kind === 'ask')
        asks.push({ row, task: decision.task, resend: decision.resend });
      else if (decision.kind === 'recall')
        plan.recalls.push({ row, task: decision.task, reason: decision.reason });
      else settleAtOnce(row, referralFacts, decision, outcome, deps.settings);
    }
    await record(deps, tx, approvals, outcome);
    const outgoing = await deps.prepare(tx, prepare);
    const reloaded = await deps.reload(tx, asks);
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

/** A partner that is slow or left alone holds up what goes to it: nothing is written for it before it may be asked. */
function shutFor({ waitFor }: ReferStageDeps, decision: Decision): number | undefined {
  if (decision.kind === 'send') return waitFor(decision.partner.address);
  return decision.kind === 'ask' || decision.kind === 'recall'
    ? waitFor(decision.task.address)
    : undefined;
}

type Outcome = {
  settled: Settled[];
  patches: { id: string; patch: ReferralPatch }[];
  nexts: { id: string; patch: NextAsked }[];
  ended: Approval[];
  now: Date;
};

/** What the EHR or the site brings is written down, with its date and who asked; a reviewer's record stays as it is. */
function agreementPatches(
  referral: ReferralRow,
  agreement: Agreement | undefined,
): Outcome['patches'] {
  const isOpen = referral.state === 'waiting' || referral.state === 'partner';
  if (!agreement || !isOpen || referral.agreement_source === 'reviewer') return [];
  const patch = {
    agreement_on: agreement.on,
    agreement_by: agreement.askedBy ?? agreement.source,
    agreement_source: agreement.source,
  };
  return [{ id: referral.id, patch }];
}

/**
 * Writes down what was decided. The rows of write-back of everybody whose chart may change are locked first, before referrals and
 * copies, and made due in one statement, so that two who decide about the same people never wait for each other in a circle.
 */
async function record(
  deps: ReferStageDeps,
  tx: Tx,
  { policy, approved }: Approvals,
  outcome: Outcome,
): Promise<void> {
  const people = [...approved, ...outcome.ended].map(({ referral }) => referral.person);
  await ledger.awaitStage(tx, 'write-back', [...new Set(people)]);
  await deps.recordPolicy(tx, policy);
  const wanted = await deps.wantApproved(tx, approved);
  await referrals.patchReferrals(tx, outcome.patches);
  await referrals.saveNext(tx, outcome.nexts);
  await ledger.due(tx, [...wanted, ...(await deps.revokeRequests(tx, outcome.ended))]);
}

/**
 * A policy's approval that does not stand any more goes, any of what turned out to be restricted since, and any of somebody
 * whose record does not say clearly that they may be helped: it is asked for again. A person's stays otherwise.
 */
const doesApprovalFall = ({ referral, standing }: Gathered): boolean =>
  referral.approval === 'approved' &&
  (isByPolicy(referral) || isRestricted(referral) || standing === 'unclear');

function settleAtOnce(
  row: LedgerRow,
  facts: Gathered | undefined,
  decision: Decision,
  outcome: Outcome,
  settings: ReferralSettings,
): void {
  const principal = 'system:referral';
  const referral = facts?.referral;
  if (decision.kind === 'wait') {
    const lapsed = decision.gate === 'review' && facts !== undefined && doesApprovalFall(facts);
    const undone = lapsed
      ? { approval: null, approved_by: null, approved_at: null, recipient: null }
      : {};
    const waits = {
      state: 'waiting',
      gate: decision.gate,
      ...undone,
      ...withoutHelpPatch(referral, decision.why, outcome.now, settings),
    } as const;
    outcome.patches.push({ id: row.subject, patch: waits });
    outcome.nexts.push({ id: row.subject, patch: nextAsked(facts, settings) });
    const settlement = {
      kind: 'wait' as const,
      outcome: `waits:${decision.gate}`,
      waitsFor: gateOwners[decision.gate],
    };
    outcome.settled.push({ row, settlement, principal });
    return;
  }
  if (decision.kind === 'at-partner' && decision.unclear) {
    // Reads are shut, and the partner cannot know why: somebody has to.
    const settlement = {
      kind: 'park' as const,
      code: 'RECORD_UNCLEAR',
      waitsFor: 'operator' as const,
    };
    outcome.settled.push({ row, settlement, principal });
    return;
  }
  if (decision.kind === 'withdraw' || decision.kind === 'give-up') {
    const ended =
      decision.kind === 'give-up'
        ? { state: 'failed' as const }
        : { state: 'withdrawn' as const, ended_reason: decision.reason };
    outcome.patches.push({ id: row.subject, patch: { gate: null, ...ended } });
    if (referral) outcome.ended.push({ row, referral });
  }
  const reasonFacts = decision.kind === 'withdraw' ? { facts: { reason: decision.reason } } : {};
  const done = {
    kind: 'done' as const,
    outcome: decision.kind === 'give-up' ? 'ended-without-help' : decision.kind,
  };
  outcome.settled.push({ row, settlement: done, principal, ...reasonFacts });
}

/** Who would be asked, for previews: decided by the same function as the sender's own choice. */
function nextAsked(facts: Gathered | undefined, settings: ReferralSettings): NextAsked {
  const next = facts && whoIsNext(facts);
  const until = next?.consent?.until;
  return {
    next_partner: next?.partner.id ?? null,
    next_address: next?.partner.address ?? null,
    next_until: until === undefined ? null : new Date(until),
    send_off: !settings.send,
  };
}

function required<T>(prepared: T | undefined): T {
  if (prepared === undefined) throw new AppError('INTERNAL', 'A prepared Task is missing');
  return prepared;
}

async function sendOne(
  deps: ReferStageDeps,
  lease: Lease<Tx, LedgerRow>,
  row: LedgerRow,
  outgoing: Outgoing,
  settle: (delivered: Delivered) => Promise<void>,
): Promise<void> {
  if (!lease.isOurs(row)) return;
  const delivery = await deps.deliver(outgoing, () => lease.isOurs(row));
  await settle({ row, outgoing, delivery });
}

/** Sends go one by one; outcomes that are known by the same moment are written together. */
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
      // Whoever follows the Task holds its row and makes this one due: so its row comes first here, too.
      (tx) => ledger.awaitStage(tx, 'track', [task.id]),
    );
  } catch (error) {
    // A partner that cannot be reached now holds up this recall, and nobody else's.
    await lease.park(row, error);
  }
}

/** Identity makes it once: the same attempt of the same referral has the same Task and the same receipt. */
export function taskIdOf(tenant: string, referral: string, attempt: number): string {
  return deriveId(tenant, 'task', referral, String(attempt));
}
