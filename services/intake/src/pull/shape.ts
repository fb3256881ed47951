import type { PulledType } from './pulled-types.ts';

/**
 * The shape of what later stages read (FHIR R4 JSON): lists where lists belong, objects where objects do, one value[x].
 * Only elements that somebody reads are named; everything else passes as it came.
 */
type Shape = Readonly<Record<string, string>>;

const value: Shape = {
  valueCodeableConcept: 'CodeableConcept',
  valueCoding: 'Coding',
  valueString: 'string',
  valueBoolean: 'boolean',
  valueInteger: 'number',
  valueDecimal: 'number',
  valueQuantity: 'Quantity',
  valueDate: 'string',
  valueDateTime: 'string',
  valueTime: 'string',
  valueUri: 'string',
  valueReference: 'Reference',
};

const resource: Shape = {
  id: 'string',
  meta: 'Meta',
  identifier: 'Identifier[]',
  extension: 'object[]',
  modifierExtension: 'object[]',
  contained: 'object[]',
};

const shapes: Readonly<Record<string, Shape>> = {
  object: {},
  Meta: { versionId: 'string', lastUpdated: 'string', profile: 'string[]', security: 'Coding[]', tag: 'Coding[]' },
  Coding: { system: 'string', code: 'string', display: 'string' },
  CodeableConcept: { coding: 'Coding[]', text: 'string' },
  Identifier: { system: 'string', value: 'string' },
  Reference: { reference: 'string', type: 'string', display: 'string', identifier: 'Identifier' },
  Period: { start: 'string', end: 'string' },
  Quantity: { value: 'number', unit: 'string', system: 'string', code: 'string' },
  Component: { code: 'CodeableConcept', dataAbsentReason: 'CodeableConcept', ...value },
  Item: { linkId: 'string', text: 'string', item: 'Item[]', answer: 'Answer[]' },
  Answer: { item: 'Item[]', ...value },
  Evidence: { code: 'CodeableConcept[]', detail: 'Reference[]' },
  Target: { dueDate: 'string' },
};

/** A Consent is judged whole where it is asked: see `consent` in sdoh. */
const types: Readonly<Record<Exclude<PulledType, 'Consent'>, Shape>> = {
  Patient: { birthDate: 'string', name: 'object[]', address: 'object[]', telecom: 'object[]', link: 'object[]' },
  Encounter: { status: 'string', class: 'Coding', type: 'CodeableConcept[]', subject: 'Reference', period: 'Period' },
  QuestionnaireResponse: {
    status: 'string',
    questionnaire: 'string',
    subject: 'Reference',
    encounter: 'Reference',
    authored: 'string',
    author: 'Reference',
    source: 'Reference',
    item: 'Item[]',
  },
  Observation: {
    status: 'string',
    category: 'CodeableConcept[]',
    code: 'CodeableConcept',
    subject: 'Reference',
    encounter: 'Reference',
    effectiveDateTime: 'string',
    effectiveInstant: 'string',
    effectivePeriod: 'Period',
    issued: 'string',
    performer: 'Reference[]',
    dataAbsentReason: 'CodeableConcept',
    interpretation: 'CodeableConcept[]',
    hasMember: 'Reference[]',
    derivedFrom: 'Reference[]',
    component: 'Component[]',
    ...value,
  },
  // Its statuses are read in any writing: one that was refuted must not be made again for the way it says so.
  Condition: {
    category: 'CodeableConcept[]',
    code: 'CodeableConcept',
    subject: 'Reference',
    encounter: 'Reference',
    recordedDate: 'string',
    onsetDateTime: 'string',
    abatementDateTime: 'string',
    evidence: 'Evidence[]',
  },
  Goal: {
    lifecycleStatus: 'string',
    achievementStatus: 'CodeableConcept',
    category: 'CodeableConcept[]',
    description: 'CodeableConcept',
    subject: 'Reference',
    startDate: 'string',
    statusDate: 'string',
    expressedBy: 'Reference',
    addresses: 'Reference[]',
    target: 'Target[]',
  },
  ServiceRequest: {
    status: 'string',
    intent: 'string',
    category: 'CodeableConcept[]',
    code: 'CodeableConcept',
    subject: 'Reference',
    authoredOn: 'string',
    requester: 'Reference',
    reasonReference: 'Reference[]',
    doNotPerform: 'boolean',
  },
};

/** Questionnaires nest a few levels; this many are an attack or a mistake. */
const deepest = 40;

export type Misshape = { code: 'malformed' | 'two-values'; path: string };

/** The first thing that is not as FHIR says, with where it is; undefined when all is well. */
export function misshapeOf(body: object, type: Exclude<PulledType, 'Consent'>): Misshape | undefined {
  return inObject(body as Record<string, unknown>, { ...resource, ...types[type] }, type, 0);
}

function inObject(body: Record<string, unknown>, shape: Shape, path: string, depth: number): Misshape | undefined {
  if (depth > deepest) return { code: 'malformed', path };
  for (const choice of ['value', 'effective']) {
    const given = Object.keys(body).filter((key) => new RegExp(`^${choice}[A-Z]`).test(key));
    if (given.length > 1) return { code: 'two-values', path: `${path}.${choice}[x]` };
  }
  for (const [key, kind] of Object.entries(shape)) {
    const found = body[key];
    if (found === undefined) continue;
    const wrong = kind.endsWith('[]')
      ? inList(found, kind.slice(0, -2), `${path}.${key}`, depth)
      : inValue(found, kind, `${path}.${key}`, depth);
    if (wrong) return wrong;
  }
  return undefined;
}

function inList(found: unknown, kind: string, path: string, depth: number): Misshape | undefined {
  if (!Array.isArray(found)) return { code: 'malformed', path };
  for (const [index, one] of found.entries()) {
    const wrong = inValue(one, kind, `${path}[${index}]`, depth);
    if (wrong) return wrong;
  }
  return undefined;
}

function inValue(found: unknown, kind: string, path: string, depth: number): Misshape | undefined {
  const shape = shapes[kind];
  if (!shape) return typeof found === kind ? undefined : { code: 'malformed', path };
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return { code: 'malformed', path };
  return inObject(found as Record<string, unknown>, shape, path, depth + 1);
}
