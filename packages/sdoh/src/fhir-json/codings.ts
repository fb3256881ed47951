import { type fhir4, systems, withoutUndefined } from '@loopwell/fhir';

/** A code with its system. */
export type Coding = { system: string; code: string; display?: string };

/** A code with the edition of its system: some SNOMED CT codes exist in the US edition alone. */
export type EditionCoding = Coding & { version: string; display: string };

/**
 * Builds a CodeableConcept with one coding, by the profiles of SDOH Clinical Care 3.0.0 (digest
 * sections 3.4 and 3.5). A SNOMED CT code of the US edition gets that version.
 */
export const concept = (system: string, code: string, display?: string): fhir4.CodeableConcept => ({
  coding: [
    {
      system,
      ...(system === systems.snomed ? snomedVersion(code) : {}),
      code,
      ...withoutUndefined({ display: display || undefined }),
    },
  ],
});

/** The US edition of SNOMED CT: codes of its extension exist in no other. */
const usEdition = 'http://snomed.info/sct/731000124108';

/**
 * SCTIDs of the long format with the namespace 1000124 of the US extension: item, namespace,
 * partition, check digit.
 */
const usNamespace = /^[1-9]\d{0,7}1000124\d{2}\d$/;

/**
 * Returns the version that a SNOMED CT code needs so that others can find it; none for codes of the
 * International Edition.
 */
export const snomedVersion = (code: string): { version?: string } =>
  usNamespace.test(code) ? { version: usEdition } : {};
