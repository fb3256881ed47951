import type { PersonCoding } from '../coding/person-coding.ts';
import type { Finding } from '../model.ts';
import type { PlacedIssue } from './bundle-model.ts';

type Status =
  | 'screened'
  | 'screened-partial'
  | 'screened-declined'
  | 'screened-absent'
  | 'screened-unmapped';

const sentences: Readonly<Record<Status, string>> = {
  screened: 'screened.',
  'screened-partial': 'some questions were answered, none of them as a need.',
  'screened-declined': 'asked, and declined to answer.',
  'screened-absent': 'asked, and there is no answer.',
  'screened-unmapped': 'the answer could not be read.',
};

/**
 * Reports the outcome of each SDOHCC category that was asked about, one issue per category (coding
 * contract, `screened…`).
 */
export function describeCategories(coding: PersonCoding): PlacedIssue[] {
  const byCategory = new Map<string, Finding[]>();
  for (const { finding } of coding.readings) {
    const categories = finding.computed ? [] : finding.categories;
    for (const category of categories)
      if (category !== '-')
        byCategory.set(category, [...(byCategory.get(category) ?? []), finding]);
  }
  const sorted = [...byCategory].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([category, findings]) => {
    // A score that the answers overrule counts only where the category has no other answer.
    const answered = findings.filter((finding) => !finding.overruled);
    const code = judgeCategory(answered.length > 0 ? answered : findings);
    const text = `${nameOf(category)}: ${sentences[code]}`;
    return { severity: 'information', code, category, text };
  });
}

function judgeCategory(findings: readonly Finding[]): Status {
  if (findings.some((finding) => finding.positive)) return 'screened';
  // The best answer to a question counts: one refused first and answered later is answered.
  const byQuestion = Map.groupBy(findings, (finding) => finding.question);
  const kinds = [...byQuestion.values()].map(bestKind);
  if (kinds.every((kind) => kind === 'answered')) return 'screened';
  if (kinds.includes('answered')) return 'screened-partial';
  if (kinds.includes('unread')) return 'screened-unmapped';
  return kinds.every((kind) => kind === 'declined') ? 'screened-declined' : 'screened-absent';
}

/** Kinds of answers, the best first. */
const answerKinds = ['answered', 'unread', 'declined', 'absent'] as const;

type AnswerKind = (typeof answerKinds)[number];

function bestKind(findings: readonly Finding[]): AnswerKind {
  const kinds = findings.map(kindOf);
  return answerKinds.find((kind) => kinds.includes(kind)) ?? 'absent';
}

function kindOf(finding: Finding): AnswerKind {
  if (finding.unread) return 'unread';
  if (finding.declined) return 'declined';
  const isAbsent = finding.unanswered || finding.answers[0]?.absent !== undefined;
  return isAbsent ? 'absent' : 'answered';
}

const nameOf = (category: string) =>
  `${category.charAt(0).toUpperCase()}${category.slice(1).replaceAll('-', ' ')}`;
