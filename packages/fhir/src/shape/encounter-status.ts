import { laterStatuses } from './elements.ts';
import { isObject, type Loose } from './silent.ts';

/** The status of what never was. */
export const mistake = 'entered-in-error';

/** A status in FHIR's letters: hyphens between small words. */
export const statusWritten = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');

/**
 * An Encounter of which some status, in a shape that FHIR has not, says so: no answer that names it
 * is evidence.
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

export const isConcept = (received: unknown): boolean =>
  isObject(received) && Array.isArray(received.coding);

/** What in an Encounter is FHIR R5's, in words for a sentence; nothing where it is R4's. */
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
