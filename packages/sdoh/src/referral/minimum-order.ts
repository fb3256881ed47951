import { type fhir4, labeled, systems } from '@loopwell/fhir';
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

/** The notice that goes with Part 2 data, in the words of 42 CFR 2.32(a)(2). */
export const partTwoNotice =
  '42 CFR part 2 prohibits unauthorized use or disclosure of these records.';

/** Part 2 data, which nobody may pass on without a consent (v3-ActCode). */
const partTwoLabels: readonly fhir4.Coding[] = ['42CFRPart2', 'NORDSCLCD'].map((code) => ({
  system: systems.actCode,
  code,
}));

/** Types that are about the person, and the Task that leads to them. */
const marked: readonly string[] = ['ServiceRequest', 'Patient', 'Condition', 'Consent', 'Task'];

/**
 * Adds the notice of 42 CFR Part 2 to a resource that a partner gets: security labels for machines,
 * and on an order the words. Other types than those about the person stay as they are.
 */
export function withPartTwoNotice<R extends fhir4.Resource>(resource: R): R {
  if (!marked.includes(resource.resourceType)) return resource;
  const meta = labeled(resource.meta, partTwoLabels);
  const withLabels = meta === undefined ? resource : { ...resource, meta };
  if (resource.resourceType !== 'ServiceRequest') return withLabels;
  return { ...withLabels, note: [{ text: partTwoNotice }] };
}
