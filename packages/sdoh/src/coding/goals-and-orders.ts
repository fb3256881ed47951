import { type fhir4, profiles, systems } from '@loopwell/fhir';
import type { EditionCoding } from '../fhir-json/codings.ts';
import { concept } from '../fhir-json/codings.ts';
import { startOf } from '../fhir-json/dates.ts';
import { omitUndefined } from '../fhir-json/omit-undefined.ts';
import { objectsOf } from '../fhir-json/tolerant-readers.ts';
import type { CodingDeps } from '../model.ts';
import { goalCodeOf } from '../terminology/goal-codes.ts';
import { ourIdentifier } from '../terminology/our-identifiers.ts';
import { serviceToSuggest } from '../terminology/service-codes.ts';
import { categoriesOn, codesOf } from './on-file/codes-on-file.ts';
import { isActive, isRefuted } from './on-file/condition-status.ts';
import type { Made, PersonCoding } from './person-coding.ts';

/** Suggested Goals and ServiceRequests. */
export type Suggestions = {
  goals: Made<fhir4.Goal>[];
  serviceRequests: Made<fhir4.ServiceRequest>[];
};

/**
 * The codes that open Goals and open orders on file are about: SDOHCC categories, and SNOMED CT
 * codes of the aim or the service.
 * DECISIONS D26.
 */
export type Pursued = { goals: ReadonlySet<string>; orders: ReadonlySet<string> };

/** A category to make suggestions for, with its new Conditions and the earliest of them. */
type Subject = { category: string; conditions: readonly fhir4.Condition[]; first: fhir4.Condition };

type SuggestionDeps = CodingDeps & { identifierSystem: string };

/**
 * Suggests one proposed Goal and one draft ServiceRequest for each category of new Conditions,
 * where a verified code names the aim or the service (guide, Goal and ServiceRequest profiles,
 * digest sections 3.8 and 3.3). Like a referral, a suggestion is for a category and not for a need
 * or an answer: it names all new Conditions of the category.
 *
 * It suggests none where a Condition of the category is on file (its author has decided what
 * follows), where an open Goal or order is about it already, or from restricted and sensitive
 * answers. Deceased people have no new Conditions. Ids come from the earliest Condition: after a
 * refutation the next Condition brings new ones.
 */
export function suggestGoalsAndOrders(
  coding: Pick<PersonCoding, 'conditions' | 'needs' | 'readings'>,
  pursued: Pursued,
  deps: SuggestionDeps,
): Suggestions {
  const suggestions: Suggestions = { goals: [], serviceRequests: [] };
  if (coding.conditions.length === 0) return suggestions;
  for (const subject of listSubjects(coding)) {
    const isIn = (codes: ReadonlySet<string>, code: string) =>
      codes.has(subject.category) || codes.has(code);
    const aim = goalCodeOf(subject.category);
    const service = serviceToSuggest(subject.category);
    const goal =
      aim && !isIn(pursued.goals, aim.code) ? proposedGoal(subject, aim, deps) : undefined;
    if (goal) suggestions.goals.push(goal);
    if (service && !isIn(pursued.orders, service.code))
      suggestions.serviceRequests.push(draftRequest(subject, service, goal, deps));
  }
  return suggestions;
}

/** Lists the categories that suggestions are made for, each with its new Conditions. */
function listSubjects({
  conditions,
  needs,
  readings,
}: Pick<PersonCoding, 'conditions' | 'needs' | 'readings'>): Subject[] {
  const isOnFile = (category: string) =>
    needs.some(
      (need) =>
        need.category === category && need.conditions.some((id) => id.startsWith('Condition/')),
    );
  const withheld = new Set<string>();
  for (const { finding, observation } of readings)
    if (finding.restricted || finding.sensitive) withheld.add(observation);
  const isOpen = ({ evidence }: fhir4.Condition) => {
    const details = (evidence ?? []).flatMap(({ detail }) => detail ?? []);
    return !details.some(({ reference = '' }) => withheld.has(reference));
  };
  const open = conditions.map(({ resource }) => resource).filter(isOpen);
  const byCategory = Map.groupBy(open, (condition) => categoriesOn(condition)[0] ?? '');
  const subjects: Subject[] = [];
  for (const [category, group] of byCategory) {
    const [first] = group.sort(byTime);
    if (first && !isOnFile(category)) subjects.push({ category, conditions: group, first });
  }
  return subjects;
}

const byTime = (a: fhir4.Condition, b: fhir4.Condition) =>
  (startOf(a.recordedDate) ?? 0) - (startOf(b.recordedDate) ?? 0) ||
  ((a.id ?? '') < (b.id ?? '') ? -1 : 1);

const referencesTo = (conditions: readonly fhir4.Condition[]): fhir4.Reference[] =>
  conditions.map(({ id }) => ({ reference: `Condition/${id}` }));

const conceptOf = (code: EditionCoding): fhir4.CodeableConcept => ({
  coding: [{ ...code }],
  text: code.display,
});

