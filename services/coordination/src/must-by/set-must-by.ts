import { AppError, newId, timeZoneOf } from '@loopwell/kit';
import {
  type Deadline,
  deadlineAfter,
  endOfMustBy,
  findMustByProblem,
  isUntaken,
  latestPostponement,
  limitDeadline,
  usualHours,
} from '@loopwell/sdoh';
import {
  type DueRow,
  ledger,
  type ReferralPatch,
  type ReferralRow,
  referrals,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import { alertByDate } from '../alert-by-date.ts';
import { dueRows, ownReferrals } from '../decide/own-referrals.ts';
import { type ReviewDeps, type Reviewer, todayOf } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';

/** What setting a date needs; `acceptBy` is how long the site gives a partner to take a Task. */
export type MustByDeps = Pick<ReviewDeps, 'tx' | 'nudge' | 'clock'> & {
  acceptBy?: Deadline | undefined;
};

/** The date of one referral; null for none. */
export type MustByChange = { referral: string; mustBy: string | null };

/**
 * Sets, changes or removes the date by which something must happen for a referral. Every clock of
 * the referral follows: the time that a partner has to take it, the wait for an undo, and the day to
 * which it was put off. DECISIONS D155.
 *
 * @throws AppError NOT_FOUND, CONFLICT where the referral has ended, REQUEST_INVALID naming the field
 */
export async function setMustBy(
  deps: MustByDeps,
  reviewer: Reviewer,
  change: MustByChange,
): Promise<void> {
  requireDate(deps, change);
  const batch = newId();
  const ids = [change.referral];
  await deps.tx(async (tx) => {
    const seen = ownReferrals(ids, await referrals.loadReferrals(tx, ids), reviewer);
    await requireVisible(tx, reviewer, [seen[0]?.person ?? ''], 'There is no such referral');
    const untaken = await untakenTasks(tx, change.referral);
    // The ledger's rows are locked before the referral and its Tasks.
    const tracked = untaken.map((task) => trackRow(task, seen[0]?.trace ?? newId(), batch));
    await ledger.due(tx, [...tracked, ...dueRows('refer', seen, batch)]);
    const [referral] = ownReferrals(ids, await referrals.lockReferrals(tx, ids), reviewer);
    if (referral) await writeMustBy(tx, deps, { referral, reviewer, mustBy: change.mustBy });
  });
  await deps.nudge([
    { stage: 'track', batch },
    { stage: 'refer', batch },
  ]);
}

function requireDate(deps: MustByDeps, { mustBy }: MustByChange): void {
  const problem = mustBy === null ? undefined : findMustByProblem(mustBy, todayOf(deps));
  if (problem === undefined) return;
  const facts = { field: 'mustBy' };
  throw new AppError('REQUEST_INVALID', problem.replace(/\.$/, ''), { facts });
}

async function untakenTasks(tx: Tx, referral: string): Promise<TaskRow[]> {
  const all = (await tasks.tasksOfReferrals(tx, [referral])).get(referral) ?? [];
  return all.filter(({ live, status, accept_by }) => live && isUntaken(status) && accept_by);
}

const trackRow = ({ tenant, id, person }: TaskRow, trace: string, batch: string): DueRow => ({
  tenant,
  stage: 'track',
  subject: id,
  person,
  trace,
  batch,
});

type Change = { referral: ReferralRow; reviewer: Reviewer; mustBy: string | null };

async function writeMustBy(tx: Tx, deps: MustByDeps, change: Change): Promise<void> {
  const { referral, reviewer, mustBy } = change;
  const { id, state, approval } = referral;
  if (!['waiting', 'partner'].includes(state) || approval === 'refused')
    throw new AppError('CONFLICT', 'This referral has ended; its date stays', {
      facts: { referral: id },
    });
  if (referral.must_by === mustBy) return;
  await referrals.patchReferrals(tx, [{ id, patch: patchOf(deps, referral, mustBy) }]);
  await alertByDate(tx, [{ referral: id, person: referral.person, mustBy }], todayOf(deps));
  const now = deps.clock.now();
  const untaken = await untakenTasks(tx, id);
  const patches = untaken.map((task) => ({
    id: task.id,
    patch: { accept_by: acceptByOf(deps, task, mustBy), changed_at: now },
  }));
  await tasks.patchTasks(tx, patches);
  await ledger.appendHistory(tx, [
    {
      tenant: referral.tenant,
      stage: 'refer',
      subject: id,
      person: referral.person,
      outcome: mustBy === null ? 'date-removed' : 'date-set',
      trace: referral.trace,
      principal: reviewer.id,
    },
  ]);
}

/** Makes the patch of a date: nothing waits for an undo today, and nothing is put off beyond it. */
function patchOf(deps: MustByDeps, referral: ReferralRow, mustBy: string | null): ReferralPatch {
  const patch: ReferralPatch = { must_by: mustBy };
  if (mustBy === null) return patch;
  const today = todayOf(deps);
  if (mustBy <= today && referral.undo_until !== null) patch.undo_until = null;
  const latest = latestPostponement(mustBy) ?? mustBy;
  const { postponed_until: postponed } = referral;
  if (postponed !== null && postponed > latest)
    patch.postponed_until = latest > today ? latest : null;
  return patch;
}

/**
 * Gives the moment until which a partner may take a Task: as long as the site gives from its
 * sending, and no longer than the date.
 */
function acceptByOf(deps: MustByDeps, task: TaskRow, mustBy: string | null): Date | null {
  const { clock, acceptBy } = deps;
  if (task.accept_by === null) return null;
  const from = task.requested_at;
  const hours = { hours: usualHours, timeZone: timeZoneOf(clock) };
  const whole = acceptBy === undefined ? task.accept_by : deadlineAfter(from, acceptBy, hours);
  if (mustBy === null) return whole;
  return limitDeadline(whole, endOfMustBy(mustBy, timeZoneOf(clock)), clock.now());
}
