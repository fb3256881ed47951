import { type fhir4, localId } from '@loopwell/fhir';
import { compareTimes, isPartial, startOf } from '../../fhir-json/dates.ts';
import { flawsOf } from '../../fhir-json/flaws.ts';
import { statusWords } from '../../fhir-json/status-words.ts';
import { isObject, objectsOf, textOf } from '../../fhir-json/tolerant-readers.ts';

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;

/**
 * Finds the id of a screening's Encounter: the one that it refers to; else the one whose period
 * contains it; else the one that starts within 7 days after. It never guesses between two: then
 * there is none, and the screening is coded all the same.
 *
 * Where a time is written as a day only, days are compared as they are written: a form of 4 May
 * belongs to a visit from 9 to 10 on 4 May. Encounters that did not take place count only where
 * they are referred to.
 * DECISIONS D58.
 */
export function encounterOf(
  references: readonly (string | undefined)[],
  authored: string,
  encounters: readonly fhir4.Encounter[],
  base: string,
): string | undefined {
  const referred = new Set(references.flatMap((one) => localId(one, 'Encounter', base) ?? []));
  if (referred.size > 0) return referred.size === 1 ? [...referred][0] : undefined;
  if (startOf(authored) === undefined) return undefined;
  const dated = new Map(
    objectsOf(encounters)
      .flatMap((one) => (tookPlace(one) ? (datedOf(one) ?? []) : []))
      .map((one) => [one.id, one]),
  );
  const within = [...dated.values()].filter((one) => holds(one, authored));
  if (within.length > 0) return within.length === 1 ? within[0]?.id : undefined;
  const after = [...dated.values()].filter((one) => startsWithinAWeek(one, authored));
  return after.length === 1 ? after[0]?.id : undefined;
}

type Dated = {
  id: string;
  start: string;
  end: string | undefined;
  isOpen: boolean;
};

const tookPlace = (encounter: fhir4.Encounter) =>
  !statusWords(encounter.status).some(
    (word) => word === 'cancelled' || word === 'entered-in-error',
  ) && flawsOf(encounter).every((one) => one.kind === 'mended');

function datedOf(encounter: fhir4.Encounter): Dated | undefined {
  const period: fhir4.Period = isObject(encounter.period) ? encounter.period : {};
  const [start, end] = [textOf(period.start), textOf(period.end)];
  if (encounter.id === undefined || start === undefined || startOf(start) === undefined)
    return undefined;
  if (end !== undefined && startOf(end) === undefined) return undefined;
  return {
    id: encounter.id,
    start,
    end,
    isOpen: end === undefined && encounter.status !== 'finished',
  };
}

/**
 * Tells whether an Encounter's period contains a time. A finished Encounter without an end contains
 * only what happened within a day of its start.
 */
function holds({ start, end, isOpen }: Dated, authored: string): boolean {
  if (compareTimes(authored, start) < 0) return false;
  if (end !== undefined) return compareTimes(authored, end) <= 0;
  return isOpen || (startOf(authored) ?? 0) - (startOf(start) ?? 0) < dayMs;
}

function startsWithinAWeek({ start }: Dated, authored: string): boolean {
  if (compareTimes(start, authored) <= 0) return false;
  // With a day only, the seventh day after counts as a whole.
  const slack = isPartial(authored) || isPartial(start) ? dayMs - 1 : 0;
  return (startOf(start) ?? 0) - (startOf(authored) ?? 0) <= weekMs + slack;
}
