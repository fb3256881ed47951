import type { fhir4 } from '@loopwell/fhir';
import { startOf } from '../fhir-json/dates.ts';
import { isObject, objectsOf } from '../fhir-json/tolerant-readers.ts';
import type { Identity } from '../model.ts';
import { mayBeOurs } from '../terminology/our-identifiers.ts';
import { type Misform, misformOf } from './consent/r4-form.ts';
import { isGoalPursued, isOfCategory, isOrder } from './patient-agreement.ts';

/**
 * An order or a Goal that would count as the person's agreement, and does not: which one, and why,
 * in a sentence.
 */
export type AgreementDoubt = { source: string; why: string };

type Paper = fhir4.ServiceRequest | fhir4.Goal;
type PaperType = 'ServiceRequest' | 'Goal';

/** An order or Goal that could not be kept, as JSON text, with the place that cannot be read. */
export type UnreadPaper = { type: string; id: string; path: string | null };

const read =
  'it does not count as agreement before somebody has mended it in the chart or asked the person.';

/**
 * Lists why what the chart holds is no agreement to help in this category, so that a reviewer need
 * not guess what it waits for. What is about another category is left out; one whose category
 * cannot be read may be about this one.
 */
export function agreementDoubts(
  category: string,
  papers: {
    goals: readonly fhir4.Goal[];
    serviceRequests: readonly fhir4.ServiceRequest[];
    unread: readonly UnreadPaper[];
  },
  now: Date,
  identity?: Identity,
): AgreementDoubt[] {
  const doubts = papers.unread.map(({ type, id, path }) => ({
    source: `${type}/${id}`,
    why: `${path ?? type} cannot be read: ${read}`,
  }));
  const add = (type: PaperType, paper: Paper) => {
    const why = mayBeOf(paper, category) ? whyNot(type, paper, now, identity) : undefined;
    if (why !== undefined) doubts.push({ source: `${type}/${paper.id ?? ''}`, why });
  };
  for (const order of objectsOf(papers.serviceRequests)) add('ServiceRequest', order);
  for (const goal of objectsOf(papers.goals)) add('Goal', goal);
  return doubts;
}

function mayBeOf(paper: Paper, category: string): boolean {
  const { category: concepts } = paper as { category?: unknown };
  const isReadable = (concept: unknown) =>
    isObject(concept) && (!('coding' in concept) || Array.isArray(concept.coding));
  if (!Array.isArray(concepts) || !concepts.every(isReadable)) return true;
  return isOfCategory(concepts as fhir4.CodeableConcept[], category);
}

function whyNot(
  type: PaperType,
  paper: Paper,
  now: Date,
  identity: Identity | undefined,
): string | undefined {
  // A resource that Loopwell wrote is not the person's word, and no news to a reviewer.
  if (mayBeOurs(paper, identity)) return undefined;
  const misform = misformOf(paper, type);
  if (misform) return `${misformWords(misform)}: ${read}`;
  return type === 'Goal'
    ? goalWords(paper as fhir4.Goal, now)
    : orderWords(paper as fhir4.ServiceRequest, now);
}

const problems: Readonly<Record<Misform['problem'], string>> = {
  'not-defined': 'is no element of FHIR R4 and may change what it means',
  modifier: 'may change what it means',
  'implicit-rules': 'names rules that Loopwell does not know',
  list: 'is a list where FHIR R4 has one value',
  'no-list': 'is one value where FHIR R4 has a list',
  form: 'cannot be read',
  masked: 'says that a value is missing or withheld',
  'value-set': 'holds a code that FHIR R4 does not have there',
  missing: 'is missing',
  'two-values': 'has more than one value',
  'left-out': 'says that parts were left out',
};

const misformWords = ({ problem, path }: Misform): string => `${path} ${problems[problem]}`;

function orderWords(order: fhir4.ServiceRequest, now: Date): string | undefined {
  if (order.doNotPerform === true)
    return 'ServiceRequest.doNotPerform says that it is not to be done: that is no agreement.';
  if (order.status !== 'active')
    return `ServiceRequest.status is ${order.status}: only an active order counts as agreement.`;
  if (!isOrder(order))
    return `ServiceRequest.intent is ${order.intent}: only an order counts as agreement.`;
  return dateWords('ServiceRequest.authoredOn', order.authoredOn, now);
}

function goalWords(goal: fhir4.Goal, now: Date): string | undefined {
  if (!['accepted', 'active'].includes(goal.lifecycleStatus))
    return (
      `Goal.lifecycleStatus is ${goal.lifecycleStatus}: only a Goal that is accepted or active ` +
      'counts as agreement.'
    );
  if (!isGoalPursued(goal))
    return 'Goal.achievementStatus says that it has been reached or given up: that is no agreement.';
  return dateWords(
    goal.startDate === undefined ? 'Goal.statusDate' : 'Goal.startDate',
    goal.startDate ?? goal.statusDate,
    now,
  );
}

function dateWords(path: string, text: string | undefined, now: Date): string | undefined {
  const at = startOf(text);
  if (at === undefined) return `${path} is missing: nobody can say when the person agreed.`;
  return at > now.getTime()
    ? `${path} is in the future: it does not count as agreement yet.`
    : undefined;
}
