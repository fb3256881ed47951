import { type fhir4, joinedLabels, type Labels, labelsOf, localId } from '@loopwell/fhir';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Finding, PersonRecord } from '../model.ts';
import { createEncounterFinder, createVisitLookup } from './encounters/named-encounters.ts';
import type { RawScreening } from './screenings.ts';

/** The labels under which a finding stands. */
export type LabelsFor = (finding: Finding, raw: RawScreening) => Labels;

const none: Labels = [];

type Resource = fhir4.Observation | fhir4.QuestionnaireResponse;

/**
 * Returns a function that gives the security labels of a finding: those of all that it is made
 * from. That is the Bundle, the resources that carry its answers, the panels that hold those, the
 * forms and Observations that those derive from, and the Encounters of any of them.
 */
export function createLabelLookup(record: PersonRecord): LabelsFor {
  const resources = new Map<string, Resource>();
  for (const resource of [...objectsOf(record.responses), ...objectsOf(record.observations)])
    resources.set(`${resource.resourceType}/${resource.id}`, resource);
  const encounters = objectsOf(record.encounters);
  if (!mayBeLabeled(record, [...resources.values()], encounters)) return () => none;
  const origins = createOriginLookup(record, resources);
  const [findEncounters, visits] = [createEncounterFinder(record), createVisitLookup(encounters)];
  const bySource = new Map<string, Labels>();
  const labelsOfSource = (source: string): Labels => {
    const cached = bySource.get(source);
    if (cached) return cached;
    const carriers = [...origins(source)].flatMap((origin) => [
      origin,
      ...findEncounters(origin).flatMap(visits),
    ]);
    const labels = joinedLabels(...carriers.map(labelsOf));
    bySource.set(source, labels);
    return labels;
  };
  const byEncounter = new Map(
    encounters.map((one) => [one.id, joinedLabels(...visits(one).map(labelsOf))]),
  );
  return ({ answers }, { encounter, sources }) => {
    // The same answer may stand in several places, and only one of them says that it is restricted.
    const places = answers.flatMap(({ source, place, repeats = [] }) => [
      { source, place },
      ...repeats,
    ]);
    const carriers = places.length > 0 ? places.map(({ source }) => source) : sources;
    const parts = places.map(({ source, place }) => labelsOf(partAt(resources.get(source), place)));
    const attached = encounter === undefined ? none : (byEncounter.get(encounter) ?? none);
    return joinedLabels(record.labels ?? none, ...carriers.map(labelsOfSource), ...parts, attached);
  };
}

/**
 * Tells whether anything in the record may carry labels. Hardly any record does, and then the
 * lookup is skipped.
 */
function mayBeLabeled(
  { labels = none }: PersonRecord,
  resources: readonly Resource[],
  encounters: readonly fhir4.Encounter[],
): boolean {
  const isLabeled = (resource: fhir4.Resource) =>
    resource.meta !== undefined && labelsOf(resource).length > 0;
  return (
    labels.length > 0 ||
    [...resources, ...encounters].some(isLabeled) ||
    resources.some((resource) => resource.contained !== undefined)
  );
}

/** Returns the contained resource that an answer was read from, by its place. */
function partAt(resource: fhir4.DomainResource | undefined, place: string): object | undefined {
  const index = /^contained\[(\d+)\]/.exec(place)?.[1];
  const part: unknown = index === undefined ? undefined : resource?.contained?.[Number(index)];
  return isObject(part) ? part : undefined;
}

/**
 * Returns a function that finds a resource with all that it is a part of or was made of, however
 * many steps away. Resources may name each other in a ring.
 */
function createOriginLookup(
  record: PersonRecord,
  resources: ReadonlyMap<string, object>,
): (source: string) => ReadonlySet<object> {
  const panels = new Map<string, string[]>();
  for (const panel of objectsOf(record.observations))
    for (const member of keysIn(panel.hasMember, record.base))
      panels.set(member, [...(panels.get(member) ?? []), `Observation/${panel.id}`]);
  return (source) => {
    const seen = new Set<string>();
    const open = [source];
    for (let key = open.pop(); key !== undefined; key = open.pop()) {
      if (seen.has(key)) continue;
      seen.add(key);
      const { derivedFrom } = (resources.get(key) ?? {}) as fhir4.Observation;
      open.push(...keysIn(derivedFrom, record.base), ...(panels.get(key) ?? []));
    }
    const origins = [...seen].map((key) => resources.get(key));
    return new Set(origins.filter((resource) => resource !== undefined));
  };
}

/** Lists `Type/id` of the forms and Observations that references name. */
function keysIn(references: readonly fhir4.Reference[] | undefined, base: string): string[] {
  const keys: string[] = [];
  for (const { reference } of objectsOf(references))
    for (const type of ['Observation', 'QuestionnaireResponse']) {
      const id = localId(textOf(reference), type, base);
      if (id !== undefined) keys.push(`${type}/${id}`);
    }
  return keys;
}
