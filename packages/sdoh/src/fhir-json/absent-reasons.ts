import type { fhir4 } from '@loopwell/fhir';
import { isObject, objectsOf, textOf } from './tolerant-readers.ts';

/** Why there is no answer (FHIR R4, CodeSystem data-absent-reason). DECISIONS D43. */
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

/**
 * A code of that system, in whatever letters; any other word says no more than that there is no
 * answer.
 */
export function reasonCode(text: string | undefined): string {
  const code = text?.trim().toLowerCase() ?? '';
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

/**
 * The reason that stands on an answer: on itself, in the place of its value, or inside of its
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

/** Where a data type may say why it is empty. A display or a text that is masked hides no code. */
function placesIn(json: unknown): unknown[] {
  if (!isObject(json)) return [];
  const places: unknown[] = [json, json._code, json._value];
  const codings = objectsOf(json.coding as (fhir4.Coding & { _code?: unknown })[] | undefined);
  const isCoded = codings.some(({ code }) => textOf(code) !== undefined);
  if (isCoded) return places;
  return [...places, json._text, ...codings, ...codings.map(({ _code }) => _code)];
}
