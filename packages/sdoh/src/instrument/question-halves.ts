import type { Finding } from '../model.ts';
import type { QuestionRow } from './table-schema.ts';

/**
 * The findings of a question that may be asked in parts, and which of them may contradict each
 * other.
 */
type JoinedHalves = {
  findings: Finding[];
  /** A part that is denied is held against nothing that is affirmed. */
  isComparable: (finding: Finding) => boolean;
};

const halfOf = ({ answers: [answer] }: Finding) => answer?.half;

/**
 * Joins the answers to the parts of a question. Some forms ask for the parts one by one (kept from
 * medical appointments; kept from work). "Yes" to one says yes. "No" to one denies nothing while
 * another is not asked, and speaks against no "yes" to that other.
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
