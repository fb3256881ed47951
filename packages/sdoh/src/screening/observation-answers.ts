import type { fhir4 } from '@loopwell/fhir';
import { reasonCode } from '../fhir-json/absent-reasons.ts';
import { isMended, loincOf } from '../fhir-json/loinc-codes.ts';
import { flagOf } from '../fhir-json/positive-flags.ts';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Answer } from '../model.ts';
import { isEmpty, valuesOf } from './answer-values.ts';
import { voided } from './flawed-answers.ts';

/**
 * Answers of one Observation: its own value, or its components'. A panel that only has members gives none.
 *
 * @param known questions of all instruments; where an Observation carries several LOINC codes, the known one is meant
 */
export function answersOfObservation(
  observation: fhir4.Observation,
  known?: ReadonlySet<string>,
): Answer[] {
  const source = `Observation/${observation.id ?? ''}`;
  const authored = authoredOf(observation);
  const answered = answerOf(observation, source, '', authored, known);
  const own =
    answered.length === 0 && !isGroup(observation)
      ? unansweredOf(observation, source, authored, known)
      : answered;
  const within = partsWithin(observation).flatMap(({ part, place }) => {
    const given = answerOf(part, source, place, authored, known);
    const [question] =
      given.length > 0 ? [] : loincOf(part.code).filter((code) => known?.has(code));
    return question === undefined
      ? given
      : [{ question, source, place, authored, absent: 'unknown', blank: true }];
  });
  const related = relatedTo(observation);
  const answers = voided([...own, ...within], observation);
  return related.length === 0 ? answers : answers.map((one) => ({ ...one, related }));
}

/** `Type/id` of what it was made of and of what it holds together. */
const relatedTo = ({ derivedFrom, hasMember }: fhir4.Observation): string[] =>
  [...objectsOf(derivedFrom), ...objectsOf(hasMember)].flatMap(
    (one) => textOf(one.reference)?.split('/').slice(-2).join('/') ?? [],
  );

/** Components, and members that the Observation itself contains: parts of it, with their places. */
export function partsWithin(
  observation: fhir4.Observation,
): { part: fhir4.Observation | fhir4.ObservationComponent; place: string }[] {
  const members = new Set(objectsOf(observation.hasMember).map((one) => one.reference));
  return [
    ...objectsOf(observation.component).map((part, index) => ({
      part,
      place: `component[${index}]`,
    })),
    ...containedIn(observation).filter(
      ({ part }) => members.has(`#${part.id}`) && usable.has(part.status),
    ),
  ];
}

/** Final, amended and corrected answers count; preliminary and unknown ones not, mistakes never. */
export const usable: ReadonlySet<unknown> = new Set(['final', 'amended', 'corrected']);

export const containedIn = ({ contained }: fhir4.Observation) =>
  (Array.isArray(contained) ? contained : []).flatMap((resource, index) =>
    isObject(resource) && resource.resourceType === 'Observation'
      ? [{ part: resource as unknown as fhir4.Observation, place: `contained[${index}]` }]
      : [],
  );

const isGroup = (observation: fhir4.Observation) =>
  objectsOf(observation.component).length > 0 || objectsOf(observation.hasMember).length > 0;

/** A question that was put, and nothing more: no value, and no reason why. */
function unansweredOf(
  observation: fhir4.Observation,
  source: string,
  authored: string,
  known: ReadonlySet<string> | undefined,
): Answer[] {
  const question = loincOf(observation.code).find((one) => known?.has(one));
  return question === undefined
    ? []
    : [{ question, source, place: '', authored, absent: 'unknown', unsaid: true }];
}

/** When an Observation was answered: effective[x], else issued. */
export const authoredOf = (observation: fhir4.Observation): string => timeIn(observation)?.at ?? '';

/** Where that time stands in it. */
export const timeElementOf = (observation: fhir4.Observation): string =>
  timeIn(observation)?.element ?? '';

function timeIn({
  effectiveDateTime,
  effectivePeriod,
  effectiveInstant,
  effectiveTiming,
  issued,
}: fhir4.Observation) {
  const times = {
    effectiveDateTime,
    'effectivePeriod.start': effectivePeriod?.start,
    'effectivePeriod.end': effectivePeriod?.end,
    effectiveInstant,
    'effectiveTiming.event[0]': onlyEvent(effectiveTiming),
    issued,
  };
  for (const [element, found] of Object.entries(times)) {
    const at = textOf(found);
    if (at !== undefined) return { element, at };
  }
  return undefined;
}

/** A Timing of one event is that time; of several nothing tells which. */
const onlyEvent = (timing: unknown): unknown =>
  isObject(timing) && Array.isArray(timing.event) && timing.event.length === 1
    ? timing.event[0]
    : undefined;

/** The words that stand beside a question's code. */
function calledBy(concept: fhir4.CodeableConcept, question: string): Pick<Answer, 'called'> {
  const displays = objectsOf(concept.coding).map((coding) =>
    coding.code?.trim() === question ? textOf(coding.display) : undefined,
  );
  const called = [textOf(concept.text), ...displays].filter((one) => one !== undefined);
  return called.length === 0 ? {} : { called };
}

function answerOf(
  part: fhir4.Observation | fhir4.ObservationComponent,
  source: string,
  place: string,
  authored: string,
  known: ReadonlySet<string> | undefined,
): Answer[] {
  const codes = loincOf(part.code);
  const question = codes.find((one) => known?.has(one)) ?? codes[0];
  if (question === undefined) return [];
  const others = codes.filter((one) => one !== question && known?.has(one));
  const called = {
    ...calledBy(part.code, question),
    ...(others.length > 0 ? { alsoAsked: others } : {}),
  };
  const base = {
    question,
    source,
    place,
    authored,
    ...called,
    ...(isMended(part.code, question) ? { mendedQuestion: true } : {}),
  };
  const hasReason = part.dataAbsentReason !== undefined;
  const values = valuesOf(part);
  const [value = {}] = values;
  if (hasReason && value.invalid === 'in-extension')
    return [{ ...base, absent: reasonOf(part.dataAbsentReason) }];
  if (isEmpty(value))
    return hasReason ? [{ ...base, absent: reasonOf(part.dataAbsentReason) }] : [];
  if (hasReason) return [{ ...base, invalid: 'value-and-reason' }];
  const flag = flagOf(part.interpretation);
  return values.map((one) => ({ ...base, ...(flag ? { flag } : {}), ...one }));
}

/** The reason by FHIR's own codes where there is one among them. */
function reasonOf(concept: fhir4.CodeableConcept | undefined): string {
  const codings = objectsOf(concept?.coding);
  return (
    codings.map((one) => reasonCode(textOf(one.code))).find((one) => one !== 'unknown') ?? 'unknown'
  );
}
