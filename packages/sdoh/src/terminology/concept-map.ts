import { type fhir4, systems } from '@loopwell/fhir';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';

/**
 * A site's own codes and what they are in LOINC: `system|code` to LOINC code. Questions and answers
 * alike.
 */
export type Translations = ReadonlyMap<string, string>;

/**
 * A problem of a map: where, as a path into it (empty for the whole), and what, as the rest of a
 * sentence.
 */
export type MapProblem = { place: string; says: string };

/**
 * Equivalences (FHIR R4) and relationships (R5) of a target under which one code may stand for
 * another.
 */
const same: ReadonlySet<unknown> = new Set(['equal', 'equivalent', undefined]);

const keyOf = (source: string, code: string) => `${source}\n${code}`;

/** Removes the version from a canonical: forms and code systems are told by their address. */
const withoutVersion = (canonical: string) => canonical.split('|')[0] ?? canonical;

/** Matches LOINC codes of questions and answers. */
const loincCode = /^(LA)?\d{1,7}-\d$/;

/**
 * Reads a ConceptMap that leads from a site's own codes to LOINC. A target that would be a guess is
 * not taken, and said: a code with two targets, a wider or narrower one, another code system. For
 * forms, `group.source` is the canonical of the Questionnaire and `element.code` the `linkId`.
 */
export function readConceptMap(json: unknown): {
  translations: Translations;
  problems: MapProblem[];
} {
  const reading: MapReading = { translations: new Map(), problems: [] };
  if (!isObject(json) || json.resourceType !== 'ConceptMap') {
    addProblem(reading, '', 'It is no ConceptMap.');
    return reading;
  }
  const map = json as unknown as fhir4.ConceptMap;
  if (map.status === 'retired') addProblem(reading, 'status', 'is retired: it counts no more.');
  for (const [group, place] of readList<fhir4.ConceptMapGroup>(reading, map.group, 'group'))
    readGroup(reading, group, place);
  if (reading.translations.size === 0 && reading.problems.length === 0)
    addProblem(reading, '', 'It translates nothing.');
  return reading;
}

type MapReading = { translations: Map<string, string>; problems: MapProblem[] };

const addProblem = ({ problems }: MapReading, place: string, says: string) =>
  problems.push({ place, says });

function readGroup(reading: MapReading, group: fhir4.ConceptMapGroup, place: string): void {
  const source = textOf(group.source);
  if (source === undefined)
    addProblem(reading, `${place}.source`, 'has to name the code system, or the Questionnaire.');
  else if (group.target !== systems.loinc)
    addProblem(reading, `${place}.target`, `has to be ${systems.loinc}.`);
  else {
    const elements = readList<fhir4.ConceptMapGroupElement>(
      reading,
      group.element,
      `${place}.element`,
    );
    for (const [element, at] of elements) readElement(reading, element, withoutVersion(source), at);
  }
}

function readElement(
  reading: MapReading,
  element: fhir4.ConceptMapGroupElement,
  source: string,
  place: string,
): void {
  const code = textOf(element.code);
  const targets = readList<Target>(reading, element.target, `${place}.target`).map(
    ([target]) => target,
  );
  if (code === undefined) {
    addProblem(reading, `${place}.code`, 'is missing.');
    return;
  }
  const target = onlyTarget(targets);
  const key = keyOf(source, code);
  const problem = targetProblem(target, targets, reading.translations.get(key));
  if (problem !== undefined) addProblem(reading, place, `(${code}) ${problem}`);
  else if (target !== undefined) reading.translations.set(key, target);
}

type Target = fhir4.ConceptMapGroupElementTarget & { relationship?: unknown };

/** Returns the one code that targets name, where each of them means the same. */
function onlyTarget(targets: readonly Target[]): string | undefined {
  const codes = new Set(targets.map(({ code }) => textOf(code)));
  const isSame = targets.every(
    ({ equivalence, relationship }) => same.has(equivalence) && same.has(relationship),
  );
  return codes.size === 1 && isSame ? [...codes][0] : undefined;
}

/** Tells why a target is not taken, as the rest of a sentence. */
function targetProblem(
  target: string | undefined,
  targets: readonly Target[],
  earlier: string | undefined,
): string | undefined {
  if (target === undefined) return 'has to have one target that is equal or equivalent.';
  if (!loincCode.test(target)) return 'has a target that is no LOINC code.';
  if (targets.some(({ dependsOn }) => dependsOn !== undefined))
    return 'depends on other codes, which is not read.';
  return (earlier ?? target) === target ? undefined : 'says something else than an earlier one.';
}

/**
 * Reads the members of a list, each with its place; what is no list or no object is wrong there.
 */
