import type { CodingIssue } from '../model.ts';

type AnswerPlace = { source: string; place?: string | undefined };

/** Creates a warning at the place of an answer, or of what it is about: a person has to look. */
export function warnAbout(code: string, answer: AnswerPlace, text: string): CodingIssue {
  const warning: CodingIssue = { severity: 'warning', code, text, source: answer.source };
  if (answer.place) warning.place = answer.place;
  return warning;
}

/** Creates information at the place of an answer: nobody has to act on it. */
export function noteAbout(code: string, answer: AnswerPlace, text: string): CodingIssue {
  return { ...warnAbout(code, answer, text), severity: 'information' };
}
