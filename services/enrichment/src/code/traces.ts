import type { PersonCoding } from '@loopwell/sdoh';
import type { Loaded } from './records.ts';

/**
 * Gives the trace of what rests on these sources: `Type/id` of the EHR, or ids of what coding made.
 */
export type FindTrace = (sources: readonly string[]) => string;

/**
 * A trace begins with the page that brought an Encounter, or an answer outside of any, and goes on
 * with what is made of it. A screening belongs to the trace of its Encounter, also where its
 * answers do not name it. What rests on several begins with the first. DECISIONS D128.
 */
export function traceFinder(loaded: Loaded, coding: PersonCoding): FindTrace {
  const traces = new Map(loaded.traces);
  const nameIn = (source: string) => source.replace(`${loaded.record.base}/`, '');
  const findTrace: FindTrace = (sources) => {
    const name = sources.map(nameIn).find((source) => traces.has(source));
    return traces.get(name ?? '') ?? loaded.trace;
  };
  for (const { encounter, sources } of coding.screenings) {
    const trace = findTrace([`Encounter/${encounter}`, ...sources]);
    for (const source of sources) traces.set(source, trace);
  }
  for (const { observation, condition, source } of coding.evidence) {
    const trace = findTrace([source]);
    if (!traces.has(observation)) traces.set(observation, trace);
    if (!traces.has(condition) || isOfEhr(condition)) traces.set(condition, trace);
  }
  // A panel may stand before its members: what rests on what was made is looked at once more.
  const made = [...coding.observations, ...coding.conditions, ...coding.withdrawn];
  for (const { id, sources } of [...made, ...made]) {
    const source = [`Observation/${id}`, ...sources].map(nameIn).find((name) => traces.has(name));
    if (source !== undefined && !traces.has(id)) traces.set(id, findTrace([source]));
  }
  return findTrace;
}

/**
 * A Condition that the EHR brought has a trace of its own; as a need, it has that of the answer
 * that supports it.
 */
const isOfEhr = (condition: string): boolean => condition.startsWith('Condition/');
