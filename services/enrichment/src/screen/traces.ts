import type { PersonCoding } from '@loopwell/sdoh';
import type { Loaded } from './records.ts';

/** Gives the trace of what rests on these sources: `Type/id` of the EHR, or ids of what coding made. */
export type FindTrace = (sources: readonly string[]) => string;

/**
 * A trace begins with the page that brought an Encounter, or an answer outside of any, and goes on with what is made of it. A
 * screening belongs to the trace of its Encounter, also where its answers do not name it. What rests on several begins with the
 * first.
 */
export function traceFinder(loaded: Loaded, coding: PersonCoding): FindTrace {
  const traces = new Map(loaded.traces);
  const findTrace: FindTrace = (sources) => {
    const source = sources.find((name) => traces.has(name));
    return traces.get(source ?? '') ?? loaded.trace;
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
  const own = [...coding.observations, ...coding.conditions, ...coding.withdrawn];
  for (const { id, sources } of own)
    traces.set(id, findTrace([id, `Observation/${id}`, ...sources]));
  return findTrace;
}

/** A Condition that the EHR brought has a trace of its own; as a need, it has that of the answer that supports it. */
const isOfEhr = (condition: string): boolean => condition.startsWith('Condition/');
