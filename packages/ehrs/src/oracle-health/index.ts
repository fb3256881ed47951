import { type EhrQuirks, plain } from '../quirks.ts';

/** Oracle Health, which searches these types only for one patient, in small pages. */
export const oracleHealth: EhrQuirks = {
  ...plain,
  id: 'oracle-health',
  name: 'Oracle Health',
  patientOnly: [
    'Observation',
    'Condition',
    'QuestionnaireResponse',
    'Consent',
    'Goal',
    'ServiceRequest',
    'Appointment',
  ],
  pageSize: 50,
};
