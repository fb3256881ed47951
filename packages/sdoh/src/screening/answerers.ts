import { type fhir4, localId, parseReference } from '@loopwell/fhir';
import { objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Finding, PersonRecord } from '../model.ts';

const people: ReadonlySet<unknown> = new Set([
  'Patient',
  'RelatedPerson',
  'Practitioner',
  'PractitionerRole',
]);

/**
 * Picks the first of several performers that can have answered; an organization cannot. Without
 * such a one it is the first that is named.
 * DECISIONS D38.
 */
function performerOf(performers: readonly fhir4.Reference[] | undefined): string | undefined {
  const references = objectsOf(performers)
    .map(({ reference }) => textOf(reference))
    .filter((reference) => reference !== undefined);
  const isPerson = (reference: string) => people.has(parseReference(reference)?.type);
  return references.find(isPerson) ?? references[0];
}

/** Maps `Type/id` of each form and Observation to the reference of the one who answered it. */
export function findAnswerers(record: PersonRecord): ReadonlyMap<string, string> {
  const answerers = new Map<string, string>();
  const observations = objectsOf(record.observations);
  const add = (source: string, reference: string | undefined) => {
    if (reference !== undefined) answerers.set(source, reference);
  };
  for (const { id, source } of objectsOf(record.responses))
    add(`QuestionnaireResponse/${id}`, textOf(source?.reference));
  for (const { id, performer } of observations) add(`Observation/${id}`, performerOf(performer));
  // The performer of a panel answered its members, where they do not name another one.
  for (const { id, hasMember } of observations) {
    const reference = answerers.get(`Observation/${id}`);
    for (const member of objectsOf(hasMember)) {
      const memberId = localId(textOf(member.reference), 'Observation', record.base);
      const isNamed = memberId === undefined || answerers.has(`Observation/${memberId}`);
      if (!isNamed) add(`Observation/${memberId}`, reference);
    }
  }
  return answerers;
}

/**
 * Returns a function that gives the person who answered a finding, with references to our person.
 * The result is kept for each form, since all its answers have one.
 */
export function createAnswererLookup(
  record: PersonRecord,
  answerers: ReadonlyMap<string, string>,
): (finding: Finding) => fhir4.Reference | undefined {
  const bySource = new Map<string, fhir4.Reference | undefined>();
  return ({ answers: [answer] }) => {
    const source = answer?.source ?? '';
    if (!bySource.has(source)) bySource.set(source, answererOf(record, answerers.get(source)));
    const who = bySource.get(source);
    return who && { ...who };
  };
}

function answererOf(
  record: PersonRecord,
  reference: string | undefined,
): fhir4.Reference | undefined {
  const who = parseReference(reference);
  if (!who || !people.has(who.type)) return undefined;
  // Another Patient may answer, a mother for her child: that one is not the person.
  const isPerson = who.type === 'Patient' && who.id === (record.patient?.id ?? who.id);
  return {
    reference: isPerson
      ? `Patient/${record.person}`
      : `${who.base ?? record.base}/${who.type}/${who.id}`,
  };
}
