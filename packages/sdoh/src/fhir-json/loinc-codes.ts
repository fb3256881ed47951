import { type fhir4, systems } from '@loopwell/fhir';
import { objectsOf, textOf } from './tolerant-readers.ts';

/**
 * LOINC by its own name; `mended` where by its OID or a variant of its address, which mean nothing
 * else.
 */
export function isLoinc(system: unknown): 'exact' | 'mended' | undefined {
  if (system === systems.loinc) return 'exact';
  const address = textOf(system)?.trim().toLowerCase() ?? '';
  const plain = address.replace(/\/$/, '').replace(/^https:/, 'http:');
  const isOther = plain === systems.loinc || plain.replace(/^urn:oid:/, '') === loincOid;
  return isOther ? 'mended' : undefined;
}

const loincOid = '2.16.840.1.113883.6.1';

/** Was this question's code written in another way than LOINC's own? */
export function isMended(concept: fhir4.CodeableConcept | undefined, question: string): boolean {
  const codings = objectsOf(concept?.coding).filter(
    (one) => isLoinc(one.system) && textOf(one.code)?.trim() === question,
  );
  return (
    codings.length > 0 &&
    codings.every((one) => isLoinc(one.system) === 'mended' || one.code !== question)
  );
}

/** LOINC codes of an Observation or component. */
export function loincOf(concept: fhir4.CodeableConcept | undefined): string[] {
  const codings = objectsOf(concept?.coding).filter(
    ({ system, code }) => isLoinc(system) && textOf(code),
  );
  return codings.map(({ code }) => code?.trim() ?? '');
}
