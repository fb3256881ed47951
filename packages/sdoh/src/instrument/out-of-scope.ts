import type { fhir4 } from '@loopwell/fhir';
import { loincOf } from '../fhir-json/loinc-codes.ts';
import { isObject, objectsOf } from '../fhir-json/tolerant-readers.ts';
import type { Answer, CodingIssue, Finding } from '../model.ts';
import { noteAbout } from './answer-issue.ts';
import table from './out-of-scope.json' with { type: 'json' };

const labels: Readonly<Record<string, string>> = table.questions;

type AnswerPlace = Pick<Answer, 'source' | 'place'>;

/**
 * Reports a question of no instrument here whose topic is known and no social need: alcohol,
 * tobacco, drugs, exercise, moods.
 * DECISIONS D59.
 */
export function findOutOfScopeIssue(
  question: string,
  answer: AnswerPlace,
): CodingIssue | undefined {
  const label = labels[question];
  return label === undefined ? undefined : noteOutOfScope(question, label, answer);
}

/** Finds out-of-scope questions in Observations and their parts, each as code and label. */
export function findOutOfScopeQuestions(
  observations: readonly fhir4.Observation[],
): (readonly [string, string])[] {
  const parts = objectsOf(observations).flatMap((observation) => [
    observation,
    ...objectsOf(observation.component),
  ]);
  const questions = parts.map(({ code }) =>
    loincOf(isObject(code) ? code : undefined).find((loinc) => labels[loinc] !== undefined),
  );
  return questions
    .filter((question) => question !== undefined)
    .map((question) => [question, labels[question] ?? question] as const);
}

/**
 * Tells whether a finding's question belongs to no SDOHCC category. The answer is not coded, and
 * one issue says so (coding contract).
 */
export const isOutOfScope = ({ categories }: Pick<Finding, 'categories'>): boolean =>
  categories.length > 0 && categories.every((category) => category === '-');

function noteOutOfScope(question: string, label: string, answer: AnswerPlace): CodingIssue {
  const text =
    `“${label}” (${question}) belongs to no category of social needs: nothing is coded from ` +
    'it.';
  return noteAbout('not-coded', answer, text);
}

const placeKey = ({ source, place }: { source: string; place?: string | undefined }) =>
  `${source} ${place ?? ''}`;

/** Codes of issues about the meaning of an answer. */
const meaningCodes: ReadonlySet<string> = new Set(['unmapped-answer', 'not-conclusive']);

/**
 * Replaces issues about the meaning of an out-of-scope answer by one that it is not coded. Issues
 * about mistakes and about safety stay.
 */
export function replaceOutOfScopeIssues(
  issues: readonly CodingIssue[],
  findings: readonly Finding[],
  labelOf: (question: string) => string,
): CodingIssue[] {
  const outOfScope = findings.filter(
    (finding) => isOutOfScope(finding) && !finding.blank && !finding.computed,
  );
  if (outOfScope.length === 0) return [...issues];
  const calm = outOfScope.filter((finding) => !finding.sensitive);
  const calmPlaces = new Set(calm.flatMap((finding) => finding.answers.map(placeKey)));
  const kept = issues.filter(
    (issue) => !meaningCodes.has(issue.code) || !calmPlaces.has(placeKey(issue)),
  );
  const notes = outOfScope.flatMap(({ question, answers }) =>
    answers.slice(0, 1).map((answer) => noteOutOfScope(question, labelOf(question), answer)),
  );
  return [...kept, ...notes];
}
