import type { Finding } from '../model.ts';
import type { QuestionRow } from './table-schema.ts';

/**
 * Some forms ask for the parts of a question one by one (kept from medical appointments; kept from work). "Yes" to one says
 * yes. "No" to one denies nothing while another is not asked, and speaks against no "yes" to that other.
 */
export function halvesOf({ halves = [] }: QuestionRow, findings: readonly Finding[]) {
  const halfOf = ({ answers: [answer] }: Finding) => answer?.half;
  const noes = new Set(findings.filter((one) => !one.positive && halfOf(one) !== undefined));
  const isWhole = new Set([...noes].map(halfOf)).size === halves.length;
  const hasYes = findings.some((one) => one.positive);
  const plainly = ({ negative: _negative, needless: _needless, ...one }: Finding): Finding => one;
  return {
    findings: findings.map((one) => (noes.has(one) && !isWhole ? plainly(one) : one)),
    /** A part that is denied is held against nothing that is affirmed. */
    isComparable: (finding: Finding): boolean =>
      !(hasYes && !finding.positive && !finding.declined && halfOf(finding) !== undefined),
  };
}
