import type { Answer, Finding, ReadAnswers } from '../model.ts';
import { warnAbout } from './answer-issue.ts';
import type { Question } from './answer-lookup.ts';
import { isVoid } from './invalid-answers.ts';
import type { QuestionRow } from './table-schema.ts';

/**
 * Compares the stated scores of a question with each other. It runs after the extra rules: a score
 * that the answers overruled contradicts no other.
 * DECISIONS D41.
 */
export function compareStatedScores(
  read: ReadAnswers,
  questions: ReadonlyMap<string, Question>,
): ReadAnswers {
  const stated = read.findings.filter((finding) => finding.stated && !finding.overruled);
  let { findings, issues } = read;
  for (const [question, scores] of Map.groupBy(stated, (finding) => finding.question)) {
    const row = questions.get(question);
    if (!row || scores.length < 2) continue;
    const answers = scores.flatMap((finding) => finding.answers);
    const compared = compareFindings(row, scores, answers);
    findings = findings.map((finding) => compared.findings[scores.indexOf(finding)] ?? finding);
    issues = [...issues, ...compared.issues];
  }
  return { findings, issues };
}

/**
 * Compares answers with the POS or NEG that came with them. The answer counts; a disagreement is
 * reported.
 */
export function compareFlags({ findings, issues }: ReadAnswers): ReadAnswers {
  const disputed = findings.filter(isAgainstItsFlag);
  if (disputed.length === 0) return { findings, issues };
  const text = 'The answer and its interpretation disagree: the answer counts.';
  const answers = disputed.flatMap((finding) => finding.answers.slice(0, 1));
  const warnings = answers.map((answer) => warnAbout('contradiction', answer, text));
  const mark = (finding: Finding): Finding =>
    disputed.includes(finding) ? { ...finding, contradicted: true } : finding;
  return { findings: findings.map(mark), issues: [...issues, ...warnings] };
}

function isAgainstItsFlag(finding: Finding): boolean {
  const [answer] = finding.answers;
  if (finding.computed || answer?.flag === undefined) return false;
  if (answer.flag === 'NEG') return finding.positive;
  const { needless, negative, declined, unanswered } = finding;
  return [needless, negative, declined, unanswered, answer.absent !== undefined].includes(true);
}

/** Marks the findings of one question that disagree, and reports the disagreement. */
export function compareFindings(
  row: Question,
  findings: Finding[],
  answers: readonly Answer[],
): ReadAnswers {
  const first = findFirstAnswer(answers);
  if (!first || findings.length < 2 || !isInDisagreement(row, findings))
    return { findings, issues: [] };
  const text = `The answers to “${row.label}” disagree.`;
  // No need follows where a question for one answer got a positive and another one. Where several
  // answers are allowed, a hazard counts beside "none of the above".
  const isDoubtful =
    row.multiple !== true && new Set(findings.map((finding) => finding.positive)).size > 1;
  return {
    findings: findings.map((finding) => markContradicted(finding, isDoubtful)),
    issues: [warnAbout('contradiction', first, text)],
  };
}

/**
 * Marks a finding as contradicted.
 *
 * @param isDoubtful whether the finding also loses its need
 */
export function markContradicted({ need, ...finding }: Finding, isDoubtful: boolean): Finding {
  if (isDoubtful) return { ...finding, contradicted: true, doubtful: true };
  return need ? { ...finding, contradicted: true, need } : { ...finding, contradicted: true };
}

/** Collator for places. A new one for each comparison would take a tenth of all coding time. */
const places = new Intl.Collator('en', { numeric: true });

/** Finds the answer that stands first in its resource. */
export function findFirstAnswer(answers: readonly Answer[]): Answer | undefined {
  let [first] = answers;
  for (const answer of answers) if (first && isBefore(answer, first)) first = answer;
  return first;
}

const isBefore = (a: Answer, b: Answer) =>
  a.source === b.source ? places.compare(a.place, b.place) < 0 : a.source < b.source;

/**
 * Tells whether findings disagree: different answers to a question for one answer, a hazard beside
 * "none of the above", or a refusal beside an answer.
 */
function isInDisagreement(row: QuestionRow, findings: readonly Finding[]): boolean {
  // An unreadable answer contradicts no readable one.
  const readable = findings.filter(
    ({ answers: [answer] }) => answer?.absent === undefined && !(answer && isVoid(answer)),
  );
  // A refusal beside an answer is a disagreement.
  const declined = readable.filter((finding) => finding.declined);
  if (declined.length > 0 && declined.length < readable.length) return true;
  const different = new Set(
    readable.map(({ rule, answers }) => `${rule} ${answers[0]?.number ?? ''}`),
  );
  if (different.size < 2) return false;
  if (row.multiple !== true) return true;
  // An answer that a person has to read ("other", free text) contradicts none of the others.
  const judged = readable.filter((finding) => !finding.unread);
  return new Set(judged.map((finding) => finding.positive)).size > 1;
}
