import type { fhir4 } from '@loopwell/fhir';
import { isObject, objectsOf, textOf } from './tolerant-readers.ts';

const reasonUrl = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** Lists the extensions of a value and of its codings. */
function within(content: Record<string, unknown>): fhir4.Extension[] {
  const codings = objectsOf(content.coding as { extension?: unknown }[] | undefined);
  return [content, ...codings].flatMap((part) =>
    objectsOf(part.extension as fhir4.Extension[] | undefined),
  );
}

/**
 * Tells whether an extension of an answer has a value, as R4 servers write R5's types of values.
 * The answer cannot be read then.
 *
 * @param url matches the extensions of the answer itself that count; on its value all count
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
