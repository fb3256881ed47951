import { AppError, newId, timeZoneOf } from '@loopwell/kit';
import {
  clocksFromSend,
  type Deadline,
  endOfMustBy,
  findMustByProblem,
  isUntaken,
  latestPostponement,
  type OpenHours,
  usualHours,
  usualLimits,
} from '@loopwell/sdoh';
import {
  type DueRow,
  ledger,
  partnerProfiles,
  type ReferralPatch,
  type ReferralRow,
  referrals,
  type TaskPatch,
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
    const open = await clockedTasks(tx, change.referral);
    // The ledger's rows are locked before the referral and its Tasks.
    const tracked = open.map((task) => trackRow(task, seen[0]?.trace ?? newId(), batch));
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

/** Reads the open Tasks of a referral whose clocks run. */
async function clockedTasks(tx: Tx, referral: string): Promise<TaskRow[]> {
  const all = (await tasks.tasksOfReferrals(tx, [referral])).get(referral) ?? [];
  return all.filter(({ live, accept_by, serve_by }) => live && (accept_by ?? serve_by));
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
  const open = await clockedTasks(tx, id);
  const profiles = await partnerProfiles.loadProfiles(tx);
  const hoursOf = ({ partner }: TaskRow) =>
    profiles.get(partner)?.profile(referral.category).hours ?? usualHours;
  const patches = open.map((task) => ({
    id: task.id,
    patch: { ...clocksOf(deps, task, { mustBy, hours: hoursOf(task) }), changed_at: now },
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
 * Gives the clocks of an open Task: as long as the site gives from its sending, and no longer than
 * the date. The clocks of a Task that was taken are shortened alone.
 */
function clocksOf(deps: MustByDeps, task: TaskRow, { mustBy, hours }: Limits): TaskPatch {
  const { clock, acceptBy = usualLimits.acceptBy } = deps;
  const timeZone = timeZoneOf(clock);
  const latest = mustBy === null ? undefined : endOfMustBy(mustBy, timeZone);
  if (!isUntaken(task.status)) {
    const { contact_by, serve_by } = task;
    return { contact_by: shortened(contact_by, latest), serve_by: shortened(serve_by, latest) };
  }
  const start = { now: task.requested_at, hours: { hours, timeZone }, latest };
  const times = clocksFromSend({ ...usualLimits, acceptBy }, start);
  return { accept_by: times.acceptBy, half_at: times.halfAt };
}

/** The date of the person, and the open hours of the partner. */
type Limits = { mustBy: string | null; hours: OpenHours };

const shortened = (clock: Date | null, latest: Date | undefined): Date | null =>
  clock !== null && latest !== undefined && latest < clock ? latest : clock;
