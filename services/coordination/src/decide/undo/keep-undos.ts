import { isUndoable, waitsForUndo } from '@loopwell/sdoh';
import {
  type ReferralPatch,
  type ReferralRow,
  referrals,
  type Tx,
  tasks,
  undos,
} from '@loopwell/store';
import { type ReviewDeps, type Reviewer, todayOf } from '../../reviewer.ts';
import type { ReviewDecision } from '../decisions.ts';

/** A request to decide: who makes it, and its decisions in their order. */
export type Made = {
  reviewer: Reviewer;
  request: string;
  steps: readonly ReviewDecision[];
  /** The reviewer looks at a page. */
  isOnPage?: boolean;
};

/**
 * Gives the moment until which a request on a page can be undone before anything is sent; undefined
 * if it lets nothing go.
 */
export function undoEndOf(deps: ReviewDeps, { reviewer, steps }: Made): Date | undefined {
  const ms = deps.undoForMs ?? 0;
  const waits = reviewer.kind === 'person' && steps.some(({ decision }) => waitsForUndo(decision));
  return waits && ms > 0 ? new Date(deps.clock.now().getTime() + ms) : undefined;
}

/** Gives no wait to help that is useless after today or a day that has passed. */
export const limitedByDate = (until: Date, { must_by }: ReferralRow, today: string): Date | null =>
  must_by !== null && must_by <= today ? null : until;

/** Keeps what a request changes as it was before, so that the person who made it can undo it. */
export async function keepUndos(
  tx: Tx,
  { reviewer, request, steps }: Made,
  locked: readonly ReferralRow[],
  patches: readonly { id: string; patch: ReferralPatch }[],
): Promise<void> {
  const canUndo = reviewer.kind === 'person' && steps.every((step) => isUndoable(step.decision));
  if (!canUndo) return;
  const ids = locked.map(({ id }) => id);
  const attempts = await tasks.tasksOfReferrals(tx, ids);
  const patchOf = new Map(patches.map(({ id, patch }) => [id, patch]));
  await undos.addUndos(
    tx,
    locked.map((referral) => ({
      tenant: referral.tenant,
      referral: referral.id,
      person: referral.person,
      request,
      principal: reviewer.id,
      before: JSON.stringify(beforeOf(referral, patchOf.get(referral.id) ?? {})),
      people_decided: referral.people_decided + steps.length,
      tasks: attempts.get(referral.id)?.length ?? 0,
    })),
  );
}

/** Gives the columns that a patch changes, as they are before it. */
function beforeOf(referral: ReferralRow, patch: ReferralPatch): ReferralPatch {
  const names = Object.keys(patch).filter((name) => name !== 'people_decided');
  const columns = names.map((name) => [name, referral[name as keyof ReferralPatch]]);
  return Object.fromEntries(columns) as ReferralPatch;
}

/**
 * Lets other referrals of the same people for the same help wait as well: with a no that has ended
 * they may go out, too.
 */
export async function waitWith(
  tx: Tx,
  deps: Pick<ReviewDeps, 'clock'>,
  others: readonly ReferralRow[],
  { undoUntil, decided }: { undoUntil: Date | undefined; decided: readonly ReferralRow[] },
): Promise<void> {
  if (undoUntil === undefined) return;
  const categories = new Set(decided.map(({ category }) => category));
  const waiting = others.filter(
    ({ state, category }) => state === 'waiting' && categories.has(category),
  );
  await referrals.patchReferrals(
    tx,
    waiting.map((other) => ({
      id: other.id,
      patch: { undo_until: limitedByDate(undoUntil, other, todayOf(deps)) },
    })),
  );
}
