import type { fhir4 } from '@loopwell/fhir';
import { endOf, startOf } from '../../fhir-json/dates.ts';
import { objectsOf } from '../../fhir-json/tolerant-readers.ts';

const dayMs = 86_400_000;

/**
 * Lists the instants after `now` from which Consents may say something else although nobody changes
 * them, the earliest first: one begins, is signed, or runs out.
 *
 * @param longestDays the most days that a Consent counts from its signature; undefined for no limit
 */
export function consentChangesAfter(
  consents: readonly fhir4.Consent[],
  now: Date,
  longestDays: number | undefined,
): Date[] {
  const instants = objectsOf(consents).flatMap((consent) => {
    const { period } = consent.provision ?? {};
    const signed = startOf(consent.dateTime);
    const latest =
      signed === undefined || longestDays === undefined ? undefined : signed + longestDays * dayMs;
    return [signed, startOf(period?.start), after(endOf(period?.end)), after(latest)];
  });
  const later = instants.filter((instant) => instant !== undefined && instant > now.getTime());
  return [...new Set(later)]
    .map((instant) => new Date(instant ?? Number.NaN))
    .filter((date) => !Number.isNaN(date.getTime()))
    .sort((a, b) => a.getTime() - b.getTime());
}

/** Returns the first instant at which something has run out that counts up to an instant. */
const after = (instant: number | undefined): number | undefined =>
  instant === undefined ? undefined : instant + 1;
