/**
 * Elements of one FHIR R4 resource or data type that Loopwell reads (http://hl7.org/fhir/R4): the
 * kind of each, and whether it is a list. `!` marks an element that an answer or a Condition
 * depends on: if it cannot be read, nothing is made of it. `any` is only checked for being an
 * object. Elements that are not named pass as they came. DECISIONS D90.
 */
export type Shape = Readonly<Record<string, string>>;

/** Every type of `value[x]` that R4 allows anywhere. `value` alone is no element. */
const answerValue: Shape = {
  value: '!none',
  valueCodeableConcept: '!CodeableConcept',
  valueCoding: '!Coding',
  valueString: '!text',
  valueBoolean: '!boolean',
  valueInteger: '!number',
  valueDecimal: '!number',
  valueQuantity: '!Quantity',
  valueDate: '!date',
  valueDateTime: '!date',
  valueTime: '!text',
  valueUri: '!text',
  valueReference: '!Reference',
};

const resource: Shape = {
  id: 'id',
  meta: '!Meta',
  identifier: 'Identifier[]',
  extension: 'any[]',
  contained: 'Contained[]',
};

const subject: Shape = { subject: '!Reference', encounter: 'Reference' };

const person: Shape = {
  name: 'HumanName[]',
  telecom: 'ContactPoint[]',
  gender: 'text',
  birthDate: 'date',
  address: 'Address[]',
};

/** Shapes of data types and backbone elements. */
export const dataTypes: Readonly<Record<string, Shape>> = {
  Meta: {
    versionId: 'text',
    lastUpdated: 'text',
    source: 'text',
    profile: 'text[]',
    security: 'labels',
    tag: 'any[]',
  },
  Coding: { system: 'text', version: 'text', code: 'text', display: 'text' },
  CodeableConcept: { coding: 'Coding[]', text: 'text' },
  Identifier: { system: 'text', value: 'text', type: 'CodeableConcept', period: 'Period' },
  Reference: { reference: 'text', type: 'text', display: 'text', identifier: 'Identifier' },
  Period: { start: 'date', end: 'date' },
  Quantity: { value: 'number', comparator: 'text', unit: 'text', system: 'text', code: 'text' },
  HumanName: {
    use: 'text',
    text: 'text',
    family: 'text',
    given: 'text[]',
    prefix: 'text[]',
    suffix: 'text[]',
    period: 'Period',
  },
  ContactPoint: { system: 'text', value: 'text', use: 'text', rank: 'number', period: 'Period' },
  Address: {
    use: 'text',
    text: 'text',
    line: 'text[]',
    city: 'text',
    state: 'text',
    postalCode: 'text',
    country: 'text',
    period: 'Period',
  },
  Link: { other: 'Reference', type: 'text' },
  Component: {
    code: '!CodeableConcept',
    dataAbsentReason: '!CodeableConcept',
    interpretation: 'CodeableConcept[]',
    extension: 'any[]',
    ...answerValue,
  },
  Item: {
    linkId: '!text',
    definition: '!text',
    text: '!text',
    answer: '!Answer[]',
    item: '!Item[]',
    extension: 'any[]',
  },
  Answer: { item: '!Item[]', extension: 'any[]', ...answerValue },
  Evidence: { code: 'CodeableConcept[]', detail: 'Reference[]' },
  Target: { dueDate: 'date', measure: 'CodeableConcept' },
};

