import { localId } from '@loopwell/fhir';
import type { EhrResource } from '@loopwell/store';
import { type Resource, resourceRow, type Source, unkeptReason } from './page-rows.ts';

type Json = Readonly<Record<string, unknown>>;

const objectsOf = (json: unknown): Json[] =>
  Array.isArray(json)
    ? json.filter((part): part is Json => typeof part === 'object' && part !== null)
    : [];

/**
 * Makes the row of an Appointment: when, where, and whether it is booked. Reasons, comments and
 * other people of it are not stored. Undefined where it is not about one Patient, or cannot be read:
 * the next appointment is then typed in.
 */
export function appointmentRow(resource: Resource, source: Source): EhrResource | undefined {
  const actors = objectsOf(resource.participant).map(({ actor }) => (actor ?? {}) as Json);
  const patients = new Set(actors.map((actor) => patientOf(actor, source)));
  patients.delete(undefined);
  const [patient] = patients;
  if (patient === undefined || patients.size > 1) return undefined;
  const { id, meta, status, start, end } = resource;
  const places = actors.filter(({ reference }) => /\bLocation\//.test(String(reference)));
  const participant = places.map(({ reference, display }) => ({ actor: { reference, display } }));
  const kept = { resourceType: 'Appointment', id, meta, status, start, end, participant };
  const body = JSON.stringify(kept);
  if (unkeptReason(body) !== undefined) return undefined;
  return resourceRow(kept as unknown as Resource, body, patient, source);
}

const patientOf = ({ reference }: Json, { base }: Source): string | undefined =>
  typeof reference === 'string' ? localId(reference, 'Patient', base) : undefined;
