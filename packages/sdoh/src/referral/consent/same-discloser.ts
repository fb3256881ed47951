import { type fhir4, parseReference } from '@loopwell/fhir';
import { endOf, startOf } from '../../fhir-json/dates.ts';
import { isObject, objectsOf } from '../../fhir-json/tolerant-readers.ts';

/** Removes the version from a reference (`/_history/…`). */
export const unversioned = (reference: unknown): string | undefined =>
  typeof reference === 'string' ? reference.replace(/\/_history\/[^/]+$/, '') : undefined;

/**
 * Tells whether an ending is newer than a consent and of the same discloser. One whose date or
 * discloser is unknown may be, and counts.
 */
export function overtakes(other: fhir4.Consent, consent: fhir4.Consent): boolean {
  const ended = endOf(other.dateTime) ?? Number.POSITIVE_INFINITY;
  return (
    ended > (startOf(consent.dateTime) ?? 0) &&
    maybeSame(disclosersOf(other), disclosersOf(consent))
  );
}

type Named = { reference: string | undefined; identifier: string | undefined };

function disclosersOf(consent: fhir4.Consent): Named[] {
  return objectsOf(consent.organization).map((reference) => ({
    reference: unversioned(reference.reference),
    identifier: isObject(reference.identifier)
      ? JSON.stringify([reference.identifier.system, reference.identifier.value])
      : undefined,
  }));
}

function maybeSame(ours: readonly Named[], others: readonly Named[]): boolean {
  if (ours.length === 0 || others.length === 0) return true;
  return ours.some((a) => others.some((b) => isSameOrganization(a, b)));
}

function isSameOrganization(a: Named, b: Named): boolean {
  if (a.reference === undefined || b.reference === undefined)
    return (
      a.identifier === undefined || b.identifier === undefined || a.identifier === b.identifier
    );
  if (a.reference === b.reference) return true;
  const [left, right] = [parseReference(a.reference), parseReference(b.reference)];
  // A relative reference and an absolute one with the same id are the same on the server that both
  // come from.
  return (
    left !== undefined &&
    right !== undefined &&
    left.type === right.type &&
    left.id === right.id &&
    (left.base === undefined || right.base === undefined)
  );
}
