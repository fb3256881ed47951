import { profiles, systems } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { endpointAddress, parseDirectory } from './partner-directory.ts';

const organization = (id = 'pantry', more: object = {}) => ({
  resourceType: 'Organization',
  id,
  name: 'Pantry',
  ...more,
});
const endpoint = (id = 'pantry-fhir', more: object = {}) => ({
  resourceType: 'Endpoint',
  id,
  status: 'active',
  connectionType: { system: systems.endpointConnection, code: 'hl7-fhir-rest' },
  address: 'https://pantry.example/fhir/',
  ...more,
});
const service = (more: object = {}, category = 'food-insecurity') => ({
  resourceType: 'HealthcareService',
  id: 'pantry-service',
  category: [{ coding: [{ system: systems.sdohcc, code: category }] }],
  providedBy: { reference: 'Organization/pantry' },
  endpoint: [{ reference: 'Endpoint/pantry-fhir' }],
  ...more,
});
const bundle = (...resources: object[]) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map((resource) => ({ resource })),
});
const capacity = (code: string) => [
  {
    url: profiles.capacityStatus,
    extension: [
      {
        url: 'capacityStatus',
        valueCodeableConcept: { coding: [{ system: systems.sdohcc, code }] },
      },
    ],
  },
];
const problemsOf = (input: unknown) => parseDirectory(input).problems.join(' ');
const partnersOf = (input: unknown) =>
  parseDirectory(input).partners.map(({ id, address, categories }) => ({
    id,
    address,
    categories,
  }));

describe('a directory of partners', () => {
  it('names an Organization at an Endpoint address with its categories', () => {
    expect(parseDirectory(bundle(organization(), endpoint(), service()))).toEqual({
      problems: [],
      partners: [
        expect.objectContaining({
          id: 'pantry',
          name: 'Pantry',
          address: 'https://pantry.example/fhir',
          categories: ['food-insecurity'],
          references: ['Organization/pantry'],
        }),
      ],
    });
  });

  it('keeps the Endpoints of one Organization apart when they serve different categories', () => {
    const rides = endpoint('rides-fhir', { address: 'https://rides.example/fhir' });
    const input = bundle(
      organization(),
      endpoint(),
      rides,
      service(),
      service(
        { id: 'rides', endpoint: [{ reference: 'Endpoint/rides-fhir' }] },
        'transportation-insecurity',
      ),
    );
    expect(partnersOf(input)).toEqual([
      { id: 'pantry', address: 'https://pantry.example/fhir', categories: ['food-insecurity'] },
      {
        id: 'pantry',
        address: 'https://rides.example/fhir',
        categories: ['transportation-insecurity'],
      },
    ]);
  });

  it('keeps Organizations apart that share an Endpoint, and joins services of one Organization at one address', () => {
    const input = bundle(
      organization(),
      organization('shelter'),
      endpoint(),
      service(),
      service({ id: 's2', providedBy: { reference: 'Organization/shelter' } }, 'homelessness'),
      service({ id: 's3' }, 'housing-instability'),
    );
    expect(partnersOf(input)).toEqual([
      {
        id: 'pantry',
        address: 'https://pantry.example/fhir',
        categories: ['food-insecurity', 'housing-instability'],
      },
      { id: 'shelter', address: 'https://pantry.example/fhir', categories: ['homelessness'] },
    ]);
  });

  it.each([
    ['no-capacity', 0],
    ['capacity', 1],
    ['waitlist', 1],
    ['additional-assessment-required', 1],
  ])('reads the capacity %s from the extension of the guide', (code, count) => {
    expect(
      parseDirectory(bundle(organization(), endpoint(), service({ extension: capacity(code) }))),
    ).toMatchObject({
      problems: [],
      partners: { length: count },
    });
  });

  it.each([
    ['an inactive service', [organization(), endpoint(), service({ active: false })]],
    [
      'a service of an inactive Organization',
      [organization('pantry', { active: false }), endpoint(), service()],
    ],
    [
      'a service whose only Endpoint is off',
      [organization(), endpoint('pantry-fhir', { status: 'off' }), service()],
    ],
  ])('skips %s without calling it a problem', (_name, resources) => {
    expect(parseDirectory(bundle(...resources))).toEqual({ partners: [], problems: [] });
  });

  it('uses the next Endpoint of a service when the first is off or of another kind', () => {
    const both = service({
      endpoint: [
        { reference: 'Endpoint/mail' },
        { reference: 'Endpoint/old' },
        { reference: 'Endpoint/pantry-fhir' },
      ],
    });
    const mail = endpoint('mail', {
      connectionType: { code: 'secure-email' },
      address: 'mailto:help@pantry.example',
    });
    expect(
      partnersOf(
        bundle(organization(), mail, endpoint('old', { status: 'off' }), endpoint(), both),
      ),
    ).toHaveLength(1);
  });

  it('follows fullUrls, urn:uuid names, absolute references and contained Endpoints', () => {
    const uuid = '3f0f4d5e-1111-4222-8333-444455556666';
    const entry = [
      {
        fullUrl: `urn:uuid:${uuid}`,
        resource: { resourceType: 'Organization', name: 'Nameless id' },
      },
      { fullUrl: 'https://directory.example/fhir/Endpoint/e1', resource: endpoint('e1') },
      {
        resource: service({
          id: 'a',
          providedBy: { reference: `urn:uuid:${uuid}` },
          endpoint: [{ reference: 'https://directory.example/fhir/Endpoint/e1' }],
        }),
      },
      {
        resource: service({
          id: 'b',
          providedBy: { reference: `urn:uuid:${uuid}` },
          contained: [endpoint('inner', { address: 'https://inner.example/fhir' })],
          endpoint: [{ reference: '#inner' }],
        }),
      },
    ];
    const read = parseDirectory({ resourceType: 'Bundle', type: 'collection', entry });
    expect(read.problems).toEqual([]);
    expect(read.partners.map((one) => [one.id, one.address])).toEqual([
      [uuid, 'https://pantry.example/fhir'],
      [uuid, 'https://inner.example/fhir'],
    ]);
    expect(read.partners[0]).toMatchObject({
      references: [`Organization/${uuid}`, `urn:uuid:${uuid}`],
      organization: { id: uuid },
    });
  });

  it('does not care about fields that it does not know', () => {
    expect(
      partnersOf(
        bundle({ ...organization(), shoeSize: 43 }, endpoint(), service({ photo: { url: 'x' } }), {
          resourceType: 'Location',
          id: 'l',
        }),
      ),
    ).toHaveLength(1);
  });
});

