import { withoutUndefined } from '@loopwell/fhir';
import {
  doesAgreementHold,
  isEndedAsHelp,
  isSafetyCategory,
  isUntaken,
  needsPersonAfter,
  type SentConsent,
  startOf,
} from '@loopwell/sdoh';
import type { ReferralRow, TaskRow } from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';
import { isApproved, isRestricted, isUndone, mayGoTo } from './approval.ts';
import { handedNext } from './handed-over.ts';
import type { Decision, Partner, Permit, RecallReason, ReferralFacts } from './model.ts';
import {
  anyone,
  consentAmong,
  mayBeSentAgain,
  takingAmong,
  turnsOf,
  whoIsNext,
  whyNobodyLeft,
  whyNoneTakes,
} from './partner-turns.ts';
import { noAgainst, waitForPerson, waitForWord } from './said-no.ts';

/**
 * Reasons from the Patient's record. Nothing is sent for a person who has died, or whose record is
 * not used any more. DECISIONS D2.
 */
const standingReasons = {
  died: 'person-died',
  merged: 'person-merged',
  inactive: 'person-inactive',
} as const;

/**
 * Decides what happens to a referral now. The first unmet gate counts, in this order: the person's
 * no, approval, a partner that could help is left, agreement, consent, service code, partner, the
 * same need under way, hold, send. At the last one a decision of a person also waits until it cannot be undone any more. Each
 * gate has its own reason while the referral waits. Consent is evaluated again each time, for each
 * recipient; without it no path leads to `send`. A referral that no partner could help is ended by
 * a person, never by a machine.
 */
export function decide(facts: ReferralFacts, settings: ReferralSettings): Decision {
  const { referral, tasks } = facts;
  if (referral.state !== 'waiting' && referral.state !== 'partner') return { kind: 'nothing' };
  // The person was helped. `close` decides what happens next, and no further partner is asked.
  if (tasks.some(isEndedAsHelp)) return { kind: 'nothing' };
  const live = tasks.find((task) => task.live);
  const end = endedByPeople(facts, live);
  if (live && isUncertain(live, end)) return unknownOutcome(facts, live, end, settings);
  if (end)
    return live ? { kind: 'recall', task: live, reason: end } : { kind: 'withdraw', reason: end };
  if (live)
    return {
      kind: 'at-partner',
      ...withoutUndefined({ unclear: facts.standing === 'unclear' ? (true as const) : undefined }),
    };
  return referral.given_up_by === null ? nextSend(facts, settings) : { kind: 'give-up' };
}

/**
 * Tells whether the partner has to be asked about a Task before anything else. A Task that is moved
 * here alone can be taken back, whether or not its partner has been told.
 */
const isUncertain = (live: TaskRow, end: RecallReason | undefined): boolean =>
  live.remote_id === null && !(end && live.door === 'here');

/** Gives the partner that a Task went to. */
export const partnerOf = (task: TaskRow): Partner => ({
  id: task.partner,
  name: '',
  address: task.address,
  channel: task.channel,
});

/**
 * Decides about a Task whose POST may or may not have arrived: the partner is asked. While sends
 * are held it waits, unless the referral has ended and the cancellation has to reach the partner.
 */
function unknownOutcome(
  facts: ReferralFacts,
  live: TaskRow,
  end: RecallReason | undefined,
  settings: ReferralSettings,
): Decision {
  const partner = partnerOf(live);
  const held = facts.isHeld(partner);
  if (held && !end) return { kind: 'wait', gate: 'hold' };
  // Consent, hold and the send switch are checked in the claim of each send, also of a repeated
  // one.
  const consent = facts.consentFor(partner);
  const hasConsent = consent.kind === 'permit' && facts.whyNotYet(consent) === undefined;
  const mayGo = mayGoTo(facts.referral, partner) && mayBeSentAgain(facts, partner);
  const resend = !end && !held && settings.send && mayGo && hasConsent;
  return { kind: 'ask', task: live, resend };
}

/**
 * Gives the reason why people ended a referral: the person is not to be helped any more, a reviewer
 * refused the need, or an agreement or consent was taken back.
 */
