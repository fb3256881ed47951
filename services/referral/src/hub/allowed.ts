import type { TaskRow } from '@loopwell/store';
import type { Partner, ReferralFacts } from '../refer/model.ts';
import { isAgreed, isCovered, isRestrictedSince, partnerOf } from '../refer/refer.ts';

/**
 * The part that a partner may read because of one Task. `all`: the person's data, too. `order`: the
 * order and who gave it, so that a partner can look up afterward what it was asked for. `nothing`:
 * the answer is the same as for a missing resource. DECISIONS D53.
 */
export type Allowed = 'all' | 'order' | 'nothing';

/**
 * Reasons of ours with which a Task ended and after which nothing of it stays readable: we took the
 * Task back, or it never arrived.
 */
const closing: readonly (string | null)[] = [
  'refused',
  'agreement-withdrawn',
  'consent-revoked',
  'consent-unclear',
  'consent-expired',
  'restricted',
  'person-died',
  'person-merged',
  'person-inactive',
  'never-arrived',
];

/**
 * Decides what a partner may read because of a Task, from the facts at that moment. So a refusal
 * closes reads before any worker has handled it.
 *
 * @param consentHasEnded the limit that was kept when the Task was sent has passed, by the
 *   database's clock
 */
export function allowedBy(
  facts: ReferralFacts,
  task: TaskRow,
  limits: { now: Date; readAfterEndMs: number; consentHasEnded: boolean },
): Allowed {
  const partner = partnerOf(task);
  if (facts.isHeld(partner) || !mayBeKnown(facts, task, partner)) return 'nothing';
  if (task.live && isRestrictedSince(facts.referral, task)) return 'nothing';
  if (task.live)
    return facts.consentFor(partner).kind === 'permit' && !limits.consentHasEnded ? 'all' : 'order';
  if (task.remote_id === null || closing.includes(task.reason)) return 'nothing';
  const ended = task.ended_at ?? task.changed_at;
  return limits.now.getTime() - ended.getTime() < limits.readAfterEndMs ? 'order' : 'nothing';
}

/**
 * Tells whether the basis of a Task stands: the person's record, the need, the agreement and the
 * consent are not taken back. A consent that only expired still counts here.
 */
function mayBeKnown(facts: ReferralFacts, task: TaskRow, partner: Partner): boolean {
  const { referral, standing } = facts;
  if (standing !== 'stands' || referral.approval === 'refused' || referral.agreement_withdrawn_at)
    return false;
  if (facts.isOrderTakenBack || (facts.isAgreementTakenBack && !isAgreed(facts))) return false;
  return isConsentKnown(facts, task, partner);
}

function isConsentKnown(facts: ReferralFacts, task: TaskRow, partner: Partner): boolean {
  const consent = facts.consentFor(partner);
  const sent = facts.sentUnder(task);
  if (consent.kind === 'permit') return !sent || isCovered(sent, consent);
  if (consent.kind !== 'none' || facts.isConsentWithdrawnHere) return false;
  return sent ? sent.state === 'lapsed' : consent.lapsed === true;
}
