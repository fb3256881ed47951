import type { Answer, CodingIssue, Finding } from '../model.ts';

/** The answer that is kept, with the places of the one that is not. */
export function repeating(kept: Answer, { source, place, repeats = [] }: Answer): Answer {
  return { ...kept, repeats: [...(kept.repeats ?? []), { source, place }, ...repeats] };
}

/** Said by two resources at the same time, of which neither says that it was made of the other. */
export const isRepeated = (answer: Answer, other: Answer): boolean =>
  answer.source !== other.source &&
  !answer.blank &&
  !answer.split &&
  !other.split &&
  !isOf(answer, other) &&
  !isOf(other, answer);

const isOf = (one: Answer, other: Answer) => one.related?.includes(other.source) === true;

export function repeated({ source, place }: Answer): CodingIssue {
  const text = 'The same answer was given at the same time elsewhere: it counts once.';
  return { severity: 'information', code: 'not-coded', text, source, ...(place ? { place } : {}) };
}

/** The same answer by code and by words is one; the one that needed no mending stands for it. */
export function onceEach(findings: Finding[]): { findings: Finding[]; issues: CodingIssue[] } {
  if (findings.length < 2) return { findings, issues: [] };
  const byRule = new Map<string, Finding>();
  const issues: CodingIssue[] = [];
  for (const [index, one] of findings.entries()) {
    const key = one.rule.endsWith('/value') ? `${one.rule} ${index}` : one.rule;
    const finding = byRule.get(key);
    const [kept, other] =
      !finding || (finding.mended === true && one.mended !== true)
        ? [one, finding]
        : [finding, one];
    const [answer, again] = [kept.answers[0], other?.answers[0]];
    if (answer && again && isRepeated(again, answer)) issues.push(repeated(again));
    byRule.set(key, answer && again ? { ...kept, answers: [repeating(answer, again)] } : kept);
  }
  return { findings: [...byRule.values()], issues };
}
