import type { Answer, Finding, Read } from '../model.ts';
import { issue } from './answer-issue.ts';
import type { Question } from './answer-lookup.ts';
import { isVoid } from './invalid-answers.ts';
import type { QuestionRow } from './table-schema.ts';

/** Stated scores are compared last: one that the answers overruled contradicts none that agrees with them. */
export function withScores(read: Read, questions: ReadonlyMap<string, Question>): Read {
  const stated = Map.groupBy(
    read.findings.filter((one) => one.stated && !one.overruled),
    (one) => one.question,
  );
  return [...stated].reduce((whole, [question, some]) => {
    const row = questions.get(question);
    if (!row || some.length < 2) return whole;
    const compared = compare(
      row,
      some,
      some.flatMap((one) => one.answers),
    );
    const findings = whole.findings.map((one) => compared.findings[some.indexOf(one)] ?? one);
    return { findings, issues: [...whole.issues, ...compared.issues] };
  }, read);
}

/** What was answered counts, not the POS or NEG that came with it; that they disagree is said. */
export function withFlags({ findings, issues }: Read): Read {
  const isDisputed = (finding: Finding) => {
    const [answer] = finding.answers;
    if (finding.computed || answer?.flag === undefined) return false;
    if (answer.flag === 'NEG') return finding.positive;
    return [
      finding.needless,
      finding.negative,
      finding.declined,
      finding.unanswered,
      answer.absent !== undefined,
    ].includes(true);
  };
  if (!findings.some(isDisputed)) return { findings, issues };
  const answers = findings.filter(isDisputed).flatMap(({ answers: [answer] }) => answer ?? []);
  return {
    findings: findings.map((one) => (isDisputed(one) ? { ...one, contradicted: true } : one)),
    issues: [
      ...issues,
      ...answers.map((answer) =>
        issue(
          'contradiction',
          answer,
          'The answer and its interpretation disagree: the answer counts.',
        ),
      ),
    ],
  };
}

export function compare(row: Question, findings: Finding[], answers: readonly Answer[]): Read {
  if (findings.length < 2 || !disagree(row, findings)) return { findings, issues: [] };
  const first = firstOf(answers);
  if (!first) return { findings, issues: [] };
  const issues = [issue('contradiction', first, `The answers to “${row.label}” disagree.`)];
  // One answer was asked for, and both "yes" and something else came: no need follows from that. Among several answers
  // a hazard counts beside "none of the above".
  const doubtful = row.multiple !== true && new Set(findings.map((one) => one.positive)).size > 1;
  return { findings: findings.map((one) => contradictedBy(one, doubtful)), issues };
}

export function contradictedBy({ need, ...finding }: Finding, doubtful: boolean): Finding {
  return { ...finding, contradicted: true, ...(doubtful ? { doubtful } : need ? { need } : {}) };
}

/** Made once: a collator for each comparison would take a tenth of all coding. */
const places = new Intl.Collator('en', { numeric: true });

/** The one that stands first in its resource. */
export function firstOf(answers: readonly Answer[]): Answer | undefined {
  let [first] = answers;
  for (const answer of answers) if (first && isBefore(answer, first)) first = answer;
  return first;
}

const isBefore = (a: Answer, b: Answer) =>
  a.source === b.source ? places.compare(a.place, b.place) < 0 : a.source < b.source;

/** Several answers to a question with one answer, or a hazard beside "none of the above". */
function disagree(row: QuestionRow, findings: readonly Finding[]): boolean {
  // What could not be read speaks against nothing that could.
  const said = findings.filter(
    ({ answers: [answer] }) => answer?.absent === undefined && !(answer && isVoid(answer)),
  );
  // Whoever does not want to answer, and does, has said two things.
  if (said.some((one) => one.declined) && said.some((one) => !one.declined)) return true;
  if (new Set(said.map((one) => `${one.rule} ${one.answers[0]?.number ?? ''}`)).size < 2)
    return false;
  if (row.multiple !== true) return true;
  // What nobody could read ("other", free text) speaks against none of the others.
  return new Set(said.flatMap((one) => (one.unread ? [] : [one.positive]))).size > 1;
}
