import type { fhir4 } from '@loopwell/fhir';
import { withoutUndefined } from '@loopwell/fhir';

/**
 * The order as one partner may see it: what was ordered, for whom and why, and by which consent it came to this partner.
 * Whoever else was asked, and what lies in the EHR, is not in it; an order of the EHR's is named by its identifier alone.
 */
export function orderForPartner(
  request: fhir4.ServiceRequest,
  consent: fhir4.Reference,
): fhir4.ServiceRequest {
  const {
    resourceType,
    id,
    meta,
    identifier,
    status,
    intent,
    category,
    code,
    subject,
    authoredOn,
    requester,
    reasonReference,
  } = request;
  const basedOn = request.basedOn?.flatMap((order) =>
    order.identifier ? [{ identifier: order.identifier }] : [],
  );
  const kept = { id, meta, identifier, category, code, authoredOn, requester, reasonReference };
  return {
    resourceType,
    ...Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)),
    status,
    intent,
    subject,
    ...withoutUndefined({ basedOn: basedOn && basedOn.length > 0 ? basedOn : undefined }),
    supportingInfo: [consent],
  };
}
