import { localExtensions, systems } from '@loopwell/fhir';
import { expect, it } from 'vitest';
import { parseDirectory } from './partner-directory.ts';

const hub = { connectionType: { system: systems.partnerChannel, code: 'hub' }, status: 'active' };
const channels = { hub: { address: 'none', problemsOf: () => [] } } as const;
const service = (category: string, more: object = {}) => ({
  resourceType: 'HealthcareService',
  category: [{ coding: [{ system: systems.sdohcc, code: category }] }],
  providedBy: { reference: 'Organization/haven' },
  endpoint: [{ reference: 'Endpoint/hub' }],
  ...more,
});
const kind = (...codes: string[]) => ({
  type: [{ coding: codes.map((code) => ({ system: systems.partnerKind, code })) }],
});
const secrecy = (value: object) => ({
  extension: [{ url: localExtensions.partnerConfidential, ...value }],
});
const violence = (more: object = {}) => service('intimate-partner-violence', more);
/** The words of a food service whose Organization also has another service. */
function wordsBeside(other: object): (boolean | undefined)[] {
  const resources = [
    { resourceType: 'Organization', id: 'haven', name: 'Haven' },
    { resourceType: 'Endpoint', id: 'hub', ...hub },
    { resourceType: 'Endpoint', id: 'off', ...hub, status: 'off' },
    service('food-insecurity', kind('food')),
    other,
  ];
  const entry = resources.map((resource) => ({ resource }));
  const { partners, problems } = parseDirectory({ resourceType: 'Bundle', entry }, channels);
  expect(problems).toEqual([]);
  const [food] = partners.flatMap(({ services = [] }) => services);
  return [food?.isConfidential];
}

it.each([
  ['is switched off', violence({ active: false })],
  ['has an Endpoint that is off', violence({ endpoint: [{ reference: 'Endpoint/off' }] })],
  ['has a profile that cannot be read', violence({ availableTime: [{ daysOfWeek: ['x'] }] })],
  ['has a modifier', violence({ modifierExtension: [{ url: 'x', valueBoolean: true }] })],
  ['is food and then a shelter', service('homelessness', kind('food', 'crisis-shelter'))],
  ['has a misspelled kind', service('homelessness', kind('crisis_shelter'))],
  ['is legal help after violence', violence(kind('legal'))],
  ['says so', service('homelessness', secrecy({ valueBoolean: true }))],
  ['says so in words', service('homelessness', secrecy({ valueString: 'no' }))],
])('keeps food of an Organization to itself whose other service %s', (_what, other) =>
  expect(wordsBeside(other)).toEqual([true]),
);

it.each([
  ['is housing', service('homelessness', kind('housing'))],
  ['says that it is not confidential', violence(secrecy({ valueBoolean: false }))],
  ['says so though it is off', violence({ active: false, ...secrecy({ valueBoolean: false }) })],
])('asks food of an Organization whose other service %s', (_what, other) =>
  expect(wordsBeside(other)).toEqual([undefined]),
);
