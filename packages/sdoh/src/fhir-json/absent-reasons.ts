import type { fhir4 } from '@loopwell/fhir';
import { isObject, objectsOf, textOf } from './tolerant-readers.ts';

/** Why there is no answer (FHIR R4, CodeSystem data-absent-reason). */
const reasons: ReadonlySet<string> = new Set([
  'unknown',
  'asked-unknown',
  'temp-unknown',
  'not-asked',
  'asked-declined',
  'masked',
  'not-applicable',
  'unsupported',
  'as-text',
  'error',
  'not-a-number',
  'negative-infinity',
  'positive-infinity',
  'not-performed',
  'not-permitted',
]);

/** The one reason that says that the person would not answer. */
export const isRefusal = (reason: string): boolean => reason === 'asked-declined';

const reasonUrl = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** A code of that system, in whatever letters; any other word says no more than that there is no answer. */
export function reasonCode(said: string | undefined): string {
  const code = said?.trim().toLowerCase() ?? '';
  return reasons.has(code) ? code : 'unknown';
}

/** The reason that stands on an element itself, by FHIR's extension. */
export function reasonOn(element: unknown): string | undefined {
  if (!isObject(element)) return undefined;
  const extension = objectsOf(element.extension as fhir4.Extension[] | undefined).find(
    (one) => one.url === reasonUrl,
  );
  if (!extension) return undefined;
  const { valueCode, valueString, valueCoding, valueCodeableConcept } = extension;
  const codes = [
    valueCode,
    valueString,
    valueCoding?.code,
    objectsOf(valueCodeableConcept?.coding)[0]?.code,
  ];
  return reasonCode(codes.map(textOf).find((one) => one !== undefined));
}

/** The reason that stands on an answer: on itself, in the place of its value, or inside of its value. */
export function reasonAt(part: object): string | undefined {
  const within = Object.entries(part).flatMap(([key, value]) => {
    if (/^_value[A-Z]/.test(key)) return [value];
    return /^value[A-Z]/.test(key) ? insideOf(value) : [];
  });
  return [part, ...within].map(reasonOn).find((one) => one !== undefined);
}

/** Where a data type may say why it is empty. A display or a text that is masked hides no code. */
function insideOf(value: unknown): unknown[] {
  if (!isObject(value)) return [];
  const codings = objectsOf(value.coding as fhir4.Coding[] | undefined);
  const isCoded = codings.some((one) => textOf(one.code) !== undefined);
  const ofCodings = isCoded
    ? []
    : [value._text, ...codings, ...codings.map((one) => (one as { _code?: unknown })._code)];
  return [value, value._code, value._value, ...ofCodings];
}
