import type { fhir4 } from '@loopwell/fhir';
import { localDateOf, startOf } from '../fhir-json/dates.ts';
import { isUnclear } from '../fhir-json/flaws.ts';
import { lostItsTime } from '../fhir-json/future-times.ts';
import { loincOf } from '../fhir-json/loinc-codes.ts';
import { isListOfObjects, textOf } from '../fhir-json/tolerant-readers.ts';
import { isVoid } from '../instrument/invalid-answers.ts';
import type { Instrument } from '../model.ts';
import {
  byIdOrder,
  closest,
  fittest,
  type Known,
  leftOut,
  mendedTime,
  named,
  type Part,
  settledFirst,
  spread,
} from './attribute-instrument.ts';
import { flawIssues } from './flawed-answers.ts';
import { answersOfObservation, authoredOf, timeElementOf, usable } from './observation-answers.ts';

/** Answers of one sitting are filed one by one, seconds apart. */
export const sittingMs = 5 * 60_000;

/** Its lists are no lists: reading on would lose answers. */
export const isMalformed = (observation: fhir4.Observation) =>
  !isListOfObjects(observation.component) || !isListOfObjects(observation.hasMember);

/**
 * A panel binds its members to its own instrument. It was one sitting, whatever second each was filed at; a member of
 * another day keeps its own date, and one without takes the panel's.
 */
export function partsOfPanel(
  members: readonly fhir4.Observation[],
  authored: string,
  instrument: Instrument,
  instruments: readonly Instrument[],
  known: Known,
): Part[] {
  const own =
    startOf(authored) === undefined
      ? (members
          .map(authoredOf)
          .filter((one) => startOf(one) !== undefined)
          .sort(byStart)[0] ?? '')
      : authored;
  const [day, noon] = [localDateOf(own), startOf(own) ?? Number.NaN];
  const isNear = (one: string) =>
    localDateOf(one) === day || Math.abs((startOf(one) ?? Number.NaN) - noon) <= sittingMs;
  const dated = (observation: fhir4.Observation) => {
    const at = authoredOf(observation);
    if (startOf(at) === undefined) return lostItsTime(observation) ? '' : own;
    return isNear(at) ? own : at;
  };
  const byTime = Map.groupBy(members, (one) => `${startOf(dated(one)) ?? ''}`);
  return [...byTime.values()].flatMap((observations) =>
    spread(
      partOf(observations, instrument, known, observations[0] ? dated(observations[0]) : authored),
      instruments,
    ),
  );
}

const byStart = (a: string, b: string) => (startOf(a) ?? 0) - (startOf(b) ?? 0);

/** Single Observations of one sitting belong to the instrument that can answer all of them; else each to its own. */
export function partsOfSingles(
  observations: readonly fhir4.Observation[],
  instruments: readonly Instrument[],
  known: Known,
): Part[] {
  const answers = new Map(
    observations.map((one) => [one, answersOfObservation(one, known.questions)]),
  );
  const authored = observations[0] ? authoredOf(observations[0]) : '';
  const given = [...answers.values()].flat();
  const whole =
    given.length === 0 || startOf(authored) === undefined
      ? undefined
      : fittest(
          instruments.filter((one) => one.answersTo(given)),
          given,
        );
  if (whole) return [partOf(observations, whole, known, authored)];
  const bestFor = (observation: fhir4.Observation) => {
    const own = answers.get(observation) ?? [];
    const panel = instruments.find((instrument) =>
      loincOf(observation.code).includes(instrument.panel),
    );
    const fitting =
      own.length === 0 ? [] : instruments.filter((instrument) => instrument.answersTo(own));
    return (
      panel ??
      fittest(fitting, own) ??
      closest(own, instruments) ??
      settledFirst(instruments).find((instrument) =>
        loincOf(observation.code).some((code) => instrument.questions.includes(code)),
      )
    );
  };
  const bySet = Map.groupBy(observations, bestFor);
  return [...bySet].flatMap(([instrument, group]) => {
    if (!instrument) return [];
    // Without a date nothing tells which belong together.
    return startOf(authored) === undefined
      ? group.map((one) => partOf([one], instrument, known, ''))
      : [partOf(group, instrument, known, authored)];
  });
}

export function partOf(
  observations: readonly fhir4.Observation[],
  instrument: Instrument,
  known: Known,
  authored: string,
): Part {
  const sorted = [...observations].sort(byIdOrder);
  const sourceOf = (one: fhir4.Observation) => `Observation/${one.id ?? ''}`;
  // One whose status cannot be read is not left out in silence: its answers are void.
  const counts = (observation: fhir4.Observation) =>
    usable.has(observation.status) || (observation.status === undefined && isUnclear(observation));
  const counted = sorted.filter(counts);
  const left = sorted
    .flatMap((observation) =>
      answersOfObservation(observation, known.questions).map((answer) => ({
        ...answer,
        isLeft: !counts(observation),
      })),
    )
    .filter((one) => one.isLeft || isVoid(one));
  const voided = [
    ...left.map((one) => one.question),
    ...counted.flatMap((one) => known.voidedFor?.(one) ?? []),
  ];
  const quarantine = counted.some(isMalformed)
    ? 'malformed-resource'
    : startOf(authored) === undefined
      ? 'missing-authored'
      : undefined;
  const answers = counted
    .flatMap((one) => answersOfObservation(one, known.questions))
    .map((answer) => named(answer.authored === '' ? { ...answer, authored } : answer, known))
    .map((answer) => (voided.length > 0 ? { ...answer, voided } : answer));
  return {
    instrumentId: instrument.id,
    instrument,
    authored,
    answers: quarantine ? [] : answers,
    ...(quarantine === 'missing-authored' ? { undated: answers } : {}),
    sources: sorted.map(sourceOf),
    encounterRefs: sorted.map((one) => textOf(one.encounter?.reference)),
    issues: sorted.flatMap((observation) => [
      ...flawIssues(observation),
      ...(counts(observation)
        ? mendedTime(sourceOf(observation), authoredOf(observation), timeElementOf(observation))
        : [leftOut(sourceOf(observation), observation.status)]),
    ]),
    ...(quarantine ? { quarantine } : {}),
  };
}