function readList<T>(reading: MapReading, json: unknown, place: string): [T, string][] {
  if (json === undefined) return [];
  if (!Array.isArray(json)) addProblem(reading, place, 'has to be a list.');
  const members: [T, string][] = [];
  for (const [index, member] of (Array.isArray(json) ? json : []).entries()) {
    const at = `${place}[${index}]`;
    if (isObject(member)) members.push([member as T, at]);
    else addProblem(reading, at, 'has to be an object.');
  }
  return members;
}

/**
 * Returns the resource with LOINC beside the site's own codes, where the map has them; unchanged
 * where it has none.
 */
export function translated<R extends fhir4.Resource>(resource: R, translations: Translations): R {
  if (translations.size === 0) return resource;
  if (resource.resourceType === 'Observation')
    return translateObservation(
      resource as unknown as fhir4.Observation,
      translations,
    ) as unknown as R;
  if (resource.resourceType === 'QuestionnaireResponse')
    return translateResponse(
      resource as unknown as fhir4.QuestionnaireResponse,
      translations,
    ) as unknown as R;
  return resource;
}

const loincFor = (
  coding: fhir4.Coding | undefined,
  translations: Translations,
): string | undefined =>
  isObject(coding)
    ? translations.get(keyOf(textOf(coding.system) ?? '', textOf(coding.code) ?? ''))
    : undefined;

/**
 * Adds LOINC to a concept as its first coding; what came stays behind it. A concept that has LOINC
 * already needs no map.
 */
function translateConcept<C extends fhir4.CodeableConcept | undefined>(
  concept: C,
  translations: Translations,
): C {
  if (!isObject(concept)) return concept;
  const codings = objectsOf((concept as fhir4.CodeableConcept).coding);
  if (codings.some((coding) => coding.system === systems.loinc)) return concept;
  const codes = codings.map((coding) => loincFor(coding, translations));
  const code = codes.find((loinc) => loinc !== undefined);
  if (code === undefined) return concept;
  return { ...concept, coding: [{ system: systems.loinc, code }, ...codings] };
}

function translatePart<P extends fhir4.Observation | fhir4.ObservationComponent>(
  part: P,
  translations: Translations,
): P {
  const code = translateConcept(part.code, translations);
  const answer = translateConcept(part.valueCodeableConcept, translations);
  if (code === part.code && answer === part.valueCodeableConcept) return part;
  const translatedPart = { ...part };
  if (code) translatedPart.code = code;
  if (answer) translatedPart.valueCodeableConcept = answer;
  return translatedPart;
}

function translateObservation(
  received: fhir4.Observation,
  translations: Translations,
): fhir4.Observation {
  const observation = translatePart(received, translations);
  if (!Array.isArray(observation.component)) return observation;
  const component = observation.component.map((part) =>
    isObject(part) ? translatePart(part, translations) : part,
  );
  return { ...observation, component };
}

function translateResponse(
  response: fhir4.QuestionnaireResponse,
  translations: Translations,
): fhir4.QuestionnaireResponse {
  if (!Array.isArray(response.item)) return response;
  const [form = ''] = textOf(response.questionnaire)?.split(/[|#]/) ?? [];
  return { ...response, item: translateItems(response.item, form, translations, 0) };
}

/**
 * The deepest level of items that is translated. Forms are a handful of levels deep; what is deeper
 * is left as it is, and refused where it is read.
 */
const deepest = 50;

function translateItems(
  items: readonly fhir4.QuestionnaireResponseItem[],
  form: string,
  translations: Translations,
  depth: number,
): fhir4.QuestionnaireResponseItem[] {
  return items.map((formItem) => {
    if (!isObject(formItem) || depth > deepest) return formItem;
    const read = { ...(formItem as fhir4.QuestionnaireResponseItem) };
    const question = translations.get(keyOf(form, textOf(read.linkId) ?? ''));
    if (question !== undefined) read.definition = `${systems.loinc}/${question}`;
    if (Array.isArray(read.answer))
      read.answer = read.answer.map((answer) => translateAnswer(answer, form, translations, depth));
    if (Array.isArray(read.item))
      read.item = translateItems(read.item, form, translations, depth + 1);
    return read;
  });
}

function translateAnswer(
  answer: fhir4.QuestionnaireResponseItemAnswer,
  form: string,
  translations: Translations,
  depth: number,
): fhir4.QuestionnaireResponseItemAnswer {
  if (!isObject(answer)) return answer;
  const read = { ...(answer as fhir4.QuestionnaireResponseItemAnswer) };
  const code = loincFor(read.valueCoding, translations);
  if (code !== undefined) read.valueCoding = { system: systems.loinc, code };
  if (Array.isArray(read.item))
    read.item = translateItems(read.item, form, translations, depth + 1);
  return read;
}
