import { AppError, type Clock, deriveId, fingerprint, newId } from '@loopwell/kit';
import type { NudgeFunction } from '@loopwell/pipeline';
import { generalServiceCodes, serviceCodesOf } from '@loopwell/sdoh';
import { type Database, type HistoryLine, ledger, type ReferralPatch, type ReferralRow, referrals } from '@loopwell/store';
import type { ReviewDecision } from './decisions.ts';

export type ReviewDeps = {
  tx: Database['tx'];
  nudge: NudgeFunction;
  clock: Clock;
  /** A consent that a reviewer records counts for at most this many days from its signature (Minnesota: one year). */
  longestConsentDays: number | undefined;
};

/** Who decides, as http tells it. */
export type Reviewer = { id: string; kind: 'person' | 'policy' | 'partner' | 'system'; organisation: string };

/**
 * Records one decision about one or many referrals, all or nothing, and lets the gates look at them again. What becomes of
 * the referral is theirs to say: a refusal here is a recall there, when a partner has it already.
 *
 * @throws AppError NOT_FOUND, CONFLICT (decided or ended meanwhile, or changed since the reviewer saw it), FORBIDDEN or
 *   REQUEST_INVALID; each names the referral, and nothing is changed
 */
export async function decide(deps: ReviewDeps, reviewer: Reviewer, decision: ReviewDecision): Promise<{ decided: number }> {
  const ids = [...new Set(decision.referrals)];
  const batch = newId();
  await deps.tx(async (tx) => {
    const seen = ownReferrals(ids, await referrals.loadReferrals(tx, ids), reviewer);
    // The ledger's rows are locked before the referrals, in the order in which workers lock them.
    await ledger.due(
      tx,
      seen.map(({ organisation, id, person, trace }) => ({
        organisation,
        stage: 'refer',
        subject: id,
        person,
        trace,
        batch,
      })),
    );
    const locked = ownReferrals(ids, await referrals.lockReferrals(tx, ids), reviewer);
    const patches = locked.map((referral) => ({ id: referral.id, patch: patchOf(deps, reviewer, referral, decision) }));
    await referrals.patchReferrals(tx, patches);
    await referrals.addDecisions(
      tx,
      locked.map((referral) => decisionRow(referral, reviewer, decision)),
    );
    await ledger.appendHistory(
      tx,
      locked.map((referral) => historyLine(referral, reviewer, decision)),
    );
  });
  await deps.nudge([{ stage: 'refer', batch }]);
  return { decided: ids.length };
}

/** Another organisation's referral looks like one that does not exist. */
function ownReferrals(ids: readonly string[], rows: ReadonlyMap<string, ReferralRow>, reviewer: Reviewer): ReferralRow[] {
  return ids.map((id) => {
    const row = rows.get(id);
    if (!row || row.organisation !== reviewer.organisation)
      throw new AppError('NOT_FOUND', 'There is no such referral', { facts: { referral: id } });
    return row;
  });
}

/**
 * What a reviewer's form was made from: two reviewers at once, and the second one's decision is refused. It covers what a
 * decision rests on, so that a worker that only looked again does not count as a change.
 */
export function versionOf(referral: ReferralRow): string {
  const { state, gate, conditions, since, approval, agreement_on, consent_recorded, service_code } = referral;
  const instants = [referral.approved_at, referral.agreement_withdrawn_at].map((at) => at?.getTime() ?? null);
  return fingerprint(
    JSON.stringify([state, gate, conditions, since, approval, agreement_on, consent_recorded, service_code, ...instants]),
  ).slice(0, 16);
}

function patchOf(deps: ReviewDeps, reviewer: Reviewer, referral: ReferralRow, decision: ReviewDecision): ReferralPatch {
  const facts = { referral: referral.id, state: referral.state };
  const seen = decision.versions?.[referral.id];
  if (seen !== undefined && seen !== versionOf(referral)) {
    throw new AppError('CONFLICT', 'This referral has changed since you looked at it; nothing was recorded, look again', { facts });
  }
  if (referral.state !== 'waiting' && referral.state !== 'partner') {
    throw new AppError('CONFLICT', 'This referral has ended; nothing was recorded', { facts });
  }
  if (referral.approval === 'refused') throw new AppError('CONFLICT', 'This need was refused already; nothing was recorded', { facts });
  return change(deps, reviewer, referral, decision);
}

type DecisionOf<K> = Extract<ReviewDecision, { decision: K }>;

function change(deps: ReviewDeps, reviewer: Reviewer, referral: ReferralRow, decision: ReviewDecision): ReferralPatch {
  switch (decision.decision) {
    case 'approve':
      return approval(deps, reviewer, referral);
    case 'refuse':
      return { approval: 'refused', approved_by: reviewer.id, approved_at: deps.clock.now() };
    case 'agree':
      return agreement(deps, referral, decision);
    case 'withdrawAgreement':
      return { agreement_withdrawn_at: deps.clock.now() };
    case 'recordConsent':
      return { consent_recorded: JSON.stringify(recordedConsent(deps, reviewer, referral, decision)) };
    case 'withdrawConsent':
      return { consent_recorded: JSON.stringify(withdrawnConsent(deps, referral)) };
    case 'chooseService':
      return service(reviewer, referral, decision);
  }
}

function approval(deps: ReviewDeps, reviewer: Reviewer, referral: ReferralRow): ReferralPatch {
  const facts = { referral: referral.id };
  if (referral.approval === 'approved')
    throw new AppError('CONFLICT', 'This referral was approved already; nothing was recorded', { facts });
  // Safety, violence, incarceration: no machine acts on it, and a token is a machine.
  if (referral.sensitive && reviewer.kind !== 'person') {
    throw new AppError('FORBIDDEN', 'A sensitive need is approved by a signed-in person only', { facts });
  }
  return { approval: 'approved', approved_by: reviewer.id, approved_at: deps.clock.now() };
}

