import { AppError, type Clock, newId } from '@loopwell/kit';
import { statementOf, type TaskStatement } from '@loopwell/sdoh';
import {
  answers,
  type LedgerRow,
  ledger,
  moveTasks,
  referrals,
  type Settled,
  type Settlement,
  settleReceipts,
  type TaskRow,
  type Tx,
  taskDeliveries,
  tasks,
  tellByHand,
} from '@loopwell/store';
import { noteCopies, writeCopies } from '../../answers/write-inbox.ts';
import { endGrants } from '../../end-grants.ts';
import type { ReferralSettings } from '../../settings.ts';
import type { Recalled, RecallReason } from '../model.ts';
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
  // The partner must not learn that the person asked to keep it out.
  'kept-out': 'The referral was withdrawn',
  'said-no': 'The person asked to stop this referral',
  // The partner need not learn that it is the place which they do not want.
  'not-this-place': 'The clinic took the referral back',
  'partner-changed': 'The clinic took the referral back',
  // Nor need it learn why the clinic closed it.
  'helped-elsewhere': 'The referral was withdrawn',
  'no-longer-wanted': 'The person asked to stop this referral',
  'not-reached': 'The referral was withdrawn',
  moved: 'The referral was withdrawn',
  undone: 'The referral was sent too early and is withdrawn for now',
  // A partner that never met the person must learn only that the referral is withdrawn.
  'person-died': 'The referral was withdrawn',
  'person-merged': 'The referral was withdrawn',
  'person-inactive': 'The referral was withdrawn',
} as const satisfies Record<RecallReason, string>;

/** What the ledger says of a Task that no channel can take back. */
export const toTell =
  'The referral was taken back here. Somebody tells the partner by phone that it is not to help ' +
  'any more, and says so on the list of partners to call';

/** Reasons after which a referral waits for a person instead of being withdrawn. */
const waitsAfter: readonly RecallReason[] = [
  'consent-expired',
  'consent-unclear',
  'restricted',
  'kept-out',
  'undone',
  'partner-changed',
  'said-no',
  'not-this-place',
];

type Recall = {
  row: LedgerRow;
  task: TaskRow;
  recalled: Recalled;
  reason: RecallReason;
};

/**
 * Records a recall: the Task is cancelled and proved so, was ended by the partner first, or is
 * given to a person.
 */
export async function settleRecall(
  tx: Tx,
  recall: Recall,
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
  const illegal = await moveRecalled(tx, recall, recalled);
  if (illegal) return { row, settlement: illegal, principal };
  await answers.closeCopies(tx, task.id);
  if (task.remote_id === null) await endUnsent(tx, task);
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

/** Ends a delivery that was about to leave when its Task was taken back. */
async function endUnsent(tx: Tx, { id, receipt_key: key }: TaskRow): Promise<void> {
  const code = 'abandoned';
  await settleReceipts(tx, [{ key, state: 'refused', issueCode: code }]);
  await taskDeliveries.settleTaskDeliveries(tx, [{ task: id, state: code }]);
}

type Cancelled = Extract<Recalled, { kind: 'cancelled' }>;

/**
 * Ends a recalled Task with us, too, from the status that it has by now.
 *
 * @returns the settlement of a Task whose copy and ours disagree, which is a person's
 * @throws AppError CONFLICT when another worker moved it in between
 */
async function moveRecalled(
  tx: Tx,
  { task: { id, address }, reason }: Pick<Recall, 'task' | 'reason'>,
  recalled: Cancelled,
): Promise<Settlement | undefined> {
  const task = (await tasks.loadTasks(tx, [id])).get(id);
  if (task === undefined) return undefined;
  const { status: to } = recalled;
  const statement = recallStatement(recalled, reason, address);
  const by = to === 'rejected' ? ('target' as const) : ('requester' as const);
  const move = { task: id, from: task, to, by, statement, reason, recalledFrom: task.status };
  const outcome = (await moveTasks(tx, [move])).get(id);
  if (outcome?.kind === 'moved-meanwhile')
    throw new AppError('CONFLICT', 'The Task was moved meanwhile', { retryable: true });
  if (outcome?.kind !== 'not-allowed') return undefined;
  const facts = { from: task.status, to };
  return { kind: 'park', code: 'TASK_MOVE_ILLEGAL', facts, waitsFor: 'operator' };
}

/** Gives what a recalled Task says: the partner's answer until then, and our reason for the end. */
function recallStatement(
  { answer, status }: Cancelled,
  reason: RecallReason,
  base: string,
): TaskStatement {
  const theirs = answer ? statementOf(answer.body, base) : {};
  const isTheirEnd = answer?.body.status === status;
  return isTheirEnd ? theirs : { ...theirs, statusReason: { text: recallWords[reason] } };
}
