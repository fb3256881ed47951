import { type fhir4, systems } from '@loopwell/fhir';
import { startOf } from '../fhir-json/dates.ts';
import type { Identity } from '../model.ts';
import { mayBeOurs } from '../terminology/our-identifiers.ts';
import { misformOf } from './consent/r4-form.ts';

/**
 * Where and when a person agreed to be helped in one category, and who asked, where that is said.
 */
export type Agreement = { source: string; on: string; askedBy?: string };

/** Tells whether one of the concepts is this SDOHCC category. */
export const isOfCategory = (
  concepts: readonly fhir4.CodeableConcept[] | undefined,
  category: string,
) =>
  (concepts ?? []).some((concept) =>
    (concept.coding ?? []).some(
      (coding) => coding.system === systems.sdohcc && coding.code === category,
    ),
  );

const isPast = (text: string | undefined, now: Date): text is string =>
  (startOf(text) ?? Number.POSITIVE_INFINITY) <= now.getTime();

/**
 * Returns the person's own agreement as the EHR brings it: an active SDOH ServiceRequest of the
 * category (orders follow shared decisions, guide section 2.0), or a Goal of the category that was
 * accepted or is being pursued. It must be dated, and not in the future; the latest one counts. A
 * proposed Goal is a suggestion, and a Consent to disclose is not that. One with an element that R4
 * does not define, a modifier, another shape or a value that is withheld is no agreement.
 */
export function agreementOf(
  category: string,
  goals: readonly fhir4.Goal[],
  requests: readonly fhir4.ServiceRequest[],
  now: Date,
  identity?: Identity,
): Agreement | undefined {
  const pursued = goals
    .filter(
      (goal) =>
        counts(goal, 'Goal', identity) &&
        isGoalPursued(goal) &&
        isOfCategory(goal.category, category),
    )
    .map(agreementOfGoal);
  return latest([...ordersOf(category, requests, identity), ...pursued], now);
}

/**
 * Finds the EHR's own order of the category, which ours fulfils: the latest one that would count as
 * agreement. The person may have agreed elsewhere, too; an order that is there is still the order.
 *
 * @returns its id
 */
export function orderOf(
  category: string,
  requests: readonly fhir4.ServiceRequest[],
  now: Date,
  identity?: Identity,
): string | undefined {
  return latest(ordersOf(category, requests, identity), now)?.source.replace('ServiceRequest/', '');
}

/**
 * Tells whether a resource can be read and is not what we wrote back ourselves. Our own resource is
 * no word of the person.
 */
const counts = (
  paper: fhir4.ServiceRequest | fhir4.Goal,
  type: 'Goal' | 'ServiceRequest',
  identity: Identity | undefined,
) => misformOf(paper, type) === undefined && !mayBeOurs(paper, identity);

const ordersOf = (
  category: string,
  requests: readonly fhir4.ServiceRequest[],
  identity: Identity | undefined,
) =>
  requests
    .filter(
      (serviceRequest) =>
        counts(serviceRequest, 'ServiceRequest', identity) &&
        isOrder(serviceRequest) &&
        isOfCategory(serviceRequest.category, category),
    )
    .map(agreementOfRequest);

function latest(agreements: readonly Agreement[], now: Date): Agreement | undefined {
  const past = agreements.filter(({ on }) => isPast(on, now));
  const byDate = (a: Agreement, b: Agreement) =>
    (startOf(b.on) ?? 0) - (startOf(a.on) ?? 0) || (a.source < b.source ? -1 : 1);
  return past.sort(byDate)[0];
}

/** Tells whether a ServiceRequest is an active order that is to be done. */
export function isOrder(request: fhir4.ServiceRequest): boolean {
  return (
    request.status === 'active' &&
    ['order', 'original-order'].includes(request.intent) &&
    request.doNotPerform !== true
  );
}

/** Achievement codes of a Goal that was reached or given up: no help is asked for it any more. */
const ended = ['achieved', 'sustaining', 'not-achieved', 'not-attainable'];

/** Tells whether a Goal is accepted or active, and neither reached nor given up. */
export function isGoalPursued(goal: fhir4.Goal): boolean {
  const achievement = (goal.achievementStatus?.coding ?? []).map((one) => one.code ?? '');
  return (
    ['accepted', 'active'].includes(goal.lifecycleStatus) &&
    !achievement.some((code) => ended.includes(code))
  );
}

function createAgreement(
  source: string,
  on: string | undefined,
  asker: fhir4.Reference | undefined,
): Agreement {
  const agreement: Agreement = { source, on: on ?? '' };
  if (asker?.reference) agreement.askedBy = asker.reference;
  return agreement;
}

const agreementOfRequest = ({ id, authoredOn, requester }: fhir4.ServiceRequest): Agreement =>
  createAgreement(`ServiceRequest/${id ?? ''}`, authoredOn, requester);

const agreementOfGoal = ({ id, startDate, statusDate, expressedBy }: fhir4.Goal): Agreement =>
  createAgreement(`Goal/${id ?? ''}`, startDate ?? statusDate, expressedBy);

/**
 * Tells whether the resource that an agreement came from says now that it does not hold: revoked,
 * rejected, entered in error.
 */
export function isTakenBack(
  source: string,
  goals: readonly fhir4.Goal[],
  requests: readonly fhir4.ServiceRequest[],
): boolean {
  const [type, id] = source.split('/');
  if (type === 'ServiceRequest')
    return requests.some(
      (serviceRequest) =>
        serviceRequest.id === id &&
        (['revoked', 'entered-in-error'].includes(serviceRequest.status) ||
          serviceRequest.doNotPerform === true),
    );
  return (
    type === 'Goal' &&
    goals.some(
      (goal) =>
        goal.id === id &&
        ['rejected', 'cancelled', 'entered-in-error'].includes(goal.lifecycleStatus),
    )
  );
}
