import { AppError, fingerprint, newId } from '@loopwell/kit';
import {
  type BrokenRule,
  brokenPhoneRule,
  isTaskStatus,
  type PhoneAnswer,
  spokenAnswer,
  statusAfter,
  withoutLegalReason,
} from '@loopwell/sdoh';
import {
  answers,
  ledger,
  type NewAnswer,
  partnerProfiles,
  type ReferralRow,
  referrals,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';

/** `same`: the answer was there already, by this door or in the same words by another one. */
export type RecordedAnswer = 'recorded' | 'same';

const door = 'manual';

/**
 * Records what a partner said by phone about the open Task of a referral: a row of the inbox, and
 * `track` due, in one transaction. The worker of `track` moves the Task then. DECISIONS D143.
 *
 * @throws AppError NOT_FOUND, REQUEST_INVALID or CONFLICT with the field and the rule; nothing is
 *   recorded then
 */
export async function recordAnswer(
  deps: ReviewDeps,
  reviewer: Reviewer,
  referral: string,
  answer: PhoneAnswer,
): Promise<RecordedAnswer> {
  const batch = newId();
  const message = messageOf(referral, answer);
  const result = await deps.tx(async (tx) => {
    const row = await requireReferral(tx, reviewer, referral);
    await requireVisible(tx, reviewer, [row.person], 'There is no such referral', () => ({
      referral,
    }));
    if (await answers.hasMessage(tx, referral, { door, message_id: message })) return 'same';
    const task = await lockOpenTask(tx, row, batch);
    const isLegal = await partnerProfiles.isLegalHelp(tx, task.partner, row.category);
    await requireAllowed(tx, { ...task, isLegal }, answer, deps.clock.now());
    const kept = isLegal ? withoutLegalReason(answer) : answer;
    const brought = rowOf(task, kept, { message, reviewer });
    const written = await answers.writeAnswers(tx, [brought]);
    const isWritten = written.get(answers.answerKeyOf(brought)) === 'written';
    return isWritten ? 'recorded' : 'same';
  });
  await deps.nudge([{ stage: 'track', batch }]);
  return result;
}

/** Makes the id of the message: the same words of the same person at the same time are one. */
function messageOf(referral: string, answer: PhoneAnswer): string {
  const { status, reason, reasonCode, note, saidBy, at } = answer;
  const coded = reasonCode === undefined ? [] : [reasonCode];
  return fingerprint(JSON.stringify([referral, status, reason, note, saidBy, at, ...coded]));
}

async function requireReferral(tx: Tx, reviewer: Reviewer, id: string): Promise<ReferralRow> {
  const row = (await referrals.loadReferrals(tx, [id])).get(id);
  if (!row || row.tenant !== reviewer.tenant)
    throw new AppError('NOT_FOUND', 'There is no such referral', { facts: { referral: id } });
  return row;
}

/**
 * Locks the open Task of a referral by making `track` due for it, and reads it again.
 *
 * @throws AppError CONFLICT when no Task is open, or it has ended meanwhile
 */
async function lockOpenTask(tx: Tx, row: ReferralRow, batch: string): Promise<TaskRow> {
  const attempts = (await tasks.tasksOfReferrals(tx, [row.id])).get(row.id) ?? [];
  const open = attempts.find(isAtPartner);
  if (open) {
    const { tenant, person, trace } = row;
    const subject = open.id;
    await ledger.due(tx, [{ tenant, stage: 'track', subject, batch, trace, person }]);
  }
  const task = open && (await tasks.loadTasks(tx, [open.id])).get(open.id);
  if (task && isAtPartner(task)) return task;
  throw new AppError(
    'CONFLICT',
    'No partner has an open Task of this referral, so there is nothing to answer; nothing was recorded',
    { facts: { referral: row.id, field: 'status', rule: 'no-open-task' } },
  );
}

/** Tells whether a partner has a Task and has not ended it. */
const isAtPartner = ({ live, remote_id }: TaskRow): boolean => live && remote_id !== null;

const messages: Readonly<Record<BrokenRule['rule'], string>> = {
  future: 'The answer cannot be from the future',
  'before-sent': 'The answer cannot be older than the Task, which had not been sent then',
  required: 'An end without help needs a reason',
  'nothing-new': 'The Task has this status already, and nothing else was said',
  'move-not-allowed': 'The Task cannot go from its present status to this one',
};

/** @throws AppError REQUEST_INVALID, or CONFLICT where the state of the Task is in the way */
async function requireAllowed(
  tx: Tx,
  task: TaskRow & { isLegal: boolean },
  answer: PhoneAnswer,
  now: Date,
): Promise<void> {
  const waiting = (await answers.waitingAnswers(tx, [task.id])).get(task.id) ?? [];
  const status = statusAfter(task.status, waiting);
  const { isLegal, requested_at: sentAt } = task;
  const broken = brokenPhoneRule(answer, { status, sentAt, isLegal }, now);
  if (broken === undefined) return;
  const { field, rule } = broken;
  const message = `${messages[rule]}; nothing was recorded`;
  const facts = { referral: task.referral, field, rule };
  if (rule !== 'move-not-allowed') throw new AppError('REQUEST_INVALID', message, { facts });
  throw new AppError('CONFLICT', message, { facts: { ...facts, from: status, to: answer.status } });
}

type Brought = { message: string; reviewer: Reviewer };

/** Makes the row of the inbox. */
function rowOf(task: TaskRow, answer: PhoneAnswer, { message, reviewer }: Brought): NewAnswer {
  const { words, content } = spokenAnswer(answer);
  const { status, reason, note, codes } = words;
  return {
    ...taskColumns(task),
    door,
    message_id: message,
    said_by: answer.saidBy,
    recorded_by: reviewer.id,
    said_at: answer.at,
    status,
    known_status: isTaskStatus(status) ? status : null,
    reason,
    note,
    with_words: reason !== null || note !== null,
    content: fingerprint(content),
    codes: JSON.stringify(codes),
    ...nothingShown,
  };
}

const taskColumns = ({ tenant, id, referral, person, partner }: TaskRow) => ({
  tenant,
  task: id,
  referral,
  person,
  who: `partner:${partner}`,
});

/** The columns of what only a Task can show. */
const nothingShown = {
  oddities: '[]',
  business_status: null,
  outputs: '[]',
  read_outputs: '[]',
  body: null,
  is_partial: false,
} as const;
