import { withoutUndefined } from '@loopwell/fhir';
import { AppError, type Clock, deriveId, instantIn, timeZoneOf } from '@loopwell/kit';
import {
  generalServiceCodes,
  hipaaAuthorization,
  type RecordedConsent,
  serviceCodesOf,
} from '@loopwell/sdoh';
import type { ReferralPatch, ReferralRow } from '@loopwell/store';
import { type ReviewDeps, type Reviewer, todayOf } from '../reviewer.ts';
import type { ReviewDecision } from './decisions.ts';

/** The decision of one kind. */

export type DecisionOf<K> = Extract<ReviewDecision, { decision: K }>;

/**
 * A referral to decide about. `seeFirst`: its person may be in danger. Only postponing needs it.
 */
export type Decidable = ReferralRow & { seeFirst: boolean };

/**
 * Makes the patch of a decision.
 *
 * @throws AppError if the decision cannot be made about this referral; nothing is recorded then
 */
export function change(
  deps: ReviewDeps,
  reviewer: Reviewer,
  referral: Decidable,
  decision: Exclude<ReviewDecision, { decision: 'chooseCode' | 'askNext' | 'openAgain' }>,
): ReferralPatch {
  switch (decision.decision) {
    case 'approve':
      return approval(deps, reviewer, referral, decision);
    case 'refuse':
      return { approval: 'refused', approved_by: reviewer.id, approved_at: deps.clock.now() };
    case 'postpone':
      return postponement(deps, referral, decision);
    case 'agree':
      return agreement(deps, referral, decision);
    case 'withdrawAgreement':
      // The person's refusal ends an agreement from any source (an order, a Goal or a policy), also
      // before anything was sent.
      return { agreement_withdrawn_at: deps.clock.now() };
    case 'recordConsent':
      return {
        consent_recorded: JSON.stringify(recordedConsent(deps, reviewer, referral, decision)),
      };
    case 'withdrawConsent':
      return { consent_recorded: JSON.stringify(withdrawnConsent(deps, referral)) };
    case 'chooseService':
      return service(reviewer, referral, decision);
    case 'sendNow':
      return sentNow(deps, reviewer, referral);
    case 'closeWithoutHelp':
      return closedWithoutHelp(reviewer, referral);
  }
}

function approval(
  deps: ReviewDeps,
  reviewer: Reviewer,
  referral: ReferralRow,
  { recipient }: DecisionOf<'approve'>,
): ReferralPatch {
  const facts = { referral: referral.id };
  // A person may approve what a policy approved. A referral that was not sent may go to another
  // partner.
  const isAnother =
    recipient !== undefined && recipient !== referral.recipient && referral.state === 'waiting';
  if (
    referral.approval === 'approved' &&
    referral.approved_by?.startsWith('policy:') !== true &&
    !isAnother
  )
    throw new AppError('CONFLICT', 'This referral was approved already; nothing was recorded', {
      facts,
    });
  // Safety, violence and incarceration are never decided by a machine, and a service token is a
  // machine.
  if (referral.sensitive && reviewer.kind !== 'person') {
    throw new AppError('FORBIDDEN', 'A sensitive need is approved by a signed-in person only', {
      facts,
    });
  }
  return {
    approval: 'approved',
    approved_by: reviewer.id,
    approved_at: deps.clock.now(),
    recipient: recipient ?? null,
    undone_at: null,
  };
}

/**
 * The most days that a suggestion may be postponed. For a person who may be in danger it is one
 * night.
 */
const longestPostponement = { calm: 90, danger: 1 };

function postponement(
  deps: ReviewDeps,
  referral: Decidable,
  { until }: DecisionOf<'postpone'>,
): ReferralPatch {
  const facts = { referral: referral.id, field: 'until' };
  if (referral.state !== 'waiting')
    throw new AppError('CONFLICT', 'This referral is at a partner; nothing was postponed', {
      facts,
    });
  const days = (Date.parse(until) - Date.parse(todayOf(deps))) / dayMs;
  const isSeenFirst = referral.seeFirst || referral.danger !== null;
  const most = isSeenFirst ? longestPostponement.danger : longestPostponement.calm;
  if (days < 1)
    throw new AppError('REQUEST_INVALID', 'A suggestion is postponed to a later day', { facts });
  if (days > most) {
    const why = isSeenFirst
      ? 'to tomorrow at most while its person is to be seen first'
      : 'for 90 days at most';
    throw new AppError('REQUEST_INVALID', `A suggestion is postponed ${why}`, { facts });
  }
  return { postponed_until: until };
}

function agreement(
  deps: ReviewDeps,
  referral: ReferralRow,
  { agreedOn, askedBy }: DecisionOf<'agree'>,
): ReferralPatch {
  if (isFuture(agreedOn, deps.clock)) {
    throw new AppError('REQUEST_INVALID', 'An agreement cannot have been given in the future', {
      facts: { referral: referral.id },
    });
  }
  return {
    agreement_on: agreedOn,
    agreement_by: askedBy,
    agreement_source: 'reviewer',
    agreement_withdrawn_at: null,
  };
}

