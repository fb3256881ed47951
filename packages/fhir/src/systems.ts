const guide = 'http://hl7.org/fhir/us/sdoh-clinicalcare';

/** Code systems and naming systems by their usual names. */
export const systems = {
  loinc: 'http://loinc.org',
  snomed: 'http://snomed.info/sct',
  icd10cm: 'http://hl7.org/fhir/sid/icd-10-cm',
  sdohcc: `${guide}/CodeSystem/SDOHCC-CodeSystemTemporaryCodes`,
  observationCategory: 'http://terminology.hl7.org/CodeSystem/observation-category',
  usCoreCategory: 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category',
  usCoreConditionCategory: 'http://hl7.org/fhir/us/core/CodeSystem/condition-category',
  conditionCategory: 'http://terminology.hl7.org/CodeSystem/condition-category',
  conditionClinical: 'http://terminology.hl7.org/CodeSystem/condition-clinical',
  conditionVerification: 'http://terminology.hl7.org/CodeSystem/condition-ver-status',
  interpretation: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation',
  dataAbsentReason: 'http://terminology.hl7.org/CodeSystem/data-absent-reason',
  confidentiality: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  actCode: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  consentScope: 'http://terminology.hl7.org/CodeSystem/consentscope',
  taskCode: 'http://hl7.org/fhir/CodeSystem/task-code',
  provenanceActivity: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation',
  endpointConnection: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type',
  /** The kind of a partner's Endpoint: the id of a channel. */
  partnerChannel: 'https://loopwell.example/CodeSystem/partner-channel',
  /** The kind of a service, such as food or legal, in its `type`. */
  partnerKind: 'https://loopwell.example/CodeSystem/partner-kind',
  /**
   * Identifiers of resources that `loopwell code` makes if no system is named. A database has a
   * system of its own, chosen once.
   */
  loopwellId: 'https://loopwell.example/fhir/NamingSystem/id',
  /** Begins the reference by which a consent recorded here names a partner of the directory. */
  loopwellPartner: 'https://loopwell.example/partner',
  /**
   * The reason why a partner declines or stops. About the person: person-declined, wrong-contact,
   * unable-to-reach, did-not-come. About the partner: outside-area, outside-rules, not-offered,
   * other, handed-back, handed-over.
   */
  declineReason: 'https://loopwell.example/CodeSystem/decline-reason',
  /** How far a partner is with a Task: `answer-pending`, `will-contact`, `no-answer-1` and so on. */
  businessStatus: 'https://loopwell.example/CodeSystem/business-status',
  /** What a consent lets a partner read of a person: name, contact, language and so on. */
  consentElement: 'https://loopwell.example/CodeSystem/consent-element',
  codingIssue: 'https://loopwell.example/CodeSystem/coding-issue',
  /**
   * Begins the address of a table's rule with the table's version:
   * `…/rule/<instrument>/<question>/<answer>|<version>`.
   */
  rule: 'https://loopwell.example/rule',
} as const;

const profile = (name: string) => `${guide}/StructureDefinition/${name}` as const;

/** Profiles of SDOH Clinical Care 3.0.0 that Loopwell writes. */
export const profiles = {
  screeningResponse: profile('SDOHCC-ObservationScreeningResponse'),
  condition: profile('SDOHCC-Condition'),
  goal: profile('SDOHCC-Goal'),
  serviceRequest: profile('SDOHCC-ServiceRequest'),
  referralTask: profile('SDOHCC-TaskForReferralManagement'),
  procedure: profile('SDOHCC-Procedure'),
  consent: profile('SDOHCC-Consent'),
  capacityStatus: profile('SDOHCC-ExtensionHealthcareServiceCapacityStatus'),
  asserterDevice: profile('SDOHCC-ExtensionConditionAsserter'),
} as const;

/** Extensions of our own. Their addresses never change. */
export const localExtensions = {
  /**
   * On a Patient that a partner reads: `under 18`, `18 to 64` or `65 or older` in place of a birth
   * date.
   */
  ageGroup: 'https://loopwell.example/StructureDefinition/age-group',
  /** On a Patient that a partner reads: how many people live with the person, as they say. */
  householdSize: 'https://loopwell.example/StructureDefinition/household-size',
  /**
   * On a Consent in a loaded Bundle of one Patient that does not name its patient: the Patient of
   * that Bundle.
   */
  loadedWith: 'https://loopwell.example/StructureDefinition/loaded-with',
  /** On an Endpoint of the directory: the settings of its channel, a part for each. */
  partnerSettings: 'https://loopwell.example/StructureDefinition/partner-settings',
  /** On a service: how people come to it, `we-contact`, `they-come` or `ticket`. */
  partnerArrival: 'https://loopwell.example/StructureDefinition/partner-arrival',
  /** On a service: until when it takes nothing new (`pausedUntil`), and how many a week (`perWeek`). */
  partnerIntake: 'https://loopwell.example/StructureDefinition/partner-intake',
  /** On a service: the agreement with its Organization, by `kind` and `period`. */
  partnerAgreement: 'https://loopwell.example/StructureDefinition/partner-agreement',
  /** On a service: whether its name and address are told to nobody. */
  partnerConfidential: 'https://loopwell.example/StructureDefinition/partner-confidential',
  /** On a service, beside the guide's capacity: who said it (`by`) and when (`at`). */
  capacitySaid: 'https://loopwell.example/StructureDefinition/capacity-said',
  /** Modifies a Consent that came in a Bundle that is not read, so that it permits nothing. */
  notRead: 'https://loopwell.example/StructureDefinition/came-in-an-unread-bundle',
} as const;
