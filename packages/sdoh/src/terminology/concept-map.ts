import { type fhir4, systems, withoutUndefined } from '@loopwell/fhir';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';

/** A site's own codes and what they are in LOINC: `system|code` to LOINC code. Questions and answers alike. */
export type Translations = ReadonlyMap<string, string>;

/** What is wrong with a map: where, as a path into it (empty for the whole), and what, as the rest of a sentence. */
export type MapProblem = { place: string; says: string };

/** Equivalences (FHIR R4) and relationships (R5) of a target under which one code may stand for another. */
const same: ReadonlySet<unknown> = new Set(['equal', 'equivalent', undefined]);

const keyOf = (source: string, code: string) => `${source}\n${code}`;

/** A canonical without its version: forms and code systems are told by their address. */
const withoutVersion = (canonical: string) => canonical.split('|')[0] ?? canonical;

/** LOINC codes of questions and answers. */
const loincCode = /^(LA)?\d{1,7}-\d$/;

/**
 * Reads a ConceptMap that leads from a site's own codes to LOINC. What would be a guess is not taken, and said: a code with
 * two targets, a wider or narrower one, another code system. For forms, `group.source` is the canonical of the
 * Questionnaire and `element.code` the `linkId`.
 */
export function readConceptMap(value: unknown): {
  translations: Translations;
  problems: MapProblem[];
} {
  const translations = new Map<string, string>();
  const problems: MapProblem[] = [];
  const wrong = (place: string, says: string) => problems.push({ place, says });
  if (!isObject(value) || value.resourceType !== 'ConceptMap')
    return { translations, problems: [{ place: '', says: 'It is no ConceptMap.' }] };
  const map = value as unknown as fhir4.ConceptMap;
  if (map.status === 'retired') wrong('status', 'is retired: it counts no more.');
  for (const [group, place] of listed<fhir4.ConceptMapGroup>(map.group, 'group')) {
    const source = textOf(group.source);
    if (source === undefined)
      wrong(`${place}.source`, 'has to name the code system, or the Questionnaire.');
    else if (group.target !== systems.loinc)
      wrong(`${place}.target`, `has to be ${systems.loinc}.`);
    else
      for (const [element, at] of listed<fhir4.ConceptMapGroupElement>(
        group.element,
        `${place}.element`,
      ))
        read(element, withoutVersion(source), at);
  }
  if (translations.size === 0 && problems.length === 0) wrong('', 'It translates nothing.');
  return { translations, problems };

  function read(element: fhir4.ConceptMapGroupElement, source: string, place: string): void {
    const code = textOf(element.code);
    const conceptMapGroupElementTargets = listed<fhir4.ConceptMapGroupElementTarget>(
      element.target,
      `${place}.target`,
    ).map(([one]) => one);
    const targets = new Set(conceptMapGroupElementTargets.map((one) => textOf(one.code)));
    const [target] = targets;
    const isSame = conceptMapGroupElementTargets.every(
      (conceptMapGroupElementTarget) =>
        same.has(conceptMapGroupElementTarget.equivalence) &&
        same.has((conceptMapGroupElementTarget as { relationship?: unknown }).relationship),
    );
    if (code === undefined) wrong(`${place}.code`, 'is missing.');
    else if (targets.size !== 1 || target === undefined || !isSame)
      wrong(place, `(${code}) has to have one target that is equal or equivalent.`);
    else if (!loincCode.test(target)) wrong(place, `(${code}) has a target that is no LOINC code.`);
    else if (conceptMapGroupElementTargets.some((one) => one.dependsOn !== undefined))
      wrong(place, `(${code}) depends on other codes, which is not read.`);
    else if ((translations.get(keyOf(source, code)) ?? target) !== target)
      wrong(place, `(${code}) says something else than an earlier one.`);
    else translations.set(keyOf(source, code), target);
  }

  /** What stands in a list, each with its place; what is no list or no object is wrong there. */
  function listed<T>(some: unknown, place: string): [T, string][] {
    if (some === undefined) return [];
    if (!Array.isArray(some)) wrong(place, 'has to be a list.');
    return (Array.isArray(some) ? some : []).flatMap((one: unknown, index): [T, string][] => {
      if (isObject(one)) return [[one as T, `${place}[${index}]`]];
      wrong(`${place}[${index}]`, 'has to be an object.');
      return [];
    });
  }
}

