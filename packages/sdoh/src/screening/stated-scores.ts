import { isPartial, localDateOf } from '../fhir-json/dates.ts';
import type { Answer, Finding, Instrument } from '../model.ts';

/** The parts of a screening that scores are judged by. */
type Sitting = {
  instrument: Instrument | undefined;
  authored: string;
  instant: number;
  sources: readonly string[];
  answers: readonly Answer[];
  /**
   * Answers that a score stated in this sitting is about, or the score, where another screening has
   * them.
   */
  beside?: readonly Answer[];
  quarantine?: string;
  inProgress?: boolean;
};

/** The longest time between forms of one sitting, in milliseconds. */
const sittingMs = 5 * 60_000;

/**
 * Adds to a screening the answers of its sitting that a stated score is about, or the score. It may
 * be stated in a form whose questions are another instrument's (the Hunger Vital Sign's risk in an
 * AHC form), or in another resource than its items. What was answered counts, not the score, and
 * none is computed beside it.
 */
export function addAnswersBeside<S extends Sitting>(screening: S, all: readonly S[]): S {
  const { instrument, answers } = screening;
  if (!instrument || instrument.scores.length === 0 || answers.length === 0) return screening;
  const answered = new Set(answers.map((answer) => answer.question));
  const isMissing = ({ question }: Answer) =>
    instrument.questions.includes(question) && !answered.has(question);
  const others = all.filter((other) => other !== screening && isReadable(other));
  const asking = others.filter((other) => other.answers.some(isMissing));
  const together = asking.filter((other) => isOneSitting(screening, other));
  const beside = together.flatMap((other) => other.answers.filter(isMissing));
  const isStated = [...answers, ...beside].some(({ question }) =>
    instrument.scores.includes(question),
  );
  return beside.length > 0 && isStated ? { ...screening, beside } : screening;
}

const isReadable = ({ quarantine, inProgress }: Sitting) => !quarantine && !inProgress;

/**
 * Tells whether two screenings are of one sitting: by their time, by a resource that both have, or
 * because one derives from the other.
 */
function isOneSitting(sitting: Sitting, other: Sitting): boolean {
  const isClose = Math.abs(sitting.instant - other.instant) <= sittingMs;
  if (isClose || derivesFrom(sitting, other) || derivesFrom(other, sitting)) return true;
  return (
    (isPartial(sitting.authored) || isPartial(other.authored)) &&
    localDateOf(sitting.authored) === localDateOf(other.authored)
  );
}

const derivesFrom = ({ answers, sources }: Sitting, other: Sitting): boolean =>
  other.sources.some(
    (source) =>
      sources.includes(source) || answers.some((answer) => answer.related?.includes(source)),
  );

/**
 * Reads the findings and issues of a screening; its stated scores are judged with what was answered
 * beside it.
 */
export function readFindings({
  instrument,
  answers,
  beside = [],
}: Sitting): ReturnType<Instrument['findings']> {
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
