import { type fhir4, systems } from '@loopwell/fhir';
import type { PersonCoding } from '../coding/person-coding.ts';
import { findSafetyIssues } from '../coding/safety-issues.ts';
import { findUnread } from '../coding/unread-answers.ts';
import { compareTexts } from '../fhir-json/text-matching.ts';
import type { Answer, CodingIssue, Instrument } from '../model.ts';
import { indexShelf } from '../screening/attribute-instrument.ts';
import { answersOfResponse } from '../screening/form-answers.ts';
import { answersOfObservation } from '../screening/observation-answers.ts';
import type { BundleRead, PlacedIssue } from './bundle-model.ts';
import { describeCategories } from './category-status.ts';
import { findUnreadSafety } from './unread-safety.ts';

/** FHIR's own issue types for ours. */
const types: Readonly<Record<string, fhir4.OperationOutcomeIssue['code']>> = {
  sensitive: 'suppressed',
  'unmapped-question': 'code-invalid',
  'unmapped-answer': 'code-invalid',
  contradiction: 'conflict',
  'invalid-value': 'value',
  'missing-data': 'required',
  'not-conclusive': 'incomplete',
  'condition-review': 'business-rule',
};

/**
 * Lists all issues of a coded Bundle for a person to look at or to know, each with its place in the
 * input.
 */
export function listIssues(
  read: BundleRead,
  coding: PersonCoding,
  instruments: readonly Instrument[],
): PlacedIssue[] {
  // A Condition in doubt is reported at the Condition (`reviews`), not again at the screening.
  const ofScreenings = coding.screenings
    .flatMap((screening) => screening.issues)
    .filter((issue) => issue.code !== 'condition-review');
  const unread = findUnread(read.record, coding.screenings, instruments);
  const ofRecord = [...ofScreenings, ...unread, ...coding.reviews];
  const issues = [
    ...read.issues,
    ...findNameless(read, coding),
    ...findUnattributedSafety(read, instruments),
    ...ofRecord.map((issue) => placeInBundle(read, issue)),
  ];
  const all = [...issues, ...findUnreadSafety(read, coding, issues, instruments)];
  // A repeated member is found twice: in the text and in its resource. It is listed once.
  const unique = new Map(all.map((issue) => [identityOf(issue), issue]));
  return [...[...unique.values()].sort(byPlace), ...describeCategories(coding)];
}

const identityOf = ({ code, expression, text }: PlacedIssue) =>
  `${code} ${expression} ${code === 'unreadable' ? '' : text}`;

function placeInBundle(
  { entries }: BundleRead,
  { source, place, ...issue }: CodingIssue,
): PlacedIssue {
  const path = entries.get(source)?.path;
  if (!path) return issue;
  return { ...issue, expression: place ? `${path}.${place}` : path };
}

/** Finds safety answers that belong to no known person. A person may be in danger. */
function findUnattributedSafety(
  { unattributed }: BundleRead,
  instruments: readonly Instrument[],
): PlacedIssue[] {
  const text =
    'It is about safety, and nothing tells whose answer it is: a person looks at it first.';
  const issues: PlacedIssue[] = [];
  for (const { resource, path } of unattributed) {
    const answers = readAnswers(resource, instruments).map((answer) => ({
      ...answer,
      invalid: 'unreadable',
    }));
    const [first] = findSafetyIssues(answers, instruments);
    if (!first) continue;
    const expression = first.place ? `${path}.${first.place}` : path;
    issues.push({ severity: 'warning', code: 'sensitive', text, expression });
  }
  return issues;
}

function readAnswers(resource: fhir4.Resource, instruments: readonly Instrument[]): Answer[] {
  switch (resource.resourceType) {
    case 'Observation':
      return answersOfObservation(resource as fhir4.Observation, indexShelf(instruments).questions);
    case 'QuestionnaireResponse':
      return answersOfResponse(resource as fhir4.QuestionnaireResponse) ?? [];
    default:
      return [];
  }
}

/** Reports Conditions on file that should get evidence but have no id to update them by. */
function findNameless({ entries }: BundleRead, coding: PersonCoding): PlacedIssue[] {
  const text =
    'The Condition on file has no id: what was answered cannot be added to it as evidence.';
  const named = coding.evidenceAdded.map(({ condition }) => entries.get(condition));
  const nameless = named.filter((entry) => entry !== undefined && !entry.hasId);
  return nameless.map((input) => ({
    severity: 'warning',
    code: 'missing-data',
    text,
    expression: input?.path ?? '',
  }));
}

const indexOf = ({ expression }: PlacedIssue) =>
  Number(/entry\[(\d+)\]/.exec(expression ?? '')?.[1] ?? -1);

function byPlace(a: PlacedIssue, b: PlacedIssue): number {
  const textOf = ({ expression, code, text }: PlacedIssue) => `${expression} ${code} ${text}`;
  return indexOf(a) - indexOf(b) || compareTexts(textOf(a), textOf(b));
}

/**
 * Writes issues as an OperationOutcome by the coding contract: our code first, then the SDOHCC
 * category.
 */
export function outcomeOf(issues: readonly PlacedIssue[]): fhir4.OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: issues.map(outcomeIssue) };
}

function outcomeIssue(issue: PlacedIssue): fhir4.OperationOutcomeIssue {
  const { severity, code, category, text, expression } = issue;
  const coding: fhir4.Coding[] = [{ system: systems.codingIssue, code }];
  if (category) coding.push({ system: systems.sdohcc, code: category });
  const outcome: fhir4.OperationOutcomeIssue = {
    severity,
    code: issueType(issue),
    details: { coding, text },
  };
  if (expression) outcome.expression = [expression];
  return outcome;
}

function issueType({ severity, code }: PlacedIssue): fhir4.OperationOutcomeIssue['code'] {
  if (severity === 'information') return 'informational';
  if (severity === 'error') return 'structure';
  return types[code] ?? 'processing';
}
