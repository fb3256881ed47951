import type { Answer, CodingIssue, Finding, Instrument } from '../model.ts';

/**
 * Does a screening say that its person may be in danger? So does a warning about an answer on
 * safety: one that says so, and one that cannot be read, is contradicted or is not understood. An
 * answer that says "safe" has no warning. What is sensitive and no safety, such as incarceration,
 * is told by its question.
 */
export function isAboutSafety(
  issues: readonly CodingIssue[],
  findings: readonly Finding[],
): boolean {
  const warnings = issues.filter((one) => one.severity !== 'information');
  return warnings.some((warning) => {
    if (warning.danger !== undefined) return true;
    const asked = findings.filter((finding) =>
      finding.answers.some((answer) => isAt(answer, warning)),
    );
    if (asked.some((finding) => finding.safety)) return true;
    return warning.code === 'sensitive' && asked.length === 0;
  });
}

const isAt = (
  answer: { source: string; place: string },
  { source, place = '' }: CodingIssue,
): boolean => answer.source === source && answer.place === place;

/**
 * Warnings for safety, one for each place, of answers that no screening counts: nothing tells when
 * they were given, or whose they are.
 */
export function findSafetyIssues(
  answers: readonly Answer[],
  instruments: readonly Instrument[],
): CodingIssue[] {
  const presentAnswers = answers.filter((answer) => answer.absent === undefined);
  const issues = instruments.flatMap(({ questions, findings }) => {
    const asked = presentAnswers.filter(({ question }) => questions.includes(question));
    return findings(asked).issues;
  });
  const byPlace = Map.groupBy(issues, ({ source, place = '' }) => `${source} ${place}`);
  const sensitive = [...byPlace.values()].map((group) =>
    group.find((issue) => issue.code === 'sensitive'),
  );
  return sensitive.filter((issue) => issue !== undefined);
}
