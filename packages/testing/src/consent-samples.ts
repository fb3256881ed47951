import { type fhir4, systems } from '@loopwell/fhir';

/** For tests: a Consent, an order and a Goal that permit, whose changed copies must not. */

/**
 * Makes a Consent that permits, with many parts, so that there is something to change at every
 * level.
 */
export const permitting = (): fhir4.Consent => ({
  resourceType: 'Consent',
  id: 'c1',
  meta: {
    versionId: '3',
    lastUpdated: '2026-08-02T10:00:00Z',
    tag: [{ system: 'urn:x', code: 'y' }],
  },
  language: 'en-US',
  identifier: [
    { use: 'official', system: 'urn:forms', value: '17', assigner: { display: 'Clinic' } },
  ],
  status: 'active',
  scope: {
    coding: [{ system: systems.consentScope, code: 'patient-privacy', display: 'Privacy' }],
    text: 'Privacy',
  },
  category: [
    { coding: [{ system: systems.actCode, code: 'IDSCL', userSelected: true }] },
    { coding: [{ system: systems.loinc, code: '59284-0' }] },
  ],
  patient: { reference: 'Patient/p', type: 'Patient', display: 'A person' },
  dateTime: '2026-08-01T09:30:00-05:00',
  performer: [{ reference: 'Patient/p' }],
  organization: [{ reference: 'Organization/clinic' }],
  sourceAttachment: {
    contentType: 'application/pdf',
    title: 'Form',
    size: 20,
    creation: '2026-08-01',
  },
  policyRule: {
    coding: [
      { system: 'http://terminology.hl7.org/CodeSystem/consentpolicycodes', code: 'hipaa-auth' },
    ],
  },
  verification: [
    { verified: true, verifiedWith: { reference: 'Patient/p' }, verificationDate: '2026-08-01' },
  ],
  provision: {
    type: 'permit',
    period: { start: '2026-08-01', end: '2027-07-31' },
    actor: [
      {
        role: { coding: [{ code: 'IRCP' }] },
        reference: { reference: 'Organization/pantry', display: 'Pantry' },
      },
    ],
  },
});

/** Makes an order of a category that permits, for tests. */
export const ordering = (category: string): fhir4.ServiceRequest => ({
  resourceType: 'ServiceRequest',
  id: 'order',
  status: 'active',
  intent: 'order',
  category: [{ coding: [{ system: systems.sdohcc, code: category }] }],
  code: { text: 'Food' },
  subject: { reference: 'Patient/p' },
  authoredOn: '2026-08-01',
  requester: { reference: 'Practitioner/1' },
  note: [{ text: 'Asked in person', time: '2026-08-01' }],
});

/** Makes a Goal of a category that permits, for tests. */
export const pursuing = (category: string): fhir4.Goal => ({
  resourceType: 'Goal',
  id: 'goal',
  lifecycleStatus: 'active',
  achievementStatus: { coding: [{ code: 'in-progress' }] },
  category: [{ coding: [{ system: systems.sdohcc, code: category }] }],
  description: { text: 'Enough to eat' },
  subject: { reference: 'Patient/p' },
  startDate: '2026-08-01',
  target: [{ measure: { text: 'Food' }, dueDate: '2027-01-01' }],
});
