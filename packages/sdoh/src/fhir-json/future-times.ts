import type { Flaw, fhir4 } from '@loopwell/fhir';
import { isPartial, startOf } from './dates.ts';
import { flawsOf, withFlaws } from './flaws.ts';
import { isObject } from './tolerant-readers.ts';

type Loose = Record<string, unknown>;

/** How far the clocks of an EHR and of this machine may differ. */
const skewMs = 10 * 60_000;
/** A day begins somewhere on earth this long before it begins in UTC. */
const easternMostMs = 14 * 3_600_000;

/**
 * An answer that says that it was given in the future: when it was given nobody knows, and nothing is coded from it. Its times
 * are left out of what is coded, each is said at its place, and the resource that came stays as it is.
 */
export function withoutFuture<R extends fhir4.Resource>(resource: R, now: Date): R {
  const isFuture = ({ text }: Time) => isAfter(text, now.getTime());
  const times = timesOf(resource as unknown as Loose).filter(isFuture);
  const within = containedTimes(resource as unknown as Loose).filter(isFuture);
  if (times.length + within.length === 0) return resource;
  const flaws = [...times, ...within].map(({ path, unit }): Flaw => {
    const voids = unit === undefined ? {} : { voids: { unit, below: true } };
    return {
      kind: 'invalid',
      path,
      text: 'It is in the future: nothing is coded from it.',
      ...voids,
    };
  });
  const rest =
    times.length === 0
      ? resource
      : Object.fromEntries(Object.entries(resource).filter(([key]) => !isTime.test(key)));
  return withFlaws(rest as unknown as R, [...flawsOf(resource), ...flaws]);
}

const isTime = /^(authored|effective[A-Z]\w*|issued)$/;

/** It had a time, and that is none: no other one stands in its place. */
export const lostItsTime = (observation: fhir4.Observation): boolean =>
  flawsOf(observation).some(
    ({ kind, path }) => kind !== 'mended' && /^(effective[A-Z]\w*|issued)\b/.test(path),
  );

type Time = { path: string; text: unknown; unit?: string };

/** A panel may contain its members, each with a time of its own. */
function containedTimes({ resourceType, contained }: Loose): Time[] {
  if (resourceType !== 'Observation' || !Array.isArray(contained)) return [];
  return (contained as unknown[]).flatMap((one, index) => {
    const unit = `contained[${index}]`;
    return isObject(one)
      ? timesOf(one).map((time) => ({ ...time, path: `${unit}.${time.path}`, unit }))
      : [];
  });
}

function timesOf({ resourceType, ...resource }: Loose): Time[] {
  if (resourceType === 'QuestionnaireResponse')
    return [{ path: 'authored', text: resource.authored }];
  if (resourceType !== 'Observation') return [];
  const { effectivePeriod: period, effectiveTiming: timing } = resource;
  const events: unknown[] =
    isObject(timing) && Array.isArray(timing.event) ? (timing.event as unknown[]) : [];
  return [
    ...['effectiveDateTime', 'effectiveInstant', 'issued'].map((path) => ({
      path,
      text: resource[path],
    })),
    ...(isObject(period) ? [timeOf(period)] : []),
    ...events.map((text, index) => ({ path: `effectiveTiming.event[${index}]`, text })),
  ];
}

/** What goes on may end in the future; where nothing tells when it began, its end is its time. */
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
