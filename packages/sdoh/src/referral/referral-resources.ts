import { type fhir4, profiles, systems } from '@loopwell/fhir';
import { type Coding, concept } from '../fhir-json/codings.ts';
import { omitUndefined } from '../fhir-json/omit-undefined.ts';
import { ourIdentifier } from '../terminology/our-identifiers.ts';

/** The parts of one attempt to refer. Ids are ours; `base` is where the partner may read. */
export type ReferralParts = {
  base: string;
  /** System of this installation's identifiers. */
  identifierSystem: string;
  serviceRequestId: string;
  /** Our name for the EHR's own order that this one fulfils; undefined where the order is ours. */
  basedOn?: string | undefined;
  taskId: string;
  receiptKey: string;
  person: string;
  category: string;
  conditions: readonly string[];
  consent: string;
  serviceCode: Coding;
  requester: string;
  requesterName: string;
  owner: string;
  ownerName: string;
  /** When the order was given: the same for every attempt to have it fulfilled. */
  orderedOn: string;
  /** When this Task was made. */
  authoredOn: string;
};

/**
 * Builds the SDOHCC ServiceRequest: the order, which stays with us. References are absolute and
 * lead to our base, so that the partner can follow each (guide section 2.0, invariant 3). Consent
 * sits in `supportingInfo`.
 */
export function buildServiceRequest(parts: ReferralParts): fhir4.ServiceRequest {
  const at = (reference: string): fhir4.Reference => ({ reference: `${parts.base}/${reference}` });
  const { serviceRequestId, serviceCode } = parts;
  const reasons = parts.conditions.map((id) => at(`Condition/${id}`));
  const requester = { ...at(`Organization/${parts.requester}`), display: parts.requesterName };
  return omitUndefined<fhir4.ServiceRequest>({
    resourceType: 'ServiceRequest',
    id: serviceRequestId,
    meta: { profile: [profiles.serviceRequest] },
    identifier: [ourIdentifier(serviceRequestId, parts.identifierSystem)],
    status: 'active',
    ...orderedBy(parts),
    category: [concept(systems.usCoreCategory, 'sdoh'), concept(systems.sdohcc, parts.category)],
    code: concept(serviceCode.system, serviceCode.code, serviceCode.display),
    subject: at(`Patient/${parts.person}`),
    authoredOn: parts.orderedOn,
    requester,
    reasonReference: reasons.length > 0 ? reasons : undefined,
    supportingInfo: [at(`Consent/${parts.consent}`)],
  });
}

/**
 * Returns `intent` and `basedOn` of the order. Where the EHR has an order of its own, ours is the
 * filler's (guide IG-021: intent `filler-order`, `basedOn`). A partner cannot read that order, and
 * needs no id of the EHR's: it is named by an identifier of ours.
 */
function orderedBy({
  basedOn,
  identifierSystem,
}: ReferralParts): Pick<fhir4.ServiceRequest, 'intent' | 'basedOn'> {
  if (basedOn === undefined) return { intent: 'order' };
  return {
    intent: 'filler-order',
    basedOn: [{ type: 'ServiceRequest', identifier: ourIdentifier(basedOn, identifierSystem) }],
  };
}

/**
 * Builds the SDOHCC Task for Referral Management, `requested`: the handle that both sides move. Its
 * receipt key makes sure that it is made once.
 */
export function buildTask(parts: ReferralParts): fhir4.Task {
  const at = (reference: string): fhir4.Reference => ({ reference: `${parts.base}/${reference}` });
  return {
    resourceType: 'Task',
    id: parts.taskId,
    meta: { profile: [profiles.referralTask] },
    identifier: [ourIdentifier(parts.receiptKey, parts.identifierSystem)],
    status: 'requested',
    intent: 'order',
    code: concept(systems.taskCode, 'fulfill'),
    focus: at(`ServiceRequest/${parts.serviceRequestId}`),
    for: at(`Patient/${parts.person}`),
    authoredOn: parts.authoredOn,
    requester: { ...at(`Organization/${parts.requester}`), display: parts.requesterName },
    owner: { ...at(`Organization/${parts.owner}`), display: parts.ownerName },
  };
}
