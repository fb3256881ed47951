import type { fhir4 } from '@loopwell/fhir';
import { mapDefined } from '@loopwell/fhir';
import { instruments } from '@loopwell/instruments';
import { deriveId } from '@loopwell/kit';
import { codeBundle, type Site } from '../src/index.ts';

/** Bundles for tests, and what came of them in lines that can be compared. */
export const loinc = 'http://loinc.org';
export const at = '2026-05-04T10:00:00-05:00';
const base = 'https://ehr.example.org/fhir';

export type Loose = { resourceType: string; id?: string; [element: string]: unknown };

export const patient = (change: object = {}): Loose => ({
  resourceType: 'Patient',
  id: 'p1',
  identifier: [{ system: 'urn:oid:2.16.840.1.113883.19.5', value: 'MRN-1001' }],
  birthDate: '1979-03-02',
  ...change,
});

const answerOf = (value: unknown) => {
  if (typeof value === 'number') return { valueInteger: value };
  if (typeof value === 'object') return value;
  return /^LA\d/.test(String(value))
    ? { valueCoding: { system: loinc, code: value } }
    : { valueString: value };
};

/** A form: question (linkId) to answer or answers. */
export function form(panel: string, answers: Record<string, unknown>, change: object = {}): Loose {
  const item = Object.entries(answers).map(([linkId, value]) => ({
    linkId: `/${linkId}`,
    answer: (Array.isArray(value) ? value : [value]).map(answerOf),
  }));
  const questionnaire = `http://loinc.org/q/${panel}`;
  const who = { subject: { reference: 'Patient/p1' }, source: { reference: 'Patient/p1' } };
  return {
    resourceType: 'QuestionnaireResponse',
    id: 'q1',
    questionnaire,
    status: 'completed',
    authored: at,
    ...who,
    item,
    ...change,
  };
}

export function observation(
  id: string,
  question: string,
  answer: unknown,
  change: object = {},
): Loose {
  const value =
    answer === undefined ? {} : typeof answer === 'object' ? answer : codedAnswer(answer);
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'survey' },
        ],
      },
    ],
    code: { coding: [{ system: loinc, code: question }] },
    subject: { reference: 'Patient/p1' },
    effectiveDateTime: at,
    ...value,
    ...change,
  };
}

const codedAnswer = (answer: unknown) =>
  typeof answer === 'number'
    ? { valueQuantity: { value: answer } }
    : { valueCodeableConcept: { coding: [{ system: loinc, code: String(answer) }] } };

const guide = 'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes';

export function condition(
  id: string,
  category: string,
  snomed: string,
  change: object = {},
): Loose {
  const status = (kind: string, code: string) => ({
    coding: [{ system: `http://terminology.hl7.org/CodeSystem/condition-${kind}`, code }],
  });
  return {
    resourceType: 'Condition',
    id,
    clinicalStatus: status('clinical', 'active'),
    verificationStatus: status('ver-status', 'confirmed'),
    category: [{ coding: [{ system: guide, code: category }] }],
    code: { coding: [{ system: 'http://snomed.info/sct', code: snomed }] },
    subject: { reference: 'Patient/p1' },
    ...change,
  };
}

/** A Goal on file, as somebody may have set it. */
export const goal = (id: string, category: string, change: object = {}): Loose => ({
  resourceType: 'Goal',
  id,
  lifecycleStatus: 'active',
  category: [{ coding: [{ system: guide, code: category }] }],
  description: { text: 'enough to eat' },
  subject: { reference: 'Patient/p1' },
  ...change,
});

/** An order on file. */
export const order = (id: string, category: string, change: object = {}): Loose => ({
  resourceType: 'ServiceRequest',
  id,
  status: 'active',
  intent: 'order',
  category: [{ coding: [{ system: guide, code: category }] }],
  code: { text: 'a ride' },
  subject: { reference: 'Patient/p1' },
  ...change,
});

export const bundle = (...resources: Loose[]) => ({
  resourceType: 'Bundle',
  id: 'b-1',
  type: 'collection',
  entry: resources.map((resource) => ({
    fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
    resource,
  })),
});

