import type { fhir4 } from '@loopwell/fhir';
import { omitUndefined } from '../fhir-json/omit-undefined.ts';

/**
 * Returns the order as one partner may see it: what was ordered, for whom and why, and by which
 * consent it came to this partner. Other partners that were asked are not in it, nor is what lies
 * in the EHR; an order of the EHR's is named by its identifier alone.
 */
export function orderForPartner(
  request: fhir4.ServiceRequest,
  consent: fhir4.Reference,
): fhir4.ServiceRequest {
  const { resourceType, id, meta, identifier, category, code } = request;
  const { authoredOn, requester, reasonReference, status, intent, subject } = request;
  const orders = (request.basedOn ?? []).filter((order) => order.identifier);
  const basedOn = orders.map((order) => ({ identifier: order.identifier }));
  return omitUndefined<fhir4.ServiceRequest>({
    resourceType,
    id,
    meta,
    identifier,
    category,
    code,
    authoredOn,
    requester,
    reasonReference,
    status,
    intent,
    subject,
    basedOn: basedOn.length > 0 ? (basedOn as fhir4.Reference[]) : undefined,
    supportingInfo: [consent],
  });
}
