import { type Flaw, type fhir4, localId, parseReference } from '@loopwell/fhir';
import { flawsOf, isNotUnderstood, isUnclear, withFlaws } from '../fhir-json/flaws.ts';
import { objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { PersonRecord } from '../model.ts';

type Answering = fhir4.Observation | fhir4.QuestionnaireResponse;

/**
 * Returns the record with flaws that are not understood passed on to all that rests on them: the
 * Patient's to everything, an Encounter's or form's to the answers that name it, a panel's to its
 * members.
 *
 * @param others resources that answers may name and that the record does not hold (RelatedPerson)
 * @param whole flaws of what holds the whole record (its Bundle)
 */
export function reached(
  record: PersonRecord,
  others: readonly fhir4.Resource[] = [],
  whole: readonly Flaw[] = [],
): PersonRecord {
  const { patient } = record;
  const [encounters, responses] = [objectsOf(record.encounters), objectsOf(record.responses)];
  const observations = objectsOf(record.observations);
  const ofPatient = patient && isUnclear(patient) ? inheritedFrom(patient) : [];
  const flaws = [...ofPatient, ...whole.map(inherit)];
  const carriers = [...encounters, ...responses, ...observations, ...others];
  const unclear = carriers.filter(isNotUnderstood);
  if (flaws.length === 0 && unclear.length === 0) return record;
  const reachedKeys = findReached(record, unclear.map(keyOf));
  const mark = <R extends Answering>(resource: R): R => {
    const isNewlyUnclear = reachedKeys.has(keyOf(resource)) && !isNotUnderstood(resource);
    return withFlaws(resource, isNewlyUnclear ? [...flaws, notUnderstood] : flaws);
  };
  return { ...record, responses: responses.map(mark), observations: observations.map(mark) };
}

const keyOf = (resource: fhir4.Resource) => `${resource.resourceType}/${resource.id ?? ''}`;

const notUnderstood: Flaw = {
  kind: 'not-understood',
  path: '',
  text: '',
  voids: { unit: '', below: true },
};

const inherit = ({ kind }: Flaw): Flaw => ({ ...notUnderstood, kind });

const inheritedFrom = (resource: object): Flaw[] =>
  flawsOf(resource)
    .filter((flaw) => flaw.voids)
    .map(inherit);

/**
 * Finds `Type/id` of all that names what is not understood, or is a member of it. It is a walk,
 * since panels nest.
 */
function findReached(record: PersonRecord, from: readonly string[]): ReadonlySet<string> {
  const next = linkResources(record);
  const reached = new Set(from);
  // A set is iterated to its end, including keys that are added on the way.
  for (const key of reached) for (const other of next.get(key) ?? []) reached.add(other);
  return reached;
}

/** Maps the key of each resource to the keys of those that rest on it. */
function linkResources({ base, responses, observations }: PersonRecord) {
  const links = new Map<string, string[]>();
  const link = (source: string | undefined, target: string) => {
    if (source !== undefined) links.set(source, [...(links.get(source) ?? []), target]);
  };
  const linkNamed = (references: readonly (fhir4.Reference | undefined)[], target: string) => {
    for (const named of references) link(keyIn(named?.reference, base), target);
  };
  for (const response of responses)
    linkNamed([response.encounter, response.source], keyOf(response));
  for (const observation of observations) {
    const { encounter, performer, derivedFrom, hasMember } = observation;
    const key = keyOf(observation);
    linkNamed([encounter, ...objectsOf(performer), ...objectsOf(derivedFrom)], key);
    for (const member of objectsOf(hasMember))
      link(key, `Observation/${localId(textOf(member.reference), 'Observation', base)}`);
  }
  return links;
}

/**
 * Returns `Type/id` of a reference to a resource of this EHR; undefined for one of another base.
 */
function keyIn(reference: unknown, base: string): string | undefined {
  const parsed = parseReference(textOf(reference));
  const isHere = parsed && (parsed.base === undefined || parsed.base === base);
  return isHere ? `${parsed.type}/${parsed.id}` : undefined;
}
