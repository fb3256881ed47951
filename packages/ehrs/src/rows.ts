import { type fhir4, parseReference } from '@loopwell/fhir';
import type { PullWindow } from './ports.ts';

/** Gives a row's `meta.lastUpdated`; undefined if it is missing or no time. */
export function timeOf(resource: fhir4.Resource): Date | undefined {
  const lastUpdated: unknown = resource.meta?.lastUpdated;
  const time = typeof lastUpdated === 'string' ? Date.parse(lastUpdated) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time);
}

/**
 * Tells whether a row lies before the end of a window. A later row belongs to the next window, also
 * if the server ignored the end.
 */
export function isInside(resource: fhir4.Resource, window: Pick<PullWindow, 'to'>): boolean {
  const time = timeOf(resource);
  return time === undefined || time < window.to;
}

/**
 * Gives the id of the other Patient that a row clearly belongs to, if the server ignored the
 * patient that was asked for. Gives undefined for all other rows.
 */
export function otherPatientOf(
  resource: fhir4.Resource,
  { type, patient }: PullWindow,
): string | undefined {
  if (patient === undefined || resource.resourceType !== type) return undefined;
  const whose = type === 'Patient' ? resource.id : patientNamed(resource);
  return whose === undefined || patient.split(',').includes(whose) ? undefined : whose;
}

function patientNamed(resource: fhir4.Resource): string | undefined {
  const { subject, patient } = resource as { subject?: unknown; patient?: unknown };
  const whose = parseReference(referenceOf(subject) ?? referenceOf(patient));
  return whose?.type === 'Patient' ? whose.id : undefined;
}

const referenceOf = (json: unknown): string | undefined => {
  const reference = (json as { reference?: unknown } | null | undefined)?.reference;
  return typeof reference === 'string' ? reference : undefined;
};
