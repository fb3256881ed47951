import { type fhir4, systems } from '@loopwell/fhir';
import { reasonAt, reasonCode } from '../fhir-json/absent-reasons.ts';
import { isLoinc } from '../fhir-json/loinc-codes.ts';
import { isListOfObjects, isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import { hasValueElsewhere } from '../fhir-json/value-in-extension.ts';
import type { Answer } from '../model.ts';

export const isEmpty = (value: Value) =>
  value.absent === 'unknown' && Object.keys(value).length === 1;

export type Value = Pick<
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
export function valuesOf(part: object): Value[] {
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
