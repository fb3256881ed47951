/** The types that intake reads, with the element that names the person. */
export const pulledTypes = {
  Patient: undefined,
  Encounter: 'subject',
  QuestionnaireResponse: 'subject',
  Observation: 'subject',
  Condition: 'subject',
  Consent: 'patient',
  Goal: 'subject',
  ServiceRequest: 'subject',
} as const satisfies Record<string, string | undefined>;

export type PulledType = keyof typeof pulledTypes;
