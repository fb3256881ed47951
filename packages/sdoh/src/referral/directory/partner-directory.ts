import { type fhir4, holdsModifier } from '@loopwell/fhir';
import { isObject } from '../../fhir-json/tolerant-readers.ts';
import type { ServiceProfile } from '../partner-profile/partner-profile.ts';
import { ProfileProblem } from '../partner-profile/profile-problem.ts';
import { readServiceProfile } from '../partner-profile/read-service-profile.ts';
import { confidentialOrganizations, keptSecret } from './confidential-organizations.ts';
import { type Entry, follow, listCategories, readEntries } from './directory-entries.ts';
import {
  type DirectoryChannels,
  distinctWays,
  type Reached,
  readEndpoints,
} from './partner-endpoints.ts';

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
  /** Where it is reached; `<kind>:<id>` for a partner whose channel has no address. */
  address: string;
  categories: readonly string[];
  organization: fhir4.Organization;
  /** What its services at this address say about themselves. Rows of before do not have it. */
  services?: readonly ServiceProfile[];
};

/**
 * A partner with its channel and that channel's settings. `ways`: all ways to reach it, in the
 * order in which they are tried. The first has its kind and address.
 */
export type ReachedPartner = DirectoryPartner &
  Pick<Reached, 'kind' | 'settings'> & { ways: readonly Reached[] };

/** What is wrong with one service, which is left out. */
export type ServiceProblem = { service: string; rule: string };

/**
 * The partners of a directory. `problems`: the file cannot be used. `listed`: services that cannot
 * be used here, in a file that can.
 */
export type ParsedDirectory = {
  partners: ReachedPartner[];
  problems: string[];
  listed: ServiceProblem[];
};

/**
 * Reads a Bundle of Organization, HealthcareService (SDOHCC category, `providedBy`, `endpoint`) and
 * Endpoint (`connectionType`, `address`, settings). Order is kept; inactive services are skipped. Services of one Organization at one address are one partner, at the
 * place of the first. Each problem is a sentence that names the entry and the rule.
 *
 * @param channels the channels of this installation
 */
export function parseDirectory(bundle: unknown, channels: DirectoryChannels): ParsedDirectory {
  if (!isObject(bundle) || bundle.resourceType !== 'Bundle')
    return { partners: [], problems: ['The partners file is not a FHIR Bundle.'], listed: [] };
  const { entries, problems } = readEntries(bundle.entry);
  const services = entries.filter((one) => one.resource.resourceType === 'HealthcareService');
  if (services.length === 0) problems.push('The partners file names no HealthcareService.');
  const readServices: Service[] = [];
  const listed: ServiceProblem[] = [];
  for (const [index, written] of services.entries()) {
    const service = written.id ?? `number ${index + 1}`;
    const read = readSafely(written, entries, channels);
    if (read.kind === 'problem') problems.push(`HealthcareService ${service}: ${read.rule}`);
    if (read.kind === 'listed') listed.push({ service, rule: read.rule });
    if (read.kind !== 'partner') continue;
    readServices.push({ service, partner: read.partner });
    listed.push(...read.unusable.map((rule) => ({ service, rule: `not its first way: ${rule}` })));
  }
  const merged = mergeServices(readServices);
  const secret = confidentialOrganizations(services, entries);
  const partners = merged.partners.map((one) => (secret.has(one.id) ? keptSecret(one) : one));
  return { partners, problems, listed: [...listed, ...merged.listed] };
}

const fhirId = /^[A-Za-z0-9.-]{1,64}$/;

type Service = { service: string; partner: ReachedPartner };

/**
 * Merges services of one partner at one address: it serves the categories of all of them. A service
 * with another kind or other settings than the first is left out.
 */
function mergeServices(services: readonly Service[]): Pick<ParsedDirectory, 'partners' | 'listed'> {
  const partners: ReachedPartner[] = [];
  const listed: ServiceProblem[] = [];
  const groups = Map.groupBy(services, ({ partner }) => `${partner.id} ${partner.address}`);
  for (const [first, ...others] of groups.values()) {
    if (!first) continue;
    const isAlike = ({ partner }: Service) => wayOf(partner) === wayOf(first.partner);
    const alike = others.filter(isAlike);
    partners.push(joined(first.partner, alike));
    const different = others.filter((other) => !isAlike(other));
    for (const { service } of different) listed.push({ service, rule: otherWay });
  }
  return { partners, listed };
}

