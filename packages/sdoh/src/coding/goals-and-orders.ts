import { type fhir4, profiles, systems } from '@loopwell/fhir';
import type { EditionCoding } from '../fhir-json/codings.ts';
import { concept } from '../fhir-json/codings.ts';
import { startOf } from '../fhir-json/dates.ts';
import { objectsOf } from '../fhir-json/tolerant-readers.ts';
import type { CodingDeps } from '../model.ts';
import { goalCodeOf } from '../terminology/goal-codes.ts';
import { ourIdentifier } from '../terminology/our-identifiers.ts';
import { serviceToSuggest } from '../terminology/service-codes.ts';
import { categoriesOn, codesOf } from './on-file/codes-on-file.ts';
import { isActive, isRefuted } from './on-file/condition-status.ts';
import type { Made, PersonCoding } from './person-coding.ts';

export type Suggestions = {
  goals: Made<fhir4.Goal>[];
  serviceRequests: Made<fhir4.ServiceRequest>[];
};

/** What open Goals and open orders on file are about: SDOHCC categories, and SNOMED CT codes of what is aimed at or asked for. */
export type Pursued = { goals: ReadonlySet<string>; orders: ReadonlySet<string> };

/** What is suggested for one category. */
type Subject = { category: string; conditions: readonly fhir4.Condition[]; first: fhir4.Condition };

type SuggestionDeps = CodingDeps & { identifierSystem: string };

/**
 * What could follow from new Conditions: for each category one proposed Goal and one draft ServiceRequest, where a verified
 * code says what to aim at or what to ask for (guide, Goal and ServiceRequest profiles, digest sections 3.8 and 3.3).
 * One for each category and not for each need or answer, as a referral is: it names all new Conditions of the category.
 *
 * None where a Condition of the category is on file (whoever put it there has decided what follows), where an open Goal
 * or order is about it already, or from restricted and sensitive answers. Deceased people have no new Conditions.
 * Suggestions have their names from the earliest Condition: after a refutation the next Condition brings its own.
 */
export function suggestGoalsAndOrders(
  coding: Pick<PersonCoding, 'conditions' | 'needs' | 'readings'>,
  pursued: Pursued,
  deps: SuggestionDeps,
): Suggestions {
  const goals: Suggestions['goals'] = [];
  const serviceRequests: Suggestions['serviceRequests'] = [];
  for (const subject of coding.conditions.length > 0 ? listSubjects(coding) : []) {
    const [aim, service] = [goalCodeOf(subject.category), serviceToSuggest(subject.category)];
    const isIn = (some: ReadonlySet<string>, code: string) =>
      some.has(subject.category) || some.has(code);
    const goal =
      aim && !isIn(pursued.goals, aim.code) ? proposedGoal(subject, aim, deps) : undefined;
    if (goal) goals.push(goal);
    if (service && !isIn(pursued.orders, service.code))
      serviceRequests.push(draftRequest(subject, service, goal, deps));
  }
  return { goals, serviceRequests };
}

