import type { CodingIssue } from '../model.ts';

type AnswerPlace = { source: string; place?: string | undefined };

/** Creates a warning at the place of an answer or another element: a person has to look. */
export function warnAbout(code: string, answer: AnswerPlace, text: string): CodingIssue {
  const warning: CodingIssue = { severity: 'warning', code, text, source: answer.source };
  if (answer.place) warning.place = answer.place;
  return warning;
}

/** Creates an information issue at the place of an answer: no action is needed. */
export function noteAbout(code: string, answer: AnswerPlace, text: string): CodingIssue {
  return { ...warnAbout(code, answer, text), severity: 'information' };
}
