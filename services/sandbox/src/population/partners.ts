import { type fhir4, profiles, systems } from '@loopwell/fhir';
import type { Behavior } from '../partner.ts';

/** Lists the made-up partners in directory order, with their behavior. */
export const sandboxPartners: readonly {
  name: string;
  title: string;
  categories: readonly string[];
  behavior: Behavior;
  active?: boolean;
  full?: boolean;
  /** It has no server of its own in `start`, and works at our hub. */
  worksAtHub?: boolean;
}[] = [
  {
    name: 'closed-pantry',
    title: 'Riverside Pantry (closed)',
    categories: ['food-insecurity'],
    behavior: 'finish',
    active: false,
  },
  {
    name: 'full-pantry',
    title: 'Hillside Pantry (no room)',
    categories: ['food-insecurity'],
    behavior: 'finish',
    full: true,
  },
  {
    name: 'northside-food',
    title: 'Northside Food Shelf',
    categories: ['food-insecurity'],
    behavior: 'finish',
  },
  {
    name: 'lakes-rides',
    title: 'Lakes Ride Share',
    categories: ['transportation-insecurity'],
    behavior: 'decline',
  },
  {
    name: 'county-transit',
    title: 'County Transit Help',
    categories: ['transportation-insecurity'],
    behavior: 'finish',
    worksAtHub: true,
  },
  {
    name: 'harbor-housing',
    title: 'Harbor Housing',
    categories: ['housing-instability'],
    behavior: 'silent',
  },
  {
    name: 'second-door',
    title: 'Second Door Housing',
    categories: ['housing-instability'],
    behavior: 'leap',
  },
  { name: 'shelter-line', title: 'Shelter Line', categories: ['homelessness'], behavior: 'fail' },
  {
    name: 'home-repair',
    title: 'Home Repair Circle',
    categories: ['inadequate-housing'],
    behavior: 'finish',
  },
];

/** Gives the end of a referral of each category with these partners, when no gate holds it up. */
export const scriptedEnd: Readonly<Record<string, 'closed' | 'withoutHelp' | 'noServiceCode'>> = {
  'food-insecurity': 'closed',
  'transportation-insecurity': 'closed',
  'housing-instability': 'closed',
  homelessness: 'withoutHelp',
  'inadequate-housing': 'noServiceCode',
  'utility-insecurity': 'noServiceCode',
  'employment-status': 'noServiceCode',
};

/** Partners as a directory lists them. */
type Listed = (typeof sandboxPartners)[number];

/**
 * Returns the directory as the partners file holds it.
 *
 * @param withHub partners that can work at our hub do; without it each has a server of its own
 */
export function partnersBundle(
  baseOf: (name: string) => string,
  { withHub = false } = {},
): fhir4.Bundle {
  const entries = sandboxPartners.flatMap((partner) => {
    const organization: fhir4.Organization = {
      resourceType: 'Organization',
      id: partner.name,
      active: true,
      name: partner.title,
    };
    const endpoint = endpointOf(partner, baseOf(partner.name), withHub);
    const capacityCode = partner.full ? 'no-capacity' : 'capacity';
    const capacity = {
      url: profiles.capacityStatus,
      valueCodeableConcept: { coding: [{ system: systems.sdohcc, code: capacityCode }] },
    };
    const service: fhir4.HealthcareService = {
      resourceType: 'HealthcareService',
      id: `${partner.name}-service`,
      extension: [capacity],
      active: partner.active ?? true,
      providedBy: { reference: `Organization/${partner.name}` },
      category: [
        {
          coding: [
            { system: systems.usCoreCategory, code: 'sdoh' },
            ...partner.categories.map((code) => ({ system: systems.sdohcc, code })),
          ],
        },
      ],
      name: partner.title,
      endpoint: [{ reference: `Endpoint/${endpoint.id}` }],
    };
    return [organization, endpoint, service].map((resource) => ({
      fullUrl: `https://directory.example/${resource.resourceType}/${resource.id}`,
      resource,
    }));
  });
  return { resourceType: 'Bundle', type: 'collection', entry: entries };
}

function endpointOf({ name, worksAtHub }: Listed, base: string, withHub: boolean): fhir4.Endpoint {
  const endpoint = { resourceType: 'Endpoint' as const, status: 'active' as const };
  const payload = { payloadType: [{ text: 'Task' }] };
  if (withHub && worksAtHub) {
    const connectionType = { system: systems.partnerChannel, code: 'hub' };
    // FHIR wants an address; the hub asks for none.
    return { ...endpoint, ...payload, id: `${name}-hub`, connectionType, address: base };
  }
  const connectionType = { system: systems.endpointConnection, code: 'hl7-fhir-rest' };
  return { ...endpoint, ...payload, id: `${name}-fhir`, connectionType, address: base };
}
