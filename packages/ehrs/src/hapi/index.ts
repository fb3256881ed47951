import { type EhrQuirks, plain } from '../quirks.ts';

export const hapi: EhrQuirks = {
  ...plain,
  id: 'hapi',
  name: 'HAPI FHIR',
};
