import { type fhir4, parseReference } from '@loopwell/fhir';
import type { PullWindow } from './ports.ts';

export function timeOf(resource: fhir4.Resource): Date | undefined {
  const said: unknown = resource.meta?.lastUpdated;
  const time = typeof said === 'string' ? Date.parse(said) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time);
}

/** What changed after the end of the window belongs to the next one, also where the server ignored the end. */
export function isInside(resource: fhir4.Resource, window: Pick<PullWindow, 'to'>): boolean {
  const time = timeOf(resource);
  return time === undefined || time < window.to;
}

/** One that clearly belongs to another Patient than the one that was asked for: the server ignored who was meant. */
export function isOfAnother(resource: fhir4.Resource, { type, patient }: PullWindow): boolean {
  if (patient === undefined || resource.resourceType !== type) return false;
  const asked = patient.split(',');
  if (type === 'Patient') return resource.id !== undefined && !asked.includes(resource.id);
  const { subject, patient: named } = resource as { subject?: unknown; patient?: unknown };
  const whose = parseReference(referenceOf(subject) ?? referenceOf(named));
  return whose?.type === 'Patient' && !asked.includes(whose.id);
}

const referenceOf = (value: unknown): string | undefined => {
  const reference = (value as { reference?: unknown } | null | undefined)?.reference;
  return typeof reference === 'string' ? reference : undefined;
};
