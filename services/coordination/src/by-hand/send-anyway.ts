import { AppError } from '@loopwell/kit';
import { work } from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';
import { actOn } from './act-on.ts';

/**
 * Lets a referral go out although the same need of the person is under way: somebody has looked at
 * both. All other gates stay. DECISIONS D202.
 *
 * @throws AppError NOT_FOUND; CONFLICT where it has ended, or nothing of this need is under way
 */
export async function sendAnyway(deps: ReviewDeps, reviewer: Reviewer, id: string): Promise<void> {
  const byHand = { decision: 'sendAnyway', facts: {} };
  await actOn(deps, reviewer, id, byHand, async (tx) => {
    const underWay = await work.needsUnderWay(tx, [id]);
    if (underWay.has(id)) return { sent_anyway_by: reviewer.id };
    const facts = { referral: id, rule: 'nothing-under-way' };
    const message = 'Nothing of this need is under way, so nothing was recorded';
    throw new AppError('CONFLICT', message, { facts });
  });
}
