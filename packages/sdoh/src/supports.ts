import type { Maker } from './build.ts';
import { endOf, startOf } from './dates.ts';
import type { CodingIssue, Finding, PersonRecord } from './model.ts';
import type { RawScreening } from './screenings.ts';

/** One piece of support for a need: an answer, the Observation that carries it, and the screening it was given in. */
export type Support = { finding: Finding; observation: string; raw: RawScreening; maker: Maker };

/** What one screening says about one category as a whole. */
export type Verdict = { raw: RawScreening; category: string; says: 'need' | 'no-need' };

/** A need is one SNOMED CT finding, or one rule of ours where the tables name none, within one category. */
export type NeedSupports = { key: string; category: string; supports: Support[] };

export function needsOf(supports: readonly Support[]): NeedSupports[] {
  const key = ({ finding: { need, rule } }: Support) => `${need?.category}|${need?.snomed ?? rule}`;
  return [...Map.groupBy(supports, key)]
    .map(([name, some]) => ({ key: name, category: some[0]?.finding.need?.category ?? '', supports: [...some].sort(bySupport) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

export const bySupport = (a: Support, b: Support) =>
  a.raw.instant - b.raw.instant ||
  (a.observation === b.observation ? (a.finding.rule < b.finding.rule ? -1 : 1) : a.observation < b.observation ? -1 : 1);

/**
 * Rules about adults need a birth date. Below the age the answer means no need; without a birth date that tells, nothing
 * follows and a person is told what is missing.
 */
export function judgeAge(record: PersonRecord, raw: RawScreening, finding: Finding): { finding: Finding; issues: CodingIssue[] } {
  const minimum = finding.need?.minimumAge;
  if (minimum === undefined) return { finding, issues: [] };
  const { need: _need, ...without } = finding;
  const source = finding.answers[0]?.source ?? raw.sources[0] ?? '';
  const { birthDate } = record.patient ?? {};
  const [first, last] = [birthday(startOf(birthDate), minimum), birthday(endOf(birthDate), minimum)];
  if (first !== undefined && last !== undefined) {
    if (last <= raw.instant) return { finding, issues: [] };
    if (first > raw.instant) return { finding: { ...without, positive: false }, issues: [] };
  }
  const text = `Whether ${finding.label} means a need depends on the person's age, and the birth date does not tell.`;
  return { finding: without, issues: [{ severity: 'warning', code: 'missing-data', text, source }] };
}

function birthday(born: number | undefined, age: number): number | undefined {
  if (born === undefined) return undefined;
  const on = new Date(born);
  return Date.UTC(on.getUTCFullYear() + age, on.getUTCMonth(), on.getUTCDate());
}

/**
 * Homelessness and housing instability exclude each other: the later answer counts, homelessness where both were said at
 * once, for it is the graver one.
 */
export function excludedCategory(supports: readonly Support[]): string | undefined {
  const latest = (category: string) =>
    Math.max(Number.NEGATIVE_INFINITY, ...supports.filter((one) => one.finding.need?.category === category).map((one) => one.raw.instant));
  const [homeless, unstable] = [latest('homelessness'), latest('housing-instability')];
  if (homeless === Number.NEGATIVE_INFINITY || unstable === Number.NEGATIVE_INFINITY) return undefined;
  return unstable > homeless ? 'homelessness' : 'housing-instability';
}

/** What each screening says about each category: a need where any answer does, else none where an answer says so. */
export function verdictsOf(raw: RawScreening, findings: readonly Finding[]): Verdict[] {
  const needs = new Set(findings.flatMap((one) => (one.positive && one.need ? [one.need.category] : [])));
  const clear = new Set(findings.filter((one) => one.negative && !one.contradicted).flatMap((one) => one.categories));
  return [
    ...[...needs].map((category) => ({ raw, category, says: 'need' as const })),
    ...[...clear].filter((category) => !needs.has(category)).map((category) => ({ raw, category, says: 'no-need' as const })),
  ];
}

/**
 * May a policy act on this answer? It was coded as such and of a verified row, not mended and not contradicted by another
 * answer to its question, and no other screening of the same time or later says that there is no such need.
 */
export function isUnambiguous({ finding, raw }: Support, verdicts: readonly Verdict[]): boolean {
  if (finding.mended || finding.contradicted || finding.sensitive) return false;
  if (!finding.answers.some((one) => one.code !== undefined)) return false;
  return !verdicts.some(
    (one) => one.says === 'no-need' && one.category === finding.need?.category && one.raw !== raw && one.raw.instant >= raw.instant,
  );
}

/** The screenings that say, later than every support, that the need is not there (any more). Nothing is resolved by that. */
export function laterDenials(need: NeedSupports, verdicts: readonly Verdict[]): RawScreening[] {
  const latest = need.supports.at(-1)?.raw.instant ?? 0;
  return verdicts
    .filter((one) => one.says === 'no-need' && one.category === need.category && one.raw.instant > latest)
    .map((one) => one.raw);
}
