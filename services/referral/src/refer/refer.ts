import { withoutUndefined } from '@loopwell/fhir';
import {
  type AgeStanding,
  afterAllTurns,
  hadTurn,
  isEndedAsHelp,
  isUntaken,
  needsPersonAfter,
  nextAmong,
  type SentConsent,
  startOf,
  turnsAmong,
} from '@loopwell/sdoh';
import type { ReferralRow, TaskRow } from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';
import type {
  ConsentDecision,
  Decision,
  Gate,
  Partner,
  Permit,
  RecallReason,
  ReferralFacts,
} from './model.ts';

/**
 * Reasons that lie with the Patient's record: nothing goes out for somebody who has died, or whose
 * record is not used any more. DECISIONS D2.
 */
const standingReasons = {
  died: 'person-died',
  merged: 'person-merged',
  inactive: 'person-inactive',
} as const;

/**
 * What may happen to a referral now. Each gate has its own reason while it waits; the first unmet
 * one counts, in the order approval, whether anybody is left who could help, agreement, consent,
 * service code, partner, hold, send. Consent is looked at again each time, for each recipient;
 * without it no path leads to `send`. No machine ends a referral because nobody could help: a
 * person does.
 */
export function decide(facts: ReferralFacts, settings: ReferralSettings): Decision {
  const { referral, tasks } = facts;
  if (referral.state !== 'waiting' && referral.state !== 'partner') return { kind: 'nothing' };
  // Helped: `close` says what becomes of it, and no further partner is asked.
  if (tasks.some(isEndedAsHelp)) return { kind: 'nothing' };
  const live = tasks.find((task) => task.live);
  const end = endedByPeople(facts, live);
  if (live && live.remote_id === null) return unknownOutcome(facts, live, end, settings);
  if (end)
    return live ? { kind: 'recall', task: live, reason: end } : { kind: 'withdraw', reason: end };
  if (live)
    return {
      kind: 'at-partner',
      ...withoutUndefined({ unclear: facts.standing === 'unclear' ? (true as const) : undefined }),
    };
  return referral.given_up_by === null ? nextSend(facts, settings) : { kind: 'give-up' };
}

export const partnerOf = (task: TaskRow): Partner => ({
  id: task.partner,
  name: '',
  address: task.address,
  channel: task.channel,
});

/** Any recipient at all: asked where no partner is known. */
const anyone: Partner = { id: '', name: '', address: '', channel: '' };

/**
 * While sends are held nothing is asked either, unless somebody's no has to reach what may have
 * arrived.
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
  // Consent, hold and the switch are looked at in the claim of each send, a repeated one included.
  const consent = facts.consentFor(partner);
  const hasConsent = consent.kind === 'permit' && facts.whyNotYet(consent) === undefined;
  const resend = !end && !held && settings.send && mayGoTo(facts.referral, partner) && hasConsent;
  return { kind: 'ask', task: live, resend };
}

/**
 * A person who is not to be helped any more, a need that a reviewer refused, or an agreement or
 * consent taken back after it was given.
 */
function endedByPeople(facts: ReferralFacts, live: TaskRow | undefined): RecallReason | undefined {
  const { referral, standing } = facts;
  if (standing !== 'stands' && standing !== 'unclear') return standingReasons[standing];
  if (referral.approval === 'refused') return 'refused';
  if (referral.agreement_withdrawn_at) return 'agreement-withdrawn';
  if (facts.isOrderTakenBack || (facts.isAgreementTakenBack && !isAgreed(facts)))
    return 'agreement-withdrawn';
  if (!live) return consentTakenBack(facts);
  return (
    consentEnded(facts, live) ?? (isRestrictedSince(referral, live) ? 'restricted' : undefined)
  );
}

/**
 * A label came while a Task was out. Nobody picked its partner for what is restricted: it comes
 * back, whoever is at work on it, and waits for somebody who does. A pick from before the label is
 * none (`saveNeeds`).
 */
export const isRestrictedSince = (referral: ReferralRow, live: TaskRow): boolean =>
  isRestricted(referral) && !mayGoTo(referral, partnerOf(live));

/**
 * Consent that was taken back ends what is out, whatever else is on file. The one under which the
 * Task went counts: where it has run out, that stops what nobody has taken yet, and a partner that
 * is at work goes on with what it knows; from then on it reads no personal data. Where it cannot be
 * read any more, or another that may be a no cannot be read, the Task comes back and waits for a
 * person.
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
 * Another Consent permits in its place only when it was signed later: an older one says nothing
 * about a later no.
 */
export const isCovered = (sent: SentConsent, { signed }: Permit): boolean =>
  sent.state === 'stands' ||
  sent.state === 'lapsed' ||
  (startOf(signed) ?? Number.NEGATIVE_INFINITY) > sent.since;

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

/** Gates that a referral reaches only when there was consent. */
const afterConsent: readonly string[] = ['noServiceCode', 'noPartner', 'hold', 'send'];

function consentTakenBack(facts: ReferralFacts): RecallReason | undefined {
  const hadConsent = facts.tasks.length > 0 || afterConsent.includes(facts.referral.gate ?? '');
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
 * Who approves instead of a reviewer, if anybody; undefined where a reviewer has to.
 *
 * `policy:confirmed-in-ehr`: every Condition of the need is confirmed in the EHR, so that a
 * clinician has said yes there. `policy:unambiguous`, where a site has switched it on: at least one
 * coded positive answer of a verified row, nothing contradicting, not from a score alone, not
 * sensitive. Either lets a referral go; none makes a Condition `confirmed`.
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
  // A person decides whom to ask for a child; somebody whose age nobody knows may be one.
  if (age !== 'adult') return undefined;
  // Somebody has taken it up, and put it off: it is theirs.
  if (referral.postponed_until) return undefined;
  if (referral.confirmed) return confirmedInEhr;
  return settings.approve === 'unambiguous' && isUnambiguous(referral)
    ? 'policy:unambiguous'
    : undefined;
}

