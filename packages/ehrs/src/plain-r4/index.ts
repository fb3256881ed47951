import { type EhrQuirks, plain } from '../quirks.ts';

export const plainR4: EhrQuirks = {
  ...plain,
  id: 'plain-r4',
  name: 'Plain FHIR R4',
};
