import { type fhir4, parseReference, profiles, systems } from '@loopwell/fhir';

/** A partner as the directory's Bundle describes it: an Organization, what it offers, and where Tasks go. */
export type DirectoryPartner = {
  id: string;
  /** References that name its Organization, as a Consent's actor may. */
  references: readonly string[];
  name: string;
  address: string;
  categories: readonly string[];
  organization: fhir4.Organization;
};

export type ParsedDirectory = { partners: DirectoryPartner[]; problems: string[] };

type Entry = { fullUrl: string | undefined; resource: fhir4.Resource };

/**
 * Reads a Bundle of Organization, HealthcareService (SDOHCC category, `providedBy`, `endpoint`) and Endpoint
 * (`connectionType` hl7-fhir-rest, `address`). Order is kept; inactive services and ones without capacity are skipped.
 * Each problem is a sentence that names the entry and the rule.
 */
export function parseDirectory(bundle: unknown): ParsedDirectory {
  if (typeof bundle !== 'object' || bundle === null || (bundle as fhir4.Bundle).resourceType !== 'Bundle') {
    return { partners: [], problems: ['The partners file is not a FHIR Bundle.'] };
  }
  const raw = (bundle as fhir4.Bundle).entry;
  const entries: Entry[] = Array.isArray(raw) ? raw.flatMap((one) => (one?.resource ? [{ fullUrl: one.fullUrl, resource: one.resource }] : [])) : [];
  const services = entries.filter((one) => one.resource.resourceType === 'HealthcareService');
  if (services.length === 0) return { partners: [], problems: ['The partners file names no HealthcareService.'] };
  const problems: string[] = [];
  const partners: DirectoryPartner[] = [];
  for (const [index, entry] of services.entries()) {
    const read = readService(entry.resource as fhir4.HealthcareService, entries);
    if (read.kind === 'problem') problems.push(`HealthcareService ${entry.resource.id ?? `number ${index + 1}`}: ${read.problem}`);
    if (read.kind === 'partner') partners.push(read.partner);
  }
  return { partners, problems };
}

type ReadService = { kind: 'partner'; partner: DirectoryPartner } | { kind: 'problem'; problem: string } | { kind: 'skipped' };

function readService(service: fhir4.HealthcareService, entries: readonly Entry[]): ReadService {
  if (service.active === false || isFull(service)) return { kind: 'skipped' };
  const categories = (service.category ?? []).flatMap((one) => (one.coding ?? []).flatMap((coding) => (coding.system === systems.sdohcc && coding.code ? [coding.code] : [])));
  if (categories.length === 0) return { kind: 'problem', problem: 'it has no SDOHCC category.' };
  const organization = follow<fhir4.Organization>(service.providedBy, 'Organization', entries);
  if (!organization) return { kind: 'problem', problem: '`providedBy` names no Organization of the file.' };
  const endpoints = (service.endpoint ?? []).flatMap((one) => follow<fhir4.Endpoint>(one, 'Endpoint', entries) ?? []);
  const endpoint = endpoints.find((one) => one.resource.connectionType?.code === 'hl7-fhir-rest');
  if (!endpoint) return { kind: 'problem', problem: '`endpoint` names no Endpoint with connectionType hl7-fhir-rest.' };
  const address = typeof endpoint.resource.address === 'string' ? endpoint.resource.address.replace(/\/+$/, '') : '';
  if (!/^https?:\/\/[^\s]+$/.test(address)) return { kind: 'problem', problem: 'the Endpoint has no usable http(s) address.' };
  const id = organization.resource.id ?? '';
  const references = [`Organization/${id}`, ...(organization.fullUrl ? [organization.fullUrl] : [])];
  const name = organization.resource.name ?? id;
  return { kind: 'partner', partner: { id, references, name, address, categories, organization: organization.resource } };
}

/** Capacity is said by the guide's extension on the service (HealthcareService for Referral Management). */
function isFull(service: fhir4.HealthcareService): boolean {
  const status = service.extension?.find((one) => one.url === profiles.capacityStatus);
  const codings = [...(status?.valueCodeableConcept?.coding ?? []), ...(status?.valueCoding ? [status.valueCoding] : []), ...(status?.extension ?? []).flatMap((one) => one.valueCodeableConcept?.coding ?? [])];
  return codings.some((one) => one.code === 'no-capacity');
}

function follow<R extends fhir4.Resource>(
  reference: fhir4.Reference | undefined,
  type: string,
  entries: readonly Entry[],
): { resource: R; fullUrl: string | undefined } | undefined {
  const text = reference?.reference;
  if (text === undefined) return undefined;
  const id = parseReference(text)?.id;
  const found = entries.find((one) => one.resource.resourceType === type && (one.fullUrl === text || (id !== undefined && one.resource.id === id)));
  return found ? { resource: found.resource as R, fullUrl: found.fullUrl } : undefined;
}
