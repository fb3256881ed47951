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

/** Returns the directory as the partners file holds it. */
export function partnersBundle(baseOf: (name: string) => string): fhir4.Bundle {
  const entries = sandboxPartners.flatMap((partner) => {
    const organization: fhir4.Organization = {
      resourceType: 'Organization',
      id: partner.name,
      active: true,
      name: partner.title,
    };
    const endpoint: fhir4.Endpoint = {
      resourceType: 'Endpoint',
      id: `${partner.name}-fhir`,
      status: 'active',
      connectionType: { system: systems.endpointConnection, code: 'hl7-fhir-rest' },
      payloadType: [{ text: 'Task' }],
      address: baseOf(partner.name),
    };
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
