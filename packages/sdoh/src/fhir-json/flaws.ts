import { type Flaw, type fhir4, localId, parseReference, readShape } from '@loopwell/fhir';
import type { Answer, CodingIssue, PersonRecord } from '../model.ts';
import { objectsOf, textOf } from './tolerant-readers.ts';

/** What is not as FHIR says travels with the resource; no JSON shows it, and copies of the resource keep it. */
const flawsKey = Symbol('flaws');

type Flawed = { [flawsKey]?: readonly Flaw[] };

const none: readonly Flaw[] = [];

export const flawsOf = (resource: object): readonly Flaw[] =>
  (resource as Flawed)[flawsKey] ?? none;

export const withFlaws = <R extends object>(resource: R, flaws: readonly Flaw[]): R =>
  flaws.length === 0 ? resource : { ...resource, [flawsKey]: [...flawsOf(resource), ...flaws] };

/** A resource as it is read everywhere: mended where that is certain, with all that is not as FHIR says. @param timeZone the site's, where somebody has set it */
export function readable<R extends object>(received: R, timeZone?: string): R {
  const { resource, flaws } = readShape(received, timeZone);
  return withFlaws(resource, flaws);
}

/** Nothing follows from it: it is not understood, or what it says cannot be told. */
export const isUnclear = (resource: object): boolean =>
  flawsOf(resource).some((one) => one.voids?.unit === '');

/** A modifier that is not known, on the resource itself or on what it takes to read it. */
const isNotUnderstood = (resource: object): boolean =>
  flawsOf(resource).some((one) => one.kind === 'not-understood' && one.voids?.unit === '');

const severities = {
  mended: 'information',
  unreadable: 'error',
  'not-understood': 'warning',
  invalid: 'warning',
} as const;

/** What is said of a resource that is not as FHIR says, each with its place. */
export function flawIssues(resource: fhir4.Resource): CodingIssue[] {
  const flaws = flawsOf(resource);
  if (flaws.length === 0) return [];
  const source = `${resource.resourceType}/${resource.id ?? ''}`;
  return flaws.flatMap(({ kind, path, text }) =>
    text === ''
      ? []
      : [
          {
            severity: severities[kind],
            code: codeOf(kind),
            text,
            source,
            ...(path === '' ? {} : { place: path }),
          },
        ],
  );
}

export const codeOf = (kind: Flaw['kind']): string => (kind === 'invalid' ? 'invalid-value' : kind);
export const severityOf = (kind: Flaw['kind']): CodingIssue['severity'] => severities[kind];

const ranks = ['not-understood', 'unreadable', 'invalid'] as const;

/** Answers that must not be acted on: what was asked stays, what was said does not. */
export function voided(answers: Answer[], resource: object): Answer[] {
  const flaws = flawsOf(resource).filter((one) => one.voids !== undefined);
  if (flaws.length === 0) return answers;
  return answers.map((answer) => {
    // What was not answered says nothing wrong, unless its own place cannot be read.
    if (answer.blank && !flaws.some((one) => one.voids?.unit === answer.place)) return answer;
    const kinds = new Set(flaws.flatMap((one) => (isReached(answer.place, one) ? [one.kind] : [])));
    const invalid = ranks.find((kind) => kinds.has(kind));
    return invalid === undefined
      ? answer
      : { ...questionOf(answer), invalid: invalid === 'invalid' ? 'no-date' : invalid };
  });
}

function isReached(place: string, { voids }: Flaw): boolean {
  if (!voids) return false;
  const { unit, below } = voids;
  if (unit === '') return true;
  if (!place.startsWith(unit)) return false;
  const rest = place.slice(unit.length);
  return rest === '' || (below ? rest.startsWith('.') : /^\.answer\[\d+\]$/.test(rest));
}

function questionOf({
  question,
  asked,
  called,
  alsoAsked,
  mendedQuestion,
  related,
  source,
  place,
  authored,
}: Answer): Answer {
  return {
    question,
    source,
    place,
    authored,
    ...(asked === undefined ? {} : { asked }),
    ...(called === undefined ? {} : { called }),
    ...(alsoAsked === undefined ? {} : { alsoAsked }),
    ...(mendedQuestion === undefined ? {} : { mendedQuestion }),
    ...(related === undefined ? {} : { related }),
  };
}

/** Kinds of `invalid` of which nothing is made: an Observation of them would say what was not said. */
export const isVoid = ({ invalid }: Pick<Answer, 'invalid'>): boolean =>
  invalid === 'not-understood' || invalid === 'unreadable' || invalid === 'no-date';

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
  for (const one of responses)
    for (const named of [one.encounter, one.source]) link(keyIn(named?.reference), keyOf(one));
  for (const one of observations) {
    for (const named of [one.encounter, ...objectsOf(one.performer), ...objectsOf(one.derivedFrom)])
      link(keyIn(named?.reference), keyOf(one));
    for (const member of objectsOf(one.hasMember))
      link(keyOf(one), `Observation/${localId(textOf(member.reference), 'Observation', base)}`);
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
