import { contains, startOf } from '../fhir-json/dates.ts';
import { isObject } from '../fhir-json/tolerant-readers.ts';

/**
 * Tells whether a period holds today. One that ended yesterday or has not begun does not, nor does
 * one that cannot be read.
 *
 * @param today the site's day, YYYY-MM-DD
 */
export function isCurrent(period: unknown, today: string): boolean {
  if (period === undefined) return true;
  if (!isReadablePeriod(period)) return false;
  return contains(period, startOf(today) ?? 0);
}

/** Tells whether a value is a FHIR Period whose start and end are absent or dates. */
export function isReadablePeriod(period: unknown): period is { start?: string; end?: string } {
  if (!isObject(period)) return false;
  const { start, end } = period;
  return [start, end].every((time) => time === undefined || startOf(time) !== undefined);
}
