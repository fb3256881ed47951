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