/** The resource with LOINC beside the site's own codes, where the map has them; itself where it has none. */
export function translated<R extends fhir4.Resource>(resource: R, translations: Translations): R {
  if (translations.size === 0) return resource;
  if (resource.resourceType === 'Observation')
    return observation(resource as unknown as fhir4.Observation, translations) as unknown as R;
  if (resource.resourceType === 'QuestionnaireResponse')
    return response(
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

/** LOINC first; what came stays behind it. A concept that has LOINC already needs no map. */
function concept<C extends fhir4.CodeableConcept | undefined>(
  one: C,
  translations: Translations,
): C {
  if (!isObject(one)) return one;
  const codings = objectsOf((one as fhir4.CodeableConcept).coding);
  if (codings.some((coding) => coding.system === systems.loinc)) return one;
  const found = codings
    .map((coding) => loincFor(coding, translations))
    .find((code) => code !== undefined);
  return found === undefined
    ? one
    : ({ ...one, coding: [{ system: systems.loinc, code: found }, ...codings] } as C);
}

type Answered = fhir4.Observation | fhir4.ObservationComponent;

function answered<P extends Answered>(part: P, translations: Translations): P {
  const code = concept(part.code, translations);
  const value = concept(part.valueCodeableConcept, translations);
  return code === part.code && value === part.valueCodeableConcept
    ? part
    : ({
        ...part,
        ...withoutUndefined({ code: code || undefined, valueCodeableConcept: value || undefined }),
      } as P);
}

function observation(one: fhir4.Observation, translations: Translations): fhir4.Observation {
  const own = answered(one, translations);
  if (!Array.isArray(own.component)) return own;
  return {
    ...own,
    component: own.component.map((part) => (isObject(part) ? answered(part, translations) : part)),
  };
}

function response(
  questionnaireResponse: fhir4.QuestionnaireResponse,
  translations: Translations,
): fhir4.QuestionnaireResponse {
  const form = textOf(questionnaireResponse.questionnaire)?.split(/[|#]/)[0] ?? '';
  return Array.isArray(questionnaireResponse.item)
    ? { ...questionnaireResponse, item: items(questionnaireResponse.item, form, translations, 0) }
    : questionnaireResponse;
}

/** Forms are a handful of levels deep; what is deeper is left as it is, and refused where it is read. */
const deepest = 50;

function items(
  questionnaireResponseItems: readonly fhir4.QuestionnaireResponseItem[],
  form: string,
  translations: Translations,
  depth: number,
): fhir4.QuestionnaireResponseItem[] {
  return questionnaireResponseItems.map((questionnaireResponseItem) => {
    if (!isObject(questionnaireResponseItem) || depth > deepest) return questionnaireResponseItem;
    const {
      linkId,
      answer,
      item: inner,
    } = questionnaireResponseItem as fhir4.QuestionnaireResponseItem;
    const question = translations.get(keyOf(form, textOf(linkId) ?? ''));
    return {
      ...(questionnaireResponseItem as fhir4.QuestionnaireResponseItem),
      ...withoutUndefined({
        definition: question === undefined ? undefined : `${systems.loinc}/${question}`,
        answer: Array.isArray(answer)
          ? answer.map((one) => answerOf(one, form, translations, depth))
          : undefined,
        item: Array.isArray(inner) ? items(inner, form, translations, depth + 1) : undefined,
      }),
    };
  });
}

function answerOf(
  questionnaireResponseItemAnswer: fhir4.QuestionnaireResponseItemAnswer,
  form: string,
  translations: Translations,
  depth: number,
): fhir4.QuestionnaireResponseItemAnswer {
  if (!isObject(questionnaireResponseItemAnswer)) return questionnaireResponseItemAnswer;
  const { valueCoding, item } =
    questionnaireResponseItemAnswer as fhir4.QuestionnaireResponseItemAnswer;
  const code = loincFor(valueCoding, translations);
  return {
    ...(questionnaireResponseItemAnswer as fhir4.QuestionnaireResponseItemAnswer),
    ...withoutUndefined({
      valueCoding: code === undefined ? undefined : { system: systems.loinc, code },
      item: Array.isArray(item) ? items(item, form, translations, depth + 1) : undefined,
    }),
  };
}
