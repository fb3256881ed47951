import type { Answer, CodingIssue, Finding, ReadAnswers } from '../model.ts';
import { noteAbout } from './answer-issue.ts';

/** Adds the places of an answer that is left out to the same answer that is kept. */
export function addRepeat(kept: Answer, { source, place, repeats = [] }: Answer): Answer {
  return { ...kept, repeats: [...(kept.repeats ?? []), { source, place }, ...repeats] };
}

/**
 * Tells whether two answers of one time repeat each other: they come from different resources, and
 * neither is known to be made from the other.
 */
export const isRepeated = (answer: Answer, other: Answer): boolean =>
  answer.source !== other.source &&
  !answer.blank &&
  !answer.split &&
  !other.split &&
  !isMadeOf(answer, other) &&
  !isMadeOf(other, answer);

const isMadeOf = (answer: Answer, other: Answer) => answer.related?.includes(other.source) === true;

/** Reports that a repeated answer counts once. */
export const noteRepeat = (answer: Answer): CodingIssue =>
  noteAbout(
    'not-coded',
    answer,
    'The same answer was given at the same time elsewhere: it counts once.',
  );

/**
 * Merges findings of the same answer, by code or by words. The one that needed no mending is kept.
 */
export function mergeRepeatedFindings(findings: Finding[]): ReadAnswers {
  if (findings.length < 2) return { findings, issues: [] };
  const byRule = new Map<string, Finding>();
  const issues: CodingIssue[] = [];
  for (const [index, finding] of findings.entries()) {
    const key = finding.rule.endsWith('/value') ? `${finding.rule} ${index}` : finding.rule;
    const earlier = byRule.get(key);
    if (!earlier) {
      byRule.set(key, finding);
      continue;
    }
    const isBetter = earlier.mended === true && finding.mended !== true;
    const [kept, left] = isBetter ? [finding, earlier] : [earlier, finding];
    const [answer, again] = [kept.answers[0], left.answers[0]];
    if (answer && again && isRepeated(again, answer)) issues.push(noteRepeat(again));
    byRule.set(key, answer && again ? { ...kept, answers: [addRepeat(answer, again)] } : kept);
  }
  return { findings: [...byRule.values()], issues };
}
