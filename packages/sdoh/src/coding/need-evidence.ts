import type { fhir4, Labels } from '@loopwell/fhir';
import { needKey } from '../instrument/need-key.ts';
import type { CodingIssue, Finding } from '../model.ts';
import type { RawScreening } from '../screening/screenings.ts';
import type { Made, Reading } from './person-coding.ts';
import type { Maker } from './profiled-resources.ts';

/**
 * One piece of support for a need: an answer, the Observation that carries it, and the screening it
 * was given in.
 * DECISIONS D21.
 */
export type Support = {
  finding: Finding;
  observation: string;
  raw: RawScreening;
  maker: Maker;
  labels: Labels;
};

/** A screening's statement about one category as a whole, or about one need of it. */
export type Verdict = {
  raw: RawScreening;
  category: string;
  /** `disputed`: a stated score of it disagrees with the answers of another form. */
  says: 'need' | 'no-need' | 'disputed';
  /** Key of one need that a question could have told and did not; absent: the whole category. */
  need?: string;
  question?: string;
  /** The question is about the need's category as such. */
  isOwn?: boolean;
  /** Said of the needs in a list only ("none of the above"). */
  ofList?: boolean;
};

/** A screening after its rules: its readings, supports, verdicts, Observations and issues. */
export type ReadScreening = {
  raw: RawScreening;
  readings: Reading[];
  supports: Support[];
  verdicts: Verdict[];
  observations: Made<fhir4.Observation>[];
  issues: CodingIssue[];
};

/**
 * A need is one SNOMED CT finding, or one rule of ours where the tables name none, within one
 * category.
 */
export type NeedSupports = { key: string; category: string; supports: Support[] };

/** Groups answers by the need that they support, each group in the order of its answers. */
export function groupByNeed(supports: readonly Support[]): NeedSupports[] {
  const keyOf = ({ finding: { need, rule } }: Support) => needKey(need, rule);
  const groups = [...Map.groupBy(supports, keyOf)].map(([key, group]) => ({
    key,
    category: group[0]?.finding.need?.category ?? '',
    supports: [...group].sort(bySupport),
  }));
  return groups.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Orders answers by time, then by what carries them. */
export function bySupport(a: Support, b: Support): number {
  if (a.raw.instant !== b.raw.instant) return a.raw.instant - b.raw.instant;
  if (a.observation !== b.observation) return a.observation < b.observation ? -1 : 1;
  return a.finding.rule < b.finding.rule ? -1 : 1;
}

/**
 * Returns the category that does not count where answers say both homelessness and housing
 * instability, which exclude each other. The later answer counts. Homelessness, the graver one,
 * counts where both have the same time.
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