function endedByPeople(facts: ReferralFacts, live: TaskRow | undefined): RecallReason | undefined {
  const { referral, standing } = facts;
  if (standing !== 'stands' && standing !== 'unclear') return standingReasons[standing];
  if (referral.approval === 'refused') return closedFor(referral) ?? 'refused';
  if (referral.agreement_withdrawn_at) return 'agreement-withdrawn';
  if (facts.isOrderTakenBack || (facts.isAgreementTakenBack && !isAgreed(facts)))
    return 'agreement-withdrawn';
  // A no shuts a gate; it ends a referral only where somebody says so.
  if (!live) return facts.saidNo?.no ? undefined : consentTakenBack(facts);
  if (facts.isKeptOut?.(partnerOf(live))) return 'kept-out';
  const against = noAgainst(facts, live);
  if (against) return against;
  return (
    takenBackByStaff(referral, live) ??
    consentEnded(facts, live) ??
    (isRestrictedSince(referral, live) ? 'restricted' : undefined)
  );
}

/** Gives why somebody ended a referral by hand; undefined where nobody did. */
function closedFor({ closed_for: why }: ReferralRow): RecallReason | undefined {
  return closeReasons.find((reason) => reason === why);
}

const closeReasons = ['helped-elsewhere', 'no-longer-wanted', 'not-reached', 'moved'] as const;

/**
 * Gives the reason why staff take a Task back that goes on afterward: a decision was undone, or
 * somebody chose another partner than the one that has it.
 */
function takenBackByStaff(referral: ReferralRow, live: TaskRow): RecallReason | undefined {
  if (isUndone(referral)) return 'undone';
  const isAnother = (referral.recipient ?? live.partner) !== live.partner;
  return isAnother && !isRestricted(referral) ? 'partner-changed' : undefined;
}

/**
 * Tells whether a restricting label came while a Task was out to a partner that was not picked for
 * it. The Task comes back, even if the partner is at work, and waits for a person to pick one. A
 * pick from before the label does not count (`saveNeeds`).
 */
export const isRestrictedSince = (referral: ReferralRow, live: TaskRow): boolean =>
  isRestricted(referral) && !mayGoTo(referral, partnerOf(live));

/**
 * Gives the reason why consent ends a Task that is out. A consent that was taken back ends it,
 * whatever else is on file. If the Consent under which it went has expired, only a Task that is not
 * taken yet comes back; a partner at work goes on with what it knows and reads no personal data any
 * more. If that Consent, or another that may refuse, cannot be read, the Task comes back and waits
 * for a person.
 */
function consentEnded(facts: ReferralFacts, live: TaskRow): RecallReason | undefined {
  const consent = facts.consentFor(partnerOf(live));
  const sent = facts.sentUnder(live);
  if (consent.kind === 'permit')
    return !sent || isCovered(sent, consent) ? undefined : endOf(sent.state, live);
  if (consent.kind === 'denied' || facts.isConsentWithdrawnHere) return 'consent-revoked';
  const end = sent && endOf(sent.state, live);
  if (consent.kind === 'needs-person') return end ?? 'consent-unclear';
  return sent ? end : endOf(consent.lapsed ? 'lapsed' : 'ended', live);
}

/**
 * Tells whether a permitting Consent covers a Task whose own Consent has ended. It does only if it
 * was signed later, because an older one says nothing about a later refusal.
 */
export const isCovered = (sent: SentConsent, { signed }: Permit): boolean =>
  sent.state === 'stands' ||
  sent.state === 'lapsed' ||
  (startOf(signed) ?? Number.NEGATIVE_INFINITY) > sent.since;

/** Gives the reason why the state of its Consent ends a Task; undefined if it does not. */
function endOf(state: SentConsent['state'], live: TaskRow): RecallReason | undefined {
  switch (state) {
    case 'stands':
      return undefined;
    case 'lapsed':
      return isUntaken(live.status) && live.remote_id !== null ? 'consent-expired' : undefined;
    case 'unclear':
      return 'consent-unclear';
    case 'ended':
      return 'consent-revoked';
  }
}

/** Gates that a referral reaches only with consent. */
const afterConsent: readonly string[] = ['noServiceCode', 'noPartner', 'hold', 'send'];

/**
 * Gives `consent-revoked` if a referral without a live Task had consent and no Consent for its
 * partners stands any more.
 */
