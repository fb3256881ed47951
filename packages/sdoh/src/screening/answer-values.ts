import { type fhir4, systems } from '@loopwell/fhir';
import { reasonAt, reasonCode } from '../fhir-json/absent-reasons.ts';
import { isLoinc } from '../fhir-json/loinc-codes.ts';
import { isListOfObjects, isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import { hasValueElsewhere } from '../fhir-json/value-in-extension.ts';
import type { Answer } from '../model.ts';

/** The value of an answer, without its question and its place. */
export type AnswerValue = Pick<
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

/** The value of a question that was put without any answer: it reads as absent. */
const nothing: AnswerValue = { absent: 'unknown' };
const inExtension: AnswerValue = { invalid: 'in-extension' };
const wrongType: AnswerValue = { invalid: 'wrong-type' };

/** Tells whether a value says nothing at all: absent, for no stated reason. */
export const isEmpty = (answer: AnswerValue) =>
  answer.absent === 'unknown' && Object.keys(answer).length === 1;

/** Reads one value, or as many as different LOINC answers were written into one CodeableConcept. */
export function valuesOf(part: object): AnswerValue[] {
  const read = readValue(part);
  const { valueCodeableConcept: concept } = part as {
    valueCodeableConcept?: fhir4.CodeableConcept;
  };
  if (read.code === undefined || !isObject(concept)) return [read];
  const codings = objectsOf(concept.coding as fhir4.Coding[] | undefined).filter(
    (coding) => isLoinc(coding.system) && textOf(coding.code) !== undefined,
  );
  const byCode = Map.groupBy(codings, (coding) => coding.code?.trim().toUpperCase() ?? '');
  if (byCode.size < 2) return [read];
  return [...byCode.values()].map(([coding]) => ({
    ...readCodings(coding ? [coding] : [], undefined),
    split: true,
  }));
}

/** Reads the value of an answer. A value beside a reason for its absence is no answer. */
function readValue(part: object): AnswerValue {
  const values = Object.entries(part).filter(
    ([key, json]) => /^value[A-Z]/.test(key) && json !== undefined && json !== null,
  );
  if (values.length > 1) return { invalid: 'two-values' };
  const [first] = values;
  const reason = reasonAt(part);
  const isGroup = 'component' in part || 'hasMember' in part;
  if (!first && reason === undefined && !isGroup && hasValueElsewhere(part, /./))
    return inExtension;
  const read = first ? readTyped(first[0], first[1]) : nothing;
  if (reason === undefined)
    return first && isEmpty(read) && hasValueElsewhere(part, /./) ? inExtension : read;
  return read.absent !== undefined || read.invalid === 'wrong-type'
    ? { absent: reason, reasoned: true }
    : { invalid: 'value-and-reason' };
}

/**
 * Reads a value[x] by its type.
 *
 * @param type `valueString` and the like
 */
function readTyped(type: string, json: unknown): AnswerValue {
  switch (type) {
    case 'valueCodeableConcept':
      return readConcept(json);
    case 'valueCoding':
      return isObject(json) ? readCodings([json as fhir4.Coding], undefined) : wrongType;
    case 'valueBoolean':
      return readBoolean(json);
    case 'valueString':
    case 'valueDate':
    case 'valueDateTime':
      return readText(json);
    case 'valueInteger':
    case 'valueDecimal':
      return typeof json === 'number' ? { number: json } : wrongType;
    case 'valueQuantity':
      return readQuantity(json);
    default:
      return wrongType;
  }
}

function readConcept(json: unknown): AnswerValue {
  if (!isObject(json) || !isListOfObjects(json.coding)) return wrongType;
  return readCodings(objectsOf(json.coding as fhir4.Coding[]), textOf(json.text));
}

/**
 * Reads a boolean as "Yes" or "No". No code was sent: the word stands for one answer of a list, or
 * for none.
 */
function readBoolean(json: unknown): AnswerValue {
  if (typeof json !== 'boolean') return wrongType;
  return { text: json ? 'Yes' : 'No' };
}

function readText(json: unknown): AnswerValue {
  if (typeof json !== 'string') return wrongType;
  return json.trim() === '' ? nothing : { text: json };
}

/**
 * Reads a Quantity as a number. One with a comparator ("less than 11") is no exact number and is
 * invalid.
 */
function readQuantity(json: unknown): AnswerValue {
  if (!isObject(json) || typeof json.value !== 'number') return wrongType;
  return textOf(json.comparator) === undefined ? { number: json.value } : { invalid: 'not-exact' };
}

const nullFlavors = [
  'http://terminology.hl7.org/CodeSystem/v3-NullFlavor',
  'http://hl7.org/fhir/v3/NullFlavor',
];

/**
 * Reads a LOINC code, else a reason for no answer, else words: a code of the site's own is not
 * guessed.
 */
function readCodings(codings: readonly fhir4.Coding[], text: string | undefined): AnswerValue {
  const coded = codings.filter((coding) => textOf(coding.code) !== undefined);
  const loinc = coded.find((coding) => isLoinc(coding.system));
  if (loinc) return readLoinc(loinc, codings, text);
  return readReason(coded) ?? readWords(codings, coded, text);
}

function readLoinc(
  loinc: fhir4.Coding,
  codings: readonly fhir4.Coding[],
  text: string | undefined,
): AnswerValue {
  const others = codings.filter((coding) => coding !== loinc);
  const beside = [text, ...others.map((coding) => textOf(coding.display))].filter(
    (words) => words !== undefined,
  );
  const read: AnswerValue = { code: loinc.code ?? '' };
  const display = textOf(loinc.display);
  if (display) read.display = display;
  if (beside.length > 0) read.beside = beside;
  if (isLoinc(loinc.system) === 'mended') read.mended = true;
  return read;
}

function readReason(coded: readonly fhir4.Coding[]): AnswerValue | undefined {
  const reason = coded.find(
    ({ system }) => system === systems.dataAbsentReason || nullFlavors.includes(system ?? ''),
  );
  if (!reason) return undefined;
  if (reason.system !== systems.dataAbsentReason) return nothing;
  return { absent: reasonCode(reason.code), reasoned: true };
}

/** Reads the words of a local code: they may still match one answer of the list. */
function readWords(
  codings: readonly fhir4.Coding[],
  coded: readonly fhir4.Coding[],
  text: string | undefined,
): AnswerValue {
  const isNameless = ({ system }: fhir4.Coding) => textOf(system) === undefined;
  if (text === undefined && coded.some(isNameless))
    return { withoutSystem: true, text: coded[0]?.code ?? '' };
  const displays = codings.map((coding) => textOf(coding.display));
  const words = text ?? displays.find((display) => display !== undefined) ?? coded[0]?.code;
  if (words === undefined) return nothing;
  const site = coded.find((coding) => !isNameless(coding));
  return site
    ? { text: words, local: { system: site.system ?? '', code: site.code ?? '' } }
    : { text: words };
}

/** Returns what was answered as the part of the Observation's id that stands for it. */
export function answerText(answer: Answer | undefined): string {
  if (!answer) return '';
  const { code, text, number, absent, invalid } = answer;
  return code ?? text ?? (number === undefined ? (absent ?? invalid ?? '') : String(number));
}
