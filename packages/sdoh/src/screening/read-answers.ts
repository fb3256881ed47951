import { type fhir4, systems } from '@loopwell/fhir';
import { reasonAt, reasonCode, reasonOn } from '../fhir-json/absent-reasons.ts';
import { type Asked, questionsWithin } from '../fhir-json/contained-questionnaire.ts';
import { voided } from '../fhir-json/flaws.ts';
import { flagOf } from '../fhir-json/positive-flags.ts';
import { isListOfObjects, isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import { hasValueElsewhere } from '../fhir-json/value-in-extension.ts';
import type { Answer } from '../model.ts';

/**
 * Reads answers from whatever carried them. Nothing is judged here: an answer that no table knows is an answer still.
 * Question: the LOINC code at the end of a `linkId` (`/93042-0/71802-3`) or of a `definition`, or Observation.code.
 */
const loincAtEnd = /(?:^|\D)(\d{1,7}-\d)$/;

/** Forms are a handful of levels deep. What is deeper is no form, and would exhaust the stack. */
const deepest = 50;

/** @returns undefined where the form has not the shape of one, so that reading it would lose answers */
export function answersOfResponse(response: fhir4.QuestionnaireResponse): Answer[] | undefined {
  const source = `QuestionnaireResponse/${response.id ?? ''}`;
  const authored = textOf(response.authored) ?? '';
  const answers: Answer[] = [];
  const forms = questionsWithin(response);
  const visit = (items: unknown, path: string, depth: number): boolean => {
    if (!isListOfObjects(items) || depth > deepest) return false;
    return objectsOf(items as fhir4.QuestionnaireResponseItem[]).every((item, index) => {
      const place = `${path}item[${index}]`;
      if (!isListOfObjects(item.answer) || !isWord(item.linkId) || !isWord(item.definition))
        return false;
      const base = { ...askedBy(item, forms), source, authored };
      const given = objectsOf(item.answer);
      const reason = reasonOn(item);
      const nested = given.every((answer, position) => {
        const at = `${place}.answer[${position}]`;
        answers.push(
          ...valuesOf(answer).map((value) => ({
            ...base,
            place: at,
            ...unlessReasoned(value, reason),
          })),
        );
        return visit(answer.item, `${at}.`, depth + 1);
      });
      if (given.length === 0 && objectsOf(item.item).length === 0) {
        const isElsewhere =
          reason === undefined && hasValueElsewhere(item, /value|answer|response/i);
        if (isElsewhere) answers.push({ ...base, place, invalid: 'in-extension' });
        else
          answers.push({
            ...base,
            place,
            ...(reason === undefined ? { absent: 'unknown', blank: true } : { absent: reason }),
          });
      }
      return nested && visit(item.item, `${place}.`, depth + 1);
    });
  };
  return visit(response.item, '', 0) ? voided(answers, response) : undefined;
}

/** A form that says of a question why it has no answer, and gives one, has said two things. */
const unlessReasoned = (value: Value, reason: string | undefined): Value => {
  if (reason === undefined || value.invalid !== undefined) return value;
  return value.absent === undefined
    ? { invalid: 'value-and-reason' }
    : value.reasoned
      ? value
      : { absent: reason, reasoned: true };
};

const isWord = (value: unknown) => value === undefined || typeof value === 'string';

/** The question of an item: by itself, else as the form that it contains says. */
function askedBy(
  item: fhir4.QuestionnaireResponseItem,
  forms: ReadonlyMap<string, Asked>,
): Pick<Answer, 'question' | 'asked' | 'called'> {
  const told = forms.get(textOf(item.linkId) ?? '');
  const own = questionOf(item);
  const [code] = loincOf(told);
  if (code === undefined || loincAtEnd.test(own)) {
    const text =
      textOf(item.text) === undefined && told?.text !== undefined ? { text: told.text } : {};
    return { question: own, ...wordingOf({ ...item, ...text }) };
  }
  const text = textOf(item.text);
  return { question: code, ...(text === undefined ? {} : { called: [text] }) };
}

/** What the form asked: it tells the question where its `linkId` is no LOINC code, and else must not say another one. */
function wordingOf(item: fhir4.QuestionnaireResponseItem): Pick<Answer, 'asked' | 'called'> {
  const text = textOf(item.text);
  if (text === undefined) return {};
  return loincAtEnd.test(questionOf(item)) ? { called: [text] } : { asked: text };
}

/** The LOINC code that an item ends in, else its `linkId`. */
export function questionOf(item: fhir4.QuestionnaireResponseItem): string {
  const ends = [item.linkId, item.definition].map(
    (one) => loincAtEnd.exec(textOf(one)?.trim() ?? '')?.[1],
  );
  return ends.find((one) => one !== undefined) ?? textOf(item.linkId) ?? '';
}

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
  (Array.isArray(contained) ? contained : []).flatMap((one, index) =>
    isObject(one) && one.resourceType === 'Observation'
      ? [{ part: one as unknown as fhir4.Observation, place: `contained[${index}]` }]
      : [],
  );

const isGroup = (one: fhir4.Observation) =>
  objectsOf(one.component).length > 0 || objectsOf(one.hasMember).length > 0;

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

/** LOINC by its own name; `mended` where by its OID or a variant of its address, which mean nothing else. */
function isLoinc(system: unknown): 'exact' | 'mended' | undefined {
  if (system === systems.loinc) return 'exact';
  const text = textOf(system)
    ?.trim()
    .toLowerCase()
    .replace(/\/$/, '')
    .replace(/^https:/, 'http:');
  return text === systems.loinc || text?.replace(/^urn:oid:/, '') === '2.16.840.1.113883.6.1'
    ? 'mended'
    : undefined;
}

/** Was this question's code written in another way than LOINC's own? */
function isMended(concept: fhir4.CodeableConcept | undefined, question: string): boolean {
  const said = objectsOf(concept?.coding).filter(
    (one) => isLoinc(one.system) && textOf(one.code)?.trim() === question,
  );
  return (
    said.length > 0 &&
    said.every((one) => isLoinc(one.system) === 'mended' || one.code !== question)
  );
}

/** LOINC codes of an Observation or component. */
export function loincOf(concept: fhir4.CodeableConcept | undefined): string[] {
  return objectsOf(concept?.coding).flatMap((one) =>
    isLoinc(one.system) && textOf(one.code) ? [one.code?.trim() ?? ''] : [],
  );
}

/** The words that stand beside a question's code. */
function calledBy(concept: fhir4.CodeableConcept, question: string): Pick<Answer, 'called'> {
  const displays = objectsOf(concept.coding).map((one) =>
    one.code?.trim() === question ? textOf(one.display) : undefined,
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

const isEmpty = (value: Value) => value.absent === 'unknown' && Object.keys(value).length === 1;

/** The reason by FHIR's own codes where there is one among them. */
function reasonOf(concept: fhir4.CodeableConcept | undefined): string {
  const codings = objectsOf(concept?.coding);
  return (
    codings.map((one) => reasonCode(textOf(one.code))).find((one) => one !== 'unknown') ?? 'unknown'
  );
}

type Value = Pick<
  Answer,
  | 'code'
  | 'display'
  | 'text'
  | 'number'
  | 'absent'
  | 'reasoned'
  | 'invalid'
  | 'withoutSystem'
  | 'mended'
  | 'split'
  | 'local'
  | 'beside'
>;

/** One value, or as many as different LOINC answers were written into one CodeableConcept. */
function valuesOf(part: object): Value[] {
  const value = valueOf(part);
  const { valueCodeableConcept: coded } = part as { valueCodeableConcept?: fhir4.CodeableConcept };
  if (value.code === undefined || !isObject(coded)) return [value];
  const codings = objectsOf(coded.coding as fhir4.Coding[] | undefined).filter(
    (one) => isLoinc(one.system) && textOf(one.code) !== undefined,
  );
  const different = [
    ...Map.groupBy(codings, (one) => one.code?.trim().toUpperCase() ?? '').values(),
  ].flatMap((some) => some[0] ?? []);
  return different.length < 2
    ? [value]
    : different.map((one) => ({ ...codedValue([one], undefined), split: true }));
}

/** No value at all reads as absent: asked, and nothing was said. A value beside a reason for its absence is no answer. */
function valueOf(part: object): Value {
  const values = Object.entries(part).filter(
    ([key, value]) => /^value[A-Z]/.test(key) && value !== undefined && value !== null,
  );
  if (values.length > 1) return { invalid: 'two-values' };
  const [first] = values;
  const reason = reasonAt(part);
  const isGroup = 'component' in part || 'hasMember' in part;
  if (!first && reason === undefined && !isGroup && hasValueElsewhere(part, /./))
    return { invalid: 'in-extension' };
  const value = first ? readValue(first[0], first[1]) : { absent: 'unknown' };
  if (reason === undefined)
    return first && isEmpty(value) && hasValueElsewhere(part, /./)
      ? { invalid: 'in-extension' }
      : value;
  return value.absent !== undefined || value.invalid === 'wrong-type'
    ? { absent: reason, reasoned: true }
    : { invalid: 'value-and-reason' };
}

function readValue(type: string, value: unknown): Value {
  const wrong = { invalid: 'wrong-type' };
  switch (type) {
    case 'valueCodeableConcept':
      return isObject(value) && isListOfObjects(value.coding)
        ? codedValue(objectsOf(value.coding as fhir4.Coding[]), textOf(value.text))
        : wrong;
    case 'valueCoding':
      return isObject(value) ? codedValue([value as fhir4.Coding], undefined) : wrong;
    case 'valueBoolean':
      // No code was sent: the word stands for one answer of a list, or for none.
      return typeof value === 'boolean' ? { text: value ? 'Yes' : 'No' } : wrong;
    case 'valueString':
    case 'valueDate':
    case 'valueDateTime':
      if (typeof value !== 'string') return wrong;
      return value.trim() === '' ? { absent: 'unknown' } : { text: value };
    case 'valueInteger':
    case 'valueDecimal':
      return typeof value === 'number' ? { number: value } : wrong;
    case 'valueQuantity':
      if (!isObject(value) || typeof value.value !== 'number') return wrong;
      // "Less than 11" is no number.
      return textOf(value.comparator) === undefined
        ? { number: value.value }
        : { invalid: 'not-exact' };
    default:
      return wrong;
  }
}

const nullFlavors = [
  'http://terminology.hl7.org/CodeSystem/v3-NullFlavor',
  'http://hl7.org/fhir/v3/NullFlavor',
];

function codedValue(codings: readonly fhir4.Coding[], text: string | undefined): Value {
  const coded = codings.filter((one) => textOf(one.code) !== undefined);
  const loinc = coded.find((one) => isLoinc(one.system));
  if (loinc) {
    const display = textOf(loinc.display);
    const beside = [
      text,
      ...codings.map((one) => (one === loinc ? undefined : textOf(one.display))),
    ].filter((one) => one !== undefined);
    return {
      code: loinc.code ?? '',
      ...(display ? { display } : {}),
      ...(beside.length > 0 ? { beside } : {}),
      ...(isLoinc(loinc.system) === 'mended' ? { mended: true } : {}),
    };
  }
  const reason = coded.find(
    (one) => one.system === systems.dataAbsentReason || nullFlavors.includes(one.system ?? ''),
  );
  if (reason)
    return reason.system === systems.dataAbsentReason
      ? { absent: reasonCode(reason.code), reasoned: true }
      : { absent: 'unknown' };
  const [site] = coded.filter((one) => textOf(one.system) !== undefined);
  const local = site ? { local: { system: site.system ?? '', code: site.code ?? '' } } : {};
  if (text !== undefined) return { text, ...local };
  if (coded.some((one) => textOf(one.system) === undefined))
    return { withoutSystem: true, text: coded[0]?.code ?? '' };
  // A local code is not guessed; its words may still match one answer of the list.
  const words =
    codings.map((one) => textOf(one.display)).find((one) => one !== undefined) ?? coded[0]?.code;
  return words === undefined ? { absent: 'unknown' } : { text: words, ...local };
}
