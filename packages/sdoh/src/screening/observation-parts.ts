import type { fhir4 } from '@loopwell/fhir';
import { localDateOf, startOf } from '../fhir-json/dates.ts';
import { isUnclear } from '../fhir-json/flaws.ts';
import { lostItsTime } from '../fhir-json/future-times.ts';
import { loincOf } from '../fhir-json/loinc-codes.ts';
import { isListOfObjects, textOf } from '../fhir-json/tolerant-readers.ts';
import { isVoid } from '../instrument/invalid-answers.ts';
import type { Answer, CodingIssue, Instrument } from '../model.ts';
import {
  byIdOrder,
  checkWording,
  explainLeftOut,
  noteMendedTime,
  type Part,
  pickClosest,
  pickFittest,
  type ShelfIndex,
  sortSettledFirst,
  splitByOwner,
} from './attribute-instrument.ts';
import { listFlawIssues } from './flawed-answers.ts';
import { answersOfObservation, authoredOf, timeElementOf, usable } from './observation-answers.ts';

/**
 * The longest time between answers of one sitting, in milliseconds. They are filed one by one,
 * seconds apart.
 */
export const sittingMs = 5 * 60_000;

/**
 * Tells whether the lists of an Observation are no lists, so that reading on would lose answers.
 */
export const isMalformed = (observation: fhir4.Observation) =>
  !isListOfObjects(observation.component) || !isListOfObjects(observation.hasMember);

const isDated = (authored: string) => startOf(authored) !== undefined;

/**
 * Reads a panel and binds its members to its own instrument. It was one sitting, whatever second
 * each was filed at. A member of another day keeps its own date, and one without takes the panel's.
 */
export function readPanel(
  members: readonly fhir4.Observation[],
  authored: string,
  instrument: Instrument,
  instruments: readonly Instrument[],
  shelf: ShelfIndex,
): Part[] {
  const panelTime = isDated(authored) ? authored : findEarliest(members.map(authoredOf));
  const timeOf = (member: fhir4.Observation) => {
    const memberTime = authoredOf(member);
    if (!isDated(memberTime)) return lostItsTime(member) ? '' : panelTime;
    return isNear(memberTime, panelTime) ? panelTime : memberTime;
  };
  const byTime = Map.groupBy(members, (member) => `${startOf(timeOf(member)) ?? ''}`);
  return [...byTime.values()].flatMap((group) => {
    const time = group[0] ? timeOf(group[0]) : authored;
    return splitByOwner(createPart(group, instrument, shelf, time), instruments);
  });
}

function findEarliest(times: readonly string[]): string {
  const dated = times.filter(isDated);
  return dated.sort((a, b) => (startOf(a) ?? 0) - (startOf(b) ?? 0))[0] ?? '';
}

/** Tells whether a time is on the panel's day, or within one sitting of it. */
function isNear(authored: string, panelTime: string): boolean {
  if (localDateOf(authored) === localDateOf(panelTime)) return true;
  const [start = Number.NaN, panelStart = Number.NaN] = [startOf(authored), startOf(panelTime)];
  return Math.abs(start - panelStart) <= sittingMs;
}

/**
 * Reads single Observations of one sitting: by the instrument that can answer all of them, else
 * each by its own.
 */
export function readSingles(
  observations: readonly fhir4.Observation[],
  instruments: readonly Instrument[],
  shelf: ShelfIndex,
): Part[] {
  const answersOf = new Map(
    observations.map((one) => [one, answersOfObservation(one, shelf.questions)]),
  );
  const authored = observations[0] ? authoredOf(observations[0]) : '';
  const answers = [...answersOf.values()].flat();
  const whole = isDated(authored) ? pickWhole(instruments, answers) : undefined;
  if (whole) return [createPart(observations, whole, shelf, authored)];
  const byInstrument = Map.groupBy(observations, (observation) =>
    pickInstrument(observation, answersOf.get(observation) ?? [], instruments),
  );
  return [...byInstrument].flatMap(([instrument, group]) => {
    if (!instrument) return [];
    // Without a date nothing tells which belong together.
    return isDated(authored)
      ? [createPart(group, instrument, shelf, authored)]
      : group.map((one) => createPart([one], instrument, shelf, ''));
  });
}