const confirmedInEhr = 'policy:confirmed-in-ehr';

const isUnambiguous = (referral: ReferralRow) => referral.unambiguous && !referral.sensitive;

/**
 * What a policy approved it approved of what was known then: until it is out, a later answer may
 * undo that.
 */
function isApproved({ referral, tasks, age }: ReferralFacts): boolean {
  if (referral.approval !== 'approved') return false;
  if (isRestricted(referral)) return isPickedByPerson(referral);
  if (tasks.length > 0 || !isByPolicy(referral)) return true;
  if (age !== 'adult') return false;
  return referral.approved_by === confirmedInEhr
    ? referral.confirmed && !referral.sensitive
    : isUnambiguous(referral);
}

/** Its need rests on something with a restricting security label. */
export const isRestricted = ({ restriction }: ReferralRow): boolean =>
  (restriction ?? null) !== null;

/**
 * A signed-in person picked it for one partner. No consent can name a partner for Part 2 data here
 * yet: that one stays.
 */
const isPickedByPerson = ({ restriction, recipient, approved_by }: ReferralRow): boolean =>
  restriction === 'one-recipient' &&
  (recipient ?? null) !== null &&
  (approved_by?.startsWith('person:') ?? false);

/**
 * To a partner that whoever approved it named, where one was named; what is restricted to that one
 * only.
 */
const mayGoTo = (referral: ReferralRow, partner: Partner): boolean =>
  isRestricted(referral)
    ? isPickedByPerson(referral) && referral.recipient === partner.id
    : (referral.recipient ?? partner.id) === partner.id;

export const isByPolicy = (referral: ReferralRow): boolean =>
  referral.approved_by?.startsWith('policy:') ?? false;

export const isAgreed = ({ referral, agreement }: ReferralFacts): boolean =>
  agreement !== undefined ||
  (referral.agreement_source === 'reviewer' && referral.agreement_on !== null);

/**
 * Whom a referral may go to: those who had their turn, and those who have not, in the order of the
 * directory.
 */
function turnsOf({ referral, tasks, partners }: ReferralFacts) {
  // What ended before a person decided to go on has been looked at.
  const open = tasks.slice(referral.asked_after ?? 0).filter(hadTurn);
  return { open, ...turnsAmong(tasks, partners, (partner) => mayGoTo(referral, partner)) };
}

const permitOf = (consent: ConsentDecision): Permit | undefined =>
  consent.kind === 'permit' ? consent : undefined;

export type Next = { partner: Partner; consent?: Permit };

/**
 * Who is asked next, for the sender and for every preview of what it would do: the first in the
 * order of the directory that has not had its turn and to whom consent permits it; where it permits
 * nobody yet, the first whom nothing forbids.
 */
export function whoIsNext(facts: ReferralFacts): Next | undefined {
  const { open, untried } = turnsOf(facts);
  if (needsPersonAfter(open)) return undefined;
  const next = nextAmong(untried, facts.consentFor);
  return (
    next && {
      partner: next.partner,
      ...withoutUndefined({ consent: next.consent.kind === 'permit' ? next.consent : undefined }),
    }
  );
}

function nextSend(facts: ReferralFacts, settings: ReferralSettings): Decision {
  const { referral } = facts;
  // The record does not say clearly that this person may be helped: no yes helps before it does.
  if (facts.standing !== 'stands' || !isApproved(facts)) return { kind: 'wait', gate: 'review' };
  const { turns, open, eligible, untried } = turnsOf(facts);
  const nobodyLeft = eligible.length > 0 && untried.length === 0;
  const why = needsPersonAfter(open) ?? (nobodyLeft ? afterAllTurns(turns) : undefined);
  if (why) return { kind: 'wait', gate: 'withoutHelp', why };
  if (!isAgreed(facts)) return { kind: 'wait', gate: 'agreement' };
  const next = whoIsNext(facts);
  const consent = untried.length > 0 ? next?.consent : permitOf(facts.consentFor(anyone));
  if (!consent || facts.whyNotYet(consent) !== undefined) return { kind: 'wait', gate: 'consent' };
  if (!facts.serviceCode) return { kind: 'wait', gate: 'noServiceCode' };
  if (!next?.consent) return { kind: 'wait', gate: 'noPartner' };
  const { partner } = next;
  if (facts.isHeld(partner)) return { kind: 'wait', gate: 'hold' };
  if (!settings.send) return { kind: 'wait', gate: 'send' };
  return {
    kind: 'send',
    partner,
    consent,
    serviceCode: facts.serviceCode,
    approvedBy: referral.approved_by ?? '',
  };
}

/** Who has to do something while a gate is shut. */
export const gateOwners = {
  review: 'reviewer',
  withoutHelp: 'reviewer',
  agreement: 'reviewer',
  consent: 'reviewer',
  noServiceCode: 'reviewer',
  noPartner: 'operator',
  hold: 'operator',
  send: 'operator',
} as const satisfies Record<Gate, 'reviewer' | 'operator'>;