function listSubjects({
  conditions,
  needs,
  readings,
}: Pick<PersonCoding, 'conditions' | 'needs' | 'readings'>): Subject[] {
  const onFile = new Set(
    needs
      .filter((one) => one.conditions.some((id) => id.startsWith('Condition/')))
      .map((one) => one.category),
  );
  const withheld = new Set<string>();
  for (const { finding, observation } of readings)
    if (finding.restricted || finding.sensitive) withheld.add(observation);
  const isOpen = (condition: fhir4.Condition) =>
    !condition.evidence?.some(({ detail }) =>
      detail?.some(({ reference = '' }) => withheld.has(reference)),
    );
  const fresh = conditions.map((one) => one.resource).filter(isOpen);
  return [...Map.groupBy(fresh, (one) => categoriesOn(one)[0] ?? '')].flatMap(
    ([category, some]) => {
      const sorted = some.sort(byTime);
      const [first] = sorted;
      return first && !onFile.has(category) ? [{ category, conditions: sorted, first }] : [];
    },
  );
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

/** SDOHCC Goal, `proposed`: nobody has agreed to it yet, so that it has no start and nobody who expressed it. */
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

const pertainsToGoal = 'http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal';

/** SDOHCC ServiceRequest, a draft proposal: no order. It has no requester, and its time is that of the answer. */
function draftRequest(
  { category, conditions, first }: Subject,
  service: EditionCoding,
  goal: Made<fhir4.Goal> | undefined,
  deps: SuggestionDeps,
): Made<fhir4.ServiceRequest> {
  const id = deps.deriveId('service-request', category, first.id ?? '');
  const resource: fhir4.ServiceRequest = {
    resourceType: 'ServiceRequest',
    id,
    meta: { profile: [profiles.serviceRequest] },
    ...(goal
      ? { extension: [{ url: pertainsToGoal, valueReference: { reference: `Goal/${goal.id}` } }] }
      : {}),
    identifier: [ourIdentifier(id, deps.identifierSystem)],
    status: 'draft',
    intent: 'proposal',
    category: [concept(systems.usCoreCategory, 'sdoh'), concept(systems.sdohcc, category)],
    code: conceptOf(service),
    subject: { ...first.subject },
    ...(first.encounter ? { encounter: { ...first.encounter } } : {}),
    ...(first.recordedDate ? { authoredOn: first.recordedDate } : {}),
    reasonReference: referencesTo(conditions),
  };
  return { id, resource, sources: conditions.map((one) => one.id ?? '') };
}

const openGoal: ReadonlySet<unknown> = new Set([
  'proposed',
  'planned',
  'accepted',
  'active',
  'on-hold',
]);
const openOrder: ReadonlySet<unknown> = new Set(['draft', 'active', 'on-hold']);

/**
 * What is pursued according to the record. A Goal or an order that is about Conditions all of which were refuted, entered
 * in error or are over counts no more.
 *
 * @param resources with references among them as `Type/id`
 */
export function findPursued(resources: readonly fhir4.Resource[]): Pursued {
  const goals = resources.filter(
    (resource): resource is fhir4.Goal =>
      resource.resourceType === 'Goal' && openGoal.has((resource as fhir4.Goal).lifecycleStatus),
  );
  const orders = resources.filter(
    (resource): resource is fhir4.ServiceRequest =>
      resource.resourceType === 'ServiceRequest' &&
      openOrder.has((resource as fhir4.ServiceRequest).status),
  );
  if (goals.length + orders.length === 0) return { goals: new Set(), orders: new Set() };
  const over = new Set(
    resources.flatMap((resource) => {
      const isOver =
        resource.resourceType === 'Condition' &&
        (isRefuted(resource as fhir4.Condition) || !isActive(resource as fhir4.Condition));
      return isOver ? [`Condition/${resource.id}`] : [];
    }),
  );
  const stands = (about: readonly fhir4.Reference[] | undefined) => {
    const named = objectsOf(about).map((one) => one.reference);
    return (
      named.length === 0 ||
      !named.every((one) => typeof one === 'string' && over.has(one.split('/').slice(-2).join('/')))
    );
  };
  const saidBy = (
    category: readonly fhir4.CodeableConcept[] | undefined,
    code: fhir4.CodeableConcept | undefined,
  ) => [
    ...objectsOf(category).flatMap((one) => codesOf(one, systems.sdohcc)),
    ...codesOf(code, systems.snomed),
  ];
  return {
    goals: new Set(
      goals
        .filter((one) => stands(one.addresses))
        .flatMap((one) => saidBy(one.category, one.description)),
    ),
    orders: new Set(
      orders
        .filter((one) => stands(one.reasonReference))
        .flatMap((one) => saidBy(one.category, one.code)),
    ),
  };
}