/** Picks the instrument that can answer all of these questions. */
function pickWhole(
  instruments: readonly Instrument[],
  answers: readonly Answer[],
): Instrument | undefined {
  if (answers.length === 0) return undefined;
  const fitting = instruments.filter((instrument) => instrument.answersTo(answers));
  return pickFittest(fitting, answers);
}

/** Picks the instrument of one Observation: by its panel, by its answers, else by its question. */
function pickInstrument(
  { code }: fhir4.Observation,
  answers: readonly Answer[],
  instruments: readonly Instrument[],
): Instrument | undefined {
  const codes = loincOf(code);
  return (
    instruments.find((instrument) => codes.includes(instrument.panel)) ??
    pickWhole(instruments, answers) ??
    pickClosest(answers, instruments) ??
    sortSettledFirst(instruments).find((instrument) =>
      codes.some((loinc) => instrument.questions.includes(loinc)),
    )
  );
}

const sourceOf = (observation: fhir4.Observation) => `Observation/${observation.id ?? ''}`;

/**
 * Tells whether an Observation's status counts (`usable`). One whose status cannot be read counts,
 * too: its answers are void, and it is not left out in silence.
 */
const counts = (observation: fhir4.Observation) =>
  usable.has(observation.status) || (observation.status === undefined && isUnclear(observation));

/** Creates what Observations of one time add to a screening. */
export function createPart(
  observations: readonly fhir4.Observation[],
  instrument: Instrument,
  shelf: ShelfIndex,
  authored: string,
): Part {
  const sorted = [...observations].sort(byIdOrder);
  const quarantine = findQuarantine(sorted, authored);
  const answers = readCounted(sorted, shelf, authored);
  const part: Part = {
    instrumentId: instrument.id,
    instrument,
    authored,
    answers: quarantine ? [] : answers,
    sources: sorted.map(sourceOf),
    encounterRefs: sorted.map((observation) => textOf(observation.encounter?.reference)),
    issues: sorted.flatMap(listIssues),
  };
  if (quarantine) part.quarantine = quarantine;
  if (quarantine === 'missing-authored') part.undated = answers;
  return part;
}

/** Returns why a screening cannot be read; undefined where it can. */
function findQuarantine(observations: readonly fhir4.Observation[], authored: string) {
  if (observations.filter(counts).some(isMalformed)) return 'malformed-resource';
  return isDated(authored) ? undefined : 'missing-authored';
}

/** Reads the answers that count, and adds to each the questions whose answers do not. */
function readCounted(
  observations: readonly fhir4.Observation[],
  shelf: ShelfIndex,
  authored: string,
): Answer[] {
  const voided: string[] = [];
  const answers: Answer[] = [];
  for (const observation of observations) {
    const read = answersOfObservation(observation, shelf.questions);
    const isCounted = counts(observation);
    const left = read.filter((answer) => !isCounted || isVoid(answer));
    voided.push(...left.map((answer) => answer.question));
    if (isCounted) answers.push(...read);
  }
  voided.push(
    ...observations.filter(counts).flatMap((observation) => shelf.voidedFor?.(observation) ?? []),
  );
  return answers.map((answer) => {
    const dated = answer.authored === '' ? { ...answer, authored } : answer;
    const checked = checkWording(dated, shelf);
    return voided.length > 0 ? { ...checked, voided } : checked;
  });
}

/** Lists the issues of an Observation itself, before its answers are judged. */
function listIssues(observation: fhir4.Observation): CodingIssue[] {
  const source = sourceOf(observation);
  const flaws = listFlawIssues(observation);
  if (!counts(observation)) return [...flaws, explainLeftOut(source, observation.status)];
  const time = noteMendedTime(source, authoredOf(observation), timeElementOf(observation));
  return [...flaws, ...time];
}
