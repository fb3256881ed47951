import { type fhir4, localId } from '@loopwell/fhir';
import { contains, startOf } from './dates.ts';

const weekMs = 7 * 86_400_000;

/**
 * The Encounter of a screening: the one that it refers to; else the one whose period contains it; else the one that
 * starts within 7 days after. Never a guess between two: then it has none, and is coded all the same.
 */
export function encounterOf(
  references: readonly (string | undefined)[],
  authored: string,
  encounters: readonly fhir4.Encounter[],
  base: string,
): string | undefined {
  const referred = new Set(references.flatMap((one) => localId(one, 'Encounter', base) ?? []));
  if (referred.size > 0) return referred.size === 1 ? [...referred][0] : undefined;
  const at = startOf(authored);
  if (at === undefined) return undefined;
  const within = encounters.filter((one) => one.period?.start !== undefined && contains(one.period, at) && bounded(one, at));
  if (within.length > 0) return within.length === 1 ? within[0]?.id : undefined;
  const after = encounters.filter((one) => {
    const start = startOf(one.period?.start);
    return start !== undefined && start > at && start - at <= weekMs;
  });
  return after.length === 1 ? after[0]?.id : undefined;
}

/** An Encounter without an end contains only what happens on its day or while it is in progress. */
function bounded(encounter: fhir4.Encounter, at: number): boolean {
  if (encounter.period?.end !== undefined || encounter.status === 'in-progress') return true;
  return at - (startOf(encounter.period?.start) ?? 0) < 86_400_000;
}
