import { type EhrQuirks, plain } from '../quirks.ts';

/** Epic, which searches these types only for one patient. */
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
    'Appointment',
    'Encounter',
  ],
};
