import { type fhir4, localId } from '@loopwell/fhir';
import { statusWords } from '../../fhir-json/status-words.ts';
import { isObject, objectsOf, textOf } from '../../fhir-json/tolerant-readers.ts';
import type { PersonRecord } from '../../model.ts';

/** What names an Encounter. `context` is where FHIR STU3 had it; an extension may name an associated one. */
type Naming = { encounter?: unknown; context?: unknown; extension?: unknown; contained?: unknown };

type FindEncounters = (resource: object) => readonly fhir4.Encounter[];

/** Finds the Encounters that a form or an Observation names: by reference, by identifier, or as a contained one. */
export function encounterFinder({
  encounters,
  base,
}: Pick<PersonRecord, 'encounters' | 'base'>): FindEncounters {
  const known = objectsOf(encounters);
  const byId = Map.groupBy(known, (one) => one.id ?? '');
  // A name without its system may be of any.
  const namesOf = (encounter: fhir4.Encounter) =>
    identifiersOf(encounter).flatMap((name) => [name, name.slice(name.indexOf('|'))]);
  const byIdentifier = Map.groupBy(
    known.flatMap((encounter) =>
      [...new Set(namesOf(encounter))].map((name) => ({ name, encounter })),
    ),
    (one) => one.name,
  );
  const identified = (names: readonly string[]) =>
    names.flatMap((name) => (byIdentifier.get(name) ?? []).map((one) => one.encounter));
  return (resource) => {
    const { encounter, context, contained } = resource as Naming;
    const own = [encounter, context].flat().filter(isObject);
    // A contained resource stands for something that contains it: a visit can be no other than its own.
    const unnamed =
      own.length > 0
        ? []
        : objectsOf(contained as fhir4.Resource[]).filter(
            (one) => one.resourceType === 'Encounter',
          );
    const references = [
      ...own,
      ...[resource, ...own].flatMap(({ extension: some }: Naming) => referencesIn(some)),
    ];
    const named = references.flatMap((reference) => {
      const text = textOf(reference.reference)?.trim();
      // Where an Encounter belongs, an id alone can mean only that one.
      const id = localId(text, 'Encounter', base) ?? (own.includes(reference) ? text : undefined);
      const within = objectsOf(contained as fhir4.Resource[]).filter(
        (one) => text !== undefined && text === `#${one.id}`,
      );
      return [
        ...(id === undefined ? [] : (byId.get(id) ?? [])),
        ...(within as fhir4.Encounter[]),
        ...identified(within.flatMap(identifiersOf)),
        ...identified(
          [askedFor(text), ...identifiersOf(reference)].filter((one) => one !== undefined),
        ),
      ];
    });
    return [
      ...named,
      ...(unnamed as fhir4.Encounter[]),
      ...identified(unnamed.flatMap(identifiersOf)),
    ];
  };
}

const referencesIn = (extension: unknown): Record<string, unknown>[] =>
  [extension]
    .flat()
    .filter(isObject)
    .flatMap(({ valueReference }) => (isObject(valueReference) ? [valueReference] : []));

/** An Encounter, with those that carry one of its identifiers: the same visit under another id. */
export function visitsOf(
  encounters: readonly fhir4.Encounter[],
): (encounter: fhir4.Encounter) => readonly fhir4.Encounter[] {
  const named = encounters.flatMap((one) => identifiersOf(one).map((name) => ({ name, one })));
  const byName = Map.groupBy(named, ({ name }) => name);
  return (encounter) => [
    encounter,
    ...identifiersOf(encounter).flatMap((name) => (byName.get(name) ?? []).map(({ one }) => one)),
  ];
}

function identifiersOf(resource: object): string[] {
  const { identifier } = resource as { identifier?: unknown };
  return [identifier]
    .flat()
    .filter(isObject)
    .flatMap(({ system, value }) =>
      textOf(value) === undefined ? [] : [`${textOf(system) ?? ''}|${String(value)}`],
    );
}

/** `Encounter?identifier=system|value`. */
function askedFor(reference: string | undefined): string | undefined {
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
 * The record with the answers of Encounters that were entered in error marked as mistakes: such an Encounter is no
 * evidence, and neither is what was answered in it. Members of a panel are put right with their panel, by those who read it.
 */
export function withoutMistakenEncounters(record: PersonRecord): PersonRecord {
  const [responses, observations] = [objectsOf(record.responses), objectsOf(record.observations)];
  const mayBe =
    objectsOf(record.encounters).some(isMistake) ||
    [...responses, ...observations].some((one) => one.contained !== undefined);
  if (!mayBe) return record;
  const find = encounterFinder(record);
  const marked = <R extends fhir4.QuestionnaireResponse | fhir4.Observation>(one: R): R =>
    find(one).some(isMistake) ? { ...one, status: 'entered-in-error' } : one;
  return { ...record, responses: responses.map(marked), observations: observations.map(marked) };
}