/** Gives a partner the kinds of help and the later ways of its other services. */
function joined(partner: ReachedPartner, others: readonly Service[]): ReachedPartner {
  const services = [partner, ...others.map((other) => other.partner)];
  const categories = services.flatMap((service) => service.categories);
  const ways = services.flatMap((service) => service.ways);
  return {
    ...partner,
    ways: distinctWays(ways),
    categories: [...new Set(categories)],
    services: services.flatMap((service) => service.services ?? []),
  };
}

const otherWay =
  'its Endpoint has another kind or other settings than an earlier service at this address.';

/** Writes kind and settings as they are compared. */
const wayOf = ({ kind, settings }: ReachedPartner): string =>
  JSON.stringify([kind, Object.entries(settings).sort()]);

type ReadService =
  | { kind: 'partner'; partner: ReachedPartner; unusable: readonly string[] }
  | { kind: 'problem' | 'listed'; rule: string }
  | { kind: 'skipped' };
const problem = (rule: string): ReadService => ({ kind: 'problem', rule });

/**
 * Reads a service, and turns an element of a wrong type into a problem of that entry, never a
 * crash.
 */
function readSafely(
  { resource }: Entry,
  entries: readonly Entry[],
  channels: DirectoryChannels,
): ReadService {
  try {
    return readService(resource as fhir4.HealthcareService, entries, channels);
  } catch (error) {
    if (error instanceof ProfileProblem) return { kind: 'listed', rule: error.message };
    if (error instanceof TypeError)
      return problem('an element has not the type that FHIR gives it.');
    throw error;
  }
}

function readService(
  service: fhir4.HealthcareService,
  entries: readonly Entry[],
  channels: DirectoryChannels,
): ReadService {
  if (service.active === false) return { kind: 'skipped' };
  const categories = listCategories(service);
  if (categories.length === 0) return problem('it has no SDOHCC category.');
  const provider = follow<fhir4.Organization>(service, service.providedBy, 'Organization', entries);
  if (!provider) return problem('`providedBy` names no Organization of the file.');
  const { id, fullUrl, resource: organization } = provider;
  if (organization.active === false) return { kind: 'skipped' };
  if (id === undefined || !fhirId.test(id)) return problem('its Organization has no usable id.');
  const endpoints = (service.endpoint ?? []).map(
    (reference) => follow<fhir4.Endpoint>(service, reference, 'Endpoint', entries)?.resource,
  );
  if ([service, organization, ...endpoints].some((resource) => holdsModifier(resource)))
    return { kind: 'listed', rule: notUnderstood };
  const read = readEndpoints(endpoints, id, channels);
  if (read.kind !== 'reached') return read;
  const references = new Set([`Organization/${id}`]);
  if (fullUrl) references.add(fullUrl);
  const { name } = organization;
  const { ways, unusable } = read;
  return {
    kind: 'partner',
    unusable,
    partner: {
      id,
      references: [...references],
      name: typeof name === 'string' && name !== '' ? name : id,
      ...ways[0],
      ways,
      categories,
      organization: { ...organization, id },
      services: [profileIn(service, categories, organization, entries)],
    },
  };
}

/** Reads what a service says about itself, with the places that it names. */
function profileIn(
  service: fhir4.HealthcareService,
  categories: readonly string[],
  organization: fhir4.Organization,
  entries: readonly Entry[],
): ServiceProfile {
  const locations = (service.location ?? []).map(
    (reference) => follow<fhir4.Location>(service, reference, 'Location', entries)?.resource,
  );
  return readServiceProfile(service, {
    service: service.id ?? organization.id ?? '',
    categories,
    organization,
    locations: locations.filter((location) => location !== undefined),
  });
}

const notUnderstood =
  'it, its Organization or its Endpoint carries modifierExtension or implicitRules: it may mean ' +
  'something else than it says.';
