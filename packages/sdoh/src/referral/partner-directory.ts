import { type fhir4, parseReference, profiles, systems } from '@loopwell/fhir';
import { isObject } from '../fhir-json/tolerant-readers.ts';

/**
 * A partner as the directory's Bundle describes it: an Organization at one Endpoint address, and
 * what it offers there. One Organization may have several Endpoints for several categories, and one
 * Endpoint may serve several Organizations.
 */
export type DirectoryPartner = {
  /** Id of the Organization: consent is judged by it, and holds name it. */
  id: string;
  /** References that name its Organization, as a Consent's actor may. */
  references: readonly string[];
  name: string;
  address: string;
  categories: readonly string[];
  organization: fhir4.Organization;
};

/** The partners of a directory, and what is wrong with it. */
export type ParsedDirectory = { partners: DirectoryPartner[]; problems: string[] };

type Entry = { fullUrl: string | undefined; id: string | undefined; resource: fhir4.Resource };

/**
 * Reads a Bundle of Organization, HealthcareService (SDOHCC category, `providedBy`, `endpoint`) and
 * Endpoint (`connectionType` hl7-fhir-rest, `address`). Order is kept; inactive services and ones
 * without capacity are skipped. Services of one Organization at one address are one partner, at the
 * place of the first. Each problem is a sentence that names the entry and the rule.
 */
export function parseDirectory(bundle: unknown): ParsedDirectory {
  if (!isObject(bundle) || bundle.resourceType !== 'Bundle')
    return { partners: [], problems: ['The partners file is not a FHIR Bundle.'] };
  const { entries, problems } = readEntries(bundle.entry);
  const services = entries.filter((one) => one.resource.resourceType === 'HealthcareService');
  if (services.length === 0) problems.push('The partners file names no HealthcareService.');
  const directoryPartners: DirectoryPartner[] = [];
  for (const [index, listed] of services.entries()) {
    const read = readSafely(listed, entries);
    if (read.kind === 'problem')
      problems.push(`HealthcareService ${listed.id ?? `number ${index + 1}`}: ${read.problem}`);
    if (read.kind === 'partner') directoryPartners.push(read.partner);
  }
  return { partners: mergePartners(directoryPartners), problems };
}

const fhirId = /^[A-Za-z0-9.-]{1,64}$/;

/**
 * Returns the id of an entry: its own, or the last part of its fullUrl (`urn:uuid:…` or a literal
 * address).
 */
function idOf(resource: Record<string, unknown>, fullUrl: string | undefined): string | undefined {
  if (typeof resource.id === 'string') return resource.id;
  return /^urn:uuid:(.+)$/i.exec(fullUrl ?? '')?.[1] ?? parseReference(fullUrl)?.id;
}

function readEntries(raw: unknown): { entries: Entry[]; problems: string[] } {
  if (raw !== undefined && !Array.isArray(raw))
    return { entries: [], problems: ['`entry` of the partners file is not a list.'] };
  const entries: Entry[] = [];
  const problems: string[] = [];
  for (const [index, member] of ((raw ?? []) as unknown[]).entries()) {
    const json = isObject(member) ? member : {};
    const { resource } = json;
    if (!isObject(resource) || typeof resource.resourceType !== 'string') {
      problems.push(`Entry number ${index + 1} holds no resource.`);
      continue;
    }
    const fullUrl = typeof json.fullUrl === 'string' ? json.fullUrl : undefined;
    const id = idOf(resource, fullUrl);
    entries.push({ fullUrl, id, resource: resource as unknown as fhir4.Resource });
  }
  return { entries, problems: [...problems, ...findDuplicates(entries)] };
}

/**
 * Lists entries of one type with one id and different content: a reference to such an id is
 * ambiguous.
 */
function findDuplicates(entries: readonly Entry[]): string[] {
  const named = entries.filter(({ id }) => id !== undefined);
  const groups = Map.groupBy(named, ({ resource, id }) => `${resource.resourceType} ${id}`);
  const ambiguous = [...groups].filter(([, group]) => {
    const contents = group.map(({ resource }) => JSON.stringify(resource));
    return new Set(contents).size > 1;
  });
  return ambiguous.map(([name]) => `${name} is there more than once, with different content.`);
}

/** Merges services of one partner at one address: it serves the categories of all of them. */
function mergePartners(partners: readonly DirectoryPartner[]): DirectoryPartner[] {
  const groups = Map.groupBy(partners, ({ id, address }) => `${id} ${address}`);
  return [...groups.values()].flatMap((group) => {
    const categories = [...new Set(group.flatMap((partner) => partner.categories))];
    return group.slice(0, 1).map((partner) => ({ ...partner, categories }));
  });
}

type ReadService =
  | { kind: 'partner'; partner: DirectoryPartner }
  | { kind: 'problem'; problem: string }
  | { kind: 'skipped' };
const problem = (text: string): ReadService => ({ kind: 'problem', problem: text });

/**
 * Reads a service, and turns an element of a wrong type into a problem of that entry, never a
 * crash.
 */
