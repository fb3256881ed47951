import type { Flaw, fhir4 } from '@loopwell/fhir';
import { isPartial, startOf } from './dates.ts';
import { flawsOf, withFlaws } from './flaws.ts';
import { isObject } from './shapes.ts';

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
  const times = timesOf(resource as unknown as Loose);
  const future = times.filter(({ text }) => isAfter(text, now.getTime()));
  if (future.length === 0) return resource;
  const flaws = future.map(({ path }): Flaw => ({ kind: 'invalid', path, text: 'It is in the future: nothing is coded from it.' }));
  const rest = Object.fromEntries(Object.entries(resource).filter(([key]) => !isTime.test(key)));
  return withFlaws(rest as unknown as R, [...flawsOf(resource), ...flaws]);
}

const isTime = /^(authored|effective[A-Z]\w*|issued)$/;

function timesOf({ resourceType, ...resource }: Loose): { path: string; text: unknown }[] {
  if (resourceType === 'QuestionnaireResponse') return [{ path: 'authored', text: resource.authored }];
  if (resourceType !== 'Observation') return [];
  const { effectivePeriod: period, effectiveTiming: timing } = resource;
  const events: unknown[] = isObject(timing) && Array.isArray(timing.event) ? (timing.event as unknown[]) : [];
  return [
    ...['effectiveDateTime', 'effectiveInstant', 'issued'].map((path) => ({ path, text: resource[path] })),
    { path: 'effectivePeriod.start', text: isObject(period) ? period.start : undefined },
    ...events.map((text, index) => ({ path: `effectiveTiming.event[${index}]`, text })),
  ];
}

function isAfter(text: unknown, now: number): boolean {
  const start = startOf(text);
  if (start === undefined) return false;
  const isZoned = !isPartial(text) && /(Z|[+-]\d{2}:\d{2})$/.test(String(text));
  return start - (isZoned ? skewMs : easternMostMs) > now;
}
