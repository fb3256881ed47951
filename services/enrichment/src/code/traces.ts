import type { PersonCoding } from '@loopwell/sdoh';
import type { Loaded } from '@loopwell/service';

/**
 * Gives the trace of a result from its sources: `Type/id` of the EHR, or ids of resources that
 * coding made.
 */
export type FindTrace = (sources: readonly string[]) => string;

/**
 * Finds the traces of the resources that coding made. A trace begins with the page that brought an
 * Encounter, or an answer outside of any, and continues with the results. A screening has the trace
 * of its Encounter, even if its answers do not name it. A result of several sources has the trace
 * of the first. DECISIONS D128.
 */
export function traceFinder(loaded: Loaded, coding: PersonCoding): FindTrace {
  const traces = new Map(loaded.traces);
  const base = `${loaded.record.base}/`;
  const nameIn = (source: string) => (source.startsWith(base) ? source.slice(base.length) : source);
  const firstTrace = (sources: readonly string[]): string | undefined => {
    for (const source of sources) {
      const trace = traces.get(nameIn(source));
      if (trace !== undefined) return trace;
    }
    return undefined;
  };
  const findTrace: FindTrace = (sources) => firstTrace(sources) ?? loaded.trace;
  for (const { encounter, sources } of coding.screenings) {
    const trace = findTrace([`Encounter/${encounter}`, ...sources]);
    for (const source of sources) traces.set(source, trace);
  }
  for (const { observation, condition, source } of coding.evidence) {
    const trace = findTrace([source]);
    if (!traces.has(observation)) traces.set(observation, trace);
    if (!traces.has(condition) || isOfEhr(condition)) traces.set(condition, trace);
  }
  // A panel may come before its members, so results that rest on other results are looked at twice.
  const made = [...coding.observations, ...coding.conditions, ...coding.withdrawn];
  for (const { id, sources } of [...made, ...made]) {
    if (traces.has(id)) continue;
    const trace = traces.get(`Observation/${id}`) ?? firstTrace(sources);
    if (trace !== undefined) traces.set(id, trace);
  }
  return findTrace;
}

/**
 * Tells whether a Condition is the EHR's own. It has a trace of its own; as a need, it has the
 * trace of the answer that supports it.
 */
const isOfEhr = (condition: string): boolean => condition.startsWith('Condition/');
