import { type fhir4, systems } from '@loopwell/fhir';

/** Where and when a person agreed to be helped in one category. */
export type Agreement = { source: string; on: string };

const isOf = (concepts: readonly fhir4.CodeableConcept[] | undefined, category: string) =>
  (concepts ?? []).some((one) => (one.coding ?? []).some((coding) => coding.system === systems.sdohcc && coding.code === category));

/**
 * The person's own agreement, brought by the EHR: an active SDOH ServiceRequest of the category (orders follow shared
 * decisions, guide section 2.0), or a Goal of the category that was accepted. A Consent to disclose is not that.
 */
export function agreementOf(
  category: string,
  goals: readonly fhir4.Goal[],
  requests: readonly fhir4.ServiceRequest[],
): Agreement | undefined {
  const request = requests.find((one) => one.status === 'active' && ['order', 'original-order', 'plan'].includes(one.intent) && isOf(one.category, category));
  if (request) return { source: `ServiceRequest/${request.id ?? ''}`, on: request.authoredOn ?? '' };
  const goal = goals.find((one) => ['accepted', 'active'].includes(one.lifecycleStatus) && isOf(one.category, category));
  return goal ? { source: `Goal/${goal.id ?? ''}`, on: goal.startDate ?? goal.statusDate ?? '' } : undefined;
}
