import { type fhir4, systems } from '@loopwell/fhir';
import { objectsOf, textOf } from './tolerant-readers.ts';

/**
 * Tells whether a system is LOINC: `exact` by its own address, `mended` by its OID or a variant of
 * the address.
 */
export function isLoinc(system: unknown): 'exact' | 'mended' | undefined {
  if (system === systems.loinc) return 'exact';
  const address = textOf(system)?.trim().toLowerCase() ?? '';
  const plain = address.replace(/\/$/, '').replace(/^https:/, 'http:');
  const isOther = plain === systems.loinc || plain.replace(/^urn:oid:/, '') === loincOid;
  return isOther ? 'mended' : undefined;
}

const loincOid = '2.16.840.1.113883.6.1';

/** Tells whether a concept writes this question's code in another way than LOINC does. */
export function isMended(concept: fhir4.CodeableConcept | undefined, question: string): boolean {
  const codings = objectsOf(concept?.coding).filter(
    (one) => isLoinc(one.system) && textOf(one.code)?.trim() === question,
  );
  return (
    codings.length > 0 &&
    codings.every((one) => isLoinc(one.system) === 'mended' || one.code !== question)
  );
}

/** Lists the LOINC codes of an Observation or component. */
export function loincOf(concept: fhir4.CodeableConcept | undefined): string[] {
  const codings = objectsOf(concept?.coding).filter(
    ({ system, code }) => isLoinc(system) && textOf(code),
  );
  return codings.map(({ code }) => code?.trim() ?? '');
}
