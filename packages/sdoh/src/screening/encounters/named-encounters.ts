import { type fhir4, localId } from '@loopwell/fhir';
import { statusWords } from '../../fhir-json/status-words.ts';
import {
  isObject,
  objectsIn,
  objectsOf,
  plainText,
  textOf,
} from '../../fhir-json/tolerant-readers.ts';
import type { PersonRecord } from '../../model.ts';

/**
 * The elements that may name an Encounter. `context` is where FHIR STU3 had it; an extension may
 * name an associated one.
 */
type Naming = {
  encounter?: unknown;
  context?: unknown;
  extension?: unknown;
  contained?: unknown;
};

type FindEncounters = (resource: object) => readonly fhir4.Encounter[];

/**
 * Returns a function that finds the Encounters that a form or an Observation names: by reference,
 * by identifier, or as a contained one.
 */
export function createEncounterFinder({
  encounters,
  base,
}: Pick<PersonRecord, 'encounters' | 'base'>): FindEncounters {
  const byId = Map.groupBy(objectsOf(encounters), (encounter) => encounter.id ?? '');
  const byIdentifier = indexByIdentifier(objectsOf(encounters));
  const findIdentified = (names: readonly string[]) =>
    names.flatMap((name) => byIdentifier.get(name) ?? []);
  const withSameIdentifier = (contained: readonly fhir4.Encounter[]) => [
    ...contained,
    ...findIdentified(contained.flatMap(identifiersOf)),
  ];
  const findNamed = (reference: Record<string, unknown>, contained: fhir4.Encounter[]) => {
    const text = textOf(reference.reference)?.trim();
    const within = contained.filter((one) => text !== undefined && text === `#${one.id}`);
    const names = [askedIdentifier(text), ...identifiersOf(reference)];
    return [
      ...withSameIdentifier(within),
      ...findIdentified(names.filter((name) => name !== undefined)),
    ];
  };
  return (resource) => {
    const naming = resource as Naming;
    const direct = [...objectsIn(naming.encounter), ...objectsIn(naming.context)];
    const extended = [resource, ...direct].flatMap(referencesIn);
    const contained = objectsOf(naming.contained as fhir4.Encounter[]);
    const named = [...direct, ...extended].flatMap((reference) => {
      const text = textOf(reference.reference)?.trim();
      // In an element that names an Encounter, an id alone can mean only that one.
      const bareId = direct.includes(reference) ? text : undefined;
      const id = localId(text, 'Encounter', base) ?? bareId;
      const local = id === undefined ? [] : (byId.get(id) ?? []);
      return [...local, ...findNamed(reference, contained)];
    });
    // A contained resource stands for something of its container: a visit can only be the
    // container's own.
    const visits = contained.filter((one) => one.resourceType === 'Encounter');
    return direct.length > 0 ? named : [...named, ...withSameIdentifier(visits)];
  };
}

/**
 * Indexes Encounters by identifier, with and without its system: a name without one may be of any.
 */
function indexByIdentifier(
  encounters: readonly fhir4.Encounter[],
): ReadonlyMap<string, readonly fhir4.Encounter[]> {
  const index = new Map<string, fhir4.Encounter[]>();
  for (const encounter of encounters) {
    const names = identifiersOf(encounter);
    const withoutSystem = names.map((name) => name.slice(name.indexOf('|')));
    for (const name of new Set([...names, ...withoutSystem]))
      index.set(name, [...(index.get(name) ?? []), encounter]);
  }
  return index;
}

const referencesIn = ({ extension }: Naming): Record<string, unknown>[] =>
  objectsIn(extension)
    .map(({ valueReference }) => valueReference)
    .filter(isObject);

/**
 * Returns a function that finds an Encounter with those that carry one of its identifiers: the same
 * visit under another id.
 */
export function createVisitLookup(
  encounters: readonly fhir4.Encounter[],
): (encounter: fhir4.Encounter) => readonly fhir4.Encounter[] {
  const named = encounters.flatMap((encounter) =>
    identifiersOf(encounter).map((name) => ({ name, encounter })),
  );
  const byName = Map.groupBy(named, ({ name }) => name);
  return (encounter) => {
    const same = identifiersOf(encounter).flatMap((name) => byName.get(name) ?? []);
    return [encounter, ...same.map((match) => match.encounter)];
  };
}

/** Lists the identifiers of a resource as `system|value`. */
function identifiersOf(resource: object): string[] {
  const { identifier } = resource as { identifier?: unknown };
  return objectsIn(identifier)
    .filter((one) => textOf(one.value) !== undefined)
    .map((one) => `${textOf(one.system) ?? ''}|${plainText(one.value)}`);
}

/** Reads `system|value` from a reference of the form `Encounter?identifier=system|value`. */
function askedIdentifier(reference: string | undefined): string | undefined {
  const asked = /^(?:https?:\/\/.+\/)?Encounter\?identifier=([^&]+)$/.exec(reference ?? '')?.[1];
  if (asked === undefined) return undefined;
  const name = URL.canParse(`http://x/?${asked}`)
    ? decodeURIComponent(asked.replace(/%(?![0-9A-Fa-f]{2})/g, '%25'))
    : asked;
  return name.includes('|') ? name : `|${name}`;
}

const isMistake = (encounter: fhir4.Encounter) =>
  statusWords(encounter.status).includes('entered-in-error');

/**
 * Marks the answers of Encounters that were entered in error as mistakes, and returns the record:
 * such an Encounter is no evidence, and neither is what was answered in it. Members of a panel are
 * marked with their panel when panels are read.
 */
export function markMistakenEncounters(record: PersonRecord): PersonRecord {
  const [responses, observations] = [objectsOf(record.responses), objectsOf(record.observations)];
  const mayBe =
    objectsOf(record.encounters).some(isMistake) ||
    [...responses, ...observations].some((one) => one.contained !== undefined);
  if (!mayBe) return record;
  const find = createEncounterFinder(record);
  const mark = <R extends fhir4.QuestionnaireResponse | fhir4.Observation>(resource: R): R =>
    find(resource).some(isMistake) ? { ...resource, status: 'entered-in-error' } : resource;
  return { ...record, responses: responses.map(mark), observations: observations.map(mark) };
}