function service(
  reviewer: Reviewer,
  referral: ReferralRow,
  { serviceCode }: DecisionOf<'chooseService'>,
): ReferralPatch {
  const facts = { referral: referral.id };
  if (referral.state !== 'waiting')
    throw new AppError('CONFLICT', 'This referral is at a partner; its service stays', { facts });
  const chosen = serviceChoices(referral.category).find((one) => one.code === serviceCode);
  if (!chosen)
    throw new AppError(
      'REQUEST_INVALID',
      'This service code does not belong to the category, nor is it a general one',
      { facts },
    );
  const { system, code, display = '' } = chosen;
  return {
    service_code: JSON.stringify({ system, code, display }),
    service_chosen_by: reviewer.id,
  };
}

/** Makes the patch that ends the wait for an undo. */
function sentNow(deps: ReviewDeps, reviewer: Reviewer, referral: ReferralRow): ReferralPatch {
  const facts = { referral: referral.id };
  if (reviewer.kind !== 'person')
    throw new AppError('FORBIDDEN', 'Only a signed-in person sends something now', { facts });
  const { undo_until: until } = referral;
  if (referral.state !== 'waiting' || until === null || until <= deps.clock.now())
    throw new AppError('CONFLICT', 'This does not wait for an undo; nothing was recorded', {
      facts,
    });
  return { undo_until: null };
}

/**
 * Makes the patch that closes a referral without help. The gates then end it, revoke its order and
 * tell the EHR.
 */
function closedWithoutHelp(reviewer: Reviewer, referral: ReferralRow): ReferralPatch {
  if (referral.state !== 'waiting' || referral.gate !== 'withoutHelp') {
    const says =
      'Only a referral that nobody could help with is closed without help; one that is not wanted is refused';
    throw new AppError('CONFLICT', says, { facts: { referral: referral.id } });
  }
  return { given_up_by: reviewer.id };
}

export type ServiceChoice = { system: string; code: string; display?: string };

/**
 * Lists the service codes that a reviewer may choose for a category: its own ones first, then the
 * general ones. All are from the value sets.
 */
export function serviceChoices(category: string): ServiceChoice[] {
  return [...serviceCodesOf(category), ...generalServiceCodes()];
}

const consentId = (referral: ReferralRow, dateTime: string) =>
  deriveId(referral.tenant, 'recorded-consent', referral.id, dateTime);

const dayMs = 86_400_000;

function recordedConsent(
  deps: ReviewDeps,
  reviewer: Reviewer,
  referral: ReferralRow,
  decision: DecisionOf<'recordConsent'>,
): RecordedConsent {
  const { dateTime, scope, askedBy, recipient = 'any' } = decision;
  const facts = { referral: referral.id };
  if (isFuture(dateTime, deps.clock))
    throw new AppError('REQUEST_INVALID', 'A consent cannot have been signed in the future', {
      facts,
    });
  const longestMs = deps.longestConsentDays && deps.longestConsentDays * dayMs;
  const latest = longestMs && startOf(dateTime, deps.clock) + longestMs;
  const ends = [endOf(decision.until, deps.clock), latest].filter((end) => end !== undefined);
  const until = ends.length > 0 ? Math.min(...ends) : undefined;
  if (until !== undefined && until <= deps.clock.now().getTime())
    throw new AppError('REQUEST_INVALID', 'This consent has ended already', { facts });
  return {
    id: consentId(referral, dateTime),
    dateTime: signedBy(dateTime, deps.clock),
    ...withoutUndefined({ until: until === undefined ? undefined : new Date(until).toISOString() }),
    recipient,
    policy: deps.consentPolicy ?? hipaaAuthorization,
    scope,
    askedBy,
    recordedBy: reviewer.id,
    ...replacedBy(referral),
  };
}

/**
 * Lists the consents that a new one replaces: those recorded earlier for this referral and not
 * withdrawn. A Task that was sent under one goes on.
 */
function replacedBy(referral: ReferralRow): Pick<RecordedConsent, 'replaces'> {
  const before =
    referral.consent_recorded === null
      ? undefined
      : (JSON.parse(referral.consent_recorded) as RecordedConsent);
  return before && !before.withdrawn ? { replaces: [...(before.replaces ?? []), before.id] } : {};
}

function withdrawnConsent(deps: ReviewDeps, referral: ReferralRow): object {
  const now = deps.clock.now().toISOString();
  const before = referral.consent_recorded
    ? (JSON.parse(referral.consent_recorded) as RecordedConsent)
    : { id: consentId(referral, now), dateTime: now };
  return { ...before, withdrawn: true, withdrawnAt: now };
}

/** Gives the instant at which a day (at the site) or an instant begins. */
const startOf = (text: string, clock: Clock): number =>
  text.length === 10 ? instantIn(timeZoneOf(clock), text).getTime() : Date.parse(text);

/** Gives the end of a day at the site, or the instant itself. */
function endOf(text: string | undefined, clock: Clock): number | undefined {
  if (text === undefined || text.length > 10)
    return text === undefined ? undefined : Date.parse(text);
  const next = new Date(Date.parse(text) + dayMs).toISOString().slice(0, 10);
  return instantIn(timeZoneOf(clock), next).getTime() - 1;
}

/** Tells whether a day has not begun at the site, or an instant has not come. */
const isFuture = (text: string, clock: Clock): boolean =>
  startOf(text, clock) > clock.now().getTime();

/**
 * Gives the time of a signature. A day that has begun at the site but not yet in UTC counts from
 * now, because consent is evaluated by the instant.
 */
function signedBy(text: string, clock: Clock): string {
  const now = clock.now();
  return Date.parse(text) > now.getTime() ? now.toISOString() : text;
}
