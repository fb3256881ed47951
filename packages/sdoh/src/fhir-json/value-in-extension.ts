import type { fhir4 } from '@loopwell/fhir';
import { isObject, objectsOf, textOf } from './tolerant-readers.ts';

const reasonUrl = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** Extensions of a value that says nothing itself, or of its codings. */
function within(content: Record<string, unknown>): fhir4.Extension[] {
  const codings = objectsOf(content.coding as { extension?: unknown }[] | undefined);
  return [content, ...codings].flatMap((part) =>
    objectsOf(part.extension as fhir4.Extension[] | undefined),
  );
}

/**
 * No value, and an extension that has one (R5's types of value in an R4 server): an answer that
 * nobody here can read.
 */
export function hasValueElsewhere(part: object, url: RegExp): boolean {
  const extensions = objectsOf((part as { extension?: fhir4.Extension[] }).extension).filter(
    (extension) => url.test(textOf(extension.url) ?? ''),
  );
  const beside = Object.entries(part).flatMap(([key, member]) =>
    /^_?value[A-Z]/.test(key) && isObject(member) ? within(member) : [],
  );
  return [...extensions, ...beside].some(
    (extension) =>
      extension.url !== reasonUrl &&
      Object.keys(extension).some((key) => /^(value|extension)/.test(key)),
  );
}
