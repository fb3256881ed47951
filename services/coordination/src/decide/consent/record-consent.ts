import { withoutUndefined } from '@loopwell/fhir';
import { type Problem, RequestProblems } from '@loopwell/http';
import { deriveId } from '@loopwell/kit';
import {
  type ConsentScope,
  eachNeed,
  excludedIn,
  hipaaAuthorization,
  isStructured,
  type RecordedConsent,
  recordedConsentIn,
} from '@loopwell/sdoh';
import type { ReferralRow } from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../../reviewer.ts';
import type { ReviewDecision } from '../decisions.ts';
import { endOf, isFuture, signedBy, startOf } from '../site-days.ts';
import type { Signing } from './signers.ts';

type RecordDecision = Extract<ReviewDecision, { decision: 'recordConsent' }>;

const dayMs = 86_400_000;

/** Makes the error of a consent that cannot be recorded. It names fields and rules, and no words. */
export function refusedConsent(
  referral: Pick<ReferralRow, 'id'> | undefined,
  sentence: string,
  problems: readonly { field: string; rule: string }[],
): RequestProblems {
  const listed = problems.map(({ field, rule }): Problem => ({ path: `/body/${field}`, rule }));
  const facts = withoutUndefined({ referral: referral?.id, field: problems[0]?.field });
  return new RequestProblems(sentence, listed, { facts });
}

const consentId = (referral: ReferralRow, dateTime: string) =>
  deriveId(referral.tenant, 'recorded-consent', referral.id, dateTime);

/**
 * Makes the record of a consent that a person signed.
 *
 * @throws RequestProblems for one that was signed in the future, ends before that, or has ended
 */
export function recordedConsent(
  deps: ReviewDeps,
  reviewer: Reviewer,
  referral: ReferralRow & Partial<Signing>,
  decision: RecordDecision,
): RecordedConsent {
  const { dateTime, scope, askedBy, recipient = 'any' } = decision;
  const until = endOfConsent(deps, referral, decision);
  const common = {
    id: consentId(referral, dateTime),
    dateTime: signedAfterAll(deps, referral, dateTime),
    policy: deps.consentPolicy ?? hipaaAuthorization,
    askedBy,
    recordedBy: reviewer.id,
    ...withoutUndefined({ until: until === undefined ? undefined : new Date(until).toISOString() }),
    ...withoutUndefined({ scope }),
    ...replacedBy(referral),
  };
  return isStructured(decision)
    ? { ...common, ...wholeOf(deps, referral, decision) }
    : { ...common, recipient, ...excludedBefore(referral, recipient) };
}

/**
 * Carries the partners over that an earlier form excluded: words on a form limit nothing, and so
 * they take no limit away. A form that names one of them is the person's later word on that one.
 */
function excludedBefore(referral: ReferralRow, recipient: string): Pick<RecordedConsent, 'except'> {
  const before = excludedIn(recordedConsentIn(referral.consent_recorded));
  const except = before.filter((partner) => partner !== recipient);
  return except.length > 0 ? { except } : {};
}

/**
 * Gives the time of a signature. One of the day on which the person took a consent back counts from
 * now, since it is the later word of that day.
 *
 * @throws RequestProblems for a form that was signed before the person took it back
 */
function signedAfterAll(
  { clock }: Pick<ReviewDeps, 'clock'>,
  referral: ReferralRow & Partial<Signing>,
  dateTime: string,
): string {
  const signed = signedBy(dateTime, clock);
  const takenBack = takenBackAt(referral);
  if (takenBack === undefined || Date.parse(signed) > takenBack) return signed;
  if ((endOf(dateTime, clock) ?? 0) <= takenBack)
    throw refusedConsent(referral, 'The person took this back after they had signed it', [
      { field: 'dateTime', rule: 'taken-back-since' },
    ]);
  const begins = startOf(dateTime, clock);
  return begins > takenBack ? new Date(begins).toISOString() : clock.now().toISOString();
}

/** Gives when the person took the consent of a referral back, or every consent; whichever is later. */
function takenBackAt({
  consent_recorded: text,
  everythingTakenBack,
}: ReferralRow & Partial<Signing>): number | undefined {
  const { withdrawn, withdrawnAt } = recordedConsentIn(text) ?? {};
  const moments = [everythingTakenBack?.getTime()];
  if (withdrawn && withdrawnAt !== undefined) moments.push(Date.parse(withdrawnAt));
  const known = moments.filter((moment) => moment !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}

/** Gives the parts of a consent that is recorded whole. They were checked before. */
function wholeOf(
  deps: ReviewDeps,
  { category, ownName }: ReferralRow & Partial<Signing>,
  decision: RecordDecision,
): Partial<RecordedConsent> {
  const { authority, method, document, householdSize } = decision;
  const { places, except = [], elements = [], partTwo } = decision;
  const signer = decision.signer ?? ownName;
  const kind = decision.kind === eachNeed ? category : decision.kind;
  const permits: ConsentScope = {
    ...withoutUndefined({ places, kind, partTwo }),
    ...{ except, elements },
  };
  const author = method === 'spoken' ? deps.spokenConsent?.author : undefined;
  return {
    permits,
    ...withoutUndefined({ signer, authority, method, document, householdSize }),
    ...withoutUndefined({ spokenPolicyBy: author }),
  };
}

/** Gives the instant until which a consent counts; undefined where nothing limits it. */
function endOfConsent(
  deps: ReviewDeps,
  referral: ReferralRow,
  { dateTime, until }: RecordDecision,
): number | undefined {
  const { clock, longestConsentDays } = deps;
  if (isFuture(dateTime, clock))
    throw refusedConsent(referral, 'A consent cannot have been signed in the future', [
      { field: 'dateTime', rule: 'future' },
    ]);
  const signed = startOf(dateTime, clock);
  const ownEnd = endOf(until, clock);
  if (ownEnd !== undefined && ownEnd < signed)
    throw refusedConsent(referral, 'This consent ends before it was signed', [
      { field: 'until', rule: 'before-signature' },
    ]);
  const latest = longestConsentDays && signed + longestConsentDays * dayMs;
  const ends = [ownEnd, latest].filter((end) => end !== undefined);
  const end = ends.length > 0 ? Math.min(...ends) : undefined;
  if (end !== undefined && end <= clock.now().getTime())
    throw refusedConsent(referral, 'This consent has ended already', [
      { field: ownEnd === end ? 'until' : 'dateTime', rule: 'ended' },
    ]);
  return end;
}

/**
 * Lists the consents that a new one replaces: those recorded earlier for this referral and not
 * withdrawn. A Task that was sent under one goes on.
 */
function replacedBy(referral: ReferralRow): Pick<RecordedConsent, 'replaces'> {
  const before = recordedConsentIn(referral.consent_recorded);
  return before && !before.withdrawn ? { replaces: [...(before.replaces ?? []), before.id] } : {};
}

/** Makes the record of a consent that the person has taken back. */
export function withdrawnConsent(deps: ReviewDeps, referral: ReferralRow): RecordedConsent {
  const now = deps.clock.now().toISOString();
  const before = recordedConsentIn(referral.consent_recorded);
  const recorded = before ?? { id: consentId(referral, now), dateTime: now };
  return { ...recorded, withdrawn: true, withdrawnAt: now };
}
