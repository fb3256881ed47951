import { mapDefined } from '@loopwell/fhir';
import { type Clock, errorRecord, newId } from '@loopwell/kit';
import { defaultRetry, parkOf } from '@loopwell/pipeline';
import { addBusinessDays } from '@loopwell/sdoh';
import {
  type DueRow,
  type LedgerRow,
  ledger,
  ownResources,
  type ReferralRow,
  referrals,
  type Settled,
  settleReceipts,
  type Tx,
  tasks,
  tellEhr,
  writeBackDue,
} from '@loopwell/store';
import { keepAnswers } from '../answers/keep-answers.ts';
import { fulfilsEhrOrder } from '../close/order-end.ts';
import type { ReferralSettings } from '../settings.ts';
import type { Delivered, Delivery, Outgoing } from './model.ts';
import { notWithoutHelp } from './without-help.ts';

export const principal = 'system:referral';

/**
 * What deliveries mean, written under the lease: receipt, Task and referral in one transaction.
 * A refusal means the next partner; an outcome that nobody knows is asked for, never guessed.
 */
export async function settleDeliveries(
  tx: Tx,
  delivered: readonly Delivered[],
  context: { settings: ReferralSettings; clock: Clock },
): Promise<Settled[]> {
  const there = mapDefined(delivered, ({ row, outgoing, delivery }) =>
    delivery.kind === 'there' ? { row, outgoing, delivery } : undefined,
  );
  const settled = await settleThere(tx, there, context);
  for (const { row, outgoing, delivery } of delivered) {
    if (delivery.kind !== 'there')
      settled.push(await settleOther(tx, row, outgoing, delivery, context));
  }
  return settled;
}

async function settleOther(
  tx: Tx,
  row: LedgerRow,
  outgoing: Outgoing,
  delivery: Exclude<Delivery, { kind: 'there' }>,
  context: { settings: ReferralSettings },
): Promise<Settled> {
  switch (delivery.kind) {
    case 'refused':
      return settleRefused(tx, row, outgoing, delivery);
    case 'not-there':
      await settleReceipts(tx, [
        {
          key: outgoing.receiptKey,
          state: 'intended',
          denied: true,
          issueCode: notKeptCode(outgoing.ask?.notKept),
        },
      ]);
      return stillUnknown(row, 'asked:not-there', context.settings.askAgainMs);
    case 'held':
      // What was asked for may be there; what never left is made anew after the hold.
      return outgoing.ask ? again(row, 'held', 0) : settleAbandoned(tx, row, outgoing);
    case 'abandoned':
      return settleAbandoned(tx, row, outgoing);
    case 'cannot-tell':
      return {
        row,
        settlement: {
          kind: 'park',
          code: 'OUTCOME_UNKNOWN',
          facts: { rule: delivery.code },
          waitsFor: 'operator',
        },
        principal,
      };
    case 'failed':
      return settleFailed(tx, row, outgoing, delivery.error);
  }
}

const notKeptCode = (count = 0): string | undefined =>
  count > 0 ? `not-kept-${count}` : undefined;

/** Tried again with pauses; how often a yes led to nothing is kept with the receipt. */
async function settleFailed(
  tx: Tx,
  row: LedgerRow,
  outgoing: Outgoing,
  error: unknown,
): Promise<Settled> {
  const { facts } = errorRecord(error);
  // Nothing was ever tried: it is made anew when the partner may be asked again.
  if (
    !outgoing.ask &&
    facts.neverSent === true &&
    (facts.leftAlone === true || facts.code === 'stopped')
  )
    return settleAbandoned(tx, row, outgoing, Number(facts.retryAfterMs ?? 0));
  const status = typeof facts.status === 'number' ? facts.status : undefined;
  const notKept = (outgoing.ask?.notKept ?? 0) + (facts.notKept === true ? 1 : 0);
  await settleReceipts(tx, [
    { key: outgoing.receiptKey, state: 'intended', status, issueCode: notKeptCode(notKept) },
  ]);
  return { row, settlement: parkOf(error, row, { ...defaultRetry, attempts: 20 }), principal };
}

async function settleAbandoned(
  tx: Tx,
  row: LedgerRow,
  outgoing: Outgoing,
  delayMs = 0,
): Promise<Settled> {
  await settleReceipts(tx, [
    { key: outgoing.receiptKey, state: 'refused', issueCode: 'abandoned' },
  ]);
  await tasks.patchTasks(tx, [
    { id: outgoing.taskId, patch: { status: 'cancelled', live: false, reason: 'never-arrived' } },
  ]);
  return again(row, 'abandoned', delayMs);
}

export function again(row: LedgerRow, outcome: string, delayMs: number): Settled {
  return { row, settlement: { kind: 'wait', outcome, waitsFor: 'worker', delayMs }, principal };
}

/** Failures go on being counted, so a partner that never keeps anything ends with a person. */
function stillUnknown(row: LedgerRow, outcome: string, delayMs: number): Settled {
  return {
    row,
    settlement: { kind: 'wait', outcome, waitsFor: 'worker', delayMs, unresolved: true },
    principal,
  };
}

