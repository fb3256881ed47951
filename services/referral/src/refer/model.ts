import type { fhir4 } from '@loopwell/fhir';
import { deriveId } from '@loopwell/kit';
import type {
  AgeStanding,
  ConsentScope,
  ConsentsOnFile,
  Identity,
  PatientStanding,
  PersonNo,
  QuarantinedConsent,
  SentConsent,
  StandingForNew,
  WithoutHelp,
} from '@loopwell/sdoh';
import type {
  LedgerRow,
  PartnerRow,
  ReferralRow,
  referrals,
  TaskConsent,
  TaskRow,
} from '@loopwell/store';
import type { LearnedAnswer } from '../answers/keep-answers.ts';

/** The facts that the gates of one referral use, gathered for the whole batch. */
export type ReferralFacts = {
  referral: ReferralRow;
  tasks: readonly TaskRow[];
  /** Tells whether anything may be sent for this Patient. */
  standing: PatientStanding;
  age: AgeStanding;
  /**
   * The agreement that the EHR or the site has now. An agreement that a reviewer recorded is on the
   * referral.
   */
  agreement: Agreement | undefined;
  /** Id of the EHR's own order of the category that counts now. */
  ehrOrder?: string | undefined;
  /** The EHR's own order, which ours fulfils, does not hold any more. */
  isOrderTakenBack?: boolean;
  /** The EHR says that the agreement of the referral does not hold any more. */
  isAgreementTakenBack: boolean;
  /** A reviewer recorded that the person took the consent back. */
  isConsentWithdrawnHere: boolean;
  /**
   * Gives the reason why nothing is sent although a Consent permits, because the EHR's Consents are
   * not fully known. It stops new sends and takes nothing back.
   */
  whyNotYet: (consent: Permit) => string | undefined;
  consentFor: (partner: Partner) => ConsentDecision;
  /** Gives the state of the Consent under which a Task was sent; undefined if that is unknown. */
  sentUnder: (task: TaskRow) => SentConsent | undefined;
  /** What a consent that was recorded here lets a partner read; undefined for any other Consent. */
  scopeOf: (consent: Permit) => ConsentScope | undefined;
  /** Gives the Consent of a decision, as it came or as a reviewer recorded it. */
  consentDocument: (consentId: string) => fhir4.Consent | undefined;
  /**
   * Partners that serve the category, in the order of the directory, without those that the person
   * keeps out.
   */
  partners: readonly Partner[];
  serviceCode: ServiceCode | undefined;
  /** Tells whether a partner takes something new; left out, every partner does. */
  standingOf?: (partner: Partner) => PartnerStanding;
  /** Counts a Task that is about to be sent, for the referrals of the batch that come after it. */
  countSend?: (partner: Partner) => void;
  isHeld: (partner: Partner) => boolean;
  /** The person asked to keep this partner out of everything. */
  isKeptOut?: (partner: Partner) => boolean;
  /** Nobody has said yet which partners the person wants kept out, so nothing is sent. */
  hasUnresolvedKeepOut?: boolean;
  /** What the person said no to, over all of their records. */
  saidNo?: SaidNo | undefined;
  /** A brother or sister has the one referral of the family for this need. */
  isWithSibling?: boolean;
  /** The same need of the person is under way already, and nobody said that it goes out anyway. */
  isUnderWay?: boolean;
  /** Milliseconds for which the decision can still be undone; undefined if nothing waits for it. */
  undoMs?: number | undefined;
  /** The partner that the last one named when it handed the referral over. */
  handedTo?: string | undefined;
};

/** Whether a partner takes something new, and in how many milliseconds it does again. */
export type PartnerStanding = { kind: StandingForNew['kind']; until?: Date; opensInMs?: number };

/** What the person said no to, as far as one referral is concerned. */
export type SaidNo = {
  /** The no to this help; undefined where none stands. */
  no: PersonNo | undefined;
  /** Milliseconds until one of their nos ends by itself. */
  endsInMs: number | undefined;
  /** Tells whether the person does not want this partner. */
  refuses: (partner: Pick<Partner, 'id'>) => boolean;
};

export type Agreement = { source: string; on: string; askedBy?: string };

/**
 * An Organization at one Endpoint address. Consent and holds go by the Organization; whether it had
 * its turn goes by both.
 */
export type Partner = {
  id: string;
  name: string;
  address: string;
  channel: string;
  references?: readonly string[];
  /** The kinds of help that it gives, where that is known. */
  categories?: readonly string[];
};
export type ServiceCode = { system: string; code: string; display: string };

export type ConsentDecision =
  | { kind: 'permit'; consentId: string; version: string; until?: string; signed?: string }
  | { kind: 'denied' }
  /** `lapsed`: a Consent permitted it and has expired without being taken back. */
  | { kind: 'none'; lapsed?: boolean; why?: string }
  /**
   * The Consent has an element that cannot be read or is not evaluated. A person has to look, and
   * `why` names the element.
   */
  | { kind: 'needs-person'; why?: string };

export type Permit = Extract<ConsentDecision, { kind: 'permit' }>;

