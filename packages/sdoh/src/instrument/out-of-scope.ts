import type { fhir4 } from '@loopwell/fhir';
import { loincOf } from '../fhir-json/loinc-codes.ts';
import { isObject, objectsOf } from '../fhir-json/tolerant-readers.ts';
import type { Answer, CodingIssue, Finding } from '../model.ts';
import beyond from './out-of-scope.json' with { type: 'json' };

const labels: Readonly<Record<string, string>> = beyond.questions;

/** Said of a question of no instrument here that is known to be about no social need: alcohol, tobacco, drugs, exercise, moods. */
export function beyondAt(
  question: string,
  answer: Pick<Answer, 'source' | 'place'>,
): CodingIssue | undefined {
  const label = labels[question];
  return label === undefined ? undefined : beyondIssue(question, label, answer);
}

/** Observations, and parts of them, that ask such a question: its code and what it is called. */
export const beyondIn = (
  observations: readonly fhir4.Observation[],
): (readonly [string, string])[] =>
  objectsOf(observations).flatMap((observation) =>
    [observation, ...objectsOf(observation.component)].flatMap(({ code }) => {
      const question = loincOf(isObject(code) ? code : undefined).find(
        (known) => labels[known] !== undefined,
      );
      return question === undefined ? [] : [[question, labels[question] ?? question] as const];
    }),
  );

/** Its question belongs to no SDOHCC category: nothing is made of the answer, and it is said so once (coding contract). */
export const isBeyond = ({ categories }: Pick<Finding, 'categories'>): boolean =>
  categories.length > 0 && categories.every((one) => one === '-');

function beyondIssue(
  question: string,
  label: string,
  { source, place }: Pick<Answer, 'source' | 'place'>,
): CodingIssue {
  const text = `“${label}” (${question}) belongs to no category of social needs: nothing is coded from it.`;
  return { severity: 'information', code: 'not-coded', text, source, ...(place ? { place } : {}) };
}

const at = ({ source, place }: { source: string; place?: string | undefined }) =>
  `${source} ${place ?? ''}`;

const ofMeaning: ReadonlySet<string> = new Set(['unmapped-answer', 'not-conclusive']);

/** What such answers may mean gives way to the one issue that they are not coded; mistakes, and what is about safety, stay. */
export function withBeyond(
  issues: readonly CodingIssue[],
  findings: readonly Finding[],
  labelOf: (question: string) => string,
): CodingIssue[] {
  const beyondFindings = findings.filter((one) => isBeyond(one) && !one.blank && !one.computed);
  if (beyondFindings.length === 0) return [...issues];
  const calm = new Set(beyondFindings.flatMap((one) => (one.sensitive ? [] : one.answers.map(at))));
  const codingIssues = beyondFindings.flatMap(({ question, answers: [answer] }) =>
    answer ? [beyondIssue(question, labelOf(question), answer)] : [],
  );
  return [
    ...issues.filter((one) => !ofMeaning.has(one.code) || !calm.has(at(one))),
    ...codingIssues,
  ];
}
