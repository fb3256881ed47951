import { type fhir4, parseReference } from '@loopwell/fhir';
import type { PullWindow } from './ports.ts';

export function timeOf(resource: fhir4.Resource): Date | undefined {
  const lastUpdated: unknown = resource.meta?.lastUpdated;
  const time = typeof lastUpdated === 'string' ? Date.parse(lastUpdated) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time);
}

/**
 * What changed after the end of the window belongs to the next one, also where the server ignored
 * the end.
 */
export function isInside(resource: fhir4.Resource, window: Pick<PullWindow, 'to'>): boolean {
  const time = timeOf(resource);
  return time === undefined || time < window.to;
}

/**
 * Whose a row is that clearly belongs to another Patient than the one that was asked for: the
 * server ignored who was meant. Undefined for all others.
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