export type Gate =
  | 'saidNo'
  | 'review'
  | 'listGiven'
  | 'withSibling'
  | 'withoutHelp'
  | 'agreement'
  | 'consent'
  | 'noServiceCode'
  | 'noPartner'
  | 'underWay'
  | 'hold'
  | 'send';

export type RecallReason = referrals.EndedReason;

export type Decision =
  /** `forMs`: a worker looks again after so long. */
  | { kind: 'wait'; gate: Gate; why?: WithoutHelp; forMs?: number }
  /**
   * A live Task whose POST may or may not have arrived. The partner is asked first. `resend`: it
   * may be sent again if it did not arrive.
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
   * `unclear`: the record does not say clearly whether the person may be helped, so the partner
   * reads nothing.
   */
  | { kind: 'at-partner'; unclear?: true }
  | { kind: 'recall'; task: TaskRow; reason: RecallReason }
  | { kind: 'withdraw'; reason: RecallReason }
  /** A person has closed the referral without help. */
  | { kind: 'give-up' }
  | { kind: 'nothing' };

export type Prepare = {
  row: LedgerRow;
  facts: ReferralFacts;
  decision: Extract<Decision, { kind: 'send' }>;
};

/** A Task on its way, with all that the channel needs. */
export type Outgoing = {
  taskId: string;
  referral: string;
  person: string;
  receiptKey: string;
  partner: string;
  address: string;
  channel: string;
  /** The category of help. */
  need: string;
  body: fhir4.Task;
  /** What the Task leads to, where the channel carries it. */
  resources: readonly fhir4.Resource[];
  /** The page where the partner answers, where a message tells of it. */
  answerLink?: string;
  /**
   * Set if the POST may have arrived already, so the partner is asked first. `resend`: the Task may
   * be sent again after a proven "no".
   */
  ask?: { resend: boolean; deniedBefore: boolean; notKept: number };
};

export type Delivery =
  | { kind: 'there'; remoteId: string; etag?: string; status: string; answer?: LearnedAnswer }
  | { kind: 'refused'; status: number; issueCode?: string }
  /** It leaves later, for example in one message with others. */
  | { kind: 'waiting'; ms: number }
  /** The partner was asked and showed once that it does not have the Task. Once is not enough. */
  | { kind: 'not-there' }
  /** The Task never arrived, and it may not be sent any more. */
  | { kind: 'abandoned' }
  /** A hold came between the decision and the POST, and nothing was sent. */
  | { kind: 'held' }
  | { kind: 'cannot-tell'; code: string }
  | { kind: 'failed'; error: unknown };

export type Delivered = { row: LedgerRow; outgoing: Outgoing; delivery: Delivery };

/** The outcome of a recall. `answer`: the partner's answer, read on the way. */
export type Recalled =
  /** `byHand`: the channel takes nothing back, so a person has to tell the partner. */
  (
    | { kind: 'cancelled'; status: string; byHand?: true }
    | { kind: 'kept'; status: string }
    | { kind: 'cannot-prove'; code: string }
  ) & { answer?: LearnedAnswer | undefined };

/**
 * Derives the id of a Task from the referral and the attempt. The same attempt always has the same
 * Task and the same receipt, so it is sent once.
 */
export function taskIdOf(tenant: string, referral: string, attempt: number): string {
  return deriveId(tenant, 'task', referral, String(attempt));
}

/** The domain's rules that the gates use; `gateRules` makes them. */
export type GateRules = {
  /** Evaluates consent for a partner. An empty `partner.id` means any recipient. */
  consent: (onFile: ConsentsOnFile, person: PersonFile, partner: Partner) => ConsentDecision;
  /** Tells the state of the Consent under which a Task went to a partner. */
  sentUnder: (
    onFile: ConsentsOnFile,
    person: PersonFile,
    partner: Partner,
    sent: TaskConsent,
  ) => SentConsent;
  agreement: (
    onFile: ConsentsOnFile,
    person: PersonFile,
    category: string,
  ) => Agreement | undefined;
  /** Gives the id of the EHR's own order of the category. */
  order: (person: PersonFile, category: string) => string | undefined;
  serviceCode: (category: string) => ServiceCode | undefined;
  partnersFor: (rows: readonly PartnerRow[], category: string) => Partner[];
};

/** The pulled resources of one person that referring needs. */
export type PersonFile = {
  person: string;
  connection: string;
  base: string;
  patient: fhir4.Patient | undefined;
  /** Somebody told us that the person has died, whatever the chart says. */
  isReportedDead?: boolean;
  /** A later version of the Patient could not be kept, so its content is unknown. */
  isPatientUnread?: boolean;
  consents: readonly fhir4.Consent[];
  goals: readonly fhir4.Goal[];
  serviceRequests: readonly fhir4.ServiceRequest[];
  /** Tells our own orders and Goals from the EHR's. */
  identity?: Identity;
  /** Consents of the person's EHR that could not be kept. */
  quarantined?: readonly QuarantinedConsent[];
  /** The person's Consents have not been read up to now, for a known reason. */
  areConsentsUnread?: boolean;
  /** The person took every consent back. */
  everythingWithdrawn?: { id: string; at: Date } | undefined;
};
