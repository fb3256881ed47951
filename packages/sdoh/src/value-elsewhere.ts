import type { fhir4 } from '@loopwell/fhir';
import { isObject, objectsOf, textOf } from './shapes.ts';

const reasonUrl = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** No value, and an extension that has one (R5's types of value in an R4 server): an answer that nobody here can read. */
export function hasValueElsewhere(part: object, url: RegExp): boolean {
  const own = objectsOf((part as { extension?: fhir4.Extension[] }).extension).filter((one) => url.test(textOf(one.url) ?? ''));
  const beside = Object.entries(part).flatMap(([key, value]) =>
    /^_value[A-Z]/.test(key) && isObject(value) ? objectsOf(value.extension as fhir4.Extension[] | undefined) : [],
  );
  return [...own, ...beside].some((one) => one.url !== reasonUrl && Object.keys(one).some((key) => /^(value|extension)/.test(key)));
}
