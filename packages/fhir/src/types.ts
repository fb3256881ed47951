/** FHIR R4 (4.0.1) types, by their own names. This file has types only and no run-time import. */
export type * from 'fhir/r4.d.ts';
