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
export const isMalformed = (one: fhir4.Observation) =>
  !isListOfObjects(one.component) || !isListOfObjects(one.hasMember);

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
  const dated = (one: fhir4.Observation) => {
    const at = authoredOf(one);
    if (startOf(at) === undefined) return lostItsTime(one) ? '' : own;
    return isNear(at) ? own : at;
  };
  const byTime = Map.groupBy(members, (one) => `${startOf(dated(one)) ?? ''}`);
  return [...byTime.values()].flatMap((some) =>
    spread(partOf(some, instrument, known, some[0] ? dated(some[0]) : authored), instruments),
  );
}

const byStart = (a: string, b: string) => (startOf(a) ?? 0) - (startOf(b) ?? 0);

/** Single Observations of one sitting belong to the instrument that can answer all of them; else each to its own. */
export function partsOfSingles(
  some: readonly fhir4.Observation[],
  instruments: readonly Instrument[],
  known: Known,
): Part[] {
  const answers = new Map(some.map((one) => [one, answersOfObservation(one, known.questions)]));
  const authored = some[0] ? authoredOf(some[0]) : '';
  const given = [...answers.values()].flat();
  const whole =
    given.length === 0 || startOf(authored) === undefined
      ? undefined
      : fittest(
          instruments.filter((one) => one.answersTo(given)),
          given,
        );
  if (whole) return [partOf(some, whole, known, authored)];
  const bestFor = (one: fhir4.Observation) => {
    const own = answers.get(one) ?? [];
    const panel = instruments.find((instrument) => loincOf(one.code).includes(instrument.panel));
    const fitting =
      own.length === 0 ? [] : instruments.filter((instrument) => instrument.answersTo(own));
    return (
      panel ??
      fittest(fitting, own) ??
      closest(own, instruments) ??
      settledFirst(instruments).find((instrument) =>
        loincOf(one.code).some((code) => instrument.questions.includes(code)),
      )
    );
  };
  const bySet = Map.groupBy(some, bestFor);
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
  const counts = (one: fhir4.Observation) =>
    usable.has(one.status) || (one.status === undefined && isUnclear(one));
  const counted = sorted.filter(counts);
  const left = sorted
    .flatMap((one) =>
      answersOfObservation(one, known.questions).map((answer) => ({
        ...answer,
        isLeft: !counts(one),
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
    issues: sorted.flatMap((one) => [
      ...flawIssues(one),
      ...(counts(one)
        ? mendedTime(sourceOf(one), authoredOf(one), timeElementOf(one))
        : [leftOut(sourceOf(one), one.status)]),
    ]),
    ...(quarantine ? { quarantine } : {}),
  };
}