function readSafely(listed: Entry, entries: readonly Entry[]): ReadService {
  try {
    return readService(listed.resource as fhir4.HealthcareService, entries);
  } catch (error) {
    if (error instanceof TypeError)
      return problem('an element has not the type that FHIR gives it.');
    throw error;
  }
}

function readService(service: fhir4.HealthcareService, entries: readonly Entry[]): ReadService {
  if (service.active === false || isFull(service)) return { kind: 'skipped' };
  const categories = listCategories(service);
  if (categories.length === 0) return problem('it has no SDOHCC category.');
  const provider = follow<fhir4.Organization>(service, service.providedBy, 'Organization', entries);
  if (!provider) return problem('`providedBy` names no Organization of the file.');
  const { id, fullUrl, resource: organization } = provider;
  if (organization.active === false) return { kind: 'skipped' };
  if (id === undefined || !fhirId.test(id)) return problem('its Organization has no usable id.');
  const endpoint = endpointOf(service, entries);
  if (endpoint.kind !== 'address') return endpoint;
  const references = new Set([`Organization/${id}`]);
  if (fullUrl) references.add(fullUrl);
  const { name } = organization;
  return {
    kind: 'partner',
    partner: {
      id,
      references: [...references],
      name: typeof name === 'string' && name !== '' ? name : id,
      address: endpoint.address,
      categories,
      organization: { ...organization, id },
    },
  };
}

/** Lists the SDOHCC categories of a service, each once. */
function listCategories({ category }: fhir4.HealthcareService): string[] {
  const codings = (category ?? []).flatMap(({ coding }) => coding ?? []);
  const categories = new Set<string>();
  for (const { system, code } of codings)
    if (system === systems.sdohcc && code) categories.add(code);
  return [...categories];
}

const switchedOff = ['suspended', 'off', 'error', 'entered-in-error'];

function endpointOf(
  service: fhir4.HealthcareService,
  entries: readonly Entry[],
): { kind: 'address'; address: string } | Exclude<ReadService, { kind: 'partner' }> {
  const named = (service.endpoint ?? []).map(
    (one) => follow<fhir4.Endpoint>(service, one, 'Endpoint', entries)?.resource,
  );
  const usable = named.filter((one) => one?.connectionType?.code === 'hl7-fhir-rest');
  if (usable.length === 0)
    return {
      kind: 'problem',
      problem: '`endpoint` names no Endpoint of the file with connectionType hl7-fhir-rest.',
    };
  const [first] = usable.filter((one) => !switchedOff.includes(one?.status ?? ''));
  if (!first) return { kind: 'skipped' };
  const address = endpointAddress(first.address);
  return address === undefined
    ? { kind: 'problem', problem: 'the Endpoint has no usable http(s) address.' }
    : { kind: 'address', address };
}

/**
 * Writes a FHIR base as it is compared: canonical, without a trailing slash. Credentials, query and
 * fragment have no place in one (the first would end up in logs).
 *
 * @returns undefined when the text is no such address
 */
export function endpointAddress(text: unknown): string | undefined {
  if (typeof text !== 'string' || !URL.canParse(text.trim())) return undefined;
  const url = new URL(text.trim());
  if (
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== ''
  )
    return undefined;
  return url.href.replace(/\/+$/, '');
}

/**
 * Tells whether a service has no capacity, by the guide's extension on it (HealthcareService for
 * Referral Management, section 3.24).
 */
function isFull(service: fhir4.HealthcareService): boolean {
  const status = (service.extension ?? []).filter((one) => one.url === profiles.capacityStatus);
  const extensions = status.flatMap((extension) => [
    extension,
    ...(extension.extension ?? []).filter((inner) => inner.url === 'capacityStatus'),
  ]);
  const codings = extensions.flatMap((extension) => [
    ...(extension.valueCodeableConcept?.coding ?? []),
    ...(extension.valueCoding ? [extension.valueCoding] : []),
  ]);
  return codings.some((one) => one.code === 'no-capacity');
}

/**
 * Finds the resource of a reference: by fullUrl, by `Type/id`, by the end of an absolute address,
 * or contained (`#x`).
 */
function follow<R extends fhir4.Resource>(
  from: fhir4.HealthcareService,
  reference: fhir4.Reference | undefined,
  type: string,
  entries: readonly Entry[],
): { resource: R; id: string | undefined; fullUrl: string | undefined } | undefined {
  const text = reference?.reference;
  if (typeof text !== 'string') return undefined;
  if (text.startsWith('#')) {
    const inner = (from.contained ?? []).find(
      (one) => one.resourceType === type && one.id === text.slice(1),
    );
    return inner
      ? { resource: inner as fhir4.Resource as R, id: inner.id, fullUrl: undefined }
      : undefined;
  }
  const ofType = entries.filter(({ resource }) => resource.resourceType === type);
  const parsed = parseReference(text);
  const byId = parsed?.type === type ? ofType.find(({ id }) => id === parsed.id) : undefined;
  const target = ofType.find(({ fullUrl }) => fullUrl === text) ?? byId;
  return target && { ...target, resource: target.resource as R };
}
