import { AppError } from '@loopwell/kit';
import { type ReferralRow, referrals, type TaskRow, type Tx, tasks } from '@loopwell/store';

/** A Task with its referral: all that is read beside the inbox and the clock. */
export type Followed = { task: TaskRow; referral: ReferralRow };

/** Loads Tasks with their referrals, by the id of the Task. */
export async function loadFollowed(tx: Tx, ids: readonly string[]): Promise<Map<string, Followed>> {
  const loaded = await tasks.loadTasks(tx, ids);
  const parents = await referrals.loadReferrals(
    tx,
    [...loaded.values()].map(({ referral }) => referral),
  );
  const followed = new Map<string, Followed>();
  for (const task of loaded.values()) {
    const referral = parents.get(task.referral);
    if (referral) followed.set(task.id, { task, referral });
  }
  return followed;
}

/**
 * Loads Tasks with their referrals.
 *
 * @throws AppError NOT_FOUND when one of them is not there
 */
export async function requireFollowed(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, Followed>> {
  const followed = await loadFollowed(tx, ids);
  if (ids.every((id) => followed.has(id))) return followed;
  throw new AppError('NOT_FOUND', 'There is no such Task');
}
