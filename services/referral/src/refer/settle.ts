import { type Clock, errorRecord, newId } from '@loopwell/kit';
import { defaultRetry, parkOf } from '@loopwell/pipeline';
import { copies, ledger, type LedgerRow, made, referrals, type Settled, tasks, type TaskRow, type Tx } from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';
import type { Delivery, Outgoing, Recalled } from './stage.ts';

const principal = 'system:referral';

/**
 * What a delivery means, written under the lease: receipt, Task and referral in one transaction.
 * A refusal means the next partner; an outcome that nobody knows is asked for, never guessed.
 */
export async function settleDelivery(
  tx: Tx,
  one: { row: LedgerRow; outgoing: Outgoing; delivery: Delivery },
  context: { settings: ReferralSettings; clock: Clock },
): Promise<Settled> {
  const { row, outgoing, delivery } = one;
  switch (delivery.kind) {
    case 'there':
      return settleThere(tx, row, outgoing, delivery, context);
    case 'refused':
      return settleRefused(tx, row, outgoing, delivery);
    case 'not-there':
      await tasks.settleReceipts(tx, [{ key: outgoing.receiptKey, state: 'intended', denied: true }]);
      return stillUnknown(row, 'asked:not-there', context.settings.askAgainMs);
    case 'abandoned':
      await tasks.settleReceipts(tx, [{ key: outgoing.receiptKey, state: 'refused', issueCode: 'abandoned' }]);
      await tasks.patchTasks(tx, [{ id: outgoing.taskId, patch: { status: 'cancelled', live: false, reason: 'never-arrived' } }]);
      return again(row, 'abandoned', 0);
    case 'cannot-tell':
      return { row, settlement: { kind: 'park', code: 'OUTCOME_UNKNOWN', facts: { rule: delivery.code }, waitsFor: 'operator' }, principal };
    case 'failed': {
      const { facts } = errorRecord(delivery.error);
      const status = typeof facts.status === 'number' ? facts.status : undefined;
      await tasks.settleReceipts(tx, [{ key: outgoing.receiptKey, state: 'intended', status }]);
      return { row, settlement: parkOf(delivery.error, row.attempts, { ...defaultRetry, attempts: 20 }), principal };
    }
  }
}

function again(row: LedgerRow, outcome: string, delayMs: number): Settled {
  return { row, settlement: { kind: 'wait', outcome, waitsFor: 'worker', delayMs }, principal };
}

/** Asking achieves nothing yet: failures go on being counted, so that a partner that never keeps anything ends with a person. */
function stillUnknown(row: LedgerRow, outcome: string, delayMs: number): Settled {
  return { row, settlement: { kind: 'wait', outcome, waitsFor: 'worker', delayMs, unresolved: true }, principal };
}

async function settleThere(
  tx: Tx,
  row: LedgerRow,
  outgoing: Outgoing,
  delivery: Extract<Delivery, { kind: 'there' }>,
  { settings, clock }: { settings: ReferralSettings; clock: Clock },
): Promise<Settled> {
  const now = clock.now();
  await tasks.settleReceipts(tx, [{ key: outgoing.receiptKey, state: 'settled', remoteId: delivery.remoteId, status: 201 }]);
  const accept_by = new Date(now.getTime() + settings.acceptByMs);
  const patch = { remote_id: delivery.remoteId, etag: delivery.etag ?? null, accept_by, changed_at: now };
  await tasks.patchTasks(tx, [{ id: outgoing.taskId, patch }]);
  await referrals.patchReferrals(tx, [{ id: outgoing.referral, patch: { state: 'partner', gate: 'partner', sent: true } }]);
  const batch = newId();
  const common = { organisation: row.organisation, batch, trace: row.trace, person: outgoing.person };
  await ledger.due(tx, [
    { ...common, stage: 'track', subject: outgoing.taskId, waitsFor: 'partner', delayMs: settings.pollMs },
    { ...common, stage: 'write-back', subject: outgoing.person },
  ]);
  await wantServiceRequest(tx, outgoing);
  // After asking, the gates are looked at once more: what arrived may have been taken back meanwhile.
  return outgoing.ask ? again(row, 'found', 0) : { row, settlement: { kind: 'done', outcome: 'sent' }, principal };
}

/** The EHR learns of the ServiceRequest when it is out. */
async function wantServiceRequest(tx: Tx, outgoing: Outgoing): Promise<void> {
  const referral = (await referrals.loadReferrals(tx, [outgoing.referral])).get(outgoing.referral);
  const id = referral?.service_request;
  if (!referral || !id) return;
  const version = (await made.loadMade(tx, [id])).get(id)?.version ?? 1;
  const { organisation, connection, person } = referral;
  await copies.wantCopies(tx, [
    { madeId: id, organisation, connection, person, referral: referral.id, type: 'ServiceRequest', version },
  ]);
}

async function settleRefused(
  tx: Tx,
  row: LedgerRow,
  outgoing: Outgoing,
  delivery: Extract<Delivery, { kind: 'refused' }>,
): Promise<Settled> {
  const { status, issueCode } = delivery;
  await tasks.settleReceipts(tx, [{ key: outgoing.receiptKey, state: 'refused', status, issueCode }]);
  const patch = { status: 'rejected', live: false, reason: `refused:${status}` };
  await tasks.patchTasks(tx, [{ id: outgoing.taskId, patch }]);
  return again(row, 'refused', 0);
}

const recallOutcome = { 'consent-revoked': 'withdrawn', refused: 'withdrawn', 'agreement-withdrawn': 'withdrawn' } as const;

/** A recalled Task is cancelled and proved so, was taken by the partner first (who keeps it), or becomes a person's. */
export async function settleRecall(
  tx: Tx,
  one: { row: LedgerRow; task: TaskRow; recalled: Recalled; reason: string },
  context: { clock: Clock },
): Promise<Settled> {
  const { row, task, recalled, reason } = one;
  const changed_at = context.clock.now();
  if (recalled.kind === 'cancelled') {
    await tasks.patchTasks(tx, [{ id: task.id, patch: { status: 'cancelled', live: false, reason, changed_at } }]);
    await referrals.patchReferrals(tx, [{ id: task.referral, patch: { state: 'withdrawn', gate: null } }]);
    return { row, settlement: { kind: 'done', outcome: recallOutcome[reason as keyof typeof recallOutcome] ?? 'withdrawn' }, principal };
  }
  if (recalled.kind === 'accepted') {
    await tasks.patchTasks(tx, [{ id: task.id, patch: { status: recalled.status, changed_at } }]);
    const facts = { rule: 'The partner had taken the Task before it could be recalled' };
    return { row, settlement: { kind: 'park', code: 'CONFLICT', facts, waitsFor: 'operator' }, principal };
  }
  return { row, settlement: { kind: 'park', code: 'OUTCOME_UNKNOWN', facts: { rule: recalled.code }, waitsFor: 'operator' }, principal };
}
