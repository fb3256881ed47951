import { newId } from '@loopwell/kit';
import type { ProfileEdits } from '@loopwell/sdoh';
import { ledger, partnerProfiles, type Tx, wake } from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';

/** An edit of how a partner works. */
export type SavedEdit = { partner: string; changes: ProfileEdits };

/**
 * Writes what somebody says about a partner, and makes the referrals due that wait for one.
 * DECISIONS D189.
 *
 * @returns the batch that is to be nudged
 */
export async function saveProfile(
  tx: Tx,
  now: Date,
  by: Reviewer,
  { partner, changes }: SavedEdit,
): Promise<string> {
  await partnerProfiles.editProfile(tx, { partner, changes, by: by.id, now });
  await ledger.appendHistory(tx, [
    {
      ...{ tenant: by.tenant, principal: by.id, trace: newId() },
      ...{ stage: 'refer', subject: `partner:${partner}`, outcome: 'configured' },
    },
  ]);
  const batch = newId();
  await wake(tx, by.tenant, batch);
  return batch;
}

/** Wakes the sender for a batch. */
export const nudgeFor = ({ nudge }: Pick<ReviewDeps, 'nudge'>, batch: string): Promise<void> =>
  nudge([{ stage: 'refer', batch }]);
