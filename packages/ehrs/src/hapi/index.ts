import { type EhrQuirks, plain } from '../quirks.ts';

/** HAPI FHIR, which needs nothing beyond plain R4. */
export const hapi: EhrQuirks = {
  ...plain,
  id: 'hapi',
  name: 'HAPI FHIR',
};
