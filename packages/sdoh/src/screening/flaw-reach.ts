import { type Flaw, type fhir4, localId, parseReference } from '@loopwell/fhir';
import { flawsOf, isNotUnderstood, isUnclear, withFlaws } from '../fhir-json/flaws.ts';
import { objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { PersonRecord } from '../model.ts';

const none: readonly Flaw[] = [];

type Answering = fhir4.Observation | fhir4.QuestionnaireResponse;

/**
 * A record in which what is not understood reaches all that rests on it: the Patient reaches everything, an Encounter or
 * form the answers that name it, a panel its members.
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
  const all = (patient && isUnclear(patient) ? kindsOf(patient) : none).concat(
    whole.map(inherited),
  );
  const carriers = [...encounters, ...responses, ...observations, ...others];
  if (all.length === 0 && !carriers.some(isNotUnderstood)) return record;
  const unclear = reachedFrom(record, carriers.filter(isNotUnderstood).map(keyOf));
  const mark = <R extends Answering>(one: R): R =>
    withFlaws(
      one,
      unclear.has(keyOf(one)) && !isNotUnderstood(one) ? [...all, notUnderstood] : all,
    );
  return { ...record, responses: responses.map(mark), observations: observations.map(mark) };
}

const keyOf = (one: fhir4.Resource) => `${one.resourceType}/${one.id ?? ''}`;

const notUnderstood: Flaw = {
  kind: 'not-understood',
  path: '',
  text: '',
  voids: { unit: '', below: true },
};

const inherited = ({ kind }: Flaw): Flaw => ({ ...notUnderstood, kind });

const kindsOf = (resource: object): Flaw[] =>
  flawsOf(resource).flatMap((one) => (one.voids ? [inherited(one)] : []));

/** `Type/id` of all that names what is not understood, or is a member of it; a walk, since panels nest. */
function reachedFrom(
  { base, responses, observations }: PersonRecord,
  from: readonly string[],
): ReadonlySet<string> {
  const reaches = new Map<string, string[]>();
  const link = (source: string | undefined, target: string) => {
    if (source !== undefined) reaches.set(source, [...(reaches.get(source) ?? []), target]);
  };
  const keyIn = (reference: unknown) => {
    const parsed = parseReference(textOf(reference));
    return parsed && (parsed.base === undefined || parsed.base === base)
      ? `${parsed.type}/${parsed.id}`
      : undefined;
  };
  for (const questionnaireResponse of responses)
    for (const named of [questionnaireResponse.encounter, questionnaireResponse.source])
      link(keyIn(named?.reference), keyOf(questionnaireResponse));
  for (const observation of observations) {
    for (const named of [
      observation.encounter,
      ...objectsOf(observation.performer),
      ...objectsOf(observation.derivedFrom),
    ])
      link(keyIn(named?.reference), keyOf(observation));
    for (const member of objectsOf(observation.hasMember))
      link(
        keyOf(observation),
        `Observation/${localId(textOf(member.reference), 'Observation', base)}`,
      );
  }
  const found = new Set(from);
  for (const open = [...from]; open.length > 0; ) {
    for (const next of reaches.get(open.pop() ?? '') ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return found;
}
