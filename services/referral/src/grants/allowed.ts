import type { TaskRow } from '@loopwell/store';
import { isUndone } from '../refer/approval.ts';
import type { Partner, ReferralFacts } from '../refer/model.ts';
import { isAgreed, isCovered, isRestrictedSince, partnerOf } from '../refer/refer.ts';
import { noAgainst } from '../refer/said-no.ts';

/**
 * The part that a partner may read because of one Task. `all`: the person's data, too. `order`: the
 * order and who gave it, so that a partner can look up afterward what it was asked for. `nothing`:
 * at most the status of the Task. DECISIONS D53.
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
  'kept-out',
  'undone',
  'partner-changed',
  'helped-elsewhere',
  'no-longer-wanted',
  'not-reached',
  'moved',
  'said-no',
  'not-this-place',
  'person-died',
  'person-merged',
  'person-inactive',
  'never-arrived',
];

/**
 * Decides what a partner may read because of a Task, from the facts at one moment. Holds are no
 * part of it, since every read looks at them.
 *
 * @param consentHasEnded the limit that was kept when the Task was sent has passed by that moment
 */
export function allowedBy(facts: ReferralFacts, task: TaskRow, consentHasEnded: boolean): Allowed {
  const partner = partnerOf(task);
  if (!mayBeKnown(facts, task, partner)) return 'nothing';
  if (!task.live)
    return task.remote_id === null || closing.includes(task.reason) ? 'nothing' : 'order';
  if (isRestrictedSince(facts.referral, task)) return 'nothing';
  return facts.consentFor(partner).kind === 'permit' && !consentHasEnded ? 'all' : 'order';
}

/**
 * Tells whether the basis of a Task stands: the person's record, the need, the agreement and the
 * consent are not taken back, and the person does not keep this partner out. A consent that only
 * expired still counts here.
 */
function mayBeKnown(facts: ReferralFacts, task: TaskRow, partner: Partner): boolean {
  const { referral, standing } = facts;
  const isStopped = referral.approval === 'refused' || Boolean(referral.agreement_withdrawn_at);
  if (standing !== 'stands' || isStopped || isUndone(referral)) return false;
  // Words that nobody has resolved yet may mean this partner.
  if (facts.hasUnresolvedKeepOut || facts.isKeptOut?.(partner)) return false;
  if (task.live && noAgainst(facts, task)) return false;
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
