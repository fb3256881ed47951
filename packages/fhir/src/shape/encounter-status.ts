import { laterStatuses } from './elements.ts';
import { isObject, type Loose } from './silent.ts';

/** The status of a record that was made by mistake. */
export const mistake = 'entered-in-error';

/** Writes a status as FHIR does: small words with hyphens between them. */
export const statusWritten = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');

/**
 * Tells whether an Encounter's status, in a shape that FHIR does not have, says entered in error.
 * No answer that names such an Encounter is evidence.
 */
export const saysMistake = (type: string, received: unknown): boolean =>
  type === 'Encounter' && textsOf(received).map(statusWritten).includes(mistake);

function textsOf(received: unknown): string[] {
  if (typeof received === 'string') return [received];
  if (Array.isArray(received)) return received.flatMap(textsOf);
  return isObject(received)
    ? [received.coding, received.code, received.text, received.value].flatMap(textsOf)
    : [];
}

/** Tells whether a value looks like a CodeableConcept: an object with a list of codings. */
export const isConcept = (received: unknown): boolean =>
  isObject(received) && Array.isArray(received.coding);

/**
 * Lists the elements of an Encounter that are FHIR R5's, in words for a sentence; an empty list if
 * it is R4's.
 */
export function laterFhirIn({ status, class: kind, actualPeriod }: Loose): string[] {
  const isLater = laterStatuses.has(status);
  const isList = Array.isArray(kind) && kind.some(isConcept);
  if (!isLater && !isList) return [];
  return [
    ...(isLater ? [`its status is ${String(status)}`] : []),
    ...(isList ? ['its class is a list'] : []),
    ...(actualPeriod === undefined ? [] : ['it has an actualPeriod']),
  ];
}
