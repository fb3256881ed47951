import { type fhir4, systems } from '@loopwell/fhir';
import { concept } from '../../fhir-json/codings.ts';
import { type ConsentPolicy, hipaaAuthorization } from './consent-policy.ts';
import type { ConsentAuthority, ConsentMethod, ConsentScope } from './consent-scope.ts';

/** The role in a Consent's provision to which information goes. */
export const recipientRole: fhir4.CodeableConcept = concept(
  'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
  'IRCP',
);

/**
 * Returns the reference by which a consent that is recorded here names one of the directory's
 * partners. No EHR's Organization has this address.
 */
export const partnerReference = (id: string): string =>
  `${systems.loopwellPartner}/Organization/${id}`;

/**
 * Returns the reference by which a consent that is recorded here names every partner that gives
 * one kind of help. No Organization has this address.
 */
export const kindReference = (category: string): string =>
  `${systems.loopwellPartner}/kind/Organization/${category}`;

/**
 * What a reviewer wrote down of a consent that was signed outside the EHR, or of one that was taken
 * back. `recipient` is a partner's id or `any`; `scope` holds the words on the form, which limit
 * nothing. Where `permits` is there, it says to whom and what, in place of `recipient`.
 */
export type RecordedConsent = {
  id: string;
  dateTime: string;
  until?: string;
  recipient?: string;
  policy?: ConsentPolicy;
  scope?: string;
  askedBy?: string;
  recordedBy?: string;
  /** The name of the person who signed, and by which right. */
  signer?: string;
  authority?: ConsentAuthority;
  method?: ConsentMethod;
  /** Where the signed form is. */
  document?: string;
  permits?: ConsentScope;
  /** Organization ids of partners that an earlier form excluded; a consent in words keeps them. */
  except?: readonly string[];
  /** How many people live with the person, themselves included, as they say. */
  householdSize?: number;
  /** The author of the site's written policy under which a spoken yes counted. */
  spokenPolicyBy?: string;
  withdrawn?: boolean;
  withdrawnAt?: string;
  /** Ids of those that were recorded before for the same referral, and stood until then. */
  replaces?: readonly string[];
};

/**
 * Builds the Consent of what a reviewer recorded, as the table of consent judges it. No discloser
 * is named: any of the EHR's Consents that ends later ends this one too, and one that was taken
 * back takes back the EHR's older ones.
 */
export function consentOfRecord(recorded: RecordedConsent, person: string): fhir4.Consent {
  const { recipient = 'any', policy = hipaaAuthorization, until } = recorded;
  const provision: fhir4.ConsentProvision = { type: 'permit' };
  if (until) provision.period = { end: until };
  const recipients = recorded.permits
    ? recipientsOf(recorded.permits)
    : [partnerReference(recipient)];
  if (recorded.permits || recipient !== 'any')
    provision.actor = recipients.map((reference) => ({
      role: recipientRole,
      reference: { reference },
    }));
  const { dateTime, withdrawn, withdrawnAt } = recorded;
  return {
    resourceType: 'Consent',
    id: recorded.id,
    status: withdrawn ? 'inactive' : 'active',
    scope: concept(systems.consentScope, 'patient-privacy'),
    category: [concept(systems.actCode, 'IDSCL')],
    patient: { reference: `Patient/${person}` },
    dateTime: withdrawn ? (withdrawnAt ?? dateTime) : dateTime,
    policyRule: concept(policy.system, policy.code),
    provision,
  };
}

/** Lists the references of those whom a scope names, without the ones that it excludes. */
function recipientsOf({ places, kind, except }: ConsentScope): string[] {
  if (places === undefined) return kind === undefined ? [] : [kindReference(kind)];
  return places.filter((id) => !except.includes(id)).map(partnerReference);
}

/** Reads the consent that a referral keeps as text; undefined where it keeps none. */
export const recordedConsentIn = (text: string | null): RecordedConsent | undefined =>
  text === null ? undefined : (JSON.parse(text) as RecordedConsent);

/** Lists the partners that the person excluded, on the form itself or on one before it. */
export const excludedIn = (recorded: RecordedConsent | undefined): readonly string[] =>
  recorded?.permits?.except ?? recorded?.except ?? [];

/**
 * Returns what a recorded consent permits, where a decision rests on it: on itself, or on one that
 * it replaced. Undefined for a consent in words alone, and for any other consent.
 */
export function scopeFor(
  recorded: RecordedConsent | undefined,
  consentId: string | undefined,
): ConsentScope | undefined {
  if (recorded === undefined || consentId === undefined || recorded.withdrawn) return undefined;
  const ids = [recorded.id, ...(recorded.replaces ?? [])];
  return ids.includes(consentId) ? recorded.permits : undefined;
}
