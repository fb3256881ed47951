import { isPartial, localDateOf } from '../fhir-json/dates.ts';
import type { Answer, Finding, Instrument } from '../model.ts';

/** A screening, as far as scores ask. */
type Sat = {
  instrument: Instrument | undefined;
  authored: string;
  instant: number;
  sources: readonly string[];
  answers: readonly Answer[];
  /** Answers that a score stated in this sitting is about, or the score, where another screening has them. */
  beside?: readonly Answer[];
  quarantine?: string;
  inProgress?: boolean;
};

/** Forms of one sitting are filed within minutes. */
const sittingMs = 5 * 60_000;

/**
 * A score may be stated in a form whose questions are another instrument's (the Hunger Vital Sign's risk in an AHC form), or
 * in another resource than its items. What was answered counts, not the score, and none is computed beside it.
 */
export function withBeside<S extends Sat>(raw: S, all: readonly S[]): S {
  const { instrument, answers } = raw;
  if (!instrument || instrument.scores.length === 0 || answers.length === 0) return raw;
  const own = new Set(answers.map((one) => one.question));
  const isAsked = ({ question }: Answer) =>
    instrument.questions.includes(question) && !own.has(question);
  const others = all.filter(
    (one) => one !== raw && !one.quarantine && !one.inProgress && one.answers.some(isAsked),
  );
  const beside = others
    .filter((one) => isOneSitting(raw, one))
    .flatMap((one) => one.answers.filter(isAsked));
  const isStated = [...answers, ...beside].some((one) => instrument.scores.includes(one.question));
  return beside.length > 0 && isStated ? { ...raw, beside } : raw;
}

/** By their time, by a form that holds both, or because one says that it derives from the other. */
function isOneSitting(sat: Sat, other: Sat): boolean {
  if (Math.abs(sat.instant - other.instant) <= sittingMs || isOf(sat, other) || isOf(other, sat))
    return true;
  return (
    (isPartial(sat.authored) || isPartial(other.authored)) &&
    localDateOf(sat.authored) === localDateOf(other.authored)
  );
}

const isOf = ({ answers, sources }: Sat, other: Sat): boolean =>
  other.sources.some(
    (source) => sources.includes(source) || answers.some((one) => one.related?.includes(source)),
  );

/** What a screening says, its stated scores judged with what was answered beside it. */
export function findingsOf({
  instrument,
  answers,
  beside = [],
}: Sat): ReturnType<Instrument['findings']> {
  const read = instrument?.findings([...answers, ...beside]) ?? { findings: [], issues: [] };
  if (beside.length === 0) return read;
  const places = new Set(beside.map(placeOf));
  const isOwn = (finding: Finding) =>
    !finding.computed && !finding.answers.some((answer) => places.has(placeOf(answer)));
  return {
    findings: read.findings.filter(isOwn),
    issues: read.issues.filter((one) => !places.has(placeOf(one))),
  };
}

const placeOf = ({ source, place = '' }: { source: string; place?: string | undefined }) =>
  `${source} ${place}`;
