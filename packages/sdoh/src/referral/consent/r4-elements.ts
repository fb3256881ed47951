/**
 * The elements that FHIR R4 (4.0.1) defines for what may count as permission, and for everything
 * that can stand in it. A kind is a primitive type or the name of another table; `[]` marks a list;
 * after `:` stands a required value set.
 */
export type ElementTable = Readonly<Record<string, string>>;

const element: ElementTable = { id: 'string', extension: 'Extension[]' };
const backbone: ElementTable = { ...element, modifierExtension: 'Modifier[]' };

const resource: ElementTable = {
  resourceType: 'code',
  id: 'id',
  meta: 'Meta',
  implicitRules: 'uri',
  language: 'code',
  text: 'Narrative',
  contained: 'Contained[]',
  extension: 'Extension[]',
  modifierExtension: 'Modifier[]',
  identifier: 'Identifier[]',
};

const consent: ElementTable = {
  ...resource,
  status: 'code:consentStatus',
  scope: 'CodeableConcept',
  category: 'CodeableConcept[]',
  patient: 'Reference',
  dateTime: 'dateTime',
  performer: 'Reference[]',
  organization: 'Reference[]',
  sourceAttachment: 'Attachment',
  sourceReference: 'Reference',
  policy: 'Policy[]',
  policyRule: 'CodeableConcept',
  verification: 'Verification[]',
  provision: 'Provision',
};

const consentParts: Readonly<Record<string, ElementTable>> = {
  Policy: { ...backbone, authority: 'uri', uri: 'uri' },
  Verification: {
    ...backbone,
    verified: 'boolean',
    verifiedWith: 'Reference',
    verificationDate: 'dateTime',
  },
  Provision: {
    ...backbone,
    type: 'code:provisionType',
    period: 'Period',
    actor: 'Actor[]',
    action: 'CodeableConcept[]',
    securityLabel: 'Coding[]',
    purpose: 'Coding[]',
    class: 'Coding[]',
    code: 'CodeableConcept[]',
    dataPeriod: 'Period',
    data: 'Data[]',
    provision: 'Provision[]',
  },
  Actor: { ...backbone, role: 'CodeableConcept', reference: 'Reference' },
  Data: { ...backbone, meaning: 'code:dataMeaning', reference: 'Reference' },
};

/** The choices of a ServiceRequest: how much, when, and whether only as needed. */
const amountAndTime: ElementTable = {
  quantityQuantity: 'Quantity',
  quantityRatio: 'Ratio',
  quantityRange: 'Range',
  occurrenceDateTime: 'dateTime',
  occurrencePeriod: 'Period',
  occurrenceTiming: 'Any',
  asNeededBoolean: 'boolean',
  asNeededCodeableConcept: 'CodeableConcept',
};

const serviceRequest: ElementTable = {
  ...resource,
  instantiatesCanonical: 'canonical[]',
  instantiatesUri: 'uri[]',
  basedOn: 'Reference[]',
  replaces: 'Reference[]',
  requisition: 'Identifier',
  status: 'code:requestStatus',
  intent: 'code:requestIntent',
  category: 'CodeableConcept[]',
  priority: 'code:requestPriority',
  doNotPerform: 'boolean',
  code: 'CodeableConcept',
  orderDetail: 'CodeableConcept[]',
  ...amountAndTime,
  subject: 'Reference',
  encounter: 'Reference',
  authoredOn: 'dateTime',
  requester: 'Reference',
  performerType: 'CodeableConcept',
  performer: 'Reference[]',
  locationCode: 'CodeableConcept[]',
  locationReference: 'Reference[]',
  reasonCode: 'CodeableConcept[]',
  reasonReference: 'Reference[]',
  insurance: 'Reference[]',
  supportingInfo: 'Reference[]',
  specimen: 'Reference[]',
  bodySite: 'CodeableConcept[]',
  note: 'Annotation[]',
  patientInstruction: 'string',
  relevantHistory: 'Reference[]',
};

