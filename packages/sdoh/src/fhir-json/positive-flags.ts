import type { fhir4 } from '@loopwell/fhir';
import { objectsOf, textOf } from './tolerant-readers.ts';

/** Returns the received POS or NEG; undefined for none or both at once. */
export function flagOf(
  interpretation: fhir4.CodeableConcept[] | undefined,
): 'POS' | 'NEG' | undefined {
  const codes = new Set(
    objectsOf(interpretation).flatMap((concept) =>
      objectsOf(concept.coding).map((coding) => textOf(coding.code)?.trim().toUpperCase()),
    ),
  );
  if (codes.has('POS') === codes.has('NEG')) return undefined;
  return codes.has('POS') ? 'POS' : 'NEG';
}
