import type { fhir4, Labels } from '@loopwell/fhir';
import { endOf, isPartial, localDateOf, startOf } from '../fhir-json/dates.ts';
import type { CodingIssue, Finding, Instrument, Made, PersonRecord, Reading } from '../model.ts';
import type { RawScreening } from '../screening/screenings.ts';
import type { Maker } from './profiled-resources.ts';

/** One piece of support for a need: an answer, the Observation that carries it, and the screening it was given in. */
export type Support = {
  finding: Finding;
  observation: string;
  raw: RawScreening;
  maker: Maker;
  labels: Labels;
};

/** What one screening says about one category as a whole. */
export type Verdict = {
  raw: RawScreening;
  category: string;
  /** `disputed`: what was stated of it disagrees with what was answered in another form. */
  says: 'need' | 'no-need' | 'disputed';
  /** About one need of the category rather than about all of it: one that a question could have told, and did not. */
  need?: string;
  question?: string;
  /** The question is about the need's category as such. */
  isOwn?: boolean;
  /** Said of the needs in a list only ("none of the above"). */
  ofList?: boolean;
};

/** A screening after its rules: what each answer says, and what follows from it. */
export type ReadScreening = {
  raw: RawScreening;
  readings: Reading[];
  supports: Support[];
  verdicts: Verdict[];
  observations: Made<fhir4.Observation>[];
  issues: CodingIssue[];
};

/** A need is one SNOMED CT finding, or one rule of ours where the tables name none, within one category. */
export type NeedSupports = { key: string; category: string; supports: Support[] };

/** One SNOMED CT finding, or one rule of ours where the tables name none, within one category. */
export const needKey = (
  need: { category: string; snomed?: string | undefined } | undefined,
  rule: string,
): string => `${need?.category}|${need?.snomed ?? rule}`;