export function code(
  input: unknown,
  site: Site = {},
): {
  transaction: fhir4.BundleEntry[];
  issues: fhir4.OperationOutcomeIssue[];
  parameters: fhir4.Parameters;
} {
  const [parameters = { resourceType: 'Parameters' as const }] = codeBundle(
    input,
    instruments,
    { deriveId },
    site,
  );
  const part = (name: string) => parameters.parameter?.find((one) => one.name === name)?.resource;
  return {
    parameters,
    transaction: (part('return') as fhir4.Bundle | undefined)?.entry ?? [],
    issues: (part('issues') as fhir4.OperationOutcome).issue,
  };
}

const codeIn = (concept: fhir4.CodeableConcept | undefined, system: string) =>
  concept?.coding?.find((one) => one.system?.includes(system))?.code;

/** `POST housing-instability 1156191002 Z59.819`, one for each Condition. */
export const conditionsOf = (entries: readonly fhir4.BundleEntry[]): string[] =>
  mapDefined(entries, ({ resource, request }) => {
    if (resource?.resourceType !== 'Condition') return undefined;
    const one = resource as fhir4.Condition;
    const category = one.category
      ?.map((concept) => codeIn(concept, 'SDOHCC'))
      .find((code) => code !== undefined);
    return [
      request?.method,
      category,
      codeIn(one.code, 'snomed') ?? '-',
      codeIn(one.code, 'icd-10') ?? '-',
    ].join(' ');
  }).sort();

/** What a suggestion can hold: a Goal, or a ServiceRequest. */
export type Suggested = Pick<
  fhir4.Goal,
  'category' | 'subject' | 'identifier' | 'extension' | 'addresses'
> &
  Partial<Pick<fhir4.Goal, 'description'>> &
  Pick<fhir4.ServiceRequest, 'code' | 'reasonReference'>;

/** `Goal food-insecurity 1078229009`, one for each Goal and ServiceRequest. */
export const suggestionsOf = (entries: readonly fhir4.BundleEntry[]): string[] =>
  mapDefined(entries, ({ resource }) => {
    if (resource?.resourceType !== 'Goal' && resource?.resourceType !== 'ServiceRequest')
      return undefined;
    const { category, description, code } = resource as unknown as Suggested;
    const of = category
      ?.map((concept) => codeIn(concept, 'SDOHCC'))
      .find((one) => one !== undefined);
    return [resource.resourceType, of, codeIn(description ?? code, 'snomed')].join(' ');
  });

const valueOf = (one: fhir4.Observation) =>
  codeIn(one.valueCodeableConcept, 'loinc') ??
  one.valueQuantity?.value ??
  one.valueCodeableConcept?.text ??
  codeIn(one.dataAbsentReason, 'data-absent');

/** `POST 93030-5 LA33-6 POS`, one for each Observation. */
export const observationsOf = (entries: readonly fhir4.BundleEntry[]): string[] =>
  mapDefined(entries, ({ resource, request }) => {
    if (resource?.resourceType !== 'Observation') return undefined;
    const one = resource as fhir4.Observation;
    const flags = one.interpretation?.map((flag) => codeIn(flag, 'Interpretation')) ?? [];
    const label = one.meta?.security?.some((security) => security.code === 'R') ? ['R'] : [];
    return [request?.method, codeIn(one.code, 'loinc'), valueOf(one), ...flags, ...label].join(' ');
  }).sort();

/**
 * `warning unmapped-answer Bundle.entry[1]…` for each issue but `screened…`, which `screenedOf`
 * gives.
 */
export const issuesOf = (issues: readonly fhir4.OperationOutcomeIssue[]): string[] =>
  issues
    .filter((one) => !one.details?.coding?.[0]?.code?.startsWith('screened'))
    .map((operationOutcomeIssue) =>
      [
        operationOutcomeIssue.severity,
        operationOutcomeIssue.details?.coding?.[0]?.code,
        operationOutcomeIssue.expression?.[0]?.replace('Bundle.entry', ''),
      ].join(' '),
    )
    .sort();

export const screenedOf = (
  issues: readonly fhir4.OperationOutcomeIssue[],
): Record<string, string> =>
  Object.fromEntries(
    issues
      .filter((one) => one.details?.coding?.[0]?.code?.startsWith('screened'))
      .map((one) => [one.details?.coding?.[1]?.code ?? '', one.details?.coding?.[0]?.code ?? '']),
  );