describe('a directory that cannot be used says which entry and why', () => {
  it.each([
    ['nothing', undefined, 'not a FHIR Bundle'],
    ['null', null, 'not a FHIR Bundle'],
    ['a list', [], 'not a FHIR Bundle'],
    ['another resource', organization(), 'not a FHIR Bundle'],
    ['an empty Bundle', { resourceType: 'Bundle' }, 'names no HealthcareService'],
    [
      'entries that are no list',
      { resourceType: 'Bundle', entry: { resource: service() } },
      'not a list',
    ],
    [
      'an entry without resource',
      { resourceType: 'Bundle', entry: [{}, null, 'x'] },
      'Entry number 1 holds no resource. Entry number 2 holds no resource.',
    ],
    [
      'no SDOHCC category',
      bundle(organization(), endpoint(), service({ category: undefined })),
      'pantry-service: it has no SDOHCC category',
    ],
    [
      'a category of another system',
      bundle(
        organization(),
        endpoint(),
        service({ category: [{ coding: [{ system: 'x', code: 'food-insecurity' }] }] }),
      ),
      'no SDOHCC category',
    ],
    ['no Organization', bundle(endpoint(), service()), '`providedBy` names no Organization'],
    [
      'a reference to another type',
      bundle(
        organization(),
        endpoint(),
        service({ providedBy: { reference: 'Practitioner/pantry' } }),
      ),
      '`providedBy`',
    ],
    ['no Endpoint', bundle(organization(), service()), '`endpoint` names no Endpoint'],
    [
      'another connection type',
      bundle(
        organization(),
        endpoint('pantry-fhir', { connectionType: { code: 'dicom-wado-rs' } }),
        service(),
      ),
      'hl7-fhir-rest',
    ],
    [
      'no address',
      bundle(organization(), endpoint('pantry-fhir', { address: undefined }), service()),
      'no usable http(s) address',
    ],
    [
      'an address that is no text',
      bundle(organization(), endpoint('pantry-fhir', { address: 7 }), service()),
      'no usable http(s) address',
    ],
    [
      'another scheme',
      bundle(organization(), endpoint('pantry-fhir', { address: 'file:///etc/passwd' }), service()),
      'no usable http(s) address',
    ],
    [
      'credentials in the address',
      bundle(
        organization(),
        endpoint('pantry-fhir', { address: 'https://a:b@pantry.example/fhir' }),
        service(),
      ),
      'no usable http(s) address',
    ],
    [
      'wrong types inside',
      bundle(organization(), endpoint(), service({ category: { coding: 'food' } })),
      'has not the type that FHIR gives it',
    ],
    [
      'an Organization without any id',
      bundle(
        { resourceType: 'Organization' },
        endpoint(),
        service({ providedBy: { reference: 'Organization/' } }),
      ),
      '`providedBy`',
    ],
    [
      'two Organizations with one id',
      bundle(organization(), organization('pantry', { name: 'Other' }), endpoint(), service()),
      'Organization pantry is there more than once',
    ],
  ])('%s', (_name, input, sentence) => {
    expect(problemsOf(input)).toContain(sentence);
  });
});

it('compares Endpoint addresses in their canonical form', () => {
  expect(endpointAddress('HTTPS://Pantry.example:443/fhir//')).toBe('https://pantry.example/fhir');
  expect(endpointAddress('https://pantry.example/fhir?x=1')).toBeUndefined();
  expect(endpointAddress('pantry')).toBeUndefined();
});
