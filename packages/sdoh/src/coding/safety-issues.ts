import type { Answer, CodingIssue, Finding, Instrument } from '../model.ts';

/**
 * Tells whether a screening's issues mean that its person may be in danger. A warning about a
 * safety answer counts, also where that answer is unread, contradicted or not understood. An answer
 * that says "safe" has no warning. Sensitive topics other than safety, such as incarceration, are
 * told apart by their question.
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
 * Finds safety warnings, one for each place, in answers that no screening counts, because their
 * time or their person is unknown.
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
