import type { fhir4 } from '@loopwell/fhir';

/**
 * What a person chose to call suggestions, by id of the Condition; kept with the referral.
 * DECISIONS D20.
 */
export type CodesChosen = Record<
  string,
  { concept: fhir4.CodeableConcept; suggested: fhir4.CodeableConcept; by: string }
>;
