import { type EhrQuirks, plain } from '../quirks.ts';

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
  ],
  pageSize: 50,
};
