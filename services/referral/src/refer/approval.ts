import type { AgeStanding } from '@loopwell/sdoh';
import type { ReferralRow } from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';
import type { Partner, ReferralFacts } from './model.ts';

/** Tells whether a person undid a decision and nobody has decided anew. */
export const isUndone = ({ undone_at }: ReferralRow): boolean => (undone_at ?? null) !== null;

/**
 * Gives the policy that approves in place of a reviewer; undefined if a reviewer has to.
 *
 * `policy:confirmed-in-ehr`: every Condition of the need is confirmed in the EHR, so a clinician
 * has said yes there. `policy:unambiguous`, if the site has switched it on: at least one coded
 * positive answer of a verified row, nothing contradicting, not from a score alone, not sensitive.
 * Either lets a referral go; none makes a Condition `confirmed`.
 */
export function policyFor(
  referral: ReferralRow,
  settings: ReferralSettings,
  age: AgeStanding,
): string | undefined {
  if (
    referral.state !== 'waiting' ||
    referral.approval !== null ||
    referral.sensitive ||
    isRestricted(referral)
  )
    return undefined;
  // A person decides which partner to ask for a child. A person of unknown age may be one.
  if (age !== 'adult') return undefined;
  // A reviewer has postponed it or undone a decision, so the decision is that reviewer's.
  if (referral.postponed_until || isUndone(referral)) return undefined;
  if (referral.confirmed) return confirmedInEhr;
  return settings.approve === 'unambiguous' && isUnambiguous(referral)
    ? 'policy:unambiguous'
    : undefined;
}

const confirmedInEhr = 'policy:confirmed-in-ehr';

const isUnambiguous = (referral: ReferralRow) => referral.unambiguous && !referral.sensitive;

/**
 * Tells whether a referral counts as approved. A policy approves the facts of its time, so a later
 * answer may undo that until a Task was sent.
 */
export function isApproved({ referral, tasks, age }: ReferralFacts): boolean {
  if (referral.approval !== 'approved') return false;
  if (isRestricted(referral)) return isPickedByPerson(referral);
  if (tasks.length > 0 || !isByPolicy(referral)) return true;
  if (age !== 'adult') return false;
  return referral.approved_by === confirmedInEhr
    ? referral.confirmed && !referral.sensitive
    : isUnambiguous(referral);
}

/** Tells whether the need rests on anything with a restricting security label. */
export const isRestricted = ({ restriction }: ReferralRow): boolean =>
  (restriction ?? null) !== null;

/**
 * Tells whether a signed-in person picked the referral for one partner. For Part 2 data its consent
 * has to name that partner, too, which `partTwoConsent` sees to.
 */
const isPickedByPerson = ({ restriction, recipient, approved_by }: ReferralRow): boolean =>
  (restriction ?? null) !== null &&
  (recipient ?? null) !== null &&
  (approved_by?.startsWith('person:') ?? false);

/**
 * Tells whether a referral may go to a partner. If the approver named a partner, only that one; a
 * restricted referral goes only to the picked one.
 */
export const mayGoTo = (referral: ReferralRow, partner: Partner): boolean =>
  isRestricted(referral)
    ? isPickedByPerson(referral) && referral.recipient === partner.id
    : (referral.recipient ?? partner.id) === partner.id;

/** Tells whether a policy approved the referral. */
export const isByPolicy = (referral: ReferralRow): boolean =>
  referral.approved_by?.startsWith('policy:') ?? false;
