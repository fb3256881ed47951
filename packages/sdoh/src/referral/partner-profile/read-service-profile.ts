import { type fhir4, isRealDate, localExtensions, systems, withoutUndefined } from '@loopwell/fhir';
import { readCapacity } from './capacity.ts';
import { isPartnerKind, mostCareful, type PartnerKind } from './partner-kind.ts';
import {
  type Arrival,
  agreementKinds,
  type Intake,
  type PartnerAgreement,
  type PartnerPlace,
  type ServiceProfile,
} from './partner-profile.ts';
import { ProfileProblem } from './profile-problem.ts';
import { readHours } from './service-hours.ts';

/** What an entry of the directory is read with: what it leads to. */
export type ServiceAround = {
  service: string;
  categories: readonly string[];
  organization: fhir4.Organization;
  locations: readonly fhir4.Location[];
};

/**
 * Reads what a HealthcareService says about itself, by FHIR's own elements where it has them.
 *
 * @throws ProfileProblem with the rule that is broken
 */
export function readServiceProfile(
  service: fhir4.HealthcareService,
  around: ServiceAround,
): ServiceProfile {
  return {
    service: around.service,
    categories: around.categories,
    places: around.locations.map(placeOf),
    ...withoutUndefined({
      hours: readHours(service),
      arrival: arrivalOf(service),
      isWalkIn: isWalkIn(service) || undefined,
      capacity: readCapacity(service),
      intake: intakeOf(service),
      kind: kindOf(service),
      agreement: agreementOf(service),
      isConfidential: confidentialOf(service),
      phone: phoneOf(service.telecom) ?? phoneOf(around.organization.telecom),
    }),
  };
}

const arrivalCodes: Readonly<Record<string, Arrival>> = {
  'we-contact': 'weContact',
  'they-come': 'theyCome',
  ticket: 'ticket',
};

function arrivalOf(service: fhir4.HealthcareService): Arrival | undefined {
  const extension = extensionOf(service, localExtensions.partnerArrival);
  if (!extension) return undefined;
  const code = String(extension.valueCode);
  const arrival = Object.hasOwn(arrivalCodes, code) ? arrivalCodes[code] : undefined;
  if (!arrival)
    throw new ProfileProblem('how people come must be we-contact, they-come or ticket.');
  return arrival;
}

/** Tells whether an entry says that people may come without an appointment. */
function isWalkIn(service: fhir4.HealthcareService): boolean {
  if (service.appointmentRequired === false) return true;
  const concepts = [...(service.characteristic ?? []), ...(service.referralMethod ?? [])];
  const words = concepts.flatMap(({ text, coding = [] }) => [
    text,
    ...coding.map(({ display, code }) => display ?? code),
  ]);
  return [...words, service.comment, service.extraDetails].some((text) =>
    /\bwalk[\s-]?ins?\b/i.test(text ?? ''),
  );
}

function intakeOf(service: fhir4.HealthcareService): Intake | undefined {
  const extension = extensionOf(service, localExtensions.partnerIntake);
  if (!extension) return undefined;
  const paused = partOf(extension, 'pausedUntil');
  const perWeek = partOf(extension, 'perWeek')?.valuePositiveInt;
  const pausedUntil = paused && (paused.valueDateTime ?? paused.valueDate);
  const isNumber = perWeek === undefined || (Number.isInteger(perWeek) && perWeek > 0);
  if (!isNumber || (paused && !Number.isFinite(Date.parse(String(pausedUntil)))))
    throw new ProfileProblem('what it takes needs `pausedUntil` as a moment, or `perWeek` from 1.');
  return withoutUndefined({ pausedUntil, perWeek });
}

/** Reads the kind from `type`, by our own codes: that of which most care is taken. */
function kindOf({ type = [] }: fhir4.HealthcareService): PartnerKind | undefined {
  const codings = type.flatMap(({ coding }) => coding ?? []);
  const ours = codings.filter(({ system }) => system === systems.partnerKind);
  const kinds = ours.map(({ code }) => code).filter(isPartnerKind);
  if (kinds.length < ours.length)
    throw new ProfileProblem('its `type` has a kind that docs/partners.md does not list.');
  return kinds.length > 0 ? mostCareful(kinds) : undefined;
}

function agreementOf(service: fhir4.HealthcareService): PartnerAgreement | undefined {
  const extension = extensionOf(service, localExtensions.partnerAgreement);
  if (!extension) return undefined;
  const code = partOf(extension, 'kind')?.valueCode;
  const kind = agreementKinds.find((known) => known === code);
  const { start, end } = partOf(extension, 'period')?.valuePeriod ?? {};
  if (kind === 'none') return { kind, from: '' };
  if (!kind || start === undefined)
    throw new ProfileProblem('its agreement needs a `kind`, and a `period` of days.');
  for (const [field, day] of Object.entries({ start, end }))
    if (day !== undefined && !isDay(String(day)))
      throw new ProfileProblem(`the \`${field}\` of its agreement must be a day of the calendar.`);
  if (end !== undefined && end < start)
    throw new ProfileProblem('the `end` of its agreement must not be before its `start`.');
  return { kind, from: String(start), ...withoutUndefined({ until: end }) };
}

function confidentialOf(service: fhir4.HealthcareService): boolean | undefined {
  const extension = extensionOf(service, localExtensions.partnerConfidential);
  if (!extension) return undefined;
  if (typeof extension.valueBoolean !== 'boolean')
    throw new ProfileProblem('whether it is confidential must be true or false.');
  return extension.valueBoolean;
}

/** Finds an extension of ours, which may be there once. */
function extensionOf(
  { extension = [] }: fhir4.HealthcareService,
  url: string,
): fhir4.Extension | undefined {
  const [ours, another] = extension.filter((part) => part.url === url);
  if (another) throw new ProfileProblem(`it has the extension ${url.split('/').at(-1)} twice.`);
  return ours;
}

const isDay = (text: string): boolean => text.length === 10 && isRealDate(text);

const partOf = (extension: fhir4.Extension, name: string) =>
  extension.extension?.find(({ url }) => url === name);

const phoneOf = (telecom: readonly fhir4.ContactPoint[] = []): string | undefined =>
  telecom.find(({ system, value }) => system === 'phone' && value)?.value;

function placeOf({ name, address }: fhir4.Location): PartnerPlace {
  const { line = [], city, state, postalCode, text } = address ?? {};
  const written = [...line, city, [state, postalCode].filter(Boolean).join(' ')];
  const lines = text ?? written.filter(Boolean).join(', ');
  const place: PartnerPlace = {};
  if (name) place.name = name;
  if (lines) place.address = lines;
  return place;
}
