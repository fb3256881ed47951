import type { TaskRow } from '@loopwell/store';
import type { Partner, ReferralFacts } from '../refer/model.ts';
import { isAgreed, isCovered, isRestrictedSince, partnerOf } from '../refer/refer.ts';

/**
 * What a partner may read because of one Task. `all`: the person's data, too. `order`: the order
 * and who gave it, which tells a partner afterward what it was asked for. `nothing`: looks like
 * what does not exist.
 * DECISIONS D53.
 */
export type Allowed = 'all' | 'order' | 'nothing';

/**
 * Reasons of ours for which nothing of a Task stays readable: nobody wants it known there any more,
 * or it never arrived.
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
 * Judged anew at each read, by what is stored at that moment: a no that was recorded or arrived a
 * moment ago closes reads before any worker has looked at it.
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
 * Nobody has taken back what it rests on: the person's record, the need, the agreement, the
 * consent. One that only ran out is none of these.
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