export function needsOf(supports: readonly Support[]): NeedSupports[] {
  const key = ({ finding: { need, rule } }: Support) => needKey(need, rule);
  return [...Map.groupBy(supports, key)]
    .map(([name, some]) => ({
      key: name,
      category: some[0]?.finding.need?.category ?? '',
      supports: [...some].sort(bySupport),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

export const bySupport = (a: Support, b: Support) =>
  a.raw.instant - b.raw.instant ||
  (a.observation === b.observation
    ? a.finding.rule < b.finding.rule
      ? -1
      : 1
    : a.observation < b.observation
      ? -1
      : 1);

/**
 * Rules about adults need a birth date. Below the age the answer means no need; without a birth date that tells, nothing
 * follows, no POS either, and a person is told what is missing.
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
  // Age is counted in days, and the day is the one that it was where the question was answered.
  const day = localDateOf(raw.authored);
  const [from, until] = [startOf(day), endOf(isPartial(raw.authored) ? raw.authored : day)];
  if (first !== undefined && last !== undefined && from !== undefined && until !== undefined) {
    if (last <= from) return { finding, issues: [] };
    if (first > until) {
      const text = `${finding.label} means no need below the age of ${minimum}: nothing is coded from it.`;
      return {
        finding: { ...without, positive: false },
        issues: [{ severity: 'information', code: 'not-coded', text, source, ...place }],
      };
    }
  }
  const text = `Whether ${finding.label} means a need depends on the person's age, and the birth date does not tell.`;
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

/**
 * Homelessness and housing instability exclude each other: the later answer counts, homelessness where both were said at
 * once, for it is the graver one.
 */
export function excludedCategory(supports: readonly Support[]): string | undefined {
  const latest = (category: string) =>
    Math.max(
      Number.NEGATIVE_INFINITY,
      ...supports
        .filter((one) => one.finding.need?.category === category)
        .map((one) => one.raw.instant),
    );
  const [homeless, unstable] = [latest('homelessness'), latest('housing-instability')];
  if (homeless === Number.NEGATIVE_INFINITY || unstable === Number.NEGATIVE_INFINITY)
    return undefined;
  return unstable > homeless ? 'homelessness' : 'housing-instability';
}

/** What each screening says about each category: a need where any answer does, else none where an answer says so. */
export function verdictsOf(raw: RawScreening, findings: readonly Finding[]): Verdict[] {
  const needs = new Set(
    findings.flatMap((one) => (one.positive && one.need ? [one.need.category] : [])),
  );
  const denials = findings.filter((one) => one.negative && !one.contradicted);
  const clear = new Set(denials.flatMap((one) => one.categories));
  const ofList = (category: string) =>
    denials.every((one) => one.ofList || !one.categories.includes(category))
      ? { ofList: true }
      : {};
  const disputed = new Set(
    findings.flatMap((one) => (one.overruled && raw.beside ? one.categories : [])),
  );
  return [
    ...[...disputed].map((category) => ({ raw, category, says: 'disputed' as const })),
    ...[...needs].map((category) => ({ raw, category, says: 'need' as const })),
    ...[...clear]
      .filter((category) => !needs.has(category))
      .map((category) => ({ raw, category, says: 'no-need' as const, ...ofList(category) })),
  ];
}

/**
 * Needs that a question could have told and whose answers, all of them read, did not: whoever ticks pests and not mold has
 * no mold. Not where another answer of the screening tells the need; and it says nothing about a need that another question
 * told: who is asked what they could not get, and does not tick food, has not said that they have enough of it.
 */
export function deniedOf(
  raw: RawScreening,
  instrument: Instrument,
  findings: readonly Finding[],
): Verdict[] {
  const told = new Set(findings.flatMap((one) => (one.need ? [needKey(one.need, one.rule)] : [])));
  const isRead = (one: Finding) =>
    (one.positive || one.negative === true) && !one.contradicted && !one.mended;
  return [...Map.groupBy(findings, (one) => one.question)]
    .filter(([, some]) => some.every(isRead))
    .flatMap(([question]) =>
      instrument
        .asksFor(question)
        .map(({ key, isOwn }) => ({ need: key, isOwn, question: `${instrument.id}/${question}` })),
    )
    .filter(({ need }) => !told.has(need))
    .map((one) => ({
      ...one,
      raw,
      category: one.need.slice(0, one.need.indexOf('|')),
      says: 'no-need' as const,
    }));
}

/**
 * May a policy act on this answer? It was coded as such and of a verified row, not mended and not contradicted by another
 * answer to its question, and no other screening of the same time or later says that there is no such need.
 */
export function isUnambiguous({ finding, raw }: Support, verdicts: readonly Verdict[]): boolean {
  if (finding.mended || finding.contradicted || finding.sensitive) return false;
  if (!finding.answers.some((one) => one.code !== undefined)) return false;
  const own = `${raw.instrumentId}/${finding.question}`;
  return verdicts
    .filter((one) => one.raw !== raw && one.raw.instant >= raw.instant)
    .every(
      (one) =>
        !denies(one, needKey(finding.need, finding.rule), new Set([own])) &&
        !isDispute(one, finding),
    );
}

const isDispute = ({ says, category }: Verdict, { need }: Finding) =>
  says === 'disputed' && category === need?.category;

/** Does a verdict speak of this need: of it alone, or of its whole category? */
const isAbout = (one: Verdict, key: string) =>
  (one.need ?? key) === key && one.category === key.slice(0, key.indexOf('|'));

/**
 * Does it say that there is no such need? What was not chosen says so where the question is about that category, or where
 * that question alone had told the need.
 *
 * @param toldBy `<instrument>/<question>` of the answers that told it
 */
export function denies(one: Verdict, key: string, toldBy: ReadonlySet<string>): boolean {
  if (one.says !== 'no-need' || !isAbout(one, key)) return false;
  return (
    one.question === undefined ||
    one.isOwn === true ||
    (toldBy.size === 1 && toldBy.has(one.question))
  );
}

/** The screenings that say, later than every support, that the need is not there (any more). Nothing is resolved by that. */
export function laterDenials(need: NeedSupports, verdicts: readonly Verdict[]): RawScreening[] {
  const latest = need.supports.at(-1)?.raw.instant ?? 0;
  const toldBy = new Set(
    need.supports.map((one) => `${one.raw.instrumentId}/${one.finding.question}`),
  );
  return verdicts
    .filter((one) => one.raw.instant > latest && denies(one, need.key, toldBy))
    .map((one) => one.raw)
    .filter((raw, index, all) => all.indexOf(raw) === index);
}
