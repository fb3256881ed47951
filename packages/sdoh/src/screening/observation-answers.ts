import { type fhir4, mapDefined } from '@loopwell/fhir';
import { reasonCode } from '../fhir-json/absent-reasons.ts';
import { isMended, loincOf } from '../fhir-json/loinc-codes.ts';
import { flagOf } from '../fhir-json/positive-flags.ts';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Answer } from '../model.ts';
import { isEmpty, valuesOf } from './answer-values.ts';
import { voidFlawedAnswers } from './flawed-answers.ts';

type Part = fhir4.Observation | fhir4.ObservationComponent;

/** The source and time of an Observation's answers. */
type Origin = Pick<Answer, 'source' | 'authored'>;

/**
 * Reads the answers of one Observation: its own value, or its components'. A panel that only has
 * members gives none.
 *
 * @param questions of all instruments; where an Observation carries several LOINC codes, the one
 * among these is meant
 */
export function answersOfObservation(
  observation: fhir4.Observation,
  questions?: ReadonlySet<string>,
): Answer[] {
  const origin = {
    source: `Observation/${observation.id ?? ''}`,
    authored: authoredOf(observation),
  };
  const whole = readAnswers(observation, origin, '', questions);
  if (whole.length === 0 && !isGroup(observation))
    whole.push(...readUnanswered(observation, origin, '', questions, { unsaid: true }));
  const within = partsWithin(observation).flatMap(({ part, place }) => {
    const answers = readAnswers(part, origin, place, questions);
    return answers.length > 0
      ? answers
      : readUnanswered(part, origin, place, questions, { blank: true });
  });
  const related = relatedTo(observation);
  const answers = voidFlawedAnswers([...whole, ...within], observation);
  return related.length === 0 ? answers : answers.map((answer) => ({ ...answer, related }));
}

/** Lists `Type/id` of the resources that an Observation derives from or has as members. */
function relatedTo({ derivedFrom, hasMember }: fhir4.Observation): string[] {
  const references = [...objectsOf(derivedFrom), ...objectsOf(hasMember)];
  const texts = references.map(({ reference }) => textOf(reference));
  return texts.filter((text) => text !== undefined).map(lastTwoParts);
}

const lastTwoParts = (reference: string) => reference.split('/').slice(-2).join('/');

/**
 * Lists the parts of an Observation with their places: its components, and the members that it
 * contains.
 */
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

/**
 * The statuses whose answers count: final, amended and corrected. Preliminary and unknown ones do
 * not count, nor do mistakes.
 */
export const usable: ReadonlySet<unknown> = new Set(['final', 'amended', 'corrected']);

/** Lists the Observations that an Observation contains, with their places. */
export const containedIn = ({ contained }: fhir4.Observation) =>
  mapDefined(Array.isArray(contained) ? contained : [], (resource, index) =>
    isObject(resource) && resource.resourceType === 'Observation'
      ? { part: resource as unknown as fhir4.Observation, place: `contained[${index}]` }
      : undefined,
  );

const isGroup = (observation: fhir4.Observation) =>
  objectsOf(observation.component).length > 0 || objectsOf(observation.hasMember).length > 0;

/**
 * Reads a question that was put without a value or a reason for its absence; only known questions
 * count.
 */
function readUnanswered(
  { code }: Part,
  origin: Origin,
  place: string,
  questions: ReadonlySet<string> | undefined,
  kind: { unsaid: true } | { blank: true },
): Answer[] {
  const question = loincOf(code).find((loinc) => questions?.has(loinc));
  return question === undefined ? [] : [{ question, ...origin, place, absent: 'unknown', ...kind }];
}

/** Returns when an Observation was answered: effective[x], else issued; '' where neither tells. */
export const authoredOf = (observation: fhir4.Observation): string => timeIn(observation)?.at ?? '';

/** Returns the element that holds that time; '' where there is none. */
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
  for (const [element, json] of Object.entries(times)) {
    const at = textOf(json);
    if (at !== undefined) return { element, at };
  }
  return undefined;
}

/**
 * Returns the event of a Timing that has exactly one. With several, nothing tells which is meant.
 */
const onlyEvent = (timing: unknown): unknown =>
  isObject(timing) && Array.isArray(timing.event) && timing.event.length === 1
    ? timing.event[0]
    : undefined;

/**
 * Lists the words that stand beside a question's code: the concept's text and the code's displays.
 */
function wordsBeside(concept: fhir4.CodeableConcept, question: string): string[] {
  const codings = objectsOf(concept.coding).filter((coding) => coding.code?.trim() === question);
  const words = [textOf(concept.text), ...codings.map((coding) => textOf(coding.display))];
  return words.filter((text) => text !== undefined);
}

function readAnswers(
  part: Part,
  origin: Origin,
  place: string,
  questions: ReadonlySet<string> | undefined,
): Answer[] {
  const base = readQuestion(part, origin, place, questions);
  if (!base) return [];
  const hasReason = part.dataAbsentReason !== undefined;
  const values = valuesOf(part);
  const [first = {}] = values;
  const isNothing = isEmpty(first);
  if (hasReason && (isNothing || first.invalid === 'in-extension'))
    return [{ ...base, absent: reasonOf(part.dataAbsentReason) }];
  if (isNothing) return [];
  if (hasReason) return [{ ...base, invalid: 'value-and-reason' }];
  const flag = flagOf(part.interpretation);
  if (flag) base.flag = flag;
  return values.map((read) => ({ ...base, ...read }));
}

/** Reads what was asked; undefined where no LOINC code tells. */
function readQuestion(
  { code }: Part,
  origin: Origin,
  place: string,
  questions: ReadonlySet<string> | undefined,
): Answer | undefined {
  const codes = loincOf(code);
  const question = codes.find((loinc) => questions?.has(loinc)) ?? codes[0];
  if (question === undefined) return undefined;
  const answer: Answer = { question, ...origin, place };
  const called = wordsBeside(code, question);
  const others = codes.filter((loinc) => loinc !== question && questions?.has(loinc));
  if (called.length > 0) answer.called = called;
  if (others.length > 0) answer.alsoAsked = others;
  if (isMended(code, question)) answer.mendedQuestion = true;
  return answer;
}

/** Returns the reason of a concept as FHIR's own code; `unknown` where none of its codes is one. */
function reasonOf(concept: fhir4.CodeableConcept | undefined): string {
  const reasons = objectsOf(concept?.coding).map((coding) => reasonCode(textOf(coding.code)));
  return reasons.find((reason) => reason !== 'unknown') ?? 'unknown';
}

/** Tells whether an Observation has this answer and no other. */
export const isWholeObservation = ({ source, place, split }: Answer) =>
  source.startsWith('Observation/') && place === '' && !split;
