import { type fhir4, localId, parseReference } from '@loopwell/fhir';
import { objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Finding, PersonRecord } from '../model.ts';

const people: ReadonlySet<unknown> = new Set([
  'Patient',
  'RelatedPerson',
  'Practitioner',
  'PractitionerRole',
]);

/** Of several performers the first that can have answered: an organization cannot. */
function whoOf(performers: readonly fhir4.Reference[] | undefined): string | undefined {
  const named = objectsOf(performers).flatMap((one) => textOf(one.reference) ?? []);
  return named.find((one) => people.has(parseReference(one)?.type)) ?? named[0];
}

/** `Type/id` of each form and Observation, with whom it names as having answered. */
export function answerersOf(record: PersonRecord): ReadonlyMap<string, string> {
  const named = [
    ...objectsOf(record.responses).map(
      (one) => [`QuestionnaireResponse/${one.id}`, textOf(one.source?.reference)] as const,
    ),
    ...objectsOf(record.observations).map(
      (one) => [`Observation/${one.id}`, whoOf(one.performer)] as const,
    ),
  ];
  const known = new Map(
    named.flatMap(([source, reference]) =>
      reference === undefined ? [] : [[source, reference] as const],
    ),
  );
  // Who filled in a panel answered its members, where they do not say otherwise.
  for (const panel of objectsOf(record.observations)) {
    const reference = known.get(`Observation/${panel.id}`);
    for (const member of reference === undefined ? [] : objectsOf(panel.hasMember)) {
      const id = localId(textOf(member.reference), 'Observation', record.base);
      if (id !== undefined && !known.has(`Observation/${id}`))
        known.set(`Observation/${id}`, reference ?? '');
    }
  }
  return known;
}

/** Who answered, told once for each form: its answers have one. */
export function answererIn(
  record: PersonRecord,
  answerers: ReadonlyMap<string, string>,
): (finding: Finding) => fhir4.Reference | undefined {
  const known = new Map<string, fhir4.Reference | undefined>();
  return ({ answers: [answer] }) => {
    const source = answer?.source ?? '';
    if (!known.has(source)) known.set(source, answererOf(record, answerers.get(source)));
    const who = known.get(source);
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
