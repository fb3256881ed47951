import type { Answer, CodingIssue, ReadAnswers } from '../model.ts';
import { warnAbout } from './answer-issue.ts';
import type { QuestionRow } from './table-schema.ts';

/**
 * Reports an invalid answer: two values, a value of no use, or one in an unknown extension.
 */
export function describeInvalidAnswer(row: QuestionRow, answer: Answer): CodingIssue {
  if (answer.invalid === 'in-extension') {
    const text = `The answer to “${row.label}” stands in an extension that is not known here.`;
    return warnAbout('unmapped-answer', answer, text);
  }
  const text = `What was sent as the answer to “${row.label}” is no answer (${answer.invalid}).`;
  return warnAbout('invalid-value', answer, text);
}

/**
 * Warns that an unread answer to a sensitive question may mean danger. Another issue says why it
 * was not read.
 */
export function warnOfUnreadSafety(row: QuestionRow, answer: Answer): CodingIssue[] {
  if (row.sensitive !== true) return [];
  const text =
    `The answer to “${row.label}” is about safety and could not be read: a person looks at it ` +
    'first.';
  return [warnAbout('sensitive', answer, text)];
}

/** Keeps one safety issue for each place: the one that names the danger, where one does. */
export function keepOneSafetyIssue(read: ReadAnswers): ReadAnswers {
  const sensitive = read.issues.filter((issue) => issue.code === 'sensitive');
  if (sensitive.length < 2) return read;
  const byPlace = Map.groupBy(sensitive, ({ source, place = '' }) => `${source} ${place}`);
  const kept = new Set(
    [...byPlace.values()].map(
      (issues) => issues.find((issue) => issue.danger !== undefined) ?? issues.at(-1),
    ),
  );
  const issues = read.issues.filter((issue) => issue.code !== 'sensitive' || kept.has(issue));
  return { ...read, issues };
}

/**
 * Tells whether an answer is void: it was not understood or not readable, or has no date. It gets
 * no Observation.
 */
export const isVoid = ({ invalid }: Pick<Answer, 'invalid'>): boolean =>
  invalid === 'not-understood' || invalid === 'unreadable' || invalid === 'no-date';