/** Shapes of the resources that Loopwell reads. */
export const resourceShapes: Readonly<Record<string, Shape>> = {
  Patient: {
    ...resource,
    ...person,
    active: 'boolean',
    deceasedBoolean: 'boolean',
    deceasedDateTime: 'date',
    maritalStatus: 'any',
    communication: 'any[]',
    contact: 'any[]',
    photo: 'any[]',
    generalPractitioner: 'any[]',
    managingOrganization: 'any',
    link: 'Link[]',
  },
  RelatedPerson: {
    ...resource,
    ...person,
    active: 'boolean',
    patient: 'Reference',
    relationship: 'any[]',
    period: 'Period',
  },
  Encounter: {
    ...resource,
    status: 'status',
    class: 'Coding',
    type: 'any[]',
    serviceType: 'any',
    priority: 'any',
    subject: '!Reference',
    participant: 'any[]',
    period: 'Period',
    reasonCode: 'any[]',
    diagnosis: 'any[]',
    location: 'any[]',
    serviceProvider: 'any',
    partOf: 'any',
  },
  QuestionnaireResponse: {
    ...resource,
    ...subject,
    identifier: 'Identifier',
    status: '!status',
    questionnaire: 'text',
    basedOn: 'any[]',
    partOf: 'any[]',
    authored: '!date',
    author: 'Reference',
    source: 'Reference',
    item: '!Item[]',
  },
  Observation: {
    ...resource,
    ...subject,
    status: '!status',
    category: 'CodeableConcept[]',
    code: '!CodeableConcept',
    focus: '!Reference[]',
    effectiveDateTime: '!date',
    effectiveInstant: '!date',
    effectivePeriod: '!Period',
    issued: 'date',
    performer: 'Reference[]',
    dataAbsentReason: '!CodeableConcept',
    interpretation: 'CodeableConcept[]',
    basedOn: 'any[]',
    partOf: 'any[]',
    note: 'any[]',
    bodySite: 'any',
    method: 'any',
    specimen: 'any',
    device: 'any',
    referenceRange: 'any[]',
    hasMember: '!Reference[]',
    derivedFrom: 'Reference[]',
    component: '!Component[]',
    ...answerValue,
  },
  Condition: {
    ...resource,
    ...subject,
    clinicalStatus: '!CodeableConcept',
    verificationStatus: '!CodeableConcept',
    category: '!CodeableConcept[]',
    severity: 'any',
    code: '!CodeableConcept',
    bodySite: 'any[]',
    onsetDateTime: 'date',
    onsetPeriod: 'Period',
    abatementDateTime: '!date',
    abatementPeriod: '!Period',
    recordedDate: 'date',
    recorder: 'Reference',
    asserter: 'Reference',
    stage: 'any[]',
    evidence: '!Evidence[]',
    note: 'any[]',
  },
  Consent: {
    ...resource,
    status: '!status',
    scope: 'CodeableConcept',
    category: 'CodeableConcept[]',
    patient: '!Reference',
    dateTime: 'date',
    organization: 'Reference[]',
    performer: 'Reference[]',
    policy: 'any[]',
    provision: 'any',
  },
  Goal: {
    ...resource,
    lifecycleStatus: 'text',
    achievementStatus: 'CodeableConcept',
    category: 'CodeableConcept[]',
    description: 'CodeableConcept',
    subject: '!Reference',
    startDate: 'date',
    statusDate: 'date',
    expressedBy: 'Reference',
    addresses: 'Reference[]',
    target: 'Target[]',
  },
  ServiceRequest: {
    ...resource,
    status: 'status',
    intent: 'text',
    category: 'CodeableConcept[]',
    code: 'CodeableConcept',
    subject: '!Reference',
    authoredOn: 'date',
    requester: 'Reference',
    reasonReference: 'Reference[]',
    doNotPerform: 'boolean',
  },
};

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Lists the value sets that R4 binds `status` to (required). */
export const statuses: Readonly<Record<string, ReadonlySet<string>>> = {
  Encounter: words(
    'planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown',
  ),
  QuestionnaireResponse: words('in-progress completed amended entered-in-error stopped'),
  Observation: words(
    'registered preliminary final amended corrected cancelled entered-in-error unknown',
  ),
  Consent: words('draft proposed active rejected inactive entered-in-error'),
  ServiceRequest: words('draft active on-hold revoked completed entered-in-error unknown'),
};

/** Statuses of an Encounter in R5 that R4 does not have. */
export const laterStatuses: ReadonlySet<unknown> = words(
  'completed discharged discontinued on-hold',
);

/**
 * Every element that is named above, and those that wrap resources. Paths are made of these names.
 */
export const elementNames: ReadonlySet<string> = new Set([
  ...Object.values(dataTypes).flatMap((shape) => Object.keys(shape)),
  ...Object.values(resourceShapes).flatMap((shape) => Object.keys(shape)),
  ...[
    'entry',
    'resource',
    'onset',
    'abatement',
    'effective',
    'deceased',
    'multipleBirth',
    'statusHistory',
    'classHistory',
  ],
  ...[
    'episodeOfCare',
    'appointment',
    'account',
    'hospitalization',
    'length',
    'lifecycleStatus',
    'occurrence',
    'performedPeriod',
  ],
]);