function agreement(deps: ReviewDeps, referral: ReferralRow, { agreedOn, askedBy }: DecisionOf<'agree'>): ReferralPatch {
  if (isFuture(agreedOn, deps.clock)) {
    throw new AppError('REQUEST_INVALID', 'An agreement cannot have been given in the future', {
      facts: { referral: referral.id },
    });
  }
  return { agreement_on: agreedOn, agreement_by: askedBy, agreement_source: 'reviewer', agreement_withdrawn_at: null };
}

function service(reviewer: Reviewer, referral: ReferralRow, { serviceCode }: DecisionOf<'chooseService'>): ReferralPatch {
  const facts = { referral: referral.id };
  if (referral.state !== 'waiting') throw new AppError('CONFLICT', 'This referral is at a partner; its service stays', { facts });
  const chosen = serviceChoices(referral.category).find((one) => one.code === serviceCode);
  if (!chosen)
    throw new AppError('REQUEST_INVALID', 'This service code does not belong to the category, nor is it a general one', { facts });
  const { system, code, display = '' } = chosen;
  return { service_code: JSON.stringify({ system, code, display }), service_chosen_by: reviewer.id };
}

/** Service codes that a reviewer may choose for a category: its own ones first, then the general ones. None is made up. */
export function serviceChoices(category: string): { system: string; code: string; display?: string }[] {
  return [...serviceCodesOf(category), ...generalServiceCodes()];
}

type RecordedConsent = {
  id: string;
  dateTime: string;
  until?: string;
  scope?: string;
  askedBy?: string;
  recordedBy?: string;
};

const consentId = (referral: ReferralRow, dateTime: string) => deriveId(referral.organisation, 'recorded-consent', referral.id, dateTime);

const dayMs = 86_400_000;

function recordedConsent(
  deps: ReviewDeps,
  reviewer: Reviewer,
  referral: ReferralRow,
  decision: DecisionOf<'recordConsent'>,
): RecordedConsent {
  const { dateTime, scope, askedBy } = decision;
  const facts = { referral: referral.id };
  if (isFuture(dateTime, deps.clock)) throw new AppError('REQUEST_INVALID', 'A consent cannot have been signed in the future', { facts });
  const limits = [
    endOf(decision.until),
    deps.longestConsentDays === undefined ? undefined : Date.parse(dateTime) + deps.longestConsentDays * dayMs,
  ];
  const known = limits.filter((one) => one !== undefined);
  const until = known.length > 0 ? Math.min(...known) : undefined;
  if (until !== undefined && until <= deps.clock.now().getTime())
    throw new AppError('REQUEST_INVALID', 'This consent has ended already', { facts });
  return {
    id: consentId(referral, dateTime),
    dateTime: signedBy(dateTime, deps.clock),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
    scope,
    askedBy,
    recordedBy: reviewer.id,
  };
}

function withdrawnConsent(deps: ReviewDeps, referral: ReferralRow): object {
  const now = deps.clock.now().toISOString();
  const before = referral.consent_recorded
    ? (JSON.parse(referral.consent_recorded) as RecordedConsent)
    : { id: consentId(referral, now), dateTime: now };
  return { ...before, withdrawn: true, withdrawnAt: now };
}

/** A day counts to its end. */
const endOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : text.length === 10 ? Date.parse(text) + dayMs - 1 : Date.parse(text);

/** A day is in the future when it has begun nowhere on Earth yet (UTC+14 is first). */
function isFuture(text: string, clock: Clock): boolean {
  const leeway = text.length === 10 ? 14 * 3_600_000 : 0;
  return Date.parse(text) > clock.now().getTime() + leeway;
}

/** A day that has begun where it was signed, and not yet in UTC, counts from now: consent is judged by the instant. */
function signedBy(text: string, clock: Clock): string {
  const now = clock.now();
  return Date.parse(text) > now.getTime() ? now.toISOString() : text;
}

/** Words for the history and the timeline. */
export const outcomes = {
  approve: 'approved',
  refuse: 'refused',
  agree: 'agreement-recorded',
  withdrawAgreement: 'agreement-withdrawn',
  recordConsent: 'consent-recorded',
  withdrawConsent: 'consent-withdrawn',
  chooseService: 'service-chosen',
} as const satisfies Record<ReviewDecision['decision'], string>;

/** Whole, with the reviewer's words: it says later why a referral went. */
function decisionRow(referral: ReferralRow, reviewer: Reviewer, decision: ReviewDecision) {
  const { referrals: _ids, versions: _versions, reason, decision: name, ...told } = decision;
  return {
    organisation: referral.organisation,
    referral: referral.id,
    person: referral.person,
    decision: name,
    principal: reviewer.id,
    principalKind: reviewer.kind,
    ...(reason === undefined ? {} : { reason }),
    ...(Object.keys(told).length > 0 ? { facts: JSON.stringify(told) } : {}),
  };
}

/** Ids and codes only. */
function historyLine(referral: ReferralRow, reviewer: Reviewer, decision: ReviewDecision): HistoryLine {
  return {
    organisation: referral.organisation,
    stage: 'refer',
    subject: referral.id,
    person: referral.person,
    outcome: outcomes[decision.decision],
    trace: referral.trace,
    principal: reviewer.id,
    ...(decision.decision === 'chooseService' ? { facts: { serviceCode: decision.serviceCode } } : {}),
  };
}