/**
 * Builds an SDOHCC Goal with the status `proposed`. No person has agreed to it yet, so it has no
 * start and no `expressedBy`.
 */
function proposedGoal(
  { category, conditions, first }: Subject,
  aim: EditionCoding,
  deps: SuggestionDeps,
): Made<fhir4.Goal> {
  const id = deps.deriveId('goal', category, first.id ?? '');
  const resource: fhir4.Goal = {
    resourceType: 'Goal',
    id,
    meta: { profile: [profiles.goal] },
    identifier: [ourIdentifier(id, deps.identifierSystem)],
    lifecycleStatus: 'proposed',
    category: [concept(systems.sdohcc, category)],
    description: conceptOf(aim),
    subject: { ...first.subject },
    addresses: referencesTo(conditions),
  };
  return { id, resource, sources: conditions.map((one) => one.id ?? '') };
}

/**
 * Builds an SDOHCC ServiceRequest as a draft proposal, not an order. It has no requester, and its
 * time is that of the answer.
 */
function draftRequest(
  { category, conditions, first }: Subject,
  service: EditionCoding,
  goal: Made<fhir4.Goal> | undefined,
  deps: SuggestionDeps,
): Made<fhir4.ServiceRequest> {
  const id = deps.deriveId('service-request', category, first.id ?? '');
  const { encounter, recordedDate } = first;
  const resource = omitUndefined<fhir4.ServiceRequest>({
    resourceType: 'ServiceRequest',
    id,
    meta: { profile: [profiles.serviceRequest] },
    extension: goal && [pertainsTo(goal.id)],
    identifier: [ourIdentifier(id, deps.identifierSystem)],
    status: 'draft',
    intent: 'proposal',
    category: [concept(systems.usCoreCategory, 'sdoh'), concept(systems.sdohcc, category)],
    code: conceptOf(service),
    subject: { ...first.subject },
    encounter: encounter && { ...encounter },
    authoredOn: recordedDate || undefined,
    reasonReference: referencesTo(conditions),
  });
  return { id, resource, sources: conditions.map((condition) => condition.id ?? '') };
}

const pertainsTo = (goal: string): fhir4.Extension => ({
  url: 'http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal',
  valueReference: { reference: `Goal/${goal}` },
});

const openGoal: ReadonlySet<unknown> = new Set([
  'proposed',
  'planned',
  'accepted',
  'active',
  'on-hold',
]);
const openOrder: ReadonlySet<unknown> = new Set(['draft', 'active', 'on-hold']);

/**
 * Finds the codes of open Goals and open orders in a record. A Goal or an order does not count
 * where all its Conditions were refuted, entered in error or are over.
 *
 * @param resources with references among them as `Type/id`
 */
export function findPursued(resources: readonly fhir4.Resource[]): Pursued {
  const goals = resources.filter(isOpenGoal);
  const orders = resources.filter(isOpenOrder);
  if (goals.length + orders.length === 0) return { goals: new Set(), orders: new Set() };
  const over = new Set(resources.filter(isOver).map(({ id }) => `Condition/${id}`));
  const isOfOver = (reference: unknown) =>
    typeof reference === 'string' && over.has(reference.split('/').slice(-2).join('/'));
  const stands = (about: readonly fhir4.Reference[] | undefined) => {
    const references = objectsOf(about).map(({ reference }) => reference);
    return references.length === 0 || !references.every(isOfOver);
  };
  const standingGoals = goals.filter((goal) => stands(goal.addresses));
  const standingOrders = orders.filter((order) => stands(order.reasonReference));
  return {
    goals: new Set(standingGoals.flatMap((goal) => codesIn(goal.category, goal.description))),
    orders: new Set(standingOrders.flatMap((order) => codesIn(order.category, order.code))),
  };
}

const isOpenGoal = (resource: fhir4.Resource): resource is fhir4.Goal =>
  resource.resourceType === 'Goal' && openGoal.has((resource as fhir4.Goal).lifecycleStatus);

const isOpenOrder = (resource: fhir4.Resource): resource is fhir4.ServiceRequest =>
  resource.resourceType === 'ServiceRequest' &&
  openOrder.has((resource as fhir4.ServiceRequest).status);

/** Tells whether a resource is a Condition that was refuted or is not active. */
function isOver(resource: fhir4.Resource): boolean {
  if (resource.resourceType !== 'Condition') return false;
  const condition = resource as fhir4.Condition;
  return isRefuted(condition) || !isActive(condition);
}

/** Lists SDOHCC categories, and SNOMED CT codes of the aim or the service. */
const codesIn = (
  categories: readonly fhir4.CodeableConcept[] | undefined,
  code: fhir4.CodeableConcept | undefined,
) => [
  ...objectsOf(categories).flatMap((category) => codesOf(category, systems.sdohcc)),
  ...codesOf(code, systems.snomed),
];
