import type { Flaw, fhir4 } from '@loopwell/fhir';
import { isPartial, startOf } from './dates.ts';
import { flawsOf, withFlaws } from './flaws.ts';
import { isObject } from './tolerant-readers.ts';

type Loose = Record<string, unknown>;

/** Most that the clocks of an EHR and of this machine may differ. */
const skewMs = 10 * 60_000;
/** Longest time by which a day begins on earth before it begins in UTC. */
const easternMostMs = 14 * 3_600_000;

/**
 * Drops the times of an answer that lie in the future, and adds a flaw for each at its place. Its
 * real time is unknown, so nothing is coded from it. The received resource is not changed.
 */
export function withoutFuture<R extends fhir4.Resource>(resource: R, now: Date): R {
  const isFuture = ({ text }: Time) => isAfter(text, now.getTime());
  const times = timesOf(resource as unknown as Loose).filter(isFuture);
  const within = containedTimes(resource as unknown as Loose).filter(isFuture);
  if (times.length + within.length === 0) return resource;
  const flaws = [...times, ...within].map(flawOf);
  const members = Object.entries(resource).filter(([key]) => !isTime.test(key));
  const rest = times.length === 0 ? resource : (Object.fromEntries(members) as unknown as R);
  return withFlaws(rest, [...flawsOf(resource), ...flaws]);
}

function flawOf({ path, unit }: Time): Flaw {
  const text = 'It is in the future: nothing is coded from it.';
  const flaw: Flaw = { kind: 'invalid', path, text };
  return unit === undefined ? flaw : { ...flaw, voids: { unit, below: true } };
}

const isTime = /^(authored|effective[A-Z]\w*|issued)$/;

/** Tells whether an Observation's own time was invalid. No other time replaces it. */
export const lostItsTime = (observation: fhir4.Observation): boolean =>
  flawsOf(observation).some(
    ({ kind, path }) => kind !== 'mended' && /^(effective[A-Z]\w*|issued)\b/.test(path),
  );

type Time = { path: string; text: unknown; unit?: string };

/** Lists the times of an Observation's contained members. */
function containedTimes({ resourceType, contained }: Loose): Time[] {
  if (resourceType !== 'Observation' || !Array.isArray(contained)) return [];
  const times: Time[] = [];
  for (const [index, member] of (contained as unknown[]).entries()) {
    const unit = `contained[${index}]`;
    for (const time of isObject(member) ? timesOf(member) : [])
      times.push({ ...time, path: `${unit}.${time.path}`, unit });
  }
  return times;
}

function timesOf({ resourceType, ...resource }: Loose): Time[] {
  if (resourceType === 'QuestionnaireResponse')
    return [{ path: 'authored', text: resource.authored }];
  if (resourceType !== 'Observation') return [];
  const { effectivePeriod: period, effectiveTiming: timing } = resource;
  const times = ['effectiveDateTime', 'effectiveInstant', 'issued'].map(
    (path): Time => ({ path, text: resource[path] }),
  );
  if (isObject(period)) times.push(timeOf(period));
  const events: unknown[] = isObject(timing) && Array.isArray(timing.event) ? timing.event : [];
  for (const [index, text] of events.entries())
    times.push({ path: `effectiveTiming.event[${index}]`, text });
  return times;
}

/** Returns the time of a period: its start, else its end. A period may end in the future. */
const timeOf = ({ start, end }: Loose): Time =>
  start === undefined
    ? { path: 'effectivePeriod.end', text: end }
    : { path: 'effectivePeriod.start', text: start };

function isAfter(text: unknown, now: number): boolean {
  const start = startOf(text);
  if (start === undefined) return false;
  const isZoned = !isPartial(text) && /(Z|[+-]\d{2}:\d{2})$/.test(String(text));
  return start - (isZoned ? skewMs : easternMostMs) > now;
}
