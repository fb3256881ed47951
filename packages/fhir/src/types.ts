/**
 * FHIR R4 (4.0.1) types, by their own names. Types only: this door has no run-time import but our
 * own constants.
 */
export type * from 'fhir/r4.d.ts';
