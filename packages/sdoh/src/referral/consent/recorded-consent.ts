import { type fhir4, systems } from '@loopwell/fhir';
import { concept } from '../../fhir-json/codings.ts';
import { type ConsentPolicy, hipaaAuthorization } from './consent-policy.ts';

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
 * What a reviewer wrote down of a consent that was signed outside the EHR, or of one that was taken
 * back. `recipient` is a partner's id or `any`; `scope` holds the words on the form, which limit
 * nothing.
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
  const reference = { reference: partnerReference(recipient) };
  if (recipient !== 'any') provision.actor = [{ role: recipientRole, reference }];
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
