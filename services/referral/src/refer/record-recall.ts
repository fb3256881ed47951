import { type Clock, newId } from '@loopwell/kit';
import {
  answers,
  type LedgerRow,
  ledger,
  referrals,
  type Settled,
  type TaskRow,
  type Tx,
  tasks,
  tellByHand,
} from '@loopwell/store';
import { noteCopies, writeCopies } from '../answers/write-inbox.ts';
import { endGrants } from '../end-grants.ts';
import type { ReferralSettings } from '../settings.ts';
import type { Recalled, RecallReason } from './model.ts';
import { again, principal } from './record-deliveries.ts';
import { revokeRequests } from './revoke.ts';

/** The words that the partner reads as the reason of a cancellation (statusReason.text). */
export const recallWords = {
  refused: 'The referral was withdrawn',
  // These words fit both cases: the person took the agreement back, or the chart ended the order
  // that said yes.
  'agreement-withdrawn': 'The agreement to this help does not stand any more',
  'consent-revoked': 'The consent to share was taken back',
  'consent-unclear': 'The consent to share is not clear any more',
  'consent-expired': 'The consent to share has ended',
  restricted: 'The referral was withdrawn for now',
  // A partner that never met the person must learn only that the referral is withdrawn.
  'person-died': 'The referral was withdrawn',
  'person-merged': 'The referral was withdrawn',
  'person-inactive': 'The referral was withdrawn',
} as const satisfies Record<RecallReason, string>;

/** What an operator reads of a Task that no channel can take back. */
export const toTell =
  'The referral was taken back here. Tell the partner, for example by phone, that it is not to ' +
  'help any more; then try this again';

/** Reasons after which a referral waits for a person instead of being withdrawn. */
const waitsAfter: readonly RecallReason[] = ['consent-expired', 'consent-unclear', 'restricted'];

/**
 * Records a recall: the Task is cancelled and proved so, was ended by the partner first, or is
 * given to a person.
 */
export async function settleRecall(
  tx: Tx,
  recall: { row: LedgerRow; task: TaskRow; recalled: Recalled; reason: RecallReason },
  context: { clock: Clock; settings: Pick<ReferralSettings, 'timeZone'> },
): Promise<Settled> {
  const { row, task, recalled, reason } = recall;
  const copies = recalled.answer ? [{ task, answer: recalled.answer }] : [];
  await writeCopies(tx, copies);
  if (recalled.kind === 'cannot-prove') {
    await noteCopies(tx, copies);
    return {
      row,
      settlement: {
        kind: 'park',
        code: 'OUTCOME_UNKNOWN',
        facts: { rule: recalled.code },
        waitsFor: 'operator',
      },
      principal,
    };
  }
  const common = {
    tenant: row.tenant,
    trace: row.trace,
    person: task.person,
    batch: newId(),
  };
  if (recalled.kind === 'kept') {
    // Tracking reads the partner's status later and accepts it by the table of moves.
    await ledger.due(tx, [{ ...common, stage: 'track', subject: task.id, waitsFor: 'partner' }]);
    await noteCopies(tx, copies);
    return { row, settlement: { kind: 'done', outcome: 'recall-too-late' }, principal };
  }
  // The person's chart may change, so that row of the ledger is locked before Task, referral and
  // copies.
  await ledger.awaitStage(tx, 'write-back', [task.person]);
  await noteCopies(tx, copies);
  await answers.closeCopies(tx, task.id);
  const changed_at = context.clock.now();
  await tasks.patchTasks(tx, [
    {
      id: task.id,
      patch: {
        status: recalled.status,
        live: false,
        reason,
        recalled_from: task.status,
        changed_at,
      },
    },
  ]);
  await endGrants(tx, task.id, true);
  if (recalled.kind === 'cancelled' && recalled.byHand)
    await tellByHand(tx, [{ ...common, task: task.id }], toTell);
  if (waitsAfter.includes(reason)) return again(row, `recalled:${reason}`, 0);
  const referral = (await referrals.loadReferrals(tx, [task.referral])).get(task.referral);
  await referrals.patchReferrals(tx, [
    { id: task.referral, patch: { state: 'withdrawn', gate: null, ended_reason: reason } },
  ]);
  if (referral)
    await ledger.due(tx, await revokeRequests(tx, [{ row, referral }], context.settings.timeZone));
  return { row, settlement: { kind: 'done', outcome: 'withdrawn' }, principal, facts: { reason } };
}
