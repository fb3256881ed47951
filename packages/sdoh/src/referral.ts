import { type fhir4, profiles, systems } from '@loopwell/fhir';
import { concept, ourIdentifier } from './build.ts';
import type { Coding } from './model.ts';

/** What one attempt to refer is made of. Ids are ours; `base` is where the partner may read. */
export type ReferralParts = {
  base: string;
  serviceRequestId: string;
  taskId: string;
  receiptKey: string;
  person: string;
  category: string;
  conditions: readonly string[];
  consent: string;
  serviceCode: Coding;
  requester: string;
  owner: string;
  ownerName: string;
  authoredOn: string;
};

/**
 * SDOHCC ServiceRequest: the order, which stays with us. References are absolute and lead to our base, so that the
 * partner can follow each (guide section 2.0, invariant 3). Consent sits in `supportingInfo`.
 */
export function buildServiceRequest(parts: ReferralParts): fhir4.ServiceRequest {
  const at = (reference: string): fhir4.Reference => ({ reference: `${parts.base}/${reference}` });
  return {
    resourceType: 'ServiceRequest',
    id: parts.serviceRequestId,
    meta: { profile: [profiles.serviceRequest] },
    identifier: [ourIdentifier(parts.serviceRequestId)],
    status: 'active',
    intent: 'order',
    category: [concept(systems.usCoreCategory, 'sdoh'), concept(systems.sdohcc, parts.category)],
    code: { coding: [parts.serviceCode] },
    subject: at(`Patient/${parts.person}`),
    authoredOn: parts.authoredOn,
    requester: at(`Organization/${parts.requester}`),
    reasonReference: parts.conditions.map((id) => at(`Condition/${id}`)),
    supportingInfo: [at(`Consent/${parts.consent}`)],
  };
}

/** SDOHCC Task for Referral Management, `requested`: the handle that both sides move. Its receipt key makes it once. */
export function buildTask(parts: ReferralParts): fhir4.Task {
  const at = (reference: string): fhir4.Reference => ({ reference: `${parts.base}/${reference}` });
  return {
    resourceType: 'Task',
    id: parts.taskId,
    meta: { profile: [profiles.referralTask] },
    identifier: [{ system: systems.loopwellReceipt, value: parts.receiptKey }],
    status: 'requested',
    intent: 'order',
    code: concept(systems.taskCode, 'fulfill'),
    focus: at(`ServiceRequest/${parts.serviceRequestId}`),
    for: at(`Patient/${parts.person}`),
    authoredOn: parts.authoredOn,
    requester: at(`Organization/${parts.requester}`),
    owner: { ...at(`Organization/${parts.owner}`), display: parts.ownerName },
  };
}

/** A Task taken back: cancelled, with the reason in words (statusReason.text is mandatory where a reason is given). */
export function cancelledTask(task: fhir4.Task, reason: string): fhir4.Task {
  return { ...task, status: 'cancelled', statusReason: { text: reason } };
}

/**
 * The Patient as a partner may see it: whom to help and how to reach them, and nothing else (minimum necessary). Only
 * the identifier that is ours goes along; US Core asks for one.
 */
export function minimumPatient(patient: fhir4.Patient, id: string): fhir4.Patient {
  const { name, telecom, gender, birthDate, address, communication } = patient;
  return {
    resourceType: 'Patient',
    id,
    identifier: [ourIdentifier(id)],
    ...(name ? { name } : {}),
    ...(telecom ? { telecom } : {}),
    gender: gender ?? 'unknown',
    ...(birthDate ? { birthDate } : {}),
    ...(address ? { address } : {}),
    ...(communication ? { communication } : {}),
  };
}

/** The Condition as a partner may see it: what it is, not how it was found out. */
export function minimumCondition(condition: fhir4.Condition, id: string, base: string, person: string): fhir4.Condition {
  const { resourceType, meta, clinicalStatus, verificationStatus, category, code, recordedDate } = condition;
  return {
    resourceType,
    id,
    ...(meta?.profile ? { meta: { profile: meta.profile } } : {}),
    ...(clinicalStatus ? { clinicalStatus } : {}),
    ...(verificationStatus ? { verificationStatus } : {}),
    ...(category ? { category } : {}),
    ...(code ? { code } : {}),
    subject: { reference: `${base}/Patient/${person}` },
    ...(recordedDate ? { recordedDate } : {}),
  };
}