const goal: ElementTable = {
  ...resource,
  lifecycleStatus: 'code:goalStatus',
  achievementStatus: 'CodeableConcept',
  category: 'CodeableConcept[]',
  priority: 'CodeableConcept',
  description: 'CodeableConcept',
  subject: 'Reference',
  startDate: 'date',
  startCodeableConcept: 'CodeableConcept',
  target: 'GoalTarget[]',
  statusDate: 'date',
  statusReason: 'string',
  expressedBy: 'Reference',
  addresses: 'Reference[]',
  note: 'Annotation[]',
  outcomeCode: 'CodeableConcept[]',
  outcomeReference: 'Reference[]',
};

const goalParts: Readonly<Record<string, ElementTable>> = {
  GoalTarget: {
    ...backbone,
    measure: 'CodeableConcept',
    detailQuantity: 'Quantity',
    detailRange: 'Range',
    detailCodeableConcept: 'CodeableConcept',
    detailString: 'string',
    detailBoolean: 'boolean',
    detailInteger: 'integer',
    detailRatio: 'Ratio',
    dueDate: 'date',
    dueDuration: 'Quantity',
  },
};

const quantity: ElementTable = {
  ...element,
  value: 'decimal',
  comparator: 'code',
  unit: 'string',
  system: 'uri',
  code: 'code',
};

const datatypes: Readonly<Record<string, ElementTable>> = {
  Meta: {
    ...element,
    versionId: 'id',
    lastUpdated: 'instant',
    source: 'uri',
    profile: 'canonical[]',
    security: 'Coding[]',
    tag: 'Coding[]',
  },
  Narrative: { ...element, status: 'code:narrativeStatus', div: 'string' },
  Identifier: {
    ...element,
    use: 'code:identifierUse',
    type: 'CodeableConcept',
    system: 'uri',
    value: 'string',
    period: 'Period',
    assigner: 'Reference',
  },
  CodeableConcept: { ...element, coding: 'Coding[]', text: 'string' },
  Coding: {
    ...element,
    system: 'uri',
    version: 'string',
    code: 'code',
    display: 'string',
    userSelected: 'boolean',
  },
  Reference: {
    ...element,
    reference: 'string',
    type: 'uri',
    identifier: 'Identifier',
    display: 'string',
  },
  Period: { ...element, start: 'dateTime', end: 'dateTime' },
  Attachment: {
    ...element,
    contentType: 'code',
    language: 'code',
    data: 'string',
    url: 'uri',
    size: 'integer',
    hash: 'string',
    title: 'string',
    creation: 'dateTime',
  },
  Annotation: {
    ...element,
    authorReference: 'Reference',
    authorString: 'string',
    time: 'dateTime',
    text: 'string',
  },
  Quantity: quantity,
  Range: { ...element, low: 'Quantity', high: 'Quantity' },
  Ratio: { ...element, numerator: 'Quantity', denominator: 'Quantity' },
  Money: { ...element, value: 'decimal', currency: 'code' },
  HumanName: {
    ...element,
    use: 'code',
    text: 'string',
    family: 'string',
    given: 'string[]',
    prefix: 'string[]',
    suffix: 'string[]',
    period: 'Period',
  },
  ContactPoint: {
    ...element,
    system: 'code',
    value: 'string',
    use: 'code',
    rank: 'integer',
    period: 'Period',
  },
  Address: {
    ...element,
    use: 'code',
    type: 'code',
    text: 'string',
    line: 'string[]',
    city: 'string',
    district: 'string',
    state: 'string',
    postalCode: 'string',
    country: 'string',
    period: 'Period',
  },
};

