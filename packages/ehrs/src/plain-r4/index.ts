import { type EhrQuirks, plain } from '../quirks.ts';

/** A server that needs nothing beyond plain FHIR R4. */
export const plainR4: EhrQuirks = {
  ...plain,
  id: 'plain-r4',
  name: 'Plain FHIR R4',
};
