import { startOf } from '../../fhir-json/dates.ts';
import { isObject, objectsOf, textOf } from '../../fhir-json/tolerant-readers.ts';

/** When and where a person comes next. */
export type Appointment = { at: Date; place?: string | undefined; source: 'ehr' | 'typed' };

const bookedStatuses: ReadonlySet<unknown> = new Set(['proposed', 'pending', 'booked', 'arrived']);

/**
 * Reads the next appointment of a person: the earliest that their EHR names, else the one that was
 * typed in. What cannot be read, or has begun, is none.
 *
 * @param bodies Appointments and Encounters, as pulled
 */
export function nextAppointment(
  bodies: readonly string[],
  typed: readonly { at: Date; place: string | null }[],
  now: Date,
): Appointment | undefined {
  const booked = bodies.map((body) => readBooked(JSON.parse(body)));
  const named = booked.filter((one) => one !== undefined && one.at > now);
  const entered = typed.map(
    ({ at, place }): Appointment => ({ at, place: place ?? undefined, source: 'typed' }),
  );
  const coming = entered.filter(({ at }) => at > now);
  return earliest(named) ?? earliest(coming);
}

const earliest = (all: readonly (Appointment | undefined)[]): Appointment | undefined =>
  all.filter((one) => one !== undefined).toSorted((a, b) => a.at.getTime() - b.at.getTime())[0];

function readBooked(resource: unknown): Appointment | undefined {
  if (!isObject(resource)) return undefined;
  const { resourceType, status, start, period, participant, location } = resource as Record<
    string,
    unknown
  >;
  if (resourceType === 'Appointment' && bookedStatuses.has(status))
    return appointmentOf(start, namesIn(participant, 'actor'));
  if (resourceType === 'Encounter' && status === 'planned' && isObject(period))
    return appointmentOf((period as { start?: unknown }).start, namesIn(location, 'location'));
  return undefined;
}

function appointmentOf(start: unknown, place: string | undefined): Appointment | undefined {
  const at = startOf(start);
  return at === undefined ? undefined : { at: new Date(at), place, source: 'ehr' };
}

/** Reads the name of the first place among the parts of a resource. */
function namesIn(parts: unknown, member: string): string | undefined {
  const references = objectsOf(parts as Record<string, unknown>[] | undefined).map(
    (part) => part[member] as { reference?: unknown; display?: unknown } | undefined,
  );
  const isPlace = ({ reference }: { reference?: unknown }) =>
    member === 'location' || textOf(reference)?.startsWith('Location/') === true;
  const place = references.find((reference) => isObject(reference) && isPlace(reference));
  return textOf(place?.display);
}