const primitives = [
  'base64Binary',
  'canonical',
  'markdown',
  'oid',
  'string',
  'time',
  'unsignedInt',
  'uri',
  'url',
  'uuid',
];
const checkedPrimitives = [
  'boolean',
  'code',
  'date',
  'dateTime',
  'decimal',
  'id',
  'instant',
  'integer',
  'positiveInt',
];
const quantities = ['Age', 'Count', 'Distance', 'Duration', 'Quantity'];
const tabled = [
  'Address',
  'Annotation',
  'Attachment',
  'CodeableConcept',
  'Coding',
  'ContactPoint',
  'HumanName',
  'Identifier',
  'Meta',
  'Money',
  'Period',
  'Range',
  'Ratio',
  'Reference',
];
/** Types that nothing here reads: only what may change a meaning is looked for in them. */
const untabled = [
  'ContactDetail',
  'Contributor',
  'DataRequirement',
  'Dosage',
  'Expression',
  'ParameterDefinition',
  'RelatedArtifact',
  'SampledData',
  'Signature',
  'Timing',
  'TriggerDefinition',
  'UsageContext',
];

const asKind: Readonly<Record<string, string>> = { positiveInt: 'integer', unsignedInt: 'integer' };
const plainStrings = new Set(['base64Binary', 'markdown', 'time']);
const valueElements = [
  ...[...primitives, ...checkedPrimitives].map(
    (type) => [type, asKind[type] ?? (plainStrings.has(type) ? 'string' : type)] as const,
  ),
  ...quantities.map((type) => [type, 'Quantity'] as const),
  ...tabled.map((type) => [type, type] as const),
  ...untabled.map((type) => [type, 'Any'] as const),
];
const valueName = (type: string) => `value${type.charAt(0).toUpperCase()}${type.slice(1)}`;

const extension: ElementTable = {
  ...element,
  url: 'uri',
  ...Object.fromEntries(valueElements.map(([type, kind]) => [valueName(type), kind])),
};

/** Tables by name. A `Map`, so that no name that arrives can be one of JavaScript's own. */
export const elementTables: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  Object.entries({
    Consent: consent,
    ServiceRequest: serviceRequest,
    Goal: goal,
    Extension: extension,
    Sibling: element,
    ...consentParts,
    ...goalParts,
    ...datatypes,
  }).map(([name, table]) => [name, new Map(Object.entries(table))]),
);

/** Value sets of required bindings, and of the codes that are compared. */
export const valueSets: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    consentStatus: ['draft', 'proposed', 'active', 'rejected', 'inactive', 'entered-in-error'],
    provisionType: ['deny', 'permit'],
    dataMeaning: ['instance', 'related', 'dependents', 'authoredby'],
    requestStatus: [
      'draft',
      'active',
      'on-hold',
      'revoked',
      'completed',
      'entered-in-error',
      'unknown',
    ],
    requestIntent: [
      'proposal',
      'plan',
      'directive',
      'order',
      'original-order',
      'reflex-order',
      'filler-order',
      'instance-order',
      'option',
    ],
    requestPriority: ['routine', 'urgent', 'asap', 'stat'],
    goalStatus: [
      'proposed',
      'planned',
      'accepted',
      'active',
      'on-hold',
      'completed',
      'cancelled',
      'entered-in-error',
      'rejected',
    ],
    narrativeStatus: ['generated', 'extensions', 'additional', 'empty'],
    identifierUse: ['usual', 'official', 'temp', 'secondary', 'old'],
  }).map(([name, codes]) => [name, new Set(codes)]),
);

/** The elements that R4 demands (cardinality 1..1 and 1..*) of what is read. */
export const requiredElements: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    Consent: ['status', 'scope', 'category', 'patient'],
    Verification: ['verified'],
    Actor: ['role', 'reference'],
    Data: ['meaning', 'reference'],
    ServiceRequest: ['status', 'intent'],
    Goal: ['lifecycleStatus'],
    Extension: ['url'],
  }),
);

/** Choice types of which one value at most may be given. */
export const choices: ReadonlyMap<string, readonly string[]> = new Map([
  ['Consent', ['source']],
  ['ServiceRequest', ['quantity', 'occurrence', 'asNeeded']],
  ['Goal', ['start']],
  ['GoalTarget', ['detail', 'due']],
  ['Extension', ['value']],
  ['Annotation', ['author']],
]);
