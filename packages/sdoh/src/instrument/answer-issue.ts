import type { Answer, CodingIssue } from '../model.ts';

/** A warning at the place of an answer. */
export function issue(
  code: string,
  answer: Pick<Answer, 'source' | 'place'>,
  text: string,
): CodingIssue {
  return {
    severity: 'warning',
    code,
    text,
    source: answer.source,
    ...(answer.place ? { place: answer.place } : {}),
  };
}
