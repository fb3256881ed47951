import type { Finding } from '../model.ts';
import type { QuestionRow } from './table-schema.ts';

/**
 * The findings of a question that may be asked in parts, and which of them may contradict each
 * other.
 */
type JoinedHalves = {
  findings: Finding[];
  /** False for a denied part beside a "yes": it contradicts none. */
  isComparable: (finding: Finding) => boolean;
};

const halfOf = ({ answers: [answer] }: Finding) => answer?.half;

/**
 * Joins the answers to the parts of a question. Some forms ask the parts one by one (kept from
 * medical appointments; kept from work). "Yes" to one part is a yes. "No" to one part denies
 * nothing while another part is unasked, and does not contradict a "yes" to another part.
 */
export function joinHalves(
  { halves = [] }: QuestionRow,
  findings: readonly Finding[],
): JoinedHalves {
  const denials = findings.filter((finding) => !finding.positive && halfOf(finding) !== undefined);
  const isWhole = new Set(denials.map(halfOf)).size === halves.length;
  const hasYes = findings.some((finding) => finding.positive);
  const isDeniedInPart = (finding: Finding) => !isWhole && denials.includes(finding);
  return {
    findings: findings.map((finding) =>
      isDeniedInPart(finding) ? withoutDenial(finding) : finding,
    ),
    isComparable: (finding) =>
      !hasYes || finding.positive || finding.declined === true || halfOf(finding) === undefined,
  };
}

const withoutDenial = ({ negative: _negative, needless: _needless, ...finding }: Finding) =>
  finding;
