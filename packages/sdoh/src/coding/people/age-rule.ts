import { endOf, isPartial, localDateOf, startOf } from '../../fhir-json/dates.ts';
import type { CodingIssue, Finding, PersonRecord } from '../../model.ts';
import type { RawScreening } from '../../screening/screenings.ts';

/**
 * Applies the minimum age of a finding's need. Below the age the answer means no need. Where the
 * birth date cannot decide, the finding gets neither need nor POS, and a warning names what is
 * missing.
 */
export function judgeAge(
  record: PersonRecord,
  raw: RawScreening,
  finding: Finding,
): { finding: Finding; issues: CodingIssue[] } {
  const minimum = finding.need?.minimumAge;
  if (minimum === undefined) return { finding, issues: [] };
  const { need: _need, ...without } = finding;
  const source = finding.answers[0]?.source ?? raw.sources[0] ?? '';
  const place = finding.answers[0]?.place ? { place: finding.answers[0].place } : {};
  const { birthDate } = record.patient ?? {};
  const [first, last] = [
    birthday(startOf(birthDate), minimum),
    birthday(endOf(birthDate), minimum),
  ];
  // Age is counted in days, by the calendar day of the place where the question was answered.
  const day = localDateOf(raw.authored);
  const [from, until] = [startOf(day), endOf(isPartial(raw.authored) ? raw.authored : day)];
  if (first !== undefined && last !== undefined && from !== undefined && until !== undefined) {
    if (last <= from) return { finding, issues: [] };
    if (first > until) {
      const text =
        `${finding.label} means no need below the age of ${minimum}: nothing is coded from ` +
        'it.';
      return {
        finding: { ...without, positive: false },
        issues: [{ severity: 'information', code: 'not-coded', text, source, ...place }],
      };
    }
  }
  const text =
    `Whether ${finding.label} means a need depends on the person's age, and the birth date ` +
    'does not tell.';
  return {
    finding: { ...without, positive: false },
    issues: [{ severity: 'warning', code: 'missing-data', text, source, ...place }],
  };
}

function birthday(born: number | undefined, age: number): number | undefined {
  if (born === undefined) return undefined;
  const on = new Date(born);
  return Date.UTC(on.getUTCFullYear() + age, on.getUTCMonth(), on.getUTCDate());
}
