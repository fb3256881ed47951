import { newId } from '@loopwell/kit';
import {
  contact,
  dutyAlerts,
  type ReferralPatch,
  type ReferralRow,
  referralsOfSamePeople,
  type Tx,
  work,
} from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';
import { actOn } from './act-on.ts';
import type { CloseBody } from './by-hand-body.ts';

type Close = CloseBody & { on: string };

/**
 * Ends a referral by hand. What is out comes back, and partners read nothing more with this
 * transaction. *No longer wanted* is the person's no. A death stops everything outgoing for the
 * person, over all their referrals and records. DECISIONS D177.
 *
 * @throws AppError NOT_FOUND, CONFLICT for a referral that has ended
 */
export async function closeByHand(
  deps: ReviewDeps,
  reviewer: Reviewer,
  id: string,
  close: Close,
): Promise<void> {
  const { why, on, note } = close;
  const byHand = { decision: 'closeByHand', reason: note, facts: { why, on }, endsReads: true };
  const patchOf = (tx: Tx, referral: ReferralRow) => end(tx, deps, reviewer, referral, close);
  if (why !== 'died') return actOn(deps, reviewer, id, byHand, patchOf);
  return actOn(deps, reviewer, id, byHand, patchOf, ({ tx }) => referralsOfSamePeople(tx, [id]));
}

/**
 * Writes down what an end by hand means for the person, and makes the patch of the referral.
 */
export async function end(
  tx: Tx,
  deps: ReviewDeps,
  reviewer: Reviewer,
  referral: ReferralRow,
  close: Close,
): Promise<ReferralPatch> {
  if (close.why === 'no-longer-wanted') await recordNo(tx, reviewer, referral, close);
  if (close.why === 'died') await recordDeath(tx, reviewer, referral, close.on);
  return patchFor(deps, reviewer, close.why);
}

/** A death needs no patch: what the gates read of the person says it. */
const patchFor = (deps: ReviewDeps, reviewer: Reviewer, why: Close['why']): ReferralPatch =>
  why === 'died'
    ? { list_given_at: null, undo_until: null }
    : {
        approval: 'refused',
        approved_by: reviewer.id,
        approved_at: deps.clock.now(),
        closed_for: why,
        list_given_at: null,
        undo_until: null,
      };

/** Writes down that the person does not want this help. It holds until they bring it up. */
async function recordNo(
  tx: Tx,
  reviewer: Reviewer,
  { tenant, id, person, category }: ReferralRow,
  { on, note }: Close,
): Promise<void> {
  const no = { tenant, id: newId(), person, kind: 'not-this-help' as const, category };
  await contact.addNos(tx, [
    {
      ...no,
      partner: null,
      until: null,
      said_on: on,
      said_by: 'person',
      note: note ?? null,
      said_to: reviewer.id.replace(/^person:/, ''),
      referral: id,
      recorded_by: reviewer.id,
    },
  ]);
}

async function recordDeath(
  tx: Tx,
  reviewer: Reviewer,
  { person }: ReferralRow,
  heardOn: string,
): Promise<void> {
  const dead = await work.reportedDead(tx, [person]);
  if (!dead.has(person)) await work.reportDeath(tx, { person, heardOn, by: reviewer.id });
  await dutyAlerts.takeAlert(tx, person, reviewer.id);
}
