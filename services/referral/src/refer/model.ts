import type { fhir4 } from '@loopwell/fhir';
import { deriveId } from '@loopwell/kit';
import type { AgeStanding, PatientStanding, SentConsent, WithoutHelp } from '@loopwell/sdoh';
import type { LedgerRow, ReferralRow, referrals, TaskRow } from '@loopwell/store';
import type { LearnedAnswer } from '../answers/keep-answers.ts';

/** What the gates of one referral see, gathered for the whole batch. */
export type ReferralFacts = {
  referral: ReferralRow;
  tasks: readonly TaskRow[];
  /** Whether anything may go out for this Patient. */
  standing: PatientStanding;
  age: AgeStanding;
  /**
   * The agreement that the EHR or the site brings now; one that a reviewer recorded stands on the
   * referral.
   */
  agreement: Agreement | undefined;
  /** Id of the EHR's own order of the category, which counts now. */
  ehrOrder?: string | undefined;
  /** The EHR's own order, which ours fulfils, does not hold any more. */
  isOrderTakenBack?: boolean;
  /** The EHR says of the agreement on which the referral rested that it does not hold any more. */
  isAgreementTakenBack: boolean;
  /** A reviewer recorded that the person took the consent back. */
  isConsentWithdrawnHere: boolean;
  /**
   * Why nothing goes out on a Consent that permits: what the EHR has is not known. It stops what
   * would go, and takes nothing back.
   */
  whyNotYet: (consent: Permit) => string | undefined;
  consentFor: (partner: Partner) => ConsentDecision;
  /** What became of the Consent under which a Task went; undefined where that is not known. */
  sentUnder: (task: TaskRow) => SentConsent | undefined;
  /** The Consent of a decision, as it came or as a reviewer recorded it. */
  consentDocument: (consentId: string) => fhir4.Consent | undefined;
  /** Those who serve the category, in the order of the directory. */
  partners: readonly Partner[];
  serviceCode: ServiceCode | undefined;
  isHeld: (partner: Partner) => boolean;
};

export type Agreement = { source: string; on: string; askedBy?: string };

/**
 * An Organization at one Endpoint address. Consent and holds go by the Organization, having had a
 * turn by both.
 */
export type Partner = {
  id: string;
  name: string;
  address: string;
  channel: string;
  references?: readonly string[];
};
export type ServiceCode = { system: string; code: string; display: string };

export type ConsentDecision =
  | { kind: 'permit'; consentId: string; version: string; until?: string; signed?: string }
  | { kind: 'denied' }
  /** `lapsed`: there is one that permitted and has simply run out; nobody took it back. */
  | { kind: 'none'; lapsed?: boolean; why?: string }
  /**
   * Something in it that cannot be read or is not evaluated: a person has to look, and `why` names
   * the element.
   */
  | { kind: 'needs-person'; why?: string };

export type Permit = Extract<ConsentDecision, { kind: 'permit' }>;

export type Gate =
  | 'review'
  | 'withoutHelp'
  | 'agreement'
  | 'consent'
  | 'noServiceCode'
  | 'noPartner'
  | 'hold'
  | 'send';

export type RecallReason = referrals.EndedReason;

export type Decision =
  | { kind: 'wait'; gate: Gate; why?: WithoutHelp }
  /**
   * A live Task whose POST may or may not have arrived: ask before anything else; send again only
   * if it still may go.
   */
  | { kind: 'ask'; task: TaskRow; resend: boolean }
  | {
      kind: 'send';
      partner: Partner;
      consent: Permit;
      serviceCode: ServiceCode;
      approvedBy: string;
    }
  /**
   * `unclear`: nobody can read whether the person may be helped, so that the partner reads nothing.
   */
  | { kind: 'at-partner'; unclear?: true }
  | { kind: 'recall'; task: TaskRow; reason: RecallReason }
  | { kind: 'withdraw'; reason: RecallReason }
  /** A person has closed it without help. */
  | { kind: 'give-up' }
  | { kind: 'nothing' };

export type Prepare = {
  row: LedgerRow;
  facts: ReferralFacts;
  decision: Extract<Decision, { kind: 'send' }>;
};

/** A Task on its way: everything the channel needs. */
export type Outgoing = {
  taskId: string;
  referral: string;
  person: string;
  receiptKey: string;
  partner: string;
  address: string;
  channel: string;
  body: fhir4.Task;
  /**
   * Set when the POST may have arrived already: ask first, and whether a proven "no" may be
   * answered by sending again.
   */
  ask?: { resend: boolean; deniedBefore: boolean; notKept: number };
};

export type Delivery =
  | { kind: 'there'; remoteId: string; etag?: string; status: string; answer?: LearnedAnswer }
  | { kind: 'refused'; status: number; issueCode?: string }
  /** Asked, and it showed that it does not have it; once is not enough. */
  | { kind: 'not-there' }
  /** It never arrived, and it may not go any more. */
  | { kind: 'abandoned' }
  /** A hold came between the decision and the POST: nothing has left. */
  | { kind: 'held' }
  | { kind: 'cannot-tell'; code: string }
  | { kind: 'failed'; error: unknown };

export type Delivered = { row: LedgerRow; outgoing: Outgoing; delivery: Delivery };

/** `answer`: what the partner had said, read on the way. */
export type Recalled = (
  | { kind: 'cancelled'; status: string }
  | { kind: 'kept'; status: string }
  | { kind: 'cannot-prove'; code: string }
) & { answer?: LearnedAnswer | undefined };

/**
 * Identity makes it once: the same attempt of the same referral has the same Task and the same
 * receipt.
 */
export function taskIdOf(tenant: string, referral: string, attempt: number): string {
  return deriveId(tenant, 'task', referral, String(attempt));
}
