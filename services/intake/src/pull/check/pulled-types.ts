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
  // Each participant is an actor of its own.
  Appointment: undefined,
} as const satisfies Record<string, string | undefined>;

export type PulledType = keyof typeof pulledTypes;

/** Types that an EHR may lack: somebody types in what they would say. */
export const optionalTypes: ReadonlySet<string> = new Set<PulledType>(['Appointment']);
