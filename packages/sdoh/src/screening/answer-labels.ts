import { type fhir4, joinedLabels, type Labels, labelsOf, localId } from '@loopwell/fhir';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Finding, PersonRecord } from '../model.ts';
import { encounterFinder, visitsOf } from './encounters/named-encounters.ts';
import type { RawScreening } from './screenings.ts';

/** The labels under which a finding stands. */
export type LabelsFor = (finding: Finding, raw: RawScreening) => Labels;

const none: Labels = [];

/**
 * Labels of all that a finding is made from: the Bundle, the resources that carry its answers, the panels that hold those,
 * the forms and Observations that those derive from, and the Encounters of any of them.
 */
export function labelsIn(record: PersonRecord): LabelsFor {
  const resources = new Map<string, fhir4.Observation | fhir4.QuestionnaireResponse>();
  for (const one of [...objectsOf(record.responses), ...objectsOf(record.observations)])
    resources.set(`${one.resourceType}/${one.id}`, one);
  const encounters = objectsOf(record.encounters);
  const hasAny = [...resources.values(), ...encounters].some(
    (one) => one.meta !== undefined && labelsOf(one).length > 0,
  );
  const mayHave =
    hasAny ||
    (record.labels?.length ?? 0) > 0 ||
    [...resources.values()].some((one) => one.contained !== undefined);
  if (!mayHave) return () => none;
  const origins = originsIn(record, resources);
  const [find, visits] = [encounterFinder(record), visitsOf(encounters)];
  const known = new Map<string, Labels>();
  const ofSource = (source: string): Labels => {
    const labels =
      known.get(source) ??
      joinedLabels(
        ...[...origins(source)].flatMap((one) => [one, ...find(one).flatMap(visits)]).map(labelsOf),
      );
    known.set(source, labels);
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
    const named = places.length > 0 ? places.map((one) => one.source) : sources;
    const parts = places.map((one) => labelsOf(partAt(resources.get(one.source), one.place)));
    const attached = encounter === undefined ? none : (byEncounter.get(encounter) ?? none);
    return joinedLabels(record.labels ?? none, ...named.map(ofSource), ...parts, attached);
  };
}

/** A contained Observation that an answer was read from. */
function partAt(resource: fhir4.DomainResource | undefined, place: string): object | undefined {
  const index = /^contained\[(\d+)\]/.exec(place)?.[1];
  const part: unknown = index === undefined ? undefined : resource?.contained?.[Number(index)];
  return isObject(part) ? part : undefined;
}

/** A resource with all that it is a part of or was made of, however many steps away; they may name each other in a ring. */
function originsIn(
  record: PersonRecord,
  resources: ReadonlyMap<string, object>,
): (source: string) => ReadonlySet<object> {
  const panels = new Map<string, string[]>();
  for (const panel of objectsOf(record.observations))
    for (const member of namedIn(panel.hasMember, record.base))
      panels.set(member, [...(panels.get(member) ?? []), `Observation/${panel.id}`]);
  return (source) => {
    const seen = new Set<string>();
    const open = [source];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      const { derivedFrom } = (resources.get(name) ?? {}) as fhir4.Observation;
      open.push(...namedIn(derivedFrom, record.base), ...(panels.get(name) ?? []));
    }
    return new Set([...seen].flatMap((name) => resources.get(name) ?? []));
  };
}

const namedIn = (references: readonly fhir4.Reference[] | undefined, base: string): string[] =>
  objectsOf(references).flatMap(({ reference }) =>
    ['Observation', 'QuestionnaireResponse'].flatMap((type) => {
      const id = localId(textOf(reference), type, base);
      return id === undefined ? [] : [`${type}/${id}`];
    }),
  );
