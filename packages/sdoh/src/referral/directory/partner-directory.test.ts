import { localExtensions, profiles, systems } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { parseDirectory as parse } from './partner-directory.ts';
import { type DirectoryChannels, endpointAddress } from './partner-endpoints.ts';

/** Channels as a shelf may have them. */
const channels: DirectoryChannels = {
  'fhir-rest': { address: 'http', problemsOf: ({ address, ...rest }) => Object.keys(rest) },
  hub: { address: 'none', problemsOf: () => [] },
  manual: { address: 'none', problemsOf: () => [] },
  email: { address: 'mail', problemsOf: () => [] },
  text: { address: 'phone', problemsOf: () => [] },
  toy: {
    address: 'http',
    problemsOf: ({ apiKey }) => (typeof apiKey === 'string' ? [] : ['apiKey is missing.']),
  },
};
const parseDirectory = (bundle: unknown) => parse(bundle, channels);

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
      listed: [],
      partners: [
        expect.objectContaining({
          kind: 'fhir-rest',
          settings: { address: 'https://pantry.example/fhir' },
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

  it.each(['no-capacity', 'capacity', 'waitlist', 'additional-assessment-required'])(
    'reads the capacity %s from the extension of the guide, and leaves nobody out',
    (code) => {
      const full = service({ extension: capacity(code) });
      expect(parseDirectory(bundle(organization(), endpoint(), full))).toMatchObject({
        problems: [],
        listed: [],
        partners: [{ services: [{ service: 'pantry-service', capacity: { code } }] }],
      });
    },
  );

  it('joins what the services at one address say, each for its own help', () => {
    const rides = service(
      { id: 'rides', extension: capacity('waitlist') },
      'transportation-insecurity',
    );
    const { partners } = parseDirectory(bundle(organization(), endpoint(), service(), rides));
    expect(partners.map(({ services }) => services)).toEqual([
      [
        { service: 'pantry-service', categories: ['food-insecurity'], places: [] },
        {
          ...{ service: 'rides', categories: ['transportation-insecurity'], places: [] },
          capacity: { code: 'waitlist' },
        },
      ],
    ]);
  });

  it('lists a service whose agreement cannot be read, and uses the others', () => {
    const extension = [{ url: localExtensions.partnerAgreement, valueCode: 'memorandum' }];
    const input = bundle(organization(), endpoint(), service({ extension }), service({ id: 's2' }));
    expect(parseDirectory(input)).toMatchObject({
      problems: [],
      partners: [{ services: [{ service: 's2' }] }],
      listed: [{ service: 'pantry-service', rule: expect.stringContaining('agreement') }],
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
    expect(parseDirectory(bundle(...resources))).toEqual({
      partners: [],
      problems: [],
      listed: [],
    });
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

describe('the ways to a partner', () => {
  const way = (id: string, code: string, address?: string, more: object = {}) =>
    endpoint(id, { connectionType: { system: systems.partnerChannel, code }, address, ...more });
  const read = (...ways: { id: string }[]) => {
    const references = ways.map(({ id }) => ({ reference: `Endpoint/${id}` }));
    return parseDirectory(bundle(organization(), ...ways, service({ endpoint: references })));
  };
  const waysOf = (...ways: { id: string }[]) =>
    read(...ways).partners.flatMap((one) => one.ways.map(({ kind, address }) => [kind, address]));
  const mail = way('mail', 'email', 'mailto:Intake@Pantry.org');
  const text = way('text', 'text', 'sms:+1 (612) 555-0100');

  it('are kept in the order of the service, and the first is the one that is tried first', () => {
    const ways = [mail, text, way('hub', 'hub'), way('call', 'manual')];
    expect(waysOf(...ways)).toEqual([
      ['email', 'mailto:Intake@pantry.org'],
      ['text', 'tel:+16125550100'],
      ['hub', 'hub:pantry'],
      ['manual', 'manual:pantry'],
    ]);
    expect(read(...ways).partners).toMatchObject([
      { kind: 'email', address: 'mailto:Intake@pantry.org' },
    ]);
  });

  it('leave out what is off and what comes twice', () => {
    const off = way('off', 'text', 'tel:+16125550199', { status: 'off' });
    const again = way('again', 'text', 'tel:+16125550100');
    expect(waysOf(mail, off, text, again).map(([kind]) => kind)).toEqual(['email', 'text']);
  });

  it('go on without a later one that cannot be used, and it is listed', () => {
    const extension = way('bad', 'text', 'tel:+16125550100;ext=3');
    expect(read(mail, extension)).toMatchObject({
      problems: [],
      partners: [{ ways: [{ kind: 'email' }] }],
      listed: [{ service: 'pantry-service', rule: expect.stringContaining('one number') }],
    });
  });

  it.each([
    ['email', 'intake@pantry.org'],
    ['email', 'mailto:a@pantry.org,b@pantry.org'],
    ['email', 'mailto:a@pantry.org?subject=x'],
    ['email', 'mailto:a@pantry'],
    ['email', undefined],
    ['text', 'tel:612-555-0100'],
    ['text', 'tel:+16125550100;ext=3'],
    ['text', 'tel:+16125550100, +16125550101'],
    ['text', '+16125550100'],
  ])('cannot be used for %s at %s', (code, address) => {
    expect(read(way('x', code, address)).problems.join(' ')).toContain('has no usable');
  });

  it('are joined for services of one Organization at one first address', () => {
    const later = service({
      id: 'later',
      endpoint: [{ reference: 'Endpoint/mail' }, { reference: 'Endpoint/text' }],
    });
    const first = service({ endpoint: [{ reference: 'Endpoint/mail' }] });
    const { partners } = parseDirectory(bundle(organization(), mail, text, first, later));
    expect(partners).toMatchObject([{ ways: [{ kind: 'email' }, { kind: 'text' }] }]);
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
    ['no such Endpoint', bundle(organization(), service()), '`endpoint` names no Endpoint'],
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

describe('the channel of a service', () => {
  const ours = (code: string, more: object = {}) =>
    endpoint('pantry-fhir', { connectionType: { system: systems.partnerChannel, code }, ...more });
  const withSettings = (...parts: object[]) => ({
    extension: [{ url: localExtensions.partnerSettings, extension: parts }],
  });
  const wayOf = (input: unknown) =>
    parseDirectory(input).partners.map(({ kind, address, settings }) => ({
      kind,
      address,
      settings,
    }));
  const address = 'https://pantry.example/fhir';

  it.each([
    ['HL7 FHIR REST', endpoint(), { kind: 'fhir-rest', address, settings: { address } }],
    ['our own fhir-rest', ours('fhir-rest'), { kind: 'fhir-rest', address, settings: { address } }],
    ['the hub', ours('hub'), { kind: 'hub', address: 'hub:pantry', settings: {} }],
    ['by hand', ours('manual'), { kind: 'manual', address: 'manual:pantry', settings: {} }],
    [
      'a channel with settings',
      ours('toy', withSettings({ url: 'apiKey', valueString: 'k' })),
      { kind: 'toy', address, settings: { apiKey: 'k', address } },
    ],
  ])('is read: %s', (_name, listed, way) => {
    expect(wayOf(bundle(organization(), listed, service()))).toEqual([way]);
  });

  it('is a person who calls, where a service has no Endpoint', () => {
    const input = bundle(organization(), service({ endpoint: undefined }));
    expect(wayOf(input)).toEqual([{ kind: 'manual', address: 'manual:pantry', settings: {} }]);
  });

  const key = { url: 'apiKey', valueString: 'k' };
  it.each([
    ['a modifier', ours('hub', { modifierExtension: [{ url: 'x' }] }), 'modifierExtension'],
    ['a status that FHIR does not know', ours('hub', { status: 'broken' }), 'unknown status'],
    ['an unknown kind', ours('pigeon'), 'serves its connectionType (pigeon)'],
    ['an inherited name', ours('constructor'), 'serves its connectionType (constructor)'],
    ['a kind without a channel yet', ours('csv'), 'there is fhir-rest, hub, manual, email'],
    [
      'a connection type of HL7 that we do not serve',
      endpoint('pantry-fhir', { connectionType: { code: 'dicom-wado-rs' } }),
      'dicom-wado-rs',
    ],
    ['no connection type', endpoint('pantry-fhir', { connectionType: undefined }), '(none)'],
    ['a setting that is missing', ours('toy'), 'apiKey is missing'],
    ['a setting of another type', ours('toy', withSettings({ ...key, valueString: 7 })), 'apiKey'],
    [
      'a setting twice',
      ours('toy', withSettings(key, key)),
      'apiKey of its Endpoint is there twice',
    ],
    [
      'a setting with two values',
      ours('toy', withSettings({ ...key, valueCode: 'x' })),
      'apiKey of its Endpoint must have one simple value',
    ],
    [
      'a setting that is an object',
      ours('toy', withSettings({ url: 'apiKey', valueCoding: { code: 'x' } })),
      'one simple value',
    ],
    [
      'an address among the settings',
      ours('toy', withSettings(key, { url: 'address', valueUrl: 'https://x.example' })),
      'address is no setting',
    ],
    [
      'the extension twice',
      ours('toy', {
        extension: [...withSettings(key).extension, ...withSettings(key).extension],
      }),
      'more than once',
    ],
  ])('is listed where it cannot be used, and the rest goes in: %s', (_name, listed, rule) => {
    const rides = endpoint('rides-fhir', { address: 'https://rides.example/fhir' });
    const others = service({ id: 'rides', endpoint: [{ reference: 'Endpoint/rides-fhir' }] });
    const read = parseDirectory(bundle(organization(), listed, rides, service(), others));
    expect(read.problems).toEqual([]);
    expect(read.partners.map((partner) => partner.address)).toEqual(['https://rides.example/fhir']);
    expect(read.listed).toEqual([
      { service: 'pantry-service', rule: expect.stringContaining(rule) },
    ]);
  });

  it.each([
    ['service', organization(), service({ implicitRules: 'https://x.example' })],
    ['Organization', organization('pantry', { modifierExtension: [{ url: 'x' }] }), service()],
  ])('is nothing that we know where the %s carries a modifier', (_name, ...resources) => {
    const read = parseDirectory(bundle(endpoint(), ...resources));
    expect(read).toMatchObject({ partners: [], problems: [] });
    expect(read.listed).toMatchObject([{ rule: expect.stringContaining('implicitRules') }]);
  });

  it('is one for all services of an Organization at one address: another is listed', () => {
    const other = endpoint('other', {
      connectionType: { system: systems.partnerChannel, code: 'toy' },
      ...withSettings(key),
    });
    const second = service({ id: 's2', endpoint: [{ reference: 'Endpoint/other' }] }, 'rides');
    const read = parseDirectory(bundle(organization(), endpoint(), other, service(), second));
    expect(read.partners).toMatchObject([{ kind: 'fhir-rest', categories: ['food-insecurity'] }]);
    expect(read.listed).toEqual([{ service: 's2', rule: expect.stringContaining('another kind') }]);
  });
});
