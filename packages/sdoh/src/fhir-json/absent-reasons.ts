import type { fhir4 } from '@loopwell/fhir';
import { isObject, objectsOf, textOf } from './tolerant-readers.ts';

/** Reasons for a missing answer (FHIR R4, CodeSystem data-absent-reason). DECISIONS D43. */
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

/** Tells whether a reason says that the person declined to answer. */
export const isRefusal = (reason: string): boolean => reason === 'asked-declined';

const reasonUrl = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/**
 * Returns the data-absent-reason code that a text means, in any case of letters; `unknown` for any
 * other text.
 */
export function reasonCode(text: string | undefined): string {
  const code = text?.trim().toLowerCase() ?? '';
  return reasons.has(code) ? code : 'unknown';
}

/** Returns the reason that an element itself gives, by FHIR's extension. */
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

/**
 * Returns the reason that an answer gives: on itself, in the place of its value, or inside its
 * value.
 */
export function reasonAt(part: object): string | undefined {
  const places: unknown[] = [part];
  for (const [key, member] of Object.entries(part)) {
    if (/^_value[A-Z]/.test(key)) places.push(member);
    else if (/^value[A-Z]/.test(key)) places.push(...placesIn(member));
  }
  return places.map(reasonOn).find((reason) => reason !== undefined);
}

/**
 * Lists the elements of a value that may give a reason for absence. Where a coding has a code, only
 * the value itself may: a masked display or text hides no code.
 */
function placesIn(json: unknown): unknown[] {
  if (!isObject(json)) return [];
  const places: unknown[] = [json, json._code, json._value];
  const codings = objectsOf(json.coding as (fhir4.Coding & { _code?: unknown })[] | undefined);
  const isCoded = codings.some(({ code }) => textOf(code) !== undefined);
  if (isCoded) return places;
  return [...places, json._text, ...codings, ...codings.map(({ _code }) => _code)];
}