type There = { row: LedgerRow; outgoing: Outgoing; delivery: Extract<Delivery, { kind: 'there' }> };

/**
 * Tasks that are at their partners now, all in the same few statements. Referrals are locked in the
 * order of their ids.
 */
async function settleThere(
  tx: Tx,
  arrived: readonly There[],
  { settings, clock }: { settings: ReferralSettings; clock: Clock },
): Promise<Settled[]> {
  if (arrived.length === 0) return [];
  // The ledger's rows are locked before referrals, Tasks and copies.
  const batch = newId();
  await ledger.due(
    tx,
    arrived.flatMap((one) => dueOf(one, batch, settings)),
  );
  const locked = await referrals.lockReferrals(
    tx,
    arrived.map((one) => one.outgoing.referral),
  );
  const now = clock.now();
  await settleReceipts(
    tx,
    arrived.map(({ outgoing, delivery }) => ({
      key: outgoing.receiptKey,
      state: 'settled',
      remoteId: delivery.remoteId,
      status: 201,
    })),
  );
  const accept_by =
    settings.acceptByBusinessDays === undefined
      ? new Date(now.getTime() + settings.acceptByMs)
      : addBusinessDays(now, settings.acceptByBusinessDays, settings.timeZone);
  await tasks.patchTasks(
    tx,
    arrived.map(({ outgoing, delivery }) => ({
      id: outgoing.taskId,
      patch: {
        remote_id: delivery.remoteId,
        etag: delivery.etag ?? null,
        accept_by,
        changed_at: now,
      },
    })),
  );
  await referrals.patchReferrals(
    tx,
    arrived.map(({ outgoing }) => ({
      id: outgoing.referral,
      patch: { state: 'partner' as const, gate: 'partner', sent: true, ...notWithoutHelp },
    })),
  );
  await keepAnswers(
    tx,
    arrived.map(({ outgoing, delivery }) => ({
      task: taskOf(outgoing, settings),
      answer: delivery.answer,
    })),
  );
  await tellServiceRequests(
    tx,
    mapDefined(arrived, ({ row, outgoing }) => {
      const referral = locked.get(outgoing.referral);
      return referral ? { referral, trace: row.trace } : undefined;
    }),
  );
  // The gates are looked at once more: what arrived may have been taken back meanwhile.
  return arrived.map(({ row, outgoing }) =>
    outgoing.ask
      ? again(row, 'found', 0)
      : { row, settlement: { kind: 'done', outcome: 'sent' }, principal },
  );
}

const taskOf = (
  { taskId, referral, person, partner, receiptKey }: Outgoing,
  { tenant }: ReferralSettings,
) => ({
  id: taskId,
  tenant,
  referral,
  person,
  partner,
  receipt_key: receiptKey,
});

function dueOf(
  { row, outgoing, delivery }: There,
  batch: string,
  settings: ReferralSettings,
): DueRow[] {
  const common = {
    tenant: row.tenant,
    batch,
    trace: row.trace,
    person: outgoing.person,
  };
  return [
    // A partner that answered at once in its own way is looked at at once.
    {
      ...common,
      stage: 'track',
      subject: outgoing.taskId,
      waitsFor: 'partner',
      delayMs: delivery.status === 'requested' ? settings.pollMs : 0,
    },
    ...writeBackDue([common], batch),
  ];
}

/**
 * The EHR learns of the ServiceRequests when they are out. Where it has an order of its own, ours
 * is not written beside it.
 */
async function tellServiceRequests(
  tx: Tx,
  sent: readonly { referral: ReferralRow; trace: string }[],
): Promise<void> {
  const ours = sent.filter(({ referral }) => !fulfilsEhrOrder(referral));
  const wanted = mapDefined(ours, ({ referral, trace }) =>
    referral.service_request ? { referral, trace, madeId: referral.service_request } : undefined,
  );
  const bodies = await ownResources.loadOwnResources(
    tx,
    wanted.map((one) => one.madeId),
  );
  await tellEhr(
    tx,
    wanted.map(({ referral: { tenant, connection, person, id }, trace, madeId }) => ({
      madeId,
      trace,
      tenant,
      connection,
      person,
      referral: id,
      type: 'ServiceRequest' as const,
      version: bodies.get(madeId)?.version ?? 1,
    })),
  );
}

async function settleRefused(
  tx: Tx,
  row: LedgerRow,
  outgoing: Outgoing,
  delivery: Extract<Delivery, { kind: 'refused' }>,
): Promise<Settled> {
  const { status, issueCode } = delivery;
  await settleReceipts(tx, [
    { key: outgoing.receiptKey, state: 'refused', status: status || undefined, issueCode },
  ]);
  const patch = { status: 'rejected', live: false, reason: `refused:${status || issueCode}` };
  await tasks.patchTasks(tx, [{ id: outgoing.taskId, patch }]);
  return again(row, 'refused', 0);
}
