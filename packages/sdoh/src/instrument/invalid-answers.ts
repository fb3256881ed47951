import type { Answer, CodingIssue, Finding } from '../model.ts';
import { issue } from './answer-issue.ts';
import type { QuestionRow } from './table-schema.ts';

/** What was sent is no answer: two values, a value that is none, or one that nobody here can read. */
export function invalidAnswer(row: QuestionRow, answer: Answer): CodingIssue {
  if (answer.invalid === 'in-extension')
    return issue(
      'unmapped-answer',
      answer,
      `The answer to “${row.label}” stands in an extension that is not known here.`,
    );
  return issue(
    'invalid-value',
    answer,
    `What was sent as the answer to “${row.label}” is no answer (${answer.invalid}).`,
  );
}

/** The place says why it was not read; that danger may be behind it is said here. */
export function unreadSafety(row: QuestionRow, answer: Answer): CodingIssue[] {
  if (row.sensitive !== true) return [];
  return [
    issue(
      'sensitive',
      answer,
      `The answer to “${row.label}” is about safety and could not be read: a person looks at it first.`,
    ),
  ];
}

/** One place calls a person once for safety, with the danger that was told. */
export function saidOnce<R extends { findings: Finding[]; issues: CodingIssue[] }>(read: R): R {
  const sensitive = read.issues.filter((one) => one.code === 'sensitive');
  if (sensitive.length < 2) return read;
  const byPlace = Map.groupBy(sensitive, (one) => `${one.source} ${one.place ?? ''}`);
  const kept = new Set(
    [...byPlace.values()].map(
      (some) => some.find((one) => one.danger !== undefined) ?? some.at(-1),
    ),
  );
  return {
    ...read,
    issues: read.issues.filter((one) => one.code !== 'sensitive' || kept.has(one)),
  };
}

/** Kinds of `invalid` of which nothing is made: an Observation of them would say what was not said. */
export const isVoid = ({ invalid }: Pick<Answer, 'invalid'>): boolean =>
  invalid === 'not-understood' || invalid === 'unreadable' || invalid === 'no-date';
