import type { PersonCoding } from '../coding/person-coding.ts';
import type { Finding } from '../model.ts';
import type { PlacedIssue } from './bundle-model.ts';

type Said =
  | 'screened'
  | 'screened-partial'
  | 'screened-declined'
  | 'screened-absent'
  | 'screened-unmapped';

const sentences: Readonly<Record<Said, string>> = {
  screened: 'screened.',
  'screened-partial': 'some questions were answered, none of them as a need.',
  'screened-declined': 'asked, and declined to answer.',
  'screened-absent': 'asked, and there is no answer.',
  'screened-unmapped': 'the answer could not be read.',
};

/** What became of each SDOHCC category that was asked about, once per category (coding contract, `screened…`). */
export function screenedOf(coding: PersonCoding): PlacedIssue[] {
  const asked = coding.readings.flatMap(({ finding }) =>
    finding.computed
      ? []
      : finding.categories.filter((one) => one !== '-').map((category) => ({ category, finding })),
  );
  return [...Map.groupBy(asked, (one) => one.category)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([category, some]) => {
      // A score that the answers overrule is no answer, unless there is nothing else.
      const answered = some.filter((one) => !one.finding.overruled);
      const code = judge((answered.length > 0 ? answered : some).map((one) => one.finding));
      return {
        severity: 'information',
        code,
        category,
        text: `${nameOf(category)}: ${sentences[code]}`,
      };
    });
}

function judge(findings: readonly Finding[]): Said {
  if (findings.some((one) => one.positive)) return 'screened';
  // A question counts by the best that was said to it: refused once and answered later is answered.
  const byQuestion = [...Map.groupBy(findings, (one) => one.question).values()].map(kindOf);
  const has = (kind: string) => byQuestion.includes(kind);
  if (byQuestion.every((one) => one === 'answered')) return 'screened';
  if (has('answered')) return 'screened-partial';
  if (has('unread')) return 'screened-unmapped';
  return byQuestion.every((one) => one === 'declined') ? 'screened-declined' : 'screened-absent';
}

function kindOf(findings: readonly Finding[]): string {
  const kinds: string[] = findings.map((finding) =>
    finding.unread
      ? 'unread'
      : finding.declined
        ? 'declined'
        : finding.unanswered || finding.answers[0]?.absent !== undefined
          ? 'absent'
          : 'answered',
  );
  return (
    ['answered', 'unread', 'declined', 'absent'].find((one) => kinds.includes(one)) ?? 'absent'
  );
}

const nameOf = (category: string) =>
  `${category.charAt(0).toUpperCase()}${category.slice(1).replaceAll('-', ' ')}`;
