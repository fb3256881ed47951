import type { fhir4 } from '@loopwell/fhir';
import { isObject, objectsOf, textOf } from './tolerant-readers.ts';

const reasonUrl = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** Extensions of a value that says nothing itself, or of its codings. */
function within(value: Record<string, unknown>): fhir4.Extension[] {
  const codings = objectsOf(value.coding as { extension?: unknown }[] | undefined);
  return [value, ...codings].flatMap((one) =>
    objectsOf(one.extension as fhir4.Extension[] | undefined),
  );
}

/** No value, and an extension that has one (R5's types of value in an R4 server): an answer that nobody here can read. */
export function hasValueElsewhere(part: object, url: RegExp): boolean {
  const own = objectsOf((part as { extension?: fhir4.Extension[] }).extension).filter((one) =>
    url.test(textOf(one.url) ?? ''),
  );
  const beside = Object.entries(part).flatMap(([key, value]) =>
    /^_?value[A-Z]/.test(key) && isObject(value) ? within(value) : [],
  );
  return [...own, ...beside].some(
    (one) =>
      one.url !== reasonUrl && Object.keys(one).some((key) => /^(value|extension)/.test(key)),
  );
}