function consentTakenBack(facts: ReferralFacts): RecallReason | undefined {
  // A consent that was recorded by mistake and undone was not taken back.
  // Nor does what was sent before somebody opened it again count.
  const since = facts.tasks.slice(facts.referral.asked_after ?? 0);
  const hasSent = since.some(({ reason }) => reason !== 'undone');
  const hadConsent = hasSent || afterConsent.includes(facts.referral.gate ?? '');
  if (!hadConsent) return undefined;
  const answers = [...facts.partners, anyone].map((partner) => facts.consentFor(partner));
  const stands = answers.some(
    (consentDecision) =>
      consentDecision.kind === 'permit' ||
      consentDecision.kind === 'needs-person' ||
      (consentDecision.kind === 'none' && consentDecision.lapsed),
  );
  return stands ? undefined : 'consent-revoked';
}

/**
 * Tells whether the person agreed to the help, by the EHR, the site or a reviewer's record. For a
 * minor a record says who said yes, and by which right.
 */
export function isAgreed({ referral, agreement, age }: ReferralFacts): boolean {
  if (agreement !== undefined) return true;
  const { agreement_authority: authority, minor_service } = referral;
  const isRecorded = referral.agreement_source === 'reviewer' && referral.agreement_on !== null;
  return isRecorded && doesAgreementHold(authority, minor_service !== null, age);
}

/** Decides about a referral without a live Task: the first unmet gate, or the send. */
function nextSend(facts: ReferralFacts, settings: ReferralSettings): Decision {
  const { referral } = facts;
  const against = waitForPerson(facts) ?? waitForWord(facts);
  if (against) return against;
  // The record does not say clearly that this person may be helped, so no approval counts before it
  // does.
  if (facts.standing !== 'stands' || !isApproved(facts)) return { kind: 'wait', gate: 'review' };
  // The name of such a need alone tells a safety answer to whoever sees the Task.
  if (isSafetyCategory(referral.category)) return { kind: 'wait', gate: 'review' };
  const { open, untried, ...turns } = turnsOf(facts);
  const why = needsPersonAfter(open) ?? whyNobodyLeft({ ...turns, untried });
  const handed = handedNext(facts, open, takingAmong(facts, untried));
  if (why && !handed) return { kind: 'wait', gate: 'withoutHelp', why };
  if (!isAgreed(facts)) return { kind: 'wait', gate: 'agreement' };
  // Nothing is sent to a confidential service, so nobody has to sign for it.
  if (whyNoneTakes(facts)?.kind === 'confidential') return { kind: 'wait', gate: 'noPartner' };
  const consent = consentAmong(facts, untried);
  if (!consent || facts.whyNotYet(consent) !== undefined) return { kind: 'wait', gate: 'consent' };
  if (!facts.serviceCode) return { kind: 'wait', gate: 'noServiceCode' };
  const next = whoIsNext(facts);
  if (!next?.consent) return { kind: 'wait', gate: 'noPartner', ...untilOpen(facts) };
  const { partner } = next;
  const waits = lastGates(facts, partner, settings);
  if (waits) return waits;
  return {
    kind: 'send',
    partner,
    consent: next.consent,
    serviceCode: facts.serviceCode,
    approvedBy: referral.approved_by ?? '',
  };
}

/** Gives how long no partner is open, where that ends by itself. */
function untilOpen(facts: ReferralFacts): { forMs?: number } {
  return withoutUndefined({ forMs: whyNoneTakes(facts)?.opensInMs });
}

/** How long a referral waits before a worker looks again whether the other one has ended. */
const underWayMs = 900_000;

/**
 * Gives the wait of what may go out but for the same need under way, a hold, the switch, or an undo
 * that is possible.
 */
function lastGates(
  facts: ReferralFacts,
  partner: Partner,
  settings: ReferralSettings,
): Decision | undefined {
  if (facts.isUnderWay) return { kind: 'wait', gate: 'underWay', forMs: underWayMs };
  if (facts.isHeld(partner)) return { kind: 'wait', gate: 'hold' };
  if (!settings.send) return { kind: 'wait', gate: 'send' };
  const { undoMs } = facts;
  return undoMs === undefined ? undefined : { kind: 'wait', gate: 'send', forMs: undoMs };
}
