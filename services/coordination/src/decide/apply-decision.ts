import { AppError } from '@loopwell/kit';
import {
  endsReferral,
  findMustByProblem,
  generalServiceCodes,
  latestPostponement,
  serviceCodesOf,
} from '@loopwell/sdoh';
import type { ReferralPatch, ReferralRow } from '@loopwell/store';
import type { SetDate } from '../alert-by-date.ts';
import { type ReviewDeps, type Reviewer, todayOf } from '../reviewer.ts';
import { recordedConsent, withdrawnConsent } from './consent/record-consent.ts';
import type { Signing } from './consent/signers.ts';
import type { ReviewDecision } from './decisions.ts';
import { noIn } from './said-no/decided-nos.ts';
import { isFuture } from './site-days.ts';

/** The decision of one kind. */

export type DecisionOf<K> = Extract<ReviewDecision, { decision: K }>;

/**
/**
 * A referral to decide about. `seeFirst`: its person may be in danger. Only postponing needs it, and
 * only recording a consent needs who signs. `isLifted`: the person brought up again what they had
 * said no to.
 */
export type Decidable = ReferralRow & {
  seeFirst: boolean;
  isLifted?: boolean;
} & Partial<Signing>;

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
      return (
        stayingOpen(deps, referral, decision) ?? {
          approval: 'refused',
          approved_by: reviewer.id,
          approved_at: deps.clock.now(),
        }
      );
    case 'postpone':
      return postponement(deps, referral, decision);
    case 'agree':
      return agreement(deps, referral, decision);
    case 'withdrawAgreement':
      // The person's refusal ends an agreement from any source (an order, a Goal or a policy), also
      // before anything was sent.
      return stayingOpen(deps, referral, decision) ?? { agreement_withdrawn_at: deps.clock.now() };
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

/**
 * Makes the patch of a no that does not end the referral; undefined for any other. After a *not
 * now* the person is asked anew, and after a no to the approved place somebody approves anew.
 */
function stayingOpen(
  deps: ReviewDeps,
  referral: ReferralRow,
  decision: DecisionOf<'refuse' | 'withdrawAgreement'>,
): ReferralPatch | undefined {
  const no = noIn(decision, referral, todayOf(deps));
  if (no === undefined || endsReferral(no.kind)) return undefined;
  if (no.kind === 'not-this-place' && referral.recipient !== no.partner) return {};
  const isNotNow = no.kind === 'not-now';
  return {
    ...{ approval: null, approved_by: null, approved_at: null, recipient: null },
    undone_at: deps.clock.now(),
    ...(isNotNow ? { agreement_on: null, agreement_by: null, agreement_source: null } : {}),
  };
}

function approval(
  deps: ReviewDeps,
  reviewer: Reviewer,
  referral: Decidable,
  { recipient }: DecisionOf<'approve'>,
): ReferralPatch {
  const facts = { referral: referral.id };
  // A person may approve what a policy approved. A referral that was not sent may go to another
  // partner.
  const isAnother =
    recipient !== undefined && recipient !== referral.recipient && referral.state === 'waiting';
  if (
    referral.approval === 'approved' &&
    referral.isLifted !== true &&
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
  const latest = latestPostponement(referral.must_by);
  if (latest !== undefined && until > latest)
    throw new AppError(
      'REQUEST_INVALID',
      'A suggestion is postponed to the day before the date by which it must happen, at most',
      { facts },
    );
  return { postponed_until: until };
}

function agreement(
  deps: ReviewDeps,
  referral: ReferralRow,
  { agreedOn, askedBy, mustBy, ...who }: DecisionOf<'agree'>,
): ReferralPatch {
  if (isFuture(agreedOn, deps.clock)) {
    throw new AppError('REQUEST_INVALID', 'An agreement cannot have been given in the future', {
      facts: { referral: referral.id },
    });
  }
  const patch: ReferralPatch = {
    agreement_on: agreedOn,
    agreement_by: askedBy,
    agreement_source: 'reviewer',
    agreement_withdrawn_at: null,
    agreement_authority: who.agreedBy ?? null,
    minor_service: who.minorService ?? null,
    minor_situation: who.minorService ? (who.minorSituation ?? 'any') : null,
  };
  if (mustBy !== undefined) patch.must_by = requireDate(deps, referral, mustBy);
  return patch;
}

/** Lists the dates by which something must happen that a request sets. */
export function datesIn(
  locked: readonly ReferralRow[],
  steps: readonly ReviewDecision[],
): SetDate[] {
  const agreed = steps.find((step) => step.decision === 'agree');
  return locked.map(({ id, person }) => ({ referral: id, person, mustBy: agreed?.mustBy }));
}

/**
 * Requires that the date by which something must happen is still to come.
 *
 * @throws AppError REQUEST_INVALID with the rule
 */
function requireDate(deps: ReviewDeps, referral: ReferralRow, mustBy: string): string {
  const problem = findMustByProblem(mustBy, todayOf(deps));
  if (problem === undefined) return mustBy;
  throw new AppError('REQUEST_INVALID', problem.replace(/\.$/, ''), {
    facts: { referral: referral.id, field: 'mustBy' },
  });
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

const dayMs = 86_400_000;

export type ServiceChoice = { system: string; code: string; display?: string };

/**
 * Lists the service codes that a reviewer may choose for a category: its own ones first, then the
 * general ones. All are from the value sets.
 */
export function serviceChoices(category: string): ServiceChoice[] {
  return [...serviceCodesOf(category), ...generalServiceCodes()];
}
