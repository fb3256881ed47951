import { type EhrQuirks, plain } from '../quirks.ts';

export const epic: EhrQuirks = {
  ...plain,
  id: 'epic',
  name: 'Epic',
  patientOnly: [
    'Observation',
    'Condition',
    'QuestionnaireResponse',
    'Consent',
    'Goal',
    'ServiceRequest',
    'Encounter',
  ],
};
